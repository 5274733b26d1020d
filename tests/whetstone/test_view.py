"""The live server: a list of runs, pages that follow them, and nothing outside the folder."""

import asyncio
import gzip
import json
import re
from pathlib import Path

import httpx

from whetstone.evaldir import Asked, EvalDir
from whetstone.rollout.types import Sampling
from whetstone.rows import Row
from whetstone.view import Library, application

ASKED = Asked("hf:<tiny>", ("quick",), ("f/a",), (0, 1), (), 4, 1, "single", Sampling(), 0, "eval")


def rows(*seeds: int) -> list[Row]:
    return [Row("f/a", seed % 2, seed, "p", f"<b>{seed}</b>", "graded", 1.0, True, "why", 3, "stop") for seed in seeds]


def start(folder: Path, *seeds: int) -> EvalDir:
    evaluation = EvalDir.create(folder, ASKED)
    for row in rows(*seeds):
        evaluation.add(None, [row])
    return evaluation


def get(folder: Path, *paths: str) -> list[httpx.Response]:
    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(application(folder))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return [await client.get(path) for path in paths]

    return asyncio.run(ask())


def test_runs_are_listed_the_latest_first(tmp_path):
    with start(tmp_path / "deep" / "one", 0, 1) as evaluation:
        evaluation.finish()
    start(tmp_path / "two", 0).close()
    runs = Library(tmp_path).runs()
    assert {run.name for run in runs} == {"deep/one", "two"}
    assert {run.name: run.kind for run in runs} == {"deep/one": "evaluation", "two": "evaluation, not ended"}
    (page,) = get(tmp_path, "/")
    assert "hf:&lt;tiny&gt; on quick" in page.text and 'href="/run/deep/one"' in page.text
    assert "There is no run here yet" in get(tmp_path / "deep" / "one" / "rollouts", "/")[0].text


def test_a_page_fetches_its_rollouts_and_follows_its_run(tmp_path):
    evaluation = start(tmp_path / "e", 0, 1)
    page, version, index, chunk, beyond = get(
        tmp_path, "/run/e", "/run/e/version", "/run/e/index", "/run/e/chunk/0", "/run/e/chunk/1"
    )
    assert "e has not ended: 2 rollouts so far" in page.text and 'class="chunk"' not in page.text
    assert re.search(r'data-version="(\w+)"', page.text)[1] == version.text  # type: ignore[index]
    assert json.loads(gzip.decompress(index.content))["seed"] == [0, 1]
    assert json.loads(gzip.decompress(chunk.content))["rows"][1] == [0, "<b>1</b>", "why"]
    assert beyond.status_code == 404
    evaluation.add(None, rows(2))
    evaluation.finish()
    evaluation.close()
    page, later = get(tmp_path, "/run/e", "/run/e/version")
    assert later.text != version.text and "has not ended" not in page.text


def test_nothing_outside_the_folder_is_served(tmp_path):
    start(tmp_path / "outside", 0).close()
    start(tmp_path / "inside" / "e", 0).close()
    found = get(tmp_path / "inside", "/run/e", "/run/none", "/run/..%2Foutside", "/run/%2e%2e/outside/version")
    assert [reply.status_code for reply in found] == [200, 404, 404, 404]
