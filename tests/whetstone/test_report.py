"""The report: one page that needs no network, from a whole run or from any part of one."""

import base64
import gzip
import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from whetstone import stored_rollouts
from whetstone.evaldir import ASKED, Asked
from whetstone.parts import Parts
from whetstone.report import NotARun, charts, thinned, write_report
from whetstone.rollout.types import Sampling
from whetstone.rows import SCHEMA, Row, as_record
from whetstone.stored_rollouts import clipped, read_source, verdict
from whetstone.summary import summarise

TASKS = ("sequences/sorting", "arithmetic/addition", "graphs/shortest_path", "logic/truth_tellers")
NASTY = 'closes </script><script>alert("x")</script> & <b>bold</b> \u2028 end'
CONFIG = """
name = "demo"
tasks = ["sequences/sorting", "arithmetic/addition"]
[model]
layers = 3
[[stages]]
name = "grpo"
kind = "grpo"
lr = 3e-4
"""


def write_metrics(path: Path, steps: int) -> None:
    rng, lines = np.random.default_rng(0), []
    for step in range(steps):
        done = step / steps
        record = {"stage": "sft", "step": step, "seconds": 0.1 * step, "loss": 3 * math.exp(-4 * done)}
        lines.append(record | {"tokens_per_second": 9000 + rng.normal(0, 400), "grad_norm": 1.0})
    for step in range(steps, 3 * steps):
        done = (step - steps) / (2 * steps)
        record = {"stage": "grpo", "step": step, "seconds": 0.3 * step, "loss": rng.normal(0, 0.05)}
        record |= {"reward": done * 0.6 + 0.2 + rng.normal(0, 0.05), "accuracy": done * 0.6 + 0.2 + rng.normal(0, 0.05)}
        record |= {"entropy": 1.2 - done + rng.normal(0, 0.04), "kl": float("nan")}
        lines.append(record | {"frontier": {task: int(3 + (6 - i) * done) for i, task in enumerate(TASKS)}})
    text = "".join(json.dumps(line) + "\n" for line in lines)
    path.write_text(text + '{"stage": "grpo", "st', encoding="utf-8")


def write_eval(folder: Path, skill: float) -> None:
    rng, rows = np.random.default_rng(1), []
    for i, task in enumerate(TASKS):
        for level in range(11):
            for seed in range(20):
                right = bool(rng.random() < 1 / (1 + math.exp(level - skill - i)))
                kind = "graded" if right or rng.random() < 0.8 else "unreadable"
                score = 1.0 if right else 0.4 if kind == "graded" and seed % 2 else 0.0
                text = f"<answer>{level} {seed}</answer>" if seed else NASTY
                rows.append(Row(task, level, seed, f"Sort: {seed} 3 1", text, kind, score, right, "why", 9, "stop"))
    folder.mkdir(parents=True)
    asked = Asked("hf:tiny", ("quick",), TASKS, tuple(range(11)), (), 20, 1, "single", Sampling(), 0, "eval")
    (folder / ASKED).write_text(asked.to_json())
    stored = Parts(folder / "rollouts", SCHEMA, part_rows=500)
    stored.open()
    stored.append([as_record(row) for row in rows[:600]])
    stored.append([as_record(row) for row in rows[600:]])
    stored.close()
    (folder / "summary.json").write_text(summarise(rows).to_json(), encoding="utf-8")


def write_rollouts(folder: Path, parts: int, rows: int) -> None:
    folder.mkdir(parents=True)
    for part in range(parts):
        index = np.arange(rows)
        columns = {
            "stage": ["grpo"] * rows,
            "step": (index // 8 + part * rows // 8).tolist(),
            "task": [TASKS[i % len(TASKS)] for i in index],
            "level": (index % 7).tolist(),
            "seed": index.tolist(),
            "prompt": [f"What is {i} + {part}?\nWrite it as <answer>integer</answer>." for i in index],
            "completion": [f"{i} plus {part} is\n<answer>{i + part}</answer>" for i in index],
            "kind": [("graded", "graded", "unreadable", "crashed")[i % 4] for i in index],
            "score": [(1.0, 0.0, 0.0, None)[i % 4] for i in index],
            "reason": [("correct", "expected 4", "no answer", "the task raised KeyError: 1")[i % 4] for i in index],
            "tokens": [12] * rows,
        }
        pq.write_table(pa.table(columns), folder / f"part-{part:05d}.parquet")


def write_run(path: Path, steps: int = 40, rows: int = 64) -> Path:
    path.mkdir(exist_ok=True)
    (path / "config.toml").write_text(CONFIG, encoding="utf-8")
    start = {"python": "3.12.1", "device": "cpu", "versions": {"torch": "2.10.0"}}
    (path / "environment.json").write_text(json.dumps({**start, "resumed": [start]}), encoding="utf-8")
    write_metrics(path / "metrics.jsonl", steps)
    write_rollouts(path / "rollouts" / "grpo", 2, rows)
    write_eval(path / "evals" / "sft", 1.0)
    write_eval(path / "evals" / "grpo", 4.0)
    return path


class Page(HTMLParser):
    """Elements by id, text, and what would be fetched."""

    VOID = ("meta", "link", "wbr", "input", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.scripts: list[str] = []
        self.feed(text)
        assert self.open == [], f"not closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id" and value]
        links = [value for name, value in attrs if name in ("src", "href") and value]
        self.fetched += [link for link in links if not link.startswith(("#", "data:"))]
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data


def unpacked(text: str) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(text)))


