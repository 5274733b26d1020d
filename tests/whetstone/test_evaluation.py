"""Evaluations on disk: complete, resumable after any death, judged again, compared."""

import io
import json
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from whetstone import evaluation as module
from whetstone.baselines import Written, baseline
from whetstone.cli import app
from whetstone.envs import load
from whetstone.evaldir import Asked, EvalDir, EvaluationExists
from whetstone.evaluate import ask
from whetstone.evaluation import LimitReached, Price, items_of, run_evaluation
from whetstone.exam import parse_level_list, problems_of, scope
from whetstone.files import RunError
from whetstone.paired import Paired
from whetstone.policies import Policy, Runs, parse_policy
from whetstone.reverify import reverify
from whetstone.rollout.types import Completion, Request, Sampling
from whetstone.rows import Key, Row, as_record
from whetstone.summary import read_summary

SORTING = "sequences/sorting"
ASKED = Asked("oracle", ("x",), (SORTING, "graphs/tree_center"), (0, 2), (), 3, 2, "single", Sampling(), 0, "eval", 2)
ASKED = replace(ASKED, tasks=(SORTING, "strings/longest_double_palindrome"))
QUIET = Console(file=io.StringIO())


def policy(name: str = "oracle", asked: Asked = ASKED) -> Policy:
    return Policy(baseline(name, problems_of(items_of(asked))), Runs())


def run(folder: Path, asked: Asked = ASKED, name: str = "oracle", **more):
    return run_evaluation(folder, asked, items_of(asked), lambda: policy(name, asked), QUIET, "test", **more)


def whetstone(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="whetstone")


def test_an_evaluation_on_disk_is_complete(tmp_path):
    summary = run(tmp_path / "e")
    assert read_summary(tmp_path / "e") == summary and summary.overall and summary.overall.value == 1.0
    evaluation = EvalDir.open(tmp_path / "e")
    rows = evaluation.rows()
    assert len(rows) == summary.rows == 2 * 2 * 3 * 2 and evaluation.asked() == ASKED
    assert sorted({row.sample for row in rows}) == [0, 1]
    problems = evaluation.problem_texts()
    assert set(problems) == {row.key for row in rows} and json.loads(problems[rows[0].key])["task"] == rows[0].task
    assert json.loads((tmp_path / "e" / "environment.json").read_text())["device"] == "cpu"
    with pytest.raises(EvaluationExists, match="--resume"):
        run(tmp_path / "e")
    with pytest.raises(RunError, match="seed \\(was 0, now 1\\)"):
        run(tmp_path / "e", replace(ASKED, seed=1), exist="resume")
    assert run(tmp_path / "e", exist="overwrite") == summary
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").write_text("x")
    with pytest.raises(RunError, match="is no evaluation"):
        run(tmp_path / "other", exist="overwrite")
    with pytest.raises(RunError, match="whetstone eval"):
        EvalDir.open(tmp_path)


class Dies:
    """A sampler that answers like the oracle until it has been asked often enough."""

    def __init__(self, calls: int) -> None:
        self.sampler, self.left = policy().sampler, calls

    def generate(self, requests: Sequence[Request]) -> list[list[Completion]]:
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        return self.sampler.generate(requests)  # type: ignore[union-attr]


def test_a_complete_evaluation_is_resumed_without_a_policy(tmp_path):
    whole = run(tmp_path / "e")

    def no_policy() -> Policy:
        raise AssertionError("nothing is left to ask")

    again = run_evaluation(tmp_path / "e", ASKED, items_of(ASKED), no_policy, QUIET, "test", "resume")
    assert again == whole


def test_an_interrupted_evaluation_goes_on_where_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "ask", lambda *arguments, **more: ask(*arguments, wide=4, **more))
    with pytest.raises(KeyboardInterrupt):
        run_evaluation(tmp_path / "e", ASKED, items_of(ASKED), lambda: Policy(Dies(2), Runs()), QUIET, "test")
    stored = EvalDir.open(tmp_path / "e").rows()
    assert len(stored) == 8  # two batches of four
    assert run(tmp_path / "e", exist="resume") == run(tmp_path / "whole")


