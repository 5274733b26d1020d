"""Programs written to break out, to stop the judge or to stay behind: each gets its verdict and leaves nothing.

`hostile_submissions.jsonl` is the project's list, `hostile_own.jsonl` more of every kind. The verdicts hold at every
tier that is to be had, as the user who runs the tests and as one without privileges.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import whetstone
from whetstone.envs.code.sandbox import MIB, Limits, Sandbox, Tier
from whetstone.envs.code.sandbox.tiers import CONFINED, available
from whetstone.judge_rows import Row, Trial, adding_up, read_rows

DATA = Path(__file__).parents[2] / "data"
SHARED = read_rows(DATA / "hostile_submissions.jsonl")[0]
OWN = read_rows(DATA / "hostile_own.jsonl")[0]
TIERS: list[Tier] = [tier for tier in CONFINED if not available(tier)]
QUICK = adding_up(Limits(cpu=1.0, wall=1.0, memory=512 * MIB))

# Tier C opens no file, so it imports nothing that is not loaded, and compiles no C++.
NEEDS_FILES = {"own_ok_fileinput", "own_ok_main_class", "own_ok_pool", "own_ok_stdlib", "own_out_utf16"}
NEEDS_FILES |= {"own_out_ebcdic", "own_remember"}
NOBODY = 12345  # a user that owns nothing


def label(row: Row) -> str:
    return row.id


def allowed(row: Row, tier: Tier) -> tuple[str, ...]:
    """The verdicts that a row may get at a tier."""
    if tier == "C" and row.program.language == "cpp":
        return ("JE", *row.expected)  # what was compiled before at another tier still runs
    return ("RE",) if tier == "C" and row.id in NEEDS_FILES else row.expected


def wrong(trial: Trial, row: Row) -> list[str]:
    """Judge a row; everything that is not as it should be."""
    alone = trial.watch.users != {os.getuid()}  # the sandbox's user is nobody else's
    if not alone:
        trial.watch.renew()  # the processes of other tests' sandboxes are among those that are there, and come and go
    judgement, faults = trial.run(row)
    if not alone:  # and other programs' files among those that were found
        faults = [fault for fault in faults if not fault.startswith("left behind: file") or "own_" in fault]
    if judgement.verdict not in allowed(row, judgement.tier):
        faults.append(f"expected {row.expected}, got {judgement.verdict} ({judgement.reason})")
    return faults


def opened(tier: Tier) -> Iterator[Trial]:
    with Sandbox(workers=1, tier=tier) as sandbox, Trial(sandbox, QUICK, [*SHARED, *OWN]) as trial:
        yield trial


@pytest.fixture(scope="module")
def trial() -> Iterator[Trial]:
    """At the strongest tier."""
    yield from opened(TIERS[0])


@pytest.fixture(scope="module", params=TIERS[1:])
def weaker(request: pytest.FixtureRequest) -> Iterator[Trial]:
    """At every other tier."""
    yield from opened(request.param)


def test_the_rows_are_there() -> None:
    programs, data = read_rows(DATA / "hostile_submissions.jsonl")
    assert (len(programs), len(data)) == (86, 11)
    assert len(OWN) >= 60 and not {row.id for row in OWN} & {row.id for row in SHARED}
    assert TIERS, "no tier of confinement is to be had here"


@pytest.mark.parametrize("row", SHARED, ids=label)
def test_shared_row(trial: Trial, row: Row) -> None:
    assert wrong(trial, row) == []


@pytest.mark.slow
@pytest.mark.parametrize("row", OWN, ids=label)
def test_own_row(trial: Trial, row: Row) -> None:
    assert wrong(trial, row) == []


@pytest.mark.slow
@pytest.mark.parametrize("row", [*SHARED, *(pytest.param(row, marks=pytest.mark.soak) for row in OWN)], ids=label)
def test_row_at_a_weaker_tier(weaker: Trial, row: Row) -> None:
    assert wrong(weaker, row) == []


# -- one after another ------------------------------------------------------------------------------------------------

# Not those that take long by their nature.
SLOW = {
    "own_zip_bomb",
    "own_swallow_memory",
    "own_repr_deep",
    "own_c_template",
    "own_c_template_wide",
    "constexpr_loop",
}
MIXED = [row for row in [*SHARED, *OWN] if row.id not in SLOW and row.expected != ("TLE",)]
PYTHON = [row for row in MIXED if row.program.language == "python"]


@pytest.mark.parametrize("part", range(6))
def test_random_sequences(trial: Trial, part: int) -> None:
    for seed in range(10 * part, 10 * part + 10):
        rows = random.Random(seed).choices(PYTHON, k=2)
        assert {row.id: wrong(trial, row) for row in rows} == {row.id: [] for row in rows}


@pytest.mark.soak
@pytest.mark.parametrize("part", range(20))
def test_a_thousand_random_sequences(trial: Trial, part: int) -> None:
    for seed in range(50 * part, 50 * part + 50):
        rows = random.Random(1000 + seed).choices(MIXED, k=3)
        assert {row.id: wrong(trial, row) for row in rows} == {row.id: [] for row in rows}


# -- as nobody --------------------------------------------------------------------------------------------------------

AS_NOBODY = """
import json, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from whetstone.envs.code.sandbox import MIB, Limits, Sandbox
from whetstone.judge_rows import Trial, adding_up, read_rows

