"""Benchmarks: every loader on a small file of the published columns, every gold accepted, nothing judged wrongly."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from whetstone.envs.benchmarks import GROUPS, NAMES, chosen, fetch, from_json, read
from whetstone.envs.benchmarks.choice import Choice, shuffled
from whetstone.envs.benchmarks.sets import BENCHMARKS
from whetstone.envs.benchmarks.short_text import same
from whetstone.envs.math import sources

ARENA = {"problem_idx": 1, "problem": "What is $2+2$?", "answer": "4", "problem_type": ["Algebra"]}
LIVE = {
    "question_title": "Echo",
    "question_content": "Print the number that you read.",
    "platform": "atcoder",
    "question_id": "abc001_a",
    "contest_id": "abc001",
    "contest_date": "2025-02-01T00:00:00",
    "starter_code": "",
    "difficulty": "easy",
    "public_test_cases": json.dumps([{"input": "1\n", "output": "1\n", "testtype": "stdin"}]),
    "private_test_cases": json.dumps([{"input": "7391\n", "output": "7391\n", "testtype": "stdin"}]),
    "metadata": "{}",
}
FOLLOW = {"key": 1000, "prompt": "Write two words. No commas.", "instruction_id_list": ["punctuation:no_comma"]}
FOLLOW |= {"kwargs": [{"num_words": None, "relation": None}]}
ROWS: dict[str, dict[str, Any]] = {
    "aime-2024": {"id": 60, "problem": "What is $2+2$?", "solution": "4.", "answer": "4", "url": "", "year": "2024"},
    **{name: ARENA for name in NAMES if name.startswith(("hmmt", "aime-2025", "aime-2026", "apex"))},
    "math-500": {
        "problem": "What is half of one?",
        "solution": "",
        "answer": r"\frac{1}{2}",
        "subject": "Algebra",
        "level": 1,
        "unique_id": "test/algebra/1.json",
    },
    "gsm8k": {"question": "Two apples and two apples?", "answer": "2 + 2 = <<2+2=4>>4\n#### 4"},
    "olympiad-bench": {
        "id": 1,
        "question": "What is 2+2?",
        "context": None,
        "solution": ["4"],
        "final_answer": ["4"],
        "is_multiple_answer": False,
        "unit": None,
        "error": None,
        "answer_type": "Numerical",
    },
    "imo-answerbench": {"Problem ID": "imo-1", "Problem": "What is 2+2?", "Short Answer": "4", "Category": "Algebra"},
    **{name: LIVE for name in NAMES if name.startswith("livecodebench")},
    "ifeval": FOLLOW,
    "ifbench": FOLLOW,
    "gpqa-diamond": {
        "Record ID": "rec1",
        "Question": "Which is even?",
        "Correct Answer": "two",
        "Incorrect Answer 1": "one",
        "Incorrect Answer 2": "three",
        "Incorrect Answer 3": "five",
    },
    "mmlu-pro": {
        "question_id": 70,
        "question": "Which is even?",
        "options": ["one", "two", "three"],
        "answer": "B",
        "answer_index": 1,
        "cot_content": "",
        "category": "math",
        "src": "ori",
    },
    "bbeh": {"task": "bbeh boolean", "input": "Is it?", "target": "(A)", "mini": 0},
    "bbeh-mini": {"task": "bbeh boolean", "input": "Is it?", "target": "(A)", "mini": 1},
}
RIGHT = {"livecodebench": "```python\nprint(input())\n```", "ifeval": "Two words", "ifbench": "Two words"}


def written(folder: Path, *rows: dict[str, Any], suffix: str = ".jsonl") -> Path:
    file = folder / f"rows{suffix}"
    if suffix == ".jsonl":
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        with file.open("w", newline="") as out:
            writer = csv.DictWriter(out, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return file


def test_every_benchmark_has_rows_here():
    assert set(ROWS) == set(NAMES)
    assert all(name in NAMES for names in GROUPS.values() for name in names)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("livecodebench")])
def test_a_file_of_the_published_columns_is_read_and_judged(tmp_path, name):
    (question,) = read(name, written(tmp_path, ROWS[name]))
    right = RIGHT.get(name) or question.target
    copy = from_json(question.to_json())
    for each in (question, copy):
        assert each.prompt == question.prompt
        assert each.grade(right).score == 1.0, each.grade(right)
        assert each.grade(f"<think>one, two: <answer>7</answer></think>{right}").score == 1.0
        assert each.grade("").kind == "unreadable"
        assert each.grade("<answer>99, 98</answer>").score < 1


@pytest.mark.slow
def test_programs_are_judged_on_hidden_tests(tmp_path):
    (question,) = read("livecodebench-v6", written(tmp_path, ROWS["livecodebench-v6"]))
    assert "Echo" in question.prompt and "7391" not in question.prompt
    assert question.grade(RIGHT["livecodebench"]).score == 1.0
    assert question.grade("```python\nprint(1)\n```").score == 0.0
    assert from_json(question.to_json()).grade(RIGHT["livecodebench"]).score == 1.0
    assert question.grade("no program").kind == "unreadable"


def test_what_is_asked_of_the_hub(monkeypatch):
    asked = []
    monkeypatch.setattr(sources, "hub_rows", lambda *a, **k: asked.append((a, k)) or [ROWS["gsm8k"]])
    fetch("gsm8k")
    assert asked == [(("openai/gsm8k", "test", "main"), {})]
    asked.clear()
    list(BENCHMARKS["livecodebench-v6-new"].rows())
    file = "hf://datasets/livecodebench/code_generation_lite/test6.jsonl"
    assert asked == [(("json", "train"), {"data_files": [file]})]
    assert len(BENCHMARKS["livecodebench-v5"].files) == 5 and len(BENCHMARKS["livecodebench-v6"].files) == 6


def test_rows_that_hold_no_question_are_left_out_or_named(tmp_path):
    good, bad = ROWS["mmlu-pro"], {**ROWS["mmlu-pro"], "answer": "Z"}
    assert len(read("mmlu-pro", written(tmp_path, bad, good))) == 1
    with pytest.raises(ValueError, match=r"no question of mmlu-pro in 1 rows\n  row 1: expected the letter"):
        read("mmlu-pro", written(tmp_path, bad))
    with pytest.raises(ValueError, match="there is no check for count:levenshtein"):
        read("ifbench", written(tmp_path, {**FOLLOW, "instruction_id_list": ["count:levenshtein"]}))
    with pytest.raises(ValueError, match="expected a column 'Question'"):
        read("gpqa-diamond", written(tmp_path, {"question": "?"}))
    with pytest.raises(ValueError, match="did you mean gpqa-diamond"):
        fetch("gpqa")
    with pytest.raises(ValueError, match="expected a benchmark's question"):
        from_json("{}")
    assert len(read("bbeh", written(tmp_path, ROWS["bbeh"], ROWS["bbeh-mini"]))) == 2
    assert len(read("bbeh-mini", written(tmp_path, ROWS["bbeh"], ROWS["bbeh-mini"]))) == 1
    assert len(read("gsm8k", written(tmp_path, ROWS["gsm8k"], suffix=".csv"))) == 1


@pytest.mark.parametrize(
    "said", ["B", "b", "(B)", "B.", "**B**", r"\text{B}", "B. two", "B) two", "two", "The answer is B"]
)
def test_a_letter_is_read_however_it_is_written(said):
    question = Choice("mmlu-pro", 0, {}, "Which?", ("one", "two", "three"), 1)
    assert question.grade(f"<answer>{said}</answer>").score == 1.0


@pytest.mark.parametrize(
    ("said", "kind"), [("A", "graded"), ("D", "unreadable"), ("A or B", "unreadable"), ("Because", "unreadable")]
)
def test_other_letters_are_not(said, kind):
    verdict = Choice("mmlu-pro", 0, {}, "Which?", ("one", "two", "three"), 1).grade(f"<answer>{said}</answer>")
    assert (verdict.kind, verdict.score) == (kind, 0.0)


def test_options_are_shuffled_by_their_question():
    places = {shuffled("r", ("a", "b", "c"), f"question {i}")[1] for i in range(40)}
    assert places == {0, 1, 2, 3}
    assert shuffled("r", ("a", "b", "c"), "q") == shuffled("r", ("c", "b", "a"), "q")


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        ("(A)", "A", True),
        ("a", "(A)", True),
        ("3", "3.0", True),
        ("**yes**", "Yes", True),
        ("'cat'", "cat", True),
        ("[1, 2]", "1,2", True),
        ("No.", "no", True),
        (r"\text{up}", "up", True),
        ("2", "3", False),
        ("(A)", "(B)", False),
        ("proved", "disproved", False),
    ],
)
def test_short_answers(a, b, equal):
    assert same(a, b) == equal


def test_some_of_a_benchmark_are_drawn_by_seed():
    assert chosen(5, None, 0) == chosen(5, 9, 0) == [0, 1, 2, 3, 4]
    assert chosen(100, 10, 1) == chosen(100, 10, 1) != chosen(100, 10, 2)
    assert len(set(chosen(100, 10, 1))) == 10 and chosen(100, 10, 1) == sorted(chosen(100, 10, 1))
