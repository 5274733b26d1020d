"""Text as it comes: pieces, stop strings, half characters, cancelling; and numbers that are not finite."""

from collections.abc import Sequence

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from whetstone.rollout.engine import Engine, Piece
from whetstone.rollout.engine.text import Text
from whetstone.rollout.types import Request, Sampling

FOREVER = 99


class Bytes:
    """Every token is one byte; token 39 spells nothing, as special tokens do."""

    def __init__(self, alphabet: bytes) -> None:
        self.alphabet = alphabet

    def encode(self, text: str) -> list[int]:
        return [self.alphabet.index(byte) for byte in text.encode()]

    def decode(self, tokens: Sequence[int]) -> str:
        return bytes(self.alphabet[t] for t in tokens if t < len(self.alphabet)).decode(errors="replace")


LETTERS = Bytes(b"abcdefghijklmnopqrstuvwxyz0123456789 .,")


def read(text: bytes, stop: tuple[str, ...] = ()) -> tuple[list[str], Text]:
    """The news after every byte."""
    watched = Text(lambda tokens: bytes(tokens).decode(errors="replace"), stop)
    news = []
    for end in range(1, len(text) + 1):
        stopped = watched.push(list(text[:end]))
        news.append(watched.news())
        if stopped:
            break
    return news, watched


def test_half_characters_are_held_back():
    assert read("aé€😀b".encode())[0] == ["a", "", "é", "", "", "€", "", "", "", "😀", "b"]


def test_invalid_bytes_are_told_once_they_are_certain():
    assert read(b"a\xffb")[0] == ["a", "", "\ufffdb"]
    assert read(b"\xe2\x82a")[0] == ["", "", "\ufffda"]
    assert read(b"\xff\xff\xff")[0] == ["", "\ufffd", "\ufffd"]


def test_a_stop_string_across_tokens_is_never_told():
    news, text = read(b"one stop two", ("stop",))
    assert "".join(news) == text.text == "one "
    assert text.stopped
    assert read(b"stay", ("stop",))[0] == ["", "", "sta", "y"]  # s and st may begin it
    assert read("x€y".encode(), ("€",))[1].text == "x"


def test_the_first_of_several_stop_strings_counts():
    assert read(b"abcd", ("cd", "bcd"))[1].text == "a"
    assert read(b"abcd", ("b", "abcd"))[1].text == "a"


@given(
    st.lists(st.sampled_from([b"a", b"b", "é".encode(), "😀".encode(), b"\xff", b"\xe2\x82", b"ab"]), max_size=20),
    st.sampled_from([(), ("ab",), ("bb", "aé"), ("é😀",)]),
)
def test_news_add_up_to_the_text(parts: list[bytes], stop: tuple[str, ...]):
    data = b"".join(parts)
    news, text = read(data, stop)
    whole = data.decode(errors="replace")
    cuts = [whole.find(s) for s in stop if s in whole]
    final = whole[: min(cuts)] if cuts else whole
    assert text.stopped is bool(cuts)
    assert "".join(news) + text.rest(final) == final


def heard(engine: Engine, request: Request) -> tuple[list[Piece], list]:
    pieces: list[Piece] = []
    handle = engine.add(request, pieces.append)
    while engine.unfinished:
        engine.step()
    return pieces, handle.completions


def test_a_listener_hears_every_token_once_and_all_of_the_text(policy):
    request = Request("hello", Sampling(25, 1.3), 3, seed=4)
    expected = Engine(policy, LETTERS, stop=2).generate([request])[0]
    pieces, completions = heard(Engine(policy, LETTERS, stop=2), request)
    assert [c.tokens for c in completions] == [c.tokens for c in expected]
    for sample, completion in enumerate(completions):
        mine = [piece for piece in pieces if piece.sample == sample]
        assert "".join(piece.text for piece in mine) == completion.text == expected[sample].text
        assert sum((piece.tokens for piece in mine), ()) == completion.tokens
        assert sum((piece.logprobs for piece in mine), ()) == completion.logprobs
        assert [piece.completion for piece in mine[:-1]] == [None] * (len(mine) - 1)
        assert mine[-1].completion is completion


def test_stop_strings_and_stop_tokens_end_a_completion(policy):
    engine = Engine(policy, LETTERS, stop=FOREVER)
    (free,) = engine.generate([Request("hello", Sampling(30, 1.3), seed=3)])[0]
    wanted = free.text[10:13]  # three tokens
    assert wanted not in free.text[:12]
    (cut,) = engine.generate([Request("hello", Sampling(30, 1.3, stop=("§", wanted)), seed=3)])[0]
    assert (cut.finish, cut.text, cut.tokens) == ("stop", free.text[:10], free.tokens[:13])
    token = free.tokens[5]
    at = free.tokens.index(token)
    (short,) = engine.generate([Request("hello", Sampling(30, 1.3, stop_tokens=(token,)), seed=3)])[0]
    assert (short.finish, short.text, short.tokens) == ("stop", free.text[:at], free.tokens[: at + 1])


