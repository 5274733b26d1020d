"""Every block of Python on every page is run, here or by the page's own test, and every command that it shows is one.

Blocks with `>>>` are examples that `doctest` runs in the page's test. Plain blocks are run here, in the world that
`GIVEN` makes for the page, or stand in `NOT_RUN` with the reason.
"""

from __future__ import annotations

import importlib.util
import re
import shlex
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer.main

from whetstone.cli import app
from whetstone.policies import Runs
from whetstone.policy.config import zaya_config
from whetstone.policy.model import ZayaPolicy, initialise
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.rollout.strategies.parallel import vote
from whetstone.rollout.strategies.plan import Outcome
from whetstone.rollout.types import Completion, Request, Sampling

ROOT = Path(__file__).parents[2]
PAGES = {page.name: page.read_text() for page in sorted((ROOT / "docs").glob("*.md")) if page.name != "catalogue.md"}
TESTS = {file.name: file.read_text() for file in Path(__file__).parent.glob("test_*.py")}
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
OWN_TEST = {  # plain blocks that a test of the page's own runs
    "adding-a-problem.md": "test_adding_a_problem.py",
    "adding-a-task.md": "test_adding_a_task.py",
    "training-a-real-model.md": "test_training.py",
}
NOT_RUN = {  # by the number of the plain block on the page
    (
        "serving.md",
        0,
    ): "asks a server at port 8000; tests/rollout/server/test_server_api.py asks one by the same client",
    ("sft.md", 0): "needs a checkpoint and hundreds of steps; tests/integrations/test_trl_sft.py makes the same calls",
    ("vllm.md", 0): "needs a vLLM build; tests/rollout/vllm, run by .ci/vllm, makes the same calls",
}


def plain(page: str) -> list[str]:
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGES[page], re.DOTALL | re.MULTILINE)
    return [block for block in blocks if ">>>" not in block]


class Says:
    """A sampler that answers at once."""

    def generate(self, requests: Sequence[Request]) -> list[list[Completion]]:
        text = "<think>\nfirst 1, then 2\n</think>\n<answer>1 2</answer>"
        return [[Completion(text, (1, 2), (0.0, 0.0), "stop")] * request.n for request in requests]


def a_policy() -> dict[str, Any]:
    tokenizer = TextTokenizer.train(["Sort these numbers: 3 1 2"], 270)
    policy = initialise(ZayaPolicy(zaya_config(vocab_size=len(tokenizer), hidden_size=32, layers=1)), seed=0)
    return {"policy": policy.eval(), "tokenizer": tokenizer, "request": Request("3 1 2", Sampling(max_tokens=4))}


def a_strategy() -> dict[str, Any]:
    types = {"Request": Request, "Outcome": Outcome, "vote": vote}
    return types | {"tokenizer": Runs(), "sampler": Says(), "prompts": ["Sort 3 1 2", "Sort 2 1"]}


GIVEN: dict[str, Callable[[], dict[str, Any]]] = {
    "code.md": dict,
    "sampler.md": a_policy,
    "serving.md": dict,
    "test-time-compute.md": a_strategy,
}


def world(page: str) -> dict[str, Any]:
    """What the page's plain blocks have defined when all of them have run."""
    given = GIVEN[page]()
    for number, block in enumerate(plain(page)):
        if (page, number) not in NOT_RUN:
            exec(compile(block, f"{page}, block {number}", "exec"), given)
    return given


@pytest.mark.parametrize("page", [page for page in PAGES if ">>>" in PAGES[page]])
def test_examples_are_run_by_a_test_of_the_page(page: str) -> None:
    assert any("doctest" in test and f'"{page}"' in test for test in TESTS.values())


@pytest.mark.parametrize("page", [page for page in PAGES if plain(page)])
def test_plain_blocks_are_run_or_have_a_reason(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    skipped = [number for number in range(len(plain(page))) if (page, number) in NOT_RUN]
    if page in OWN_TEST:
        assert "blocks(" in TESTS[OWN_TEST[page]] and page in TESTS[OWN_TEST[page]]
    elif len(skipped) < len(plain(page)):
        assert page in GIVEN, f"{page} has Python that nothing runs: write it as examples (>>>), or put it into GIVEN"
        world(page)


def test_what_is_not_run_is_there() -> None:
    assert all(number < len(plain(page)) for page, number in NOT_RUN)


def test_the_sampler_of_the_page_answers_all_requests() -> None:
    given = world("sampler.md")
    ((*group,),) = given["groups"]
    assert len(group) == 16 and not given["engine"].unfinished


def test_the_strategies_of_the_page_answer_all_prompts() -> None:
    given = world("test-time-compute.md")
    assert (
        [len(finals) for finals in given["finals"]] == [16, 16] == [len(each.outcome.final) for each in given["solved"]]
    )
    majority = given["plan"](SimpleNamespace(sampling=Sampling(), n=3, answer_of=str), "Sort 2 1", 0)
    asked = next(majority)
    assert [request.n for request in asked] == [3]
    with pytest.raises(StopIteration) as ended:
        majority.send(Says().generate(asked))
    assert len(ended.value.value.final) == 1


# -- commands ---------------------------------------------------------------------------------------------------------


def shown() -> list[tuple[str, str]]:
    """The lines of blocks without a language, and of shell, each with its page; continued lines are joined."""
    found = []
    texts = PAGES | {name: (ROOT / name).read_text() for name in ("README.md", "CONTRIBUTING.md")}
    for page, text in texts.items():
        for block in re.findall(r"^```(?:sh)?\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
            found += [(page, line) for line in re.split(r"\n| && ", block.replace("\\\n", " "))]
    return found


@pytest.mark.parametrize(("page", "line"), [each for each in shown() if each[1].startswith("whetstone ")])
def test_every_command_is_one(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands"):
        name = words.pop(0)
        assert name in command.commands, f"{page}: there is no command {name}"
        command = command.commands[name]
    command.make_context(line, words)  # raises for options that there are not, and values that they do not take


def test_modules_targets_and_extras_are_there() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    extras = 0
    for page, line in shown():
        if module := re.match(r"python -m (whetstone\.[\w.]+)", line):
            assert importlib.util.find_spec(module[1]), f"{page}: {line}"
        if target := re.match(r"make (\w+)", line):
            assert target[1] in targets, f"{page}: {line}"
        for names in re.findall(r"whetstone\[([\w,-]+)\]", line):
            extras += 1
            assert set(names.split(",")) <= set(EXTRAS), f"{page}: {line}"
    assert extras > 5
