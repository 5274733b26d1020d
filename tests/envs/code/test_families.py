"""The families of code tasks (`whetstone.envs.code.families`), on toys and on the catalogue."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from whetstone.envs.catalog import CODE, UnknownTask, from_json, ids, load
from whetstone.envs.code import catalog, runs
from whetstone.envs.code.families import falsify, family
from whetstone.envs.code.families.falsify import Falsify
from whetstone.envs.code.families.predict_input import PredictInput
from whetstone.envs.code.families.predict_output import PredictOutput
from whetstone.envs.code.families.reconstruct import Reconstruct, varied
from whetstone.envs.code.families.task import CodeTask, level_of, pool, split_of
from whetstone.envs.code.families.weights import FILE, digest, weights
from whetstone.envs.code.families.write import Write
from whetstone.envs.code.judge import JudgeError
from whetstone.envs.code.sandbox import Execution
from whetstone.envs.core import SPLITS, Verdict

HOSTILE = Path(__file__).parents[2] / "data" / "hostile_submissions.jsonl"
EASY = "2\n-5 3\n"  # an input of the toys


def answer(text: str) -> str:
    return f"<answer>{text}</answer>"


def kind(verdict: Verdict) -> tuple[str, float]:
    return verdict.kind, verdict.score


RIGHT, WRONG, INVALID, UNREADABLE = ("graded", 1.0), ("graded", 0.0), ("invalid", 0.0), ("unreadable", 0.0)


# -- the contract, on the catalogue -----------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0, 12])
@pytest.mark.parametrize("task", CODE)
def test_a_question_is_plain_data_and_its_target_is_right(task: str, level: int) -> None:
    made = family(task)
    question = made.draw(level, 3)
    copy = made.from_json(question.to_json())
    assert from_json(question.to_json()) == copy
    assert question.id() == task and copy == question and copy.prompt == question.prompt
    assert json.loads(question.to_json())["problem"] == question.problem
    for text in ("", "<answer>0</answer>", "```python\n0\n```"):
        assert copy.grade(text) == question.grade(text)
    assert kind(copy.grade(question.target)) == RIGHT
    assert question.submitted(question.target) == question.solution
    with ThreadPoolExecutor(2) as threads:
        assert set(threads.map(lambda _: made.draw(level, 3), range(2))) == {question}


@pytest.mark.parametrize("task", CODE)
def test_the_splits_share_no_problem_of_the_catalogue(task: str) -> None:
    drawn = {split: {family(task).draw(6, seed, split).problem for seed in range(6)} for split in SPLITS}
    assert all(split_of(problem) == split for split in SPLITS for problem in drawn[split])
    assert not set(pool(10, "train")) & set(pool(10, "eval"))


def test_levels_grow() -> None:
    levels = sorted(map(level_of, pool(10, "train")))
    for level in range(10):
        easier = pool(level, "train")
        assert set(easier) <= set(pool(level + 1, "train")) and len(easier) >= 6
        assert max(map(level_of, easier)) <= max(level, levels[5]), "at most this level, but six problems at least"
    total = [sum(level_of(Write.draw(level, seed).problem) for seed in range(60)) for level in (0, 5, 10)]
    assert total[0] < total[1] < total[2]


def test_ids() -> None:
    assert [load(task).id() for task in CODE] == list(CODE) == ids("code")
    with pytest.raises(UnknownTask, match="did you mean code/write"):
        load("code/wrte")
    for text in ("", "{}", '{"task":[]}', '{"task":"code/write"}', "[1]"):
        with pytest.raises(ValueError, match="expected"):
            from_json(text)
    for level, seed, split in ((-1, 0, "train"), (0, -1, "train"), (0, 0, "test")):
        with pytest.raises(ValueError, match="must be"):
            Write.draw(level, seed, split)  # type: ignore[arg-type]


CONSTANTS = {
    "the first sample": lambda problem: catalog.blueprint(problem).samples[0],
    "the shortest input": lambda problem: min(runs.small_inputs(problem), key=len),
    "another problem's sample": lambda problem: "3\n1 2 3\n",
}


@pytest.mark.soak
@pytest.mark.parametrize("task", ["code/predict_input", "code/falsify"])
def test_constant_answers_earn_little(task: str) -> None:
    """At level 10, as `whetstone.conformance` asks of every task; even a constant for each problem, known by heart."""
    asked = [family(task).draw(10, seed) for seed in range(40)]
    for name, constant in CONSTANTS.items():
        earned = sum(question.grade(answer(constant(question.problem))).score for question in asked) / len(asked)
        assert earned <= 0.2, f"{name} earns {earned:.2f}"


def test_the_shipped_weights_are_those_of_the_catalogue() -> None:
    """`python -m whetstone.envs.code.families.weights` brings them up to date."""
    shipped = json.loads(FILE.read_text())
    assert {problem: row["digest"] for problem, row in shipped.items()} == {
        problem: digest(problem) for problem in catalog.problem_ids()
    }


# -- programs ---------------------------------------------------------------------------------------------------------


def test_writing_a_program(toys: Any) -> None:
    task = Write("toy/total")
    assert "Add n numbers." in task.prompt and "Sample output 1:\n```\n6\n```" in task.prompt
    assert "0.1 s of CPU time and 512 MiB" in task.prompt
    assert kind(task.grade(f"So:\n```python\n{toys['toy/total'].reference}```")) == RIGHT
    assert kind(task.grade("```python\nprint(6)\n```")) == WRONG
    assert kind(task.grade("```python\nprint(6\n```")) in (WRONG, INVALID)
    assert kind(task.grade("print(6)")) == UNREADABLE


def test_a_judge_error_is_no_reward(toys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = runs.default_sandbox()
    monkeypatch.setattr(sandbox, "run", lambda *_, **__: Execution("failed", detail="no worker"))
    program = "```python\nprint(1)\n```"
    asked: list[tuple[CodeTask[Any], str]] = [
        (Write("toy/total"), program),
        (Reconstruct("toy/total", ((EASY, "-2\n"),), True), program),
        (PredictInput("toy/total", "reference", EASY, "-7\n"), answer("1\n-7")),
    ]
    for task, completion in asked:
        with pytest.raises(JudgeError):
            task.grade(completion)


def test_examples_are_not_the_tests(toys: Any) -> None:
    hidden = {test.input for test in catalog.problem("toy/total").tests}
    for seed in range(5):
        task = Reconstruct.draw(0, seed)
        assert task.problem != "toy/split", "where many outputs are right, an example shows one of them"
        assert 3 <= len(task.examples) <= 10 and not {given for given, _ in task.examples} & hidden
        assert f"Example input 1:\n```\n{task.examples[0][0]}```" in task.prompt
        assert task.shown.statement not in task.prompt and task.shown.title not in task.prompt
    assert Reconstruct.draw(0, 0).described and "their sum" in Reconstruct("toy/total", (), True).prompt
    assert not Reconstruct.draw(6, 0).described and "their sum" not in Reconstruct("toy/total", (), False).prompt
    task = Reconstruct("toy/total", ((EASY, "-2\n"),), True)
    assert kind(task.grade(f"```python\nprint({{{EASY!r}: -2}}[open(0).read()])\n```")) == WRONG


def test_examples_are_varied() -> None:
    pairs = [("a", "0"), ("b", "0"), ("c", "0"), ("d", "1"), ("e", "2")]
    assert varied(pairs, 3) == [("a", "0"), ("d", "1"), ("e", "2")]
    assert varied(pairs, 4) == [("a", "0"), ("b", "0"), ("d", "1"), ("e", "2")]
    assert varied(pairs, 9) == pairs


# -- predictions ------------------------------------------------------------------------------------------------------


def test_io_out_norm(toys: Any) -> None:
    exact = PredictOutput("toy/total", "reference", EASY, "-2\n")
    assert "compared token by token" in exact.prompt
    for right in ("-2", "\n-2\n", "  -2  \n\n", "-2\r\n"):
        assert kind(exact.grade(answer(right))) == RIGHT, right
    for wrong in ("-2.0", "-02", '"-2"', "\u22122", "-2 -2", "-2,", "[-2]", "-2\x00", "- 2"):
        assert kind(exact.grade(answer(wrong))) == WRONG, wrong
    floats = PredictOutput("toy/mean", "reference", EASY, "-1.000000\n")
    assert "off by 0.001" in floats.prompt
    assert [kind(floats.grade(answer(text))) for text in ("-1.0005", "-1", "-1e0")] == [RIGHT] * 3
    assert [kind(floats.grade(answer(text))) for text in ("-1.01", "nan", "-1.0 x")] == [WRONG] * 3
    words = PredictOutput("toy/parity", "reference", EASY, "yes\n")
    assert [kind(words.grade(answer(text))) for text in ("yes", "Yes", "'yes'")] == [RIGHT, WRONG, WRONG]


def test_io_out_huge(toys: Any) -> None:
    task = PredictOutput("toy/total", "reference", EASY, "-2\n")
    for huge in ("7" * 10_000_000, "[" * 100_000 + "]" * 100_000, "-2\n" + "\n" * 6000, "-2" + " " * 20_000):
        assert kind(task.grade(answer(huge))) == UNREADABLE
    assert kind(task.grade(answer("[" * 8000 + "]" * 8000))) == WRONG


def test_io_pred_alt(toys: Any) -> None:
    task = PredictInput("toy/total", "reference", "2\n20 -3\n", "17\n")
    for right in ("2\n20 -3", "1\n17\n", "3\n17 5 -5"):
        assert kind(task.grade(answer(right))) == RIGHT, right
    assert kind(task.grade(answer("1\n18"))) == WRONG
    assert kind(PredictInput("toy/split", "reference", "1\n-5\n", "5 0\n").grade(answer("2\n2 3"))) == RIGHT


def test_io_code_in_input(toys: Any) -> None:
    task = PredictInput("toy/total", "reference", "2\n20 -3\n", "17\n")
    for code in (
        "__import__('os').getpid()",
        "1\n(17)",
        "1\n0x11",
        "1\n17;",
        "[1, [17]]",
        '{"n": 1}',
        "1\n8+9",
        "1\n17.0",
    ):
        assert kind(task.grade(answer(code))) == INVALID, code


def test_io_pred_trivial(toys: Any) -> None:
    assert {"0", "1", "-1", "2", "-3", "6"} <= weights("toy/total").simple
    for seed in range(12):
        for level in (0, 9):
            task = PredictInput.draw(level, seed)
            assert task.problem in ("toy/total", "toy/split"), "yes and no are guessed too easily"
            assert task.output.strip() not in weights(task.problem).simple | weights(task.problem).common


def test_programs_that_fail_on_the_answer(toys: Any) -> None:
    task = PredictInput("toy/total", "wrong: crashes", "1\n5\n", "5\n")
    assert kind(task.grade(answer("9\n" + "1 " * 8 + "-3"))) == WRONG
    assert kind(task.grade(answer("2\n9 -4"))) == RIGHT


def test_outputs_that_are_guessed_are_not_asked(toys: Any) -> None:
    assert weights("toy/parity").common == {"yes", "no"}
    assert weights("toy/total").common <= {"0", "1", "-1", "2", "-2"}
    assert {PredictOutput.draw(0, seed).problem for seed in range(8)} == {"toy/total", "toy/split"}


# -- falsification ----------------------------------------------------------------------------------------------------


def nine(*rest: int) -> str:
    return answer("9\n" + " ".join(map(str, (1,) * (9 - len(rest)) + rest)))


def test_falsifying(toys: Any) -> None:
    task = Falsify("toy/total", "no minus one")
    assert "Add n numbers." in task.prompt and "x != '-1'" in task.prompt
    assert kind(task.grade(answer("1\n-1"))) == RIGHT
    assert task.grade(answer("1\n4")).reason == "the program is right on this input"
    crash = Falsify("toy/total", "crashes")
    assert kind(crash.grade(nine())) == RIGHT and kind(crash.grade(answer("1\n4"))) == WRONG
    split = Falsify("toy/split", "no minus one")  # judged by the checker
    assert kind(split.grade(answer("2\n3 -1"))) == RIGHT and kind(split.grade(answer("1\n-3"))) == WRONG


GARBAGE = {
    "extra tokens": "1\n4 4",
    "a line more": "1\n-4\n\n",
    "missing last line": "1",
    "letters": "1\nx",
    "NUL": "1\n-4\x00",
    "CRLF": "1\r\n-4\r\n",
    "a byte order mark": "\ufeff1\n-4",
    "digits of another script": "1\n-\u0664",
    "a space of another script": "2\n-4\u00a0-4",
    "an underscore": "1\n-1_0",
    "a plus sign": "1\n+5",
    "an exponent": "1\n-1e1",
    "a leading zero": "1\n-04",
    "a leading space": " 1\n-4",
    "a trailing space": "1\n-4 ",
    "two spaces": "2\n-4  -4",
    "a tab": "2\n-4\t-4",
    "out of bounds": "1\n-100",
    "too many": "51\n" + "-1 " * 50 + "-1",
    "a form feed": "1\n-4\x0c",
    "a lone carriage return": "1\n-4\r",
}


@pytest.mark.parametrize("name", GARBAGE)
def test_fal_garbage(toys: Any, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(falsify, "run", lambda *_: pytest.fail("no program may see it"))
    assert kind(Falsify("toy/total", "no minus one").grade(answer(GARBAGE[name]))) == INVALID


def test_fal_cand_slow(toys: Any) -> None:
    hangs = Falsify("toy/total", "hangs")
    assert "more than 3 times the time limit" in hangs.prompt
    assert kind(hangs.grade(answer("8\n1 1 1 1 1 1 1 1"))) == RIGHT
    near = hangs.grade(answer("49\n" + " ".join(["1"] * 49)))  # the reference takes 0.06 of 0.1 s
    assert kind(near) == INVALID and near.reason.startswith("inconclusive: the reference takes long")
    bit = Falsify("toy/total", "a bit slow").grade(answer("8\n1 1 1 1 1 1 1 1"))  # 0.2 of 0.1 s
    assert kind(bit) == WRONG


def test_a_reference_that_times_out_is_inconclusive(toys: Any) -> None:
    verdict = Falsify("toy/total", "no minus one").grade(answer("50\n" + " ".join(["-1"] * 50)))
    assert kind(verdict) == INVALID and verdict.reason == "inconclusive: the reference takes too long on this input"


@pytest.mark.parametrize(
    ("outputs", "verdict"),
    [
        (["-4", "4", "-4"], WRONG),  # wrong by luck the first time
        (["-4", "-4"], WRONG),
        (["-4", "4", "5"], RIGHT),
        (["-4", "4", None], RIGHT),
        (["-4", "4", "waits"], INVALID),
    ],
)
def test_fal_nondet(
    toys: Any, monkeypatch: pytest.MonkeyPatch, outputs: list[str | None], verdict: tuple[str, float]
) -> None:
    other = {None: Execution("exit"), "waits": Execution("wall")}
    done = iter(other.get(text) or Execution("ok", str(text).encode()) for text in outputs)
    task = Falsify("toy/total", "no minus one")
    assert task.suspect.witness
    monkeypatch.setattr(falsify, "run", lambda *_: next(done))
    assert kind(task.grade(answer("1\n-1"))) == verdict
    assert next(done, None) is None, "it must run twice before it counts"


def test_a_reference_that_crashes_is_an_error(toys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    task = Falsify("toy/total", "no minus one")
    assert task.suspect.witness
    monkeypatch.setattr(falsify, "run", lambda *_: Execution("exit"))
    with pytest.raises(JudgeError, match="the reference of toy/total fails"):
        task.grade(answer("1\n-4"))


def test_every_suspect_has_a_witness(toys: Any) -> None:
    known = weights("toy/total").suspects
    names = [suspect.name for suspect in known]
    assert set(toys["toy/total"].wrong) <= set(names), "each of them fails on nine numbers or on negative ones"
    assert any(name.startswith("reference, line ") for name in names), "mutants of the reference are among them"
    assert [suspect.share for suspect in known] == sorted((suspect.share for suspect in known), reverse=True)
    for suspect in known:
        assert kind(Falsify("toy/total", suspect.name).grade(answer(suspect.witness))) == RIGHT, suspect.name
    with pytest.raises(LookupError, match="no wrong program 'x'"):
        assert Falsify("toy/total", "x").prompt


def test_samples_are_not_shown_where_they_are_answers(toys: Any) -> None:
    assert "Sample" in Write("toy/total").prompt and "Sample" not in Falsify("toy/total", "no minus one").prompt


def test_higher_levels_ask_about_subtler_programs(toys: Any) -> None:
    def share(level: int) -> float:
        drawn = (Falsify.about("toy/total", np.random.default_rng(seed), level) for seed in range(40))
        return sum(task.suspect.share for task in drawn if task)

    assert share(0) > share(6) >= share(14)


def test_every_row_of_the_hostile_data_without_a_program_has_a_test() -> None:
    rows = [json.loads(line) for line in HOSTILE.read_text().splitlines()]
    texts = [row["id"] for row in rows if row["language"] == "text"]
    assert len(texts) == 8 and all(f"test_{name}" in globals() for name in texts)