def test_token_ids_are_a_prompt_too(policy):
    engine = Engine(policy, LETTERS, stop=2)
    text, ids = (Request(p, Sampling(9), seed=1) for p in ("abc", (0, 1, 2)))
    assert engine.generate([text])[0][0].tokens == engine.generate([ids])[0][0].tokens


def test_alternatives_are_of_each_request(policy):
    engine = Engine(policy, LETTERS, stop=FOREVER)
    asked = [Request("abc", Sampling(6, 0.0, alternatives=a)) for a in (0, 2, 50)]
    (none,), (two,), (all_,) = engine.generate(asked)
    assert [len(x) for x in none.alternatives] == [0] * 6
    assert [len(x) for x in two.alternatives] == [2] * 6
    assert [len(x) for x in all_.alternatives] == [40] * 6
    for token, logprob, best in zip(two.tokens, two.logprobs, two.alternatives, strict=True):
        assert best[0] == (token, pytest.approx(logprob))
        assert best[0][1] >= best[1][1]
    assert sum(2.718281828**x for _, x in all_.alternatives[0]) == pytest.approx(1)


def test_a_cancelled_request_keeps_what_it_has_and_frees_its_place(policy):
    engine = Engine(policy, LETTERS, stop=FOREVER, rows=3)
    handle = engine.add(Request("abc", Sampling(20), 5, seed=1))
    other = engine.add(Request("xyz", Sampling(12), 1, seed=2))
    for _ in range(4):
        engine.step()
    engine.cancel(handle)
    ended = engine.step()
    assert {(id(h), c.finish) for h, _, c in ended} == {(id(handle), "cancelled")}
    assert sorted(len(c.tokens) for c in handle.completions if c) == [0, 0, 4, 4, 4]
    while engine.unfinished:
        engine.step()
    expected = Engine(policy, LETTERS, stop=FOREVER).generate([Request("xyz", Sampling(12), 1, seed=2)])[0][0]
    assert other.completions[0] is not None
    assert other.completions[0].tokens == expected.tokens
    engine.cancel(handle)  # twice does no harm
    assert not engine.unfinished


def test_every_token_has_the_version_it_was_sampled_with(policy):
    engine = Engine(policy, LETTERS, stop=FOREVER)
    engine.version = 3
    handle = engine.add(Request("abc", Sampling(5)))
    engine.step()
    engine.step()
    engine.version = 4
    while engine.unfinished:
        engine.step()
    assert handle.completions[0] is not None
    assert handle.completions[0].versions == (3, 3, 4, 4, 4)


@pytest.mark.parametrize("page", [None, 32])
def test_what_is_not_finite_is_named_and_spoils_no_other(make_policy, page):
    policy = make_policy().eval()
    with torch.no_grad():
        policy.model.embed_tokens.weight[LETTERS.encode("z")[0]] = torch.nan
        policy.lm_head.weight = torch.nn.Parameter(policy.lm_head.weight.detach().nan_to_num(nan=-1.0))
    asked = [Request(p, Sampling(8, 0.0), 2, seed=i) for i, p in enumerate(["abc", "azc", "hello"])]
    alone = [Engine(policy, LETTERS, stop=FOREVER).generate([r])[0] for r in (asked[0], asked[2])]
    engine = Engine(policy, LETTERS, stop=FOREVER, rows=4, page=page, memory=60_000 if page else None)
    first, bad, last = engine.generate(asked)
    for completion in bad:
        assert completion.finish == "error"
        assert "first in model.embed_tokens" in completion.error
        assert "request with seed 1 are not finite" in completion.error
    assert [[c.tokens for c in g] for g in (first, last)] == [[c.tokens for c in g] for g in alone]
    # The page of the one that failed holds nothing that reaches the next.
    again = engine.generate([Request("hello", Sampling(8, 0.0), 4, seed=2)] * 2)
    assert all(c.tokens == alone[1][0].tokens for group in again for c in group)


def test_the_layer_of_a_number_that_is_not_finite_is_named(make_policy):
    policy = make_policy()
    with torch.no_grad():
        policy.model.layers[1].self_attn.o_proj.weight[0, 0] = torch.inf
    (completion,) = Engine(policy, LETTERS, stop=FOREVER).generate([Request("abc", Sampling(4))])[0]
    assert completion.finish == "error"
    assert "first in model.layers.1.self_attn.o_proj" in completion.error