rows = read_rows(Path(sys.argv[2]))[0]
with Sandbox(workers=1, tier=sys.argv[3]) as sandbox:
    with Trial(sandbox, adding_up(Limits(cpu=1.0, wall=1.0, memory=512 * MIB)), rows) as trial:
        found = [(judgement.verdict, judgement.reason, faults) for judgement, faults in map(trial.run, rows)]
        print(json.dumps([os.geteuid(), sandbox.tier, found]))
"""


@pytest.fixture(scope="module")
def public() -> Iterator[Path]:
    """A folder that anyone may read, with an interpreter and this package: the originals may be out of reach."""
    folder = Path(tempfile.mkdtemp(prefix="whetstone-public-"))
    ignored = shutil.ignore_patterns("__pycache__", "site-packages", "test", "idlelib", "tkinter", "config-3*")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    try:
        shutil.copytree(sysconfig.get_path("stdlib"), folder / "lib" / version, ignore=ignored)
        shutil.copytree(Path(whetstone.__file__).parent, folder / "whetstone", ignore=ignored)
        shutil.copytree(DATA, folder / "data")
        (folder / "bin").mkdir()
        shutil.copy(Path(sys.executable).resolve(), folder / "bin" / "python")
        for library in Path(sys.base_prefix, "lib").glob("libpython*.so*"):
            shutil.copy(library, folder / "lib")
        (folder / "home").mkdir()
        (folder / "home").chmod(0o777)
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user; all other tests ran as one already")
@pytest.mark.parametrize("file", ["hostile_submissions.jsonl", "hostile_own.jsonl"])
@pytest.mark.parametrize("tier", TIERS)
def test_rows_as_a_user_without_privileges(public: Path, tier: Tier, file: str) -> None:
    path = public / "data" / file
    done = subprocess.run(
        [public / "bin" / "python", "-c", AS_NOBODY, public, path, tier],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        cwd="/",
        env={"HOME": str(public / "home"), "PATH": os.defpath, "LD_LIBRARY_PATH": str(public / "lib")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    user, used, found = json.loads(done.stdout)
    assert (user, used) == (NOBODY, tier)
    expected = {row.id: (allowed(row, tier), []) for row in read_rows(path)[0]}
    got = dict(zip(expected, found, strict=True))
    assert {
        name: got[name] for name, (verdicts, _) in expected.items() if got[name][0] not in verdicts or got[name][2]
    } == {}
