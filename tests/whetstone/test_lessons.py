"""What a supervised stage imitates: shares, aggregations, and examples cut so that their answers stay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whetstone.chatting import Chatting
from whetstone.data_settings import Attempts
from whetstone.lessons import Lessons, Worked, examples, trimmed
from whetstone.policy.batch import Row
from whetstone.policy.chat import use_chat
from whetstone.policy.sft import DataError, example_rows
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.questions import Demonstrations
from whetstone.rollout.strategies import MarkovianRSA
from whetstone.rollout.types import Completion
from whetstone.stage_data import strategy

TASKS = ("sequences/sorting", "strings/minimal_cyclic_shift")
TEXTS = ["<think>\n0 1 2 3 4 5 6 7 8 9\n</think>", "user assistant a b c d e f answer"]


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    return use_chat(TextTokenizer.train(TEXTS, vocab_size=290))


def text(row: Row, tokenizer: TextTokenizer) -> tuple[str, str]:
    return tokenizer.decode(row.prompt), tokenizer.decode(row.completion)


# -- trimming ---------------------------------------------------------------------------------------------------------


def test_a_text_by_hand(tokenizer: TextTokenizer):
    example = {"prompt": "ab", "completion": "1 2 3 4</think>d"}
    (whole,) = trimmed(example, tokenizer, 100)
    assert whole == example_rows(example, tokenizer)[0]
    tokens = len(whole) + 1
    (cut,) = trimmed(example, tokenizer, tokens - 2)
    assert text(cut, tokenizer) == ("ab\n", "1 2</think>d")  # a digit is a token, with the blank before it
    (cut,) = trimmed(example, tokenizer, tokens - 4)
    assert text(cut, tokenizer) == ("ab\n", "</think>d")
    assert cut.completion[-1] == tokenizer.eos
    assert trimmed(example, tokenizer, tokens - 5) == []


def test_a_conversation_loses_its_last_reasoning_from_the_end(tokenizer: TextTokenizer):
    messages = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "reasoning_content": "1 2 3", "content": "b"},
        {"role": "user", "content": "c"},
        {"role": "assistant", "reasoning_content": "4 5 6 7 8 9", "content": "d"},
    ]
    first, last = trimmed({"messages": messages}, tokenizer, 1000)
    assert text(first, tokenizer)[1] == "<think>\n1 2 3\n</think>\n\nb"
    assert text(last, tokenizer)[1] == "<think>\n4 5 6 7 8 9\n</think>\n\nd"
    again = trimmed({"messages": messages}, tokenizer, len(last) - 2)
    assert again[0] == first
    shown = text(again[1], tokenizer)[1]
    assert shown.startswith("<think>\n4 5 6")
    assert "9" not in shown
    assert shown.endswith("</think>\n\nd")


KEEPS = (
    "{% for m in messages %}{{ bos_token + m.role + '\n' + (('<think>' + m.reasoning_content + '</think>')"
    " if m.reasoning_content else '') + m.content + eos_token }}{% endfor %}"
    "{% if add_generation_prompt %}{{ bos_token + 'assistant\n' }}{% endif %}"
)


def test_earlier_reasoning_goes_first_where_the_template_shows_it():
    tokenizer = TextTokenizer.train(TEXTS, vocab_size=290)
    tokenizer.hf.chat_template = KEEPS
    messages = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "reasoning_content": "1 2 3 4 5 6 7 8 9", "content": "b"},
        {"role": "user", "content": "c"},
        {"role": "assistant", "reasoning_content": "4 5 6", "content": "d"},
    ]
    *_, whole = trimmed({"messages": messages}, tokenizer, 1000)
    assert "1 2 3" in text(whole, tokenizer)[0]
    short = len(whole) + 1 - 7  # more than the last reasoning can give
    *_, cut = trimmed({"messages": messages}, tokenizer, short)
    prompt, completion = text(cut, tokenizer)
    assert "1 2 3" not in prompt
    assert completion == "<think>4 5 6</think>d"  # there is room for it again
    assert len(cut) < short


NUMBERS = st.lists(st.integers(0, 9), max_size=12).map(lambda numbers: " ".join(map(str, numbers)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prompt=NUMBERS, reasoning=NUMBERS, answer=NUMBERS.filter(bool), context=st.integers(1, 60))
def test_answers_are_whole_at_every_context(tokenizer: TextTokenizer, prompt, reasoning, answer, context: int):
    example = {"prompt": prompt, "completion": f"{reasoning}</think>{answer}"}
    rows = trimmed(example, tokenizer, context)
    (whole,) = example_rows(example, tokenizer)
    if len(whole) < context:
        assert rows == [whole]
    for row in rows:
        assert len(row) < context
        assert row.prompt == whole.prompt
        kept, closing, said = tokenizer.decode(row.completion).partition("</think>")
        assert (closing, said) == ("</think>", answer)
        assert reasoning.startswith(kept)
    if not rows:
        assert len(example_rows({"prompt": prompt, "completion": f"</think>{answer}"}, tokenizer)[0]) >= context - 1
    if rows and context > 1:  # what fits into less fits into more, and keeps no less
        more = trimmed(example, tokenizer, context + 1)
        assert len(more[0]) >= len(rows[0])


def test_examples_that_do_not_fit_are_left_out_and_bad_ones_are_named(tokenizer: TextTokenizer):
    good, long = {"prompt": "a", "completion": "1"}, {"prompt": "a", "completion": "1 " * 90}
    assert len(examples([good, long], tokenizer, 20, 0).rows) == 1
    with pytest.raises(DataError, match="no example has answers that fit into 20 tokens"):
        examples([long], tokenizer, 20, 0)
    with pytest.raises(DataError, match=r"example 1: .*messages, or prompt and completion"):
        examples([good, {"question": "a"}], tokenizer, 20, 0)


def test_prompts_are_chats_where_that_is_asked_for(tokenizer: TextTokenizer):
    chatting = Chatting(tokenizer.hf)
    prompt = chatting.encode("a")
    assert tokenizer.hf.decode(prompt) == "<|begin|>user\na<|end|>\n<|begin|>assistant\n"
    (row,) = trimmed({"prompt": "a", "completion": "1"}, chatting, 100)
    assert row.prompt == prompt
    cut = strategy(Attempts(shown=1, tail=2), chatting).tail_of(Completion("1 2 3", (), (), "stop"))
    assert cut == "2 3"


# -- worked solutions -------------------------------------------------------------------------------------------------


def worked(tokenizer: TextTokenizer, share: float, seed: int = 0, context: int = 2000) -> Worked:
    demonstrations = Demonstrations(TASKS, range(2), seed)
    return Worked(demonstrations, tokenizer, MarkovianRSA(tokenizer, n=2, c=2, tail=30), context, share)


def test_aggregations_show_attempts_and_keep_the_solution(tokenizer: TextTokenizer):
    bare, shown = worked(tokenizer, 0.0).draw(6), worked(tokenizer, 1.0).draw(6)
    for row in bare:
        assert "Attempt 1" not in tokenizer.decode(row.prompt)
    for row in shown:
        prompt, completion = text(row, tokenizer)
        assert "Attempt 1:" in prompt
        assert "Attempt 2:" in prompt
        assert completion.endswith("</answer>")
    mixed = [tokenizer.decode(row.prompt) for row in worked(tokenizer, 0.5).draw(60)]
    assert 15 < sum("Attempt 1" in prompt for prompt in mixed) < 45


def test_answers_alone_are_shown_where_that_is_asked_for():
    tasks = ("sequences/sorting", "chat/words")
    assert [task.id() for task in Demonstrations(tasks, range(2), 0).tasks] == ["sequences/sorting"]
    with pytest.raises(ValueError, match="chat/words offers worked solutions"):
        Demonstrations(tasks[1:], range(2), 0)
    shown = {problem.id(): problem for problem in Demonstrations(tasks, range(2), 0, bare=True).draw(20)}
    assert set(shown) == set(tasks)
    words = shown["chat/words"]
    assert words.target == f"<answer>{words.solution}</answer>"


def test_rows_that_do_not_fit_are_drawn_anew(tokenizer: TextTokenizer):
    rows = worked(tokenizer, 0.5, context=300).draw(20)
    assert len(rows) == 20
    assert max(map(len, rows)) < 300
    with pytest.raises(ValueError, match="do not fit into 5 tokens"):
        worked(tokenizer, 0.0, context=5).draw(2)


# -- shares and state -------------------------------------------------------------------------------------------------


def lessons(tokenizer: TextTokenizer, seed: int) -> Lessons:
    rng = np.random.default_rng(seed)
    source = worked(tokenizer, 0.3)
    source.demonstrations.rng = rng
    data: list[dict[str, Any]] = [{"prompt": "a", "completion": str(digit)} for digit in range(7)]
    return Lessons({"tasks": source, "examples": examples(data, tokenizer, 50, 0)}, [2.0, 1.0], rng)


def test_lessons_go_on_from_their_state(tokenizer: TextTokenizer):
    whole, first, second = (lessons(tokenizer, seed) for seed in (1, 1, 2))
    rows = [whole.draw(6) for _ in range(4)]
    assert [first.draw(6) for _ in range(2)] == rows[:2]
    second.load_state_dict(first.state_dict())
    assert [second.draw(6) for _ in range(2)] == rows[2:]
    assert all(sum(len(row) < 6 for row in batch) == 2 for batch in rows)  # a third are examples


def test_one_source_draws_as_it_would_alone(tokenizer: TextTokenizer):
    alone = Demonstrations(TASKS, range(2), 4)
    source = worked(tokenizer, 0.0)
    rng = source.demonstrations.rng = np.random.default_rng(4)
    rows = Lessons({"tasks": source}, [1.0], rng).draw(5)
    problems = alone.draw(5)
    assert [row.prompt for row in rows] == [tokenizer.encode(problem.prompt) for problem in problems]
    assert [row.completion for row in rows] == [tokenizer.encode_completion(problem.target) for problem in problems]
