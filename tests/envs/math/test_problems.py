"""Problem sets: every published form of columns is read from small files of that form, and golds are typed at load."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import datasets as hub
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from whetstone.envs.math.problems import INSTRUCTION, MathProblem, MathProblems, Rejected
from whetstone.envs.math.sources import DAPO_AFTER, DAPO_BEFORE, SOURCES, column

# One row of each set in the columns it is published with (the texts are ours), what must be asked, and a right answer.
ARENA = {"problem_idx": 3, "problem": "Find $2+2$.", "answer": "4", "problem_type": ["Algebra"]}
CASES: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "gsm8k": (
        {
            "question": "Ann has 1,200 beads and buys 34 more. How many has she?",
            "answer": "She has 1200+34=<<1200+34=1234>>1234.\n#### 1,234",
        },
        "Ann has 1,200 beads and buys 34 more. How many has she?",
        "1",
        "1234",
    ),
    "math-500": (
        {
            "problem": "Convert $(0,3)$ to polar coordinates.",
            "solution": r"We get $\boxed{\left( 3, \frac{\pi}{2} \right)}.$",
            "answer": r"\left( 3, \frac{\pi}{2} \right)",
            "subject": "Precalculus",
            "level": 2,
            "unique_id": "test/precalculus/1.json",
        },
        "Convert $(0,3)$ to polar coordinates.",
        "test/precalculus/1.json",
        r"(3, \pi/2)",
    ),
    "aime-2024": (
        {"id": 60, "problem": "Find $5^2$.", "solution": "It is 25.", "answer": "025", "url": "-", "year": "2024"},
        "Find $5^2$.",
        "60",
        "25",
    ),
    "aime-2025": (ARENA | {"answer": 4}, "Find $2+2$.", "3", "4"),
    "aime-2026": ({"problem_idx": 3, "answer": 4, "problem": "Find $2+2$."}, "Find $2+2$.", "3", "4"),
    "hmmt-feb-2025": (ARENA | {"answer": r"\frac{8}{2}"}, "Find $2+2$.", "3", "4"),
    "hmmt-nov-2025": (ARENA, "Find $2+2$.", "3", "4"),
    "hmmt-feb-2026": (ARENA | {"answer": r"1-\frac{2}{\pi}"}, "Find $2+2$.", "3", r"\frac{\pi-2}{\pi}"),
    "apex-2025": (ARENA | {"source": "a contest"}, "Find $2+2$.", "3", "4"),
    "apex-shortlist": (ARENA | {"source": "a contest"}, "Find $2+2$.", "3", "4"),
    "dapo-math": (
        {
            "data_source": "math_dapo",
            "prompt": [{"content": f"{DAPO_BEFORE}Find $17 \\cdot 2$.{DAPO_AFTER}", "role": "user"}],
            "ability": "MATH",
            "reward_model": {"ground_truth": "34", "style": "rule-lighteval/MATH_v2"},
            "extra_info": {"index": "9a9b6eb4"},
        },
        "Find $17 \\cdot 2$.",
        "9a9b6eb4",
        "34",
    ),
    "big-math": (
        {
            "problem": "Simplify $\\sqrt{8}$.",
            "answer": "2\\sqrt{2}",
            "source": "cn_k12",
            "domain": ["Mathematics -> Algebra"],
            "llama8b_solve_rate": 0.9,
        },
        "Simplify $\\sqrt{8}$.",
        "1",
        r"\sqrt{8}",
    ),
    "olympiad-bench": (
        {
            "id": 1606,
            "question": "How far is it?",
            "solution": ["Three and a half."],
            "final_answer": ["$3.5$"],
            "context": "Two towns lie on a line.",
            "image_1": None,
            "modality": "Text-only",
            "difficulty": "Competition",
            "is_multiple_answer": False,
            "unit": "km",
            "answer_type": "Numerical",
            "error": None,
            "question_type": "Open-ended",
            "subfield": "Geometry",
            "subject": "Math",
            "language": "English",
        },
        "Two towns lie on a line.\n\nHow far is it?\n\nGive the answer in km.",
        "1606",
        "7/2",
    ),
    "imo-answerbench": (
        {
            "Problem ID": "imo-bench-algebra-001",
            "Problem": "Determine $3^2$.",
            "Short Answer": "$9$",
            "Category": "Algebra",
            "Subcategory": "Operation",
            "Source": "ours",
        },
        "Determine $3^2$.",
        "imo-bench-algebra-001",
        "9",
    ),
}


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    if path.suffix == ".parquet":
        parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    elif path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_every_source_is_tried_here() -> None:
    assert CASES.keys() == SOURCES.keys()


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
@pytest.mark.parametrize("name", CASES)
def test_the_columns_of_published_sets(name: str, suffix: str, tmp_path: Path) -> None:
    row, question, identity, right = CASES[name]
    (problem,) = MathProblems.read(write(tmp_path / f"set{suffix}", [row]), name)
    assert (problem.question, problem.id) == (question, identity)
    assert problem.prompt == f"{question}\n{INSTRUCTION}"
    assert problem.judge(f"<answer>{right}</answer>").kind == "correct"
    assert problem.judge("<answer>123456</answer>").kind == "wrong"
    assert problem.judge("I do not know").kind == "unreadable"


def test_a_csv_file_as_imo_answerbench_is_published(tmp_path: Path) -> None:
    (problem,) = MathProblems.read(write(tmp_path / "v2.csv", [CASES["imo-answerbench"][0]]), "imo-answerbench")
    assert problem.id == "imo-bench-algebra-001" and problem.answer == "$9$"


@pytest.mark.parametrize("name", CASES)
def test_a_published_set_is_read_by_name_and_split(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row, question, *_ = CASES[name]
    asked = []

    def load_dataset(*where: Any, **split: Any) -> hub.Dataset:
        asked.append((where, split))
        return hub.Dataset.from_list([row])

    monkeypatch.setattr(hub, "load_dataset", load_dataset)
    source = SOURCES[name]
    problems = MathProblems.load(name, source.splits[-1])
    assert asked == [((source.path, source.config), {"split": source.splits[-1]})]
    assert [problem.question for problem in problems] == [question]


def test_any_set_with_question_and_answer_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"q": "1+1?", "a": 2}, {"q": "1/2?", "a": "0.5"}]
    problems = MathProblems.read(write(tmp_path / "own.jsonl", rows), question="q", answer="a")
    assert [(p.id, p.question, p.answer) for p in problems] == [("1", "1+1?", "2"), ("2", "1/2?", "0.5")]
    assert len(problems) == 2 and problems[-1] == problems[:][1]

    monkeypatch.setattr(hub, "load_dataset", lambda *where, split: rows if where == ("me/own", None) else None)
    assert MathProblems.load("me/own", question="q", answer="a").problems == problems.problems


def test_rows_without_a_gold_are_named_or_left_out(tmp_path: Path) -> None:
    rows = [{"question": "?", "answer": answer} for answer in ("1", "", "2", "x" * 10_000, "3")]
    del rows[2]["answer"]
    file = write(tmp_path / "set.jsonl", rows)
    with pytest.raises(ValueError, match="3 rows hold no problem") as error:
        MathProblems.read(file)
    assert "row 2: the column 'answer' is empty" in str(error.value)
    assert "row 3: expected a column 'answer', found 'question'" in str(error.value)
    assert "row 4: " in str(error.value)

    problems = MathProblems.read(file, drop=True)
    assert [problem.answer for problem in problems] == ["1", "3"]
    assert [each.row for each in problems.rejected] == [2, 3, 4]
    assert problems.rejected[0] == Rejected(2, "the column 'answer' is empty")


def test_only_a_few_rejected_rows_are_spelt_out(tmp_path: Path) -> None:
    file = write(tmp_path / "set.jsonl", [{"question": "?", "answer": "1"}, *({"question": "?"} for _ in range(9))])
    with pytest.raises(ValueError, match=r"(?s)9 rows .*and 4 more") as error:
        MathProblems.read(file)
    assert len(str(error.value).splitlines()) == 7


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("set.jsonl", b'{"question": "?", "answer": "1"}\n{"question"', "line 2: expected one JSON object a line"),
        ("set.jsonl", b"[1]\n", "line 1: expected a JSON object, found"),
        ("set.jsonl", b"\xff\xfe\n", "expected UTF-8"),
        ("set.csv", b"question,answer\n\xff,1\n", "expected UTF-8"),
        ("set.jsonl", b"", "there are no problems in 0 rows"),
        ("set.parquet", b"PAR0", "expected a Parquet file"),
        ("set.txt", b"", "expected a file that ends in .jsonl, .parquet, .csv"),
        ("missing.jsonl", None, "cannot be read, No such file"),
    ],
)
def test_files_that_cannot_be_read_are_said(name: str, content: bytes | None, complaint: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=complaint):
        MathProblems.read(tmp_path / name)


def test_names_and_splits_that_are_not_there_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="did you mean gsm8k"):
        MathProblems.load("gsm-8k")
    with pytest.raises(ValueError, match="has the splits train, test, not 'eval'"):
        MathProblems.load("gsm8k", "eval")
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(ImportError, match="pip install datasets"):
        MathProblems.load("gsm8k")


def test_olympiad_rows_carry_their_policy(tmp_path: Path) -> None:
    row = CASES["olympiad-bench"][0]
    rows = [
        row | {"final_answer": ["$1,-2$"], "is_multiple_answer": True},
        row | {"final_answer": ["3.14"], "error": "1e-2"},
        row | {"final_answer": ["1", "2"]},
        row | {"error": "small"},
    ]
    problems = MathProblems.read(write(tmp_path / "set.jsonl", rows), "olympiad-bench", drop=True)
    listed, rounded = problems
    assert listed.judge("<answer>-2, 1</answer>").correct and not listed.judge("<answer>1</answer>").correct
    assert rounded.judge("<answer>3.149</answer>").correct and not rounded.judge("<answer>3.16</answer>").correct
    assert [each.reason for each in problems.rejected] == [
        "expected one entry in 'final_answer', found ['1', '2']",
        "expected a number in 'error', found 'small'",
    ]


def test_a_problem_crosses_processes_as_json() -> None:
    problem = MathProblem("7", "Wo liegt π?", "3.14", {"tolerance": 0.01})
    again = MathProblem.from_json(problem.to_json())
    assert again == problem and again.judge("<answer>3.145</answer>").correct
    for text in ("{", "[]", '{"id": "1"}'):
        with pytest.raises(ValueError, match="expected a JSON object with"):
            MathProblem.from_json(text)


@given(st.dictionaries(st.text(), st.none() | st.integers() | st.text()), st.text())
@settings(max_examples=50, deadline=None)
def test_a_column_is_text_or_an_error(row: dict[str, Any], name: str) -> None:
    try:
        assert column(name)(row).strip()
    except ValueError as error:
        assert "column" in str(error)


@pytest.mark.parametrize("name", SOURCES)
def test_rows_of_another_form_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="1 rows hold no problem"):
        MathProblems.of_rows([{"text": "unrelated"}], SOURCES[name], name=name)
