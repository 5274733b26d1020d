"""The Gymnasium face of the code tasks, and programming in several turns.

Importing this module registers `whetstone/code.write-v0` and the other families, whose episodes are one step, and
`whetstone/code.debug-v0`:

    env = gymnasium.make("whetstone.envs.code.gym:whetstone/code.debug-v0", level=3, turns=4)

Each process has its own sandbox, started by the first program that runs. An answer on which the judge fails raises
`whetstone.envs.code.judge.JudgeError`: it is no answer with reward 0.
"""

from __future__ import annotations

from typing import Any

import gymnasium

from whetstone.envs.catalog import CODE, load
from whetstone.envs.code.debug import attempt
from whetstone.envs.code.families.write import Write
from whetstone.envs.code.judge import Judgement
from whetstone.envs.core import Split, Verdict, unreadable
from whetstone.envs.gym import TaskEnv, UnicodeText


class CodeEnv(TaskEnv):
    """Questions of one family, with the spaces, options and info of `TaskEnv`."""

    def __init__(self, task: str, level: int = 0, split: Split = "train", render_mode: str | None = None) -> None:
        if render_mode not in (None, "ansi"):
            raise ValueError(f"render_mode must be None or 'ansi', not {render_mode!r}")
        self.task = load(task)
        self.level = level
        self.split: Split = split
        self.render_mode = render_mode
        self.observation_space = UnicodeText()
        self.action_space = UnicodeText()
        self.problem = None
        self.completion: str | None = None
        self.verdict: Verdict | None = None


class DebugEnv(CodeEnv):
    """Problems of `code/write` with up to `turns` attempts: after each the policy is told what failed first.

    The reward is `discount` to the power of the attempts that failed before the right one, which ends the episode, and
    0 otherwise; the last attempt truncates it. `reset` takes `level` and `turns` as options. `info` also holds turn (of
    attempts so far) and verdict (AC, WA, ...; "" where there was no program).
    """

    def __init__(
        self,
        level: int = 0,
        split: Split = "train",
        turns: int = 3,
        discount: float = 1.0,
        render_mode: str | None = None,
    ) -> None:
        super().__init__("code/write", level, split, render_mode)
        if not 0.0 <= discount <= 1.0:
            raise ValueError(f"discount must lie in [0, 1], not {discount!r}")
        self.default_turns = _positive(turns)
        self.discount = discount

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """A new problem: its prompt and info. Raises `ValueError` for a level below 0, no turns or an unknown split."""
        self.turns = _positive((options or {}).get("turns", self.default_turns))
        self.turn = 0
        self.judgement: Judgement | None = None
        self.over = False
        prompt, info = super().reset(seed=seed, options=options)
        self._key["task"] = "code/debug"
        self.said = [self._asked(prompt)]
        return self.said[0], {**info, **self._info()}

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """What is said of an attempt; raises `ResetNeeded` before a reset and after the end of the episode."""
        if self.problem is None or self.over:
            raise gymnasium.error.ResetNeeded("the episode is over or has not begun: call reset()")
        self.judgement, self.verdict, told = self._judged(action)
        self.turn += 1
        solved, last = self.verdict.correct, self.turn >= self.turns
        self.over = solved or last
        left = self.turns - self.turn
        again = "" if self.over else f"\n\nTry again: write the whole program anew. Attempts left: {left}."
        answer = f"Attempt {self.turn}: {told}{again}"
        self.said += [action, answer]
        reward = self.discount ** (self.turn - 1) if solved else 0.0
        return answer, reward, solved, last and not solved, self._info()

    def _judged(self, action: str) -> tuple[Judgement | None, Verdict, str]:
        assert isinstance(self.problem, Write)
        try:
            program = self.problem.submitted(action)
        except ValueError as error:
            return None, unreadable(str(error)), f"no program was found: {error}."
        judgement, told = attempt(self.problem.problem, program)
        return judgement, judgement.as_verdict(), told

    def _asked(self, prompt: str) -> str:
        return f"{prompt}\nYou have {self.turns} attempts; after each you are told what failed first."

    def _info(self) -> dict[str, Any]:
        return {**super()._info(), "turn": self.turn, "verdict": self.judgement.verdict if self.judgement else ""}

    def render(self) -> str | None:
        """The conversation so far; None without `render_mode="ansi"`."""
        return "\n\n".join(self.said) if self.render_mode is not None and self.problem is not None else None


def _positive(turns: object) -> int:
    if not isinstance(turns, int) or turns < 1:
        raise ValueError(f"turns must be an integer >= 1, not {turns!r}")
    return turns


def register() -> None:
    """Make the code tasks known to `gymnasium.make`; may be called again."""
    faces = {task: ("CodeEnv", {"task": task}) for task in CODE} | {"code/debug": ("DebugEnv", {})}
    for task, (face, given) in faces.items():
        name = f"whetstone/{task.replace('/', '.')}-v0"
        if name not in gymnasium.registry:
            gymnasium.register(name, entry_point=f"whetstone.envs.code.gym:{face}", kwargs=given)


register()