def test_lost_rollouts_are_asked_again_and_counted_once(tmp_path):
    lost = Written(lambda request, i: "")
    lost.generate = lambda requests: [[Completion("", (), (), "error", error="gone")] * r.n for r in requests]  # type: ignore[method-assign]
    first = run_evaluation(tmp_path / "e", ASKED, items_of(ASKED), lambda: Policy(lost, Runs()), QUIET, "test")
    assert first.failures == {"lost": 24} and first.overall is None
    assert "gone" in EvalDir.open(tmp_path / "e").rows()[0].reason
    assert run(tmp_path / "e", exist="resume") == run(tmp_path / "whole")


class Late:
    """Judges that begin when all is sampled."""

    def __init__(self) -> None:
        self.work: list[Callable[[], None]] = []

    def submit(self, work: Callable[[], list[Row]], then: Callable[[list[Row]], None], crash: object) -> None:
        self.work.append(lambda: then(work()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for each in self.work:
            each()


def test_a_limit_of_cost_stops_and_says_how_to_go_on(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "ask", lambda *arguments, **more: ask(*arguments, wide=2, **more))
    with pytest.raises(LimitReached, match=r"stopped at [24] of 96 rollouts.*--limit-cost"):  # however late the judges
        run(tmp_path / "e", replace(ASKED, problems=12), price=Price(1e6, 0), limit=1.0, make_judging=Late)
    assert Price.parse("0.5,1.5") == Price(0.5, 1.5)
    assert Price(1e6, 2e6).of("p" * 8, 0, 10) == 2 + 20  # eight characters count as two tokens
    assert Price(1e6, 2e6).of("p" * 8, 5, 10) == 5 + 20
    for wrong in ("1", "a,b", "-1,2"):
        with pytest.raises(ValueError, match="price"):
            Price.parse(wrong)


SCRIPT = """
import io, os, signal, sys, threading, time
from pathlib import Path
from typing import Self
from rich.console import Console
from whetstone import evaluation
from whetstone.baselines import baseline
from whetstone.evaldir import Asked, EvalDir
from whetstone.evaluate import ask
from whetstone.exam import problems_of
from whetstone.policies import Policy, Runs

folder, text, delay, early = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), sys.argv[4] == "early"

def arm():
    if delay >= 0:
        threading.Timer(delay, os.kill, (os.getpid(), signal.SIGKILL)).start()

asked = Asked.from_json(text)
items = evaluation.items_of(asked)

class Slow:  # so that there is something left after ten kills
    sampler = baseline("random", problems_of(items))
    begun = False
    def generate(self, requests):
        if not early and not self.begun:
            arm()
        self.begun = True
        time.sleep(0.01)
        return self.sampler.generate(requests)

policy = Policy(Slow(), Runs())
create = EvalDir.create.__func__

def small(cls, *arguments):
    found = create(cls, *arguments)
    found.rollouts.part_rows, found.problems.part_rows = 16, 8
    return found

EvalDir.create = classmethod(small)
evaluation.ask = lambda *a, **more: ask(*a, wide=4, **more)
if early:
    arm()
evaluation.run_evaluation(folder, asked, items, lambda: policy, Console(file=io.StringIO()), "t", "resume")
"""


@pytest.mark.slow
def test_killed_at_ten_random_instants_it_ends_with_the_same_table(tmp_path):
    asked = replace(ASKED, policy="random", problems=30)

    def start(folder: Path, delay: float, when: str = "late") -> int:
        command = [sys.executable, "-c", SCRIPT, str(folder), asked.to_json(), str(delay), when]
        return subprocess.run(command, capture_output=True, timeout=120).returncode

    assert start(tmp_path / "whole", -1) == 0
    rng, stored, killed = random.Random(0), 0, 0
    for i in range(10):  # some while the folder is opened, most while answers are stored
        killed += start(tmp_path / "cut", rng.uniform(0.005, 0.06), "late" if i % 4 else "early") == -9
        if (tmp_path / "cut" / "evaluation.json").exists():
            now = len(EvalDir.open(tmp_path / "cut").rows())
            assert now >= stored
            stored = now
    assert killed == 10 and 0 < stored < 2 * 2 * 30 * 2
    assert start(tmp_path / "cut", -1) == 0
    whole, cut = (EvalDir.open(tmp_path / name) for name in ("whole", "cut"))
    raw = [record for record in cut.rollouts.rows()]
    assert len(raw) == len(cut.rows()) == 2 * 2 * 30 * 2  # nothing was asked twice
    assert read_summary(tmp_path / "cut") == read_summary(tmp_path / "whole")
    assert {as_tuple(row) for row in cut.rows()} == {as_tuple(row) for row in whole.rows()}


def as_tuple(row: Row) -> tuple:
    return tuple(value for name, value in as_record(row).items() if name != "seconds")


# -- judged again -----------------------------------------------------------------------------------------------------


def test_reverify_finds_what_a_changed_verifier_says(tmp_path, monkeypatch):
    run(tmp_path / "e")
    console = Console(file=io.StringIO(), width=160)
    assert reverify(tmp_path / "e", console) == 0
    kind = load(SORTING)
    check = kind.check
    monkeypatch.setattr(kind, "check", lambda self, answer: replace(check(self, answer), score=0.0, reason="stricter"))
    assert reverify(tmp_path / "e", console) == 12
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "24 rollouts judged again, 12 changed" in text and "stricter" in text and "right: 24 before, 12 now" in text
    assert read_summary(tmp_path / "e").overall.value == 1.0  # type: ignore[union-attr]
    assert reverify(tmp_path / "e", console, write=True) == 12
    assert read_summary(tmp_path / "e").overall.value == 0.5  # type: ignore[union-attr]
    assert len(EvalDir.open(tmp_path / "e").rows()) == 24
    result = whetstone("reverify", tmp_path / "e")
    assert result.exit_code == 0 and "0 changed" in result.stdout


# -- compared ---------------------------------------------------------------------------------------------------------


def row(task: str, seed: int, correct: bool, prompt: str = "p") -> Row:
    return Row(task, 0, seed, prompt, "c", "graded", float(correct), correct, "", 1, "stop")


def test_pairs_by_hand():
    before = [row("f/a", i, i < 2) for i in range(8)] + [row("f/b", i, True) for i in range(4)]
    after = [row("f/a", i, i in (1, 2, 3, 4, 5, 6)) for i in range(8)] + [row("f/b", i, True) for i in range(3)]
    after += [row("f/b", 3, True, "another prompt"), row("f/b", 9, True)]
    paired = Paired.of(before, after)
    a, b = paired.tasks
    # f/a: problem 0 lost, 2..6 won: (5 - 1) / 8
    assert (a.pairs, a.change.value, a.ups, a.downs) == (8, 0.5, 5, 1)
    assert a.p == pytest.approx(2 * (1 + 6) / 64)
    assert a.change.low < 0.5 < a.change.high
    assert (b.pairs, b.change.value, b.ups, b.downs, b.p) == (3, 0.0, 0, 0, 1.0) and b.change.low < 0 < b.change.high
    assert paired.total.change.value == pytest.approx(0.25)
    assert (paired.alone, paired.altered) == (1, 1)
    assert paired.summaries[0].problems == 11
    assert "1 tasks up, 0 down of 2" in paired.sentences()[0]
    assert paired.markdown().count("\n") == 5
    with pytest.raises(ValueError, match="no problem in common"):
        Paired.of(before, [row("f/c", 0, True)])


def test_compare_at_the_command_line(tmp_path):
    run(tmp_path / "a", name="random")
    run(tmp_path / "b")
    result = whetstone("compare", tmp_path / "a", tmp_path / "b")
    assert result.exit_code == 0 and "tasks that moved" in result.stdout
    assert whetstone("compare", tmp_path / "a", tmp_path / "b", "--markdown").stdout.startswith("| task |")
    result = whetstone("compare", tmp_path / "a", tmp_path / "none")
    assert result.exit_code == 1 and "there is no evaluation in" in result.stderr


# -- the command ------------------------------------------------------------------------------------------------------


def test_eval_of_baselines_at_the_command_line(tmp_path):
    out = tmp_path / "e"
    asked = ("--suite", f"{SORTING},strings", "--levels", "0,2", "--problems", "2", "--out", out)
    result = whetstone("eval", "oracle", *asked, "--dry-run")
    assert result.exit_code == 0 and "rollouts" in result.stdout and not out.exists()
    result = whetstone("eval", "oracle", *asked)
    assert result.exit_code == 0, result.stderr
    assert "1.000" in result.stdout and "Measured. Read it with: whetstone report" in result.stdout
    assert whetstone("eval", "oracle", *asked).exit_code == 1
    assert whetstone("eval", "oracle", *asked, "--resume").exit_code == 0
    result = whetstone("eval", "null", *asked, "--overwrite")
    assert read_summary(out).overall.value == 0.0  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["none"], 1, "there is no run in none; a policy is a run, a checkpoint, hf:NAME"),
        (["hf:"], 2, "expected a model's name after hf:"),
        (["oracle", "--suite", "qick"], 2, "there is no suite 'qick'; did you mean quick"),
        (["oracle", "--levels", "9-1"], 2, "expected levels in ascending order"),
        (["oracle", "--strategy", "majorty"], 2, "did you mean 'majority'"),
        (["oracle", "--resume", "--overwrite"], 2, "give one of them"),
        (["oracle", "--limit-cost", "1"], 2, "--limit-cost needs --price"),
        (["http://localhost:1/v1#m", "--samples", "4"], 2, "at temperature 0 all samples"),
        (["oracle", "--suite", "aime-2025=absent.jsonl"], 2, "absent.jsonl: cannot be read"),
    ],
)
def test_bad_input_gets_a_sentence(arguments, status, sentence):
    result = whetstone("eval", *arguments, "--dry-run")
    assert (result.exit_code, sentence in " ".join(result.stderr.split())) == (status, True), result.stderr