def test_a_whole_run_gives_a_page_with_every_part(tmp_path):
    out = write_report(write_run(tmp_path / "demo"))
    assert out == tmp_path / "demo" / "report.html"
    text = out.read_text(encoding="utf-8")
    page = Page(text)
    assert page.fetched == [] and not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
    assert {"results", "training", "verdicts", "rollouts", "settings"} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids)) and len(page.scripts) == 7  # data, index, four chunks, program
    assert "metrics.jsonl: 1 line cut short" in text
    for shown in ("stages.grpo.lr", "0.0003", "versions.torch", "2.10.0", "all tasks", "starts"):
        assert shown in text
    embedded = json.loads(page.scripts[0])
    assert [curve["stage"] for curve in embedded["curves"]] == ["sft", "grpo"]
    titles = [chart["title"] for chart in embedded["curves"][1]["charts"]]
    assert titles == ["loss", "reward", "accuracy", "entropy", "frontier", "seconds"]  # kl was never a number
    index, *chunks = (unpacked(script) for script in page.scripts[1:-1])
    assert index["sources"] == ["training: grpo", "evaluation: sft", "evaluation: grpo"]
    assert len(index["task"]) == sum(len(chunk["rows"]) for chunk in chunks) == 128 + 2 * 880
    assert any(NASTY in row[1] for chunk in chunks for row in chunk["rows"])


@pytest.mark.parametrize("kept", ["config.toml", "environment.json", "metrics.jsonl", "rollouts", "evals"])
def test_any_part_alone_gives_a_page(tmp_path, kept):
    whole, run = write_run(tmp_path / "whole"), tmp_path / "run"
    run.mkdir()
    (whole / kept).rename(run / kept)
    page = Page(write_report(run, tmp_path / "page.html").read_text(encoding="utf-8"))
    assert ("results" in page.ids) == (kept == "evals")
    assert ("training" in page.ids) == (kept == "metrics.jsonl")
    assert ("rollouts" in page.ids) == (kept in ("rollouts", "evals"))


def test_one_evaluation_has_nothing_before_it(tmp_path):
    write_eval(tmp_path / "evals" / "grpo", 4.0)
    text = write_report(tmp_path).read_text(encoding="utf-8")
    assert "Exact accuracy" in text and "difference" not in text and "higher frontier" not in text


def test_what_cannot_be_read_is_named_and_left_out(tmp_path):
    run = write_run(tmp_path / "run")
    (run / "config.toml").write_text("name = ", encoding="utf-8")
    (run / "environment.json").write_text("[", encoding="utf-8")
    (run / "evals" / "grpo" / "summary.json").write_text("{}", encoding="utf-8")
    part = run / "rollouts" / "grpo" / "part-00001.parquet"
    part.write_bytes(part.read_bytes()[:200])
    text = write_report(run).read_text(encoding="utf-8")
    for name in ("config.toml:", "environment.json:", "grpo/summary.json:", "grpo/part-00001.parquet:"):
        assert name in text
    Page(text)


def test_a_directory_that_is_no_run_gets_a_sentence(tmp_path):
    with pytest.raises(NotARun, match="is no run: expected a folder that `whetstone train` or"):
        write_report(tmp_path)


def test_many_rollouts_are_sampled_evenly_and_counted_exactly(tmp_path, monkeypatch):
    monkeypatch.setattr(stored_rollouts, "CAP", 10)
    monkeypatch.setattr(stored_rollouts, "EACH", 0)
    write_rollouts(tmp_path / "grpo", 3, 20)
    source = read_source("training: grpo", sorted((tmp_path / "grpo").glob("*")), [])
    assert source.total == 60
    assert source.counts == {"correct": 15, "wrong": 15, "unreadable": 15, "crashed": 15}
    where = [int(row[4].split()[4].rstrip("?")) * 20 + row[3] for row in source.rows]  # "What is seed + part?"
    assert [i // 6 for i in where] == list(range(10))  # one from each tenth
    monkeypatch.setattr(stored_rollouts, "EACH", 15)
    assert len(read_source("x", sorted((tmp_path / "grpo").glob("*")), []).rows) == 60  # that is all of every verdict
    monkeypatch.setattr(stored_rollouts, "BUDGET", 1)
    assert len(read_source("x", sorted((tmp_path / "grpo").glob("*")), []).rows) == 1


def test_verdicts_and_clipping():
    found = [verdict(*v) for v in (("graded", 1.0), ("graded", 0.5), ("graded", 0.0), ("invalid", 0.0), ("lost", None))]
    assert found == ["correct", "partial", "wrong", "invalid", "lost"]
    assert clipped("x" * 12000) == "x" * 12000
    assert "[… 1 characters left out …]" in clipped("x" * 12001)


def test_curves_are_thinned_with_both_ends():
    assert thinned(range(10), 4) == [0, 3, 6, 9]
    assert thinned([1, 2], 4) == [1, 2]
    only = charts({"frontier.a/b": {1: 2.0}, "loss": {2: 1.0, 1: 3.0}})
    assert only[0]["curves"] == [{"name": "", "points": [(1, 3.0), (2, 1.0)]}]
    assert only[1]["curves"][0]["name"] == "a/b"
