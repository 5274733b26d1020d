"""Supervised fine-tuning: what of an example is learnt, steps that do not depend on packing, and bad rows by number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from datasets import Dataset

from whetstone.curriculum.traces import Turn, trim
from whetstone.policy.batch import MicroBatch, Row, Scorer, micro_batches
from whetstone.policy.chat import parts, turns, use_chat
from whetstone.policy.model import ZayaPolicy
from whetstone.policy.optimizer import Optimizers, adamw, cosine, muon_and_adamw
from whetstone.policy.packing import packed_batches
from whetstone.policy.router import Balancer
from whetstone.policy.sft import DataError, Examples, SftSettings, example_rows, fit, read_rows, trace_row
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.policy.trainer import Learner, sft_step

ASK = {"role": "user", "content": "3 1 2"}
ANSWER = {"role": "assistant", "content": "1 2 3", "reasoning_content": "One is least."}
PLAIN = {"role": "assistant", "content": "Yes."}
TEXTS = [{"prompt": f"Sort: {n} 1", "completion": f"1 {n}"} for n in range(2, 9)]


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    return use_chat(TextTokenizer.train(["Sort: 3 1 2\n<think>\n</think>\n\n1 2 3"], 290))


@pytest.fixture
def policy(make_policy, tokenizer: TextTokenizer) -> ZayaPolicy:
    return make_policy(1, vocab_size=len(tokenizer), max_positions=256)


def told(tokenizer: TextTokenizer, row: Row) -> tuple[str, str]:
    """A row's text, special tokens included."""
    return str(tokenizer.hf.decode(list(row.prompt))), str(tokenizer.hf.decode(list(row.completion)))


# -- examples to rows -------------------------------------------------------------------------------------------------


def test_only_the_answer_or_all_is_learnt(tokenizer: TextTokenizer):
    (row,) = example_rows({"prompt": "3 1 2", "completion": "1 2 3"}, tokenizer)
    assert told(tokenizer, row) == ("<|begin|>3 1 2\n", "1 2 3<|end|>")
    (row,) = example_rows({"prompt": "3 1 2", "completion": "1 2 3"}, tokenizer, "full")
    assert told(tokenizer, row) == ("<|begin|>", "3 1 2\n1 2 3<|end|>")


def test_every_answer_of_a_conversation_is_a_row(tokenizer: TextTokenizer):
    first, second = example_rows({"messages": [ASK, ANSWER, {"role": "user", "content": "Sure?"}, PLAIN]}, tokenizer)
    asked = "<|begin|>user\n3 1 2<|end|>\n<|begin|>assistant\n"
    assert told(tokenizer, first) == (asked, "<think>\nOne is least.\n</think>\n\n1 2 3<|end|>")
    assert told(tokenizer, second) == (
        f"{asked}1 2 3<|end|>\n<|begin|>user\nSure?<|end|>\n<|begin|>assistant\n<think>\n\n</think>\n\n",
        "Yes.<|end|>",
    )
    (whole,) = example_rows({"messages": [ASK, ANSWER]}, tokenizer, "full")
    assert told(tokenizer, whole) == ("<|begin|>", f"{asked}{told(tokenizer, first)[1]}".removeprefix("<|begin|>"))


def test_of_a_prompt_in_messages_only_the_completion_is_learnt(tokenizer: TextTokenizer):
    example = {"prompt": [ASK, ANSWER, {"role": "user", "content": "Sure?"}], "completion": [PLAIN]}
    (row,) = example_rows(example, tokenizer)
    assert told(tokenizer, row)[1] == "Yes.<|end|>"
    assert row == example_rows({"messages": example["prompt"] + example["completion"]}, tokenizer)[1]


def test_tables_of_datasets_are_read(tokenizer: TextTokenizer):
    texts = Dataset.from_list(TEXTS)
    assert read_rows(texts, tokenizer) == [row for example in TEXTS for row in example_rows(example, tokenizer)]
    # a table gives every message every field: None where it has none
    chats = Dataset.from_list([{"messages": [ASK, ANSWER]}, {"messages": [ASK, PLAIN]}])
    assert chats[0]["messages"][0]["reasoning_content"] is None
    assert read_rows(chats, tokenizer) == [
        *example_rows({"messages": [ASK, ANSWER]}, tokenizer),
        *example_rows({"messages": [ASK, PLAIN]}, tokenizer),
    ]


