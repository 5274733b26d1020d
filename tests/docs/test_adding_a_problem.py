"""docs/adding-a-problem.md, done to the letter: its problem is installed, built, shown, checked and used."""

from __future__ import annotations

import importlib
import re
import shlex
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from whetstone.envs.code import catalog
from whetstone.problem_commands import problems

PAGE = (Path(__file__).parents[2] / "docs" / "adding-a-problem.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The page's package, as an installer leaves it."""
    folder = tmp_path / "my_problems" / "puzzles"
    folder.mkdir(parents=True)
    for package in (folder, folder.parent):
        (package / "__init__.py").touch()
    (folder / "pair_sums.py").write_text(blocks("python")[0])
    project = tomllib.loads(blocks("toml")[0])["project"]
    info = tmp_path / "my_problems-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    entries = project["entry-points"]["whetstone.problems"]
    lines = "\n".join(f"{name} = {value}" for name, value in entries.items())
    (info / "entry_points.txt").write_text(f"[whetstone.problems]\n{lines}\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    catalog._modules.cache_clear()
    yield folder
    catalog._modules.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "my_problems"]:
        del sys.modules[name]


@pytest.mark.slow
@pytest.mark.usefixtures("installed")
def test_the_page_leads_to_a_certified_problem(capsys: pytest.CaptureFixture[str]) -> None:
    for command in blocks("sh")[0].splitlines():
        done = CliRunner().invoke(problems, shlex.split(command)[2:])
        assert done.exit_code == 0, done.output
    exec(blocks("python")[1], {})
    assert capsys.readouterr().out == "AC\n"