def test_suites_and_levels():
    assert parse_level_list("0,5, 10") == (0, 5, 10) and parse_level_list("2-4,3") == (2, 3, 4)
    found = scope([SORTING, "gsm8k", "following"], [1])
    assert found.tasks == (SORTING,) and found.levels == (1,) and found.benchmarks == ("gsm8k", "ifeval", "ifbench")
    assert len(scope(["heldout"]).levels) == 11


def test_policies_by_their_words(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    kinds = {
        "oracle": ("baseline", "oracle"),
        "hf:Qwen/Qwen3-0.6B": ("hf", "Qwen3-0.6B"),
        "hf-4bit:Qwen/Qwen3-0.6B": ("hf", "Qwen3-0.6B-4bit"),
        "vllm:a/b": ("vllm", "b"),
        "openai:gpt": ("endpoint", "gpt"),
        "http://localhost:8000/v1": ("endpoint", "localhost-8000-v1"),
        "http://localhost:8000/v1#a/b": ("endpoint", "b"),
        str(tmp_path): ("checkpoint", tmp_path.name),
    }
    for text, (kind, label) in kinds.items():
        (spec,) = parse_policy(text)
        assert (spec.kind, spec.label) == (kind, label)
    (tmp_path / "x").mkdir()
    with pytest.raises(RunError, match="neither a run"):
        parse_policy(str(tmp_path / "x"))


def test_keys_of_units_name_problems():
    assert Key("a/b", 0, 1) < Key("a/b", 0, 2)