@pytest.mark.parametrize(
    ("example", "sentence"),
    [
        ({"text": "hello"}, "expected the columns messages, or prompt and completion; got text"),
        ({}, "got none"),
        ("hello", "expected a mapping from columns to values, got str"),
        ({"prompt": "a"}, "expected the columns messages, or prompt and completion; got prompt"),
        ({"prompt": "a", "completion": [PLAIN]}, "to be two texts or two lists of messages, got str and list"),
        ({"prompt": "a", "completion": None}, "got str and NoneType"),
        ({"prompt": "a", "completion": ""}, "the completion is empty"),
        ({"prompt": [ASK, ANSWER], "completion": [ASK]}, "the completion holds no message of the assistant"),
        ({"messages": [ASK, {"role": "assistant", "content": "x<|end|>"}]}, "message 1: its content holds the special"),
        ({"prompt": "a", "completion": "7 9 5 " * 30}, "tokens, where 60 are allowed; trim it first"),
    ],
)
def test_bad_examples_are_named(example: dict[str, Any], sentence: str, tokenizer: TextTokenizer):
    with pytest.raises(DataError) as error:
        read_rows([*TEXTS, example, *TEXTS, example], tokenizer, longest=60)
    lines = str(error.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["example 7", "example 15"]
    assert all(sentence in line for line in lines)


def test_of_many_bad_examples_the_first_are_named(tokenizer: TextTokenizer):
    with pytest.raises(DataError) as error:
        read_rows([{"text": "x"}] * 9, tokenizer)
    assert [line.partition(":")[0] for line in str(error.value).splitlines()] == [
        *(f"example {number}" for number in range(5)),
        "and 4 more",
    ]
    with pytest.raises(DataError, match="holds no example"):
        read_rows([], tokenizer)


@pytest.mark.parametrize(("budget", "reasoning"), [(400, " long " * 30), (90, " long " * 30), (90, None)])
def test_what_was_trimmed_is_learnt_and_ends_with_the_answer(
    budget: int, reasoning: str | None, tokenizer: TextTokenizer
):
    ((prompt, completion),) = turns(tokenizer, [ASK, {**ANSWER, "reasoning_content": reasoning}])
    trimmed = trim([Turn(*parts(tokenizer, prompt, completion))], budget)
    assert trimmed is not None
    row = trace_row(trimmed)
    assert len(row) + 1 <= budget
    found = told(tokenizer, row)
    assert found[0] == prompt
    assert found[1].endswith("1 2 3<|end|>")
    assert ("</think>" in found[1]) == (reasoning is not None)
    assert (found[1] == completion) == (budget == 400 or reasoning is None)
    several = [Turn((3,), (4,), (5,), (6,), (7,)), Turn((8,), (), (), (), (9, 2))]
    assert (list(trace_row(several).prompt), list(trace_row(several).completion)) == ([3, 4, 5, 6, 7, 8], [9, 2])


# -- rows to steps ----------------------------------------------------------------------------------------------------


def test_an_epoch_has_every_row_once_and_a_resumed_one_goes_on():
    rows = [Row([3], [n]) for n in range(10)]
    examples = Examples(rows, seed=1)
    drawn = [row.completion[0] for _ in range(6) for row in examples.draw(5)]
    assert [sorted(drawn[i : i + 10]) for i in (0, 10, 20)] == [list(range(10))] * 3
    assert drawn[:10] != drawn[10:20]
    assert examples.metrics() == {"epoch": 3.0}
    resumed, again = Examples(rows, seed=1), Examples(rows, seed=1)
    again.draw(7)
    resumed.load_state_dict(again.state_dict())
    assert [row.completion[0] for row in resumed.draw(8)] == drawn[7:15]
    assert [row.completion[0] for row in Examples(rows, seed=2).draw(10)] != drawn[:10]
    assert len(Examples(rows[:3], seed=0).draw(8)) == 8  # a batch may be longer than an epoch


CUTS: list[tuple[Callable, int, int]] = [(micro_batches, 10**6, 1), (packed_batches, 90, 2), (packed_batches, 70, 3)]


@pytest.mark.parametrize("loss", ["answer", "full"])
def test_however_rows_are_packed_the_step_is_the_same(loss, policy: ZayaPolicy, tokenizer: TextTokenizer):
    more = [{"prompt": f"Sort: {n} 9", "completion": f"{n} 9"} for n in range(8)]
    rows = read_rows([*TEXTS, *more, {"messages": [ASK, ANSWER]}], tokenizer, loss)
    before = {name: x.clone() for name, x in policy.state_dict().items()}
    results = []
    for pack, tokens, least in CUTS:
        policy.load_state_dict(before)
        optimizers = Optimizers([torch.optim.SGD(policy.parameters(), lr=0.1)])
        balancer = Balancer(policy.routers, 0.01) if loss == "answer" else None
        learner = Learner(policy, optimizers, balancer=balancer, micro_tokens=tokens, pack=pack)
        assert len(learner._batches(rows)) >= least
        found = sft_step(learner, rows, 1.0)
        if loss == "full":  # rows share their first token where they stand in one batch, and it is counted once
            del found["skip_rate"], found["routing_entropy"]
        results.append((found, {name: x.clone() for name, x in policy.state_dict().items()}))
    for found, after in results[1:]:
        assert found == pytest.approx(results[0][0], abs=1e-5)
        for name, x in after.items():
            torch.testing.assert_close(
                x, results[0][1][name], atol=1e-5, rtol=0, msg=lambda m, name=name: f"{name}: {m}"
            )


def test_the_loss_is_on_the_answer_alone(policy: ZayaPolicy, tokenizer: TextTokenizer):
    rows = read_rows(TEXTS, tokenizer)
    full = read_rows(TEXTS, tokenizer, "full")
    learner = Learner(policy, Optimizers([torch.optim.SGD(policy.parameters(), lr=0.0)]))
    found, all_tokens = sft_step(learner, rows, 1.0), sft_step(learner, full, 1.0)
    assert (found["tokens"], all_tokens["tokens"]) == (
        sum(len(row.completion) for row in rows),
        sum(len(row) for row in rows),
    )
    with torch.no_grad():
        answers = [Scorer(policy)(MicroBatch.of([row]))[0] for row in rows]
        texts = [Scorer(policy)(MicroBatch.of([row]))[0] for row in full]
    assert found["loss"] == pytest.approx(-float(torch.cat(answers).mean()), abs=1e-5)
    assert all_tokens["loss"] == pytest.approx(-float(torch.cat(texts).mean()), abs=1e-5)
    for answer, text in zip(answers, texts, strict=True):  # the same tokens, seen from the end
        torch.testing.assert_close(text[-len(answer) :], answer, atol=1e-5, rtol=0)


@pytest.mark.parametrize("optimizers", [lambda p: adamw(p, 1e-2), lambda p: muon_and_adamw(p, 0.02, 1e-2)])
def test_it_learns_its_data(optimizers: Callable, policy: ZayaPolicy, tokenizer: TextTokenizer):
    examples = Examples(read_rows(TEXTS, tokenizer), seed=0)
    learner = Learner(policy, optimizers(policy), micro_tokens=64, pack=packed_batches)
    found = list(fit(learner, examples, SftSettings(steps=15, batch=7, warmup=2)))
    assert len(found) == 15
    assert found[-1]["loss"] < 0.6 * found[0]["loss"]
    assert found[-1]["epoch"] == 15
    assert found[0]["tokens_per_second"] > 0


def test_the_rates_follow_the_schedule_and_a_resumed_fit_ends_alike(make_policy, tokenizer: TextTokenizer):
    def start() -> tuple[ZayaPolicy, Learner, Examples]:
        policy = make_policy(1, vocab_size=len(tokenizer))
        learner = Learner(policy, adamw(policy, 1e-2), micro_tokens=40, pack=packed_batches)
        return policy, learner, Examples(read_rows(TEXTS, tokenizer), seed=0)

    settings = SftSettings(steps=6, batch=4, warmup=2)
    whole, learner, examples = start()
    rates = [learner.optimizers.optimizers[0].param_groups[0]["lr"] for _ in fit(learner, examples, settings)]
    assert rates == pytest.approx([1e-2 * cosine(step, 6, 2) for step in range(6)])
    halted, learner, examples = start()
    for _, _ in zip(range(3), fit(learner, examples, settings), strict=False):
        pass
    resumed, second, rest = start()
    resumed.load_state_dict(halted.state_dict())
    second.load_state_dict(learner.state_dict())
    rest.load_state_dict(examples.state_dict())
    list(fit(second, rest, settings, first=3))
    assert all(torch.equal(x, resumed.state_dict()[name]) for name, x in whole.state_dict().items())


def test_a_constant_rate_rises_and_stays():
    settings = SftSettings(steps=6, batch=1, warmup=3, shape="constant")
    assert [settings.factor(step) for step in range(6)] == pytest.approx([1 / 3, 2 / 3, 1, 1, 1, 1])
