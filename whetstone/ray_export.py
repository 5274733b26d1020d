"""Problems drawn and solved by the workers of a Ray cluster, in the order in which one process would draw them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from whetstone.envs import load
from whetstone.envs.core import Split
from whetstone.ray_cluster import connect
from whetstone.ray_fleet import Abandoned, Fleet
from whetstone.ray_judges import workers
from whetstone.ray_settings import RaySettings
from whetstone.ray_worker import Name

AHEAD = 2  # blocks of problems that are drawn before they are wanted, for each task and level
BLOCK = 64  # problems of the largest block


@dataclass(frozen=True, slots=True)
class Drawn:
    """What an exported row says of a problem that was drawn and solved elsewhere."""

    prompt: str
    name: str
    text: str
    target: str

    def id(self) -> str:
        """The task's id."""
        return self.name

    def to_json(self) -> str:
        """The problem."""
        return self.text


def _block(task: str, level: int, split: Split, seeds: range) -> list[Drawn]:
    """The problems with these seeds."""
    kind = load(task)
    problems = (kind.draw(level, seed, split) for seed in seeds)
    return [Drawn(each.prompt, each.id(), each.to_json(), each.target) for each in problems]


class RayDraws:
    """Draws and solves problems in workers, some blocks before they are wanted; a context manager."""

    def __init__(self, settings: RaySettings, each: int) -> None:
        """`each` is about how many problems of a task and level will be wanted."""
        connect()
        self.fleet: Fleet[Any] = workers(settings)
        self.size = max(1, min(BLOCK, each))
        self._numbers = itertools.count()
        self._there: dict[Name, list[Drawn]] = {}

    def __call__(self, task: str, level: int, split: Split) -> Iterator[Drawn]:
        """The problems with seeds 0, 1, 2, …, of which the first are begun at once."""
        begin = partial(self._begin, task, level, split)
        return self._drawn([begin(start * self.size) for start in range(AHEAD)], begin)

    def _begin(self, task: str, level: int, split: Split, start: int) -> Name:
        name = next(self._numbers)
        self.fleet.submit({name: partial(_block, task, level, split, range(start, start + self.size))})
        return name

    def _drawn(self, begun: list[Name], begin: Callable[[int], Name]) -> Iterator[Drawn]:
        for start in itertools.count(AHEAD * self.size, self.size):
            yield from self._wait(begun.pop(0))
            begun.append(begin(start))

    def _wait(self, name: Name) -> list[Drawn]:
        while name not in self._there:
            for each, drawn in self.fleet.poll(math.inf):
                if isinstance(drawn, Abandoned):
                    raise TimeoutError(drawn.reason)
                self._there[each] = drawn
        return self._there.pop(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.fleet.close()
