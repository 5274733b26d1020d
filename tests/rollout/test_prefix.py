"""What prompts share is run once: blocks, pages with holders, and how long both are remembered."""

import pytest
import torch

from whetstone.rollout.engine import Engine
from whetstone.rollout.engine.pages import Page, Pages
from whetstone.rollout.engine.prefix import Prefixes
from whetstone.rollout.types import Completion, Request, Sampling

FOREVER = 99  # a stop token that no policy of 40 tokens writes
STATE = torch.zeros(1)


def plain(completion: Completion) -> tuple:
    """What a request gets, but for its log-probabilities."""
    assert completion.experts is not None
    return completion.tokens, completion.finish, completion.experts.tolist()


def taken(pages: Pages, place: int | None = None) -> Page:
    page = pages.take(place)
    assert page is not None
    return page


def known(prefixes: Prefixes, pages: Pages, tokens: tuple[int, ...]) -> list[Page]:
    """Make all blocks of a prompt known, one a page; nobody holds the pages."""
    names, made = prefixes.names(tokens), []
    for i in range(len(names)):
        made.append(taken(pages))
        prefixes.add(names, tokens, i, made[-1], STATE, tokens)
    for page in reversed(made):
        pages.release(page)
    return made


def matched(prefixes: Prefixes, tokens: tuple[int, ...]) -> int:
    return len(prefixes.match(prefixes.names(tokens), tokens))


def test_blocks_match_from_the_start_and_never_the_last_token():
    prefixes, pages = Prefixes(2), Pages(8, 2)
    known(prefixes, pages, (1, 2, 3, 4, 5))
    assert matched(prefixes, (1, 2, 3, 4, 5)) == 2
    assert matched(prefixes, (1, 2, 3, 4)) == 1  # the 4 has to be run
    assert matched(prefixes, (1, 2, 9, 4, 5)) == 1
    assert matched(prefixes, (9, 2, 3, 4, 5)) == 0
    assert matched(prefixes, (3, 4, 5)) == 0  # the same tokens after something else
    assert matched(prefixes, (1,)) == 0


def test_a_name_alone_is_no_match():
    prefixes, pages = Prefixes(2), Pages(8, 2)
    names = prefixes.names((1, 2, 3))
    prefixes.add(names, (7, 8, 9), 0, taken(pages), STATE, "another")  # as if both had one hash
    assert prefixes.match(names, (1, 2, 3)) == []


def test_pages_nobody_holds_are_forgotten_in_the_order_of_their_last_use():
    prefixes, pages = Prefixes(2), Pages(4, 2)
    a, b = (known(prefixes, pages, tokens) for tokens in ((1, 2, 3, 4, 5), (6, 7, 8, 9, 5)))
    pages.hold(a[0])  # a is used again, so b is the longest unused
    pages.hold(a[1])
    pages.release(a[1])
    pages.release(a[0])
    assert pages.available == 4
    assert taken(pages) is b[1]
    assert (matched(prefixes, (1, 2, 3, 4, 5)), matched(prefixes, (6, 7, 8, 9, 5))) == (2, 1)
    assert taken(pages) is b[0]
    assert taken(pages) is a[1]
    assert (matched(prefixes, (1, 2, 3, 4, 5)), matched(prefixes, (6, 7, 8, 9, 5))) == (1, 0)
    assert taken(pages) is a[0]
    assert pages.take() is None


def test_forgetting_a_block_forgets_what_continues_it():
    prefixes, pages = Prefixes(2), Pages(4, 2)
    first, second = known(prefixes, pages, (1, 2, 3, 4, 5))
    pages.forget(first)
    assert matched(prefixes, (1, 2, 3, 4, 5)) == 0
    assert not second.blocks
    assert pages.available == 4
    assert {taken(pages).place for _ in range(4)} == {0, 1, 2, 3}


def test_a_held_page_is_never_given_away():
    pages = Pages(2, 4)
    a = taken(pages, 1)
    assert a.place == 1
    pages.hold(a)
    b = taken(pages, 1)  # the wish cannot be met
    assert b.place == 0
    assert pages.take() is None
    pages.release(a)
    assert pages.take() is None
    pages.release(a)
    assert taken(pages) is a


@pytest.mark.parametrize("page", [None, 4, 8])
def test_samples_and_prompts_that_begin_alike_run_the_beginning_once(policy, numbers, page):
    question = tuple(range(3, 23))
    asked = [Request((*question, 30 + i), Sampling(4, 1.3), 3, seed=i) for i in range(4)]
    alone = [Engine(policy, numbers, stop=FOREVER).generate([request])[0] for request in asked]
    engine = Engine(policy, numbers, stop=FOREVER, page=page, block=4, memory=200_000)
    together = engine.generate(asked)
    assert [list(map(plain, group)) for group in together] == [list(map(plain, group)) for group in alone]
    # Of each request two samples take over all 21 tokens; three requests take over the 20 tokens of the question.
    assert engine.metrics()["reused_tokens"] == 4 * 2 * 21 + 3 * 20
    again = engine.generate(asked[:1])
    assert list(map(plain, again[0])) == list(map(plain, alone[0]))
    assert engine.metrics()["reused_tokens"] == 4 * 2 * 21 + 3 * 20 + 20 + 2 * 21


def test_new_weights_forget_the_prompts(make_policy, numbers):
    policy = make_policy()
    engine = Engine(policy, numbers, stop=FOREVER, block=4)
    asked = [Request(tuple(range(3, 24)), Sampling(6, 0.0))]
    before = engine.generate(asked)
    assert engine.generate(asked)[0][0].tokens == before[0][0].tokens
    reused = engine.metrics()["reused_tokens"]
    assert reused == 20
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter.mul_(1.1)  # nobody raises the version: the engine sees that the weights were written
    fresh = Engine(policy, numbers, stop=FOREVER).generate(asked)
    assert list(map(plain, engine.generate(asked)[0])) == list(map(plain, fresh[0]))
    assert engine.metrics()["reused_tokens"] == reused
    engine.version += 1
    engine.generate(asked)
    assert engine.metrics()["reused_tokens"] == reused
