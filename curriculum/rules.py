"""The difficulty controllers by name, one for each task of a mixture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from whetstone.curriculum.bayes import Bayes, BayesSettings, Prior
from whetstone.curriculum.difficulty import Learnability, LearnabilitySettings
from whetstone.curriculum.mixture import Controller
from whetstone.curriculum.staircase import Staircase, StaircaseSettings
from whetstone.curriculum.window import Window, WindowSettings

Rule = Literal["learnability", "window", "staircase", "bayes"]


def controllers(
    rule: Rule, tasks: Sequence[str], *, learnability: LearnabilitySettings, samples: int, seed: int
) -> dict[str, Controller]:
    """A controller for each task, with levels up to `learnability.top`; groups have `samples` answers.

    Only `learnability` has settings to choose; the others are as their authors give them.
    """
    top = learnability.top
    match rule:
        case "learnability":
            return {task: Learnability(learnability) for task in tasks}
        case "window":
            return {task: Window(WindowSettings(top=top)) for task in tasks}
        case "staircase":
            rngs = np.random.default_rng(seed).spawn(len(tasks))
            settings = StaircaseSettings(top=top)
            return {task: Staircase(settings, rng) for task, rng in zip(tasks, rngs, strict=True)}
        case "bayes":
            prior = Prior(BayesSettings(top=top, group=samples))
            return {task: Bayes(prior.settings, prior, owner) for owner, task in enumerate(tasks)}
