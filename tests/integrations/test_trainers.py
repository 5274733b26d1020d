"""veRL, slime, OpenRLHF: files with their columns, and reward functions that grade from those alone."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch
from typer.testing import CliRunner

from whetstone.cli import app
from whetstone.envs import from_json
from whetstone.export import FORMATS, export, rows_for
from whetstone.integrations import openrlhf, slime, verl

TASKS = ["sequences/sorting", "puzzles/sudoku"]
WRONG = "<answer>no</answer>"


def written(folder: Path, trainer: str, suffix: str) -> list[dict[str, Any]]:
    out = folder / f"{trainer}.{suffix}"
    assert export(TASKS, range(2), 20, "train", out, trainer) == 20
    if suffix == "jsonl":
        return [json.loads(line) for line in out.read_text().splitlines()]
    return pq.read_table(out).to_pylist()


def answer(problem: str) -> str:
    return from_json(problem).target


@pytest.mark.parametrize("trainer", FORMATS)
def test_both_kinds_of_file_hold_the_same(trainer: str, tmp_path: Path) -> None:
    assert written(tmp_path, trainer, "jsonl") == written(tmp_path, trainer, "parquet")


def test_verl(tmp_path: Path) -> None:
    rows = written(tmp_path, "verl", "parquet")
    assert [row["extra_info"]["index"] for row in rows] == list(range(20))
    for row in rows:
        assert row.keys() == {"data_source", "prompt", "ability", "reward_model", "extra_info"}
        assert row["ability"] in ("sequences", "puzzles") and row["reward_model"]["style"] == "rule"
        gold = row["reward_model"]["ground_truth"]
        assert row["prompt"] == [{"role": "user", "content": from_json(gold).prompt}]
        given = {"data_source": row["data_source"], "ground_truth": gold, "extra_info": row["extra_info"]}
        assert verl.compute_score(solution_str=answer(gold), **given) == {"score": 1.0, "acc": 1.0}
        assert verl.compute_score(solution_str=WRONG, **given) == {"score": 0.0, "acc": 0.0}


def test_verl_loads_the_reward_function_from_its_file() -> None:
    import importlib.util

    spec = importlib.util.spec_from_file_location("custom_module", verl.__file__)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    problem = from_json('{"task":"sequences/sorting","numbers":[3,1,2]}')
    score = module.compute_score("whetstone", "<answer>1 2 3</answer>", problem.to_json(), None, colour="kept by veRL")
    assert score == {"score": 1.0, "acc": 1.0}


def test_slime(tmp_path: Path) -> None:
    rows = written(tmp_path, "slime", "jsonl")
    samples = [SimpleNamespace(response=answer(row["label"]), label=row["label"]) for row in rows]
    assert all(row.keys() == {"prompt", "label", "metadata"} for row in rows)
    assert asyncio.run(slime.reward(None, samples[0], evaluation=True)) == 1.0
    samples[3].response = WRONG
    assert asyncio.run(slime.reward(None, samples[:5])) == [1.0, 1.0, 1.0, 0.0, 1.0]


def test_openrlhf(tmp_path: Path) -> None:
    rows = written(tmp_path, "openrlhf", "jsonl")[:4]
    labels = [row["label"] for row in rows]
    prompts = [f"<|user|>{row['prompt'][0]['content']}<|assistant|>" for row in rows]
    responses = [answer(labels[0]), WRONG, "", answer(labels[3]) + "<|end|>"]
    queries = [f"<s>{prompt}{response}" for prompt, response in zip(prompts, responses, strict=True)]
    result: Any = openrlhf.reward_func(queries, prompts, labels, whatever=1)
    for name in ("rewards", "scores"):
        assert torch.equal(result[name], torch.tensor([1.0, 0.0, 0.0, 1.0]))
    assert torch.equal(result["extra_logs"]["accuracy"], torch.tensor([1.0, 0.0, 0.0, 1.0]))


@pytest.mark.parametrize("reward", ["verl", "slime", "openrlhf"])
def test_a_judge_that_raises_is_no_wrong_answer(reward: str, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = from_json('{"task":"sequences/sorting","numbers":[3,1,2]}')

    def crash(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(type(problem), "check", crash)
    gold, text = problem.to_json(), "<answer>1 2 3</answer>"
    with pytest.raises(ZeroDivisionError):
        match reward:
            case "verl":
                verl.compute_score("", text, gold)
            case "slime":
                asyncio.run(slime.reward(None, SimpleNamespace(response=text, label=gold)))
            case _:
                openrlhf.reward_func([f"?{text}"], ["?"], [gold])


def test_the_command_writes_a_format_and_refuses_others(tmp_path: Path) -> None:
    out = tmp_path / "train.jsonl"
    arguments = ["export", "--suite", "quick", "-n", "5", "--out", str(out), "--format"]
    assert CliRunner().invoke(app, [*arguments, "slime"]).exit_code == 0
    assert "label" in json.loads(out.read_text().splitlines()[0])
    refused = CliRunner().invoke(app, [*arguments, "yaml"])
    assert refused.exit_code == 2 and "expected a format among trl, verl" in refused.output
    with pytest.raises(ValueError, match="yaml"):
        rows_for("yaml")
