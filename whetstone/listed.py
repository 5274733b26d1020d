"""Fixed lists of problems: of tasks, of sets with final answers, and of requests; one problem in four is held out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from whetstone.curriculum.cascade import task as load
from whetstone.data_settings import ChatData, Filtered, MathData
from whetstone.envs.benchmarks.final_answer import FinalAnswer
from whetstone.envs.benchmarks.question import Question, said
from whetstone.envs.chat.following import Following
from whetstone.envs.core import CORRECT, EVAL_SHARE, Split, Verdict, unreadable
from whetstone.envs.math.sources import Source as Columns
from whetstone.envs.math.sources import column, file_rows, hub_rows
from whetstone.exam import Item, keys
from whetstone.questions import Asked
from whetstone.rows import Key, Row

FILES = (".jsonl", ".parquet", ".csv")
SHOWN = 5  # bad rows that an error names


class Listed:
    """A `blend.Source` that goes through a list again and again, each time in another order.

    `filter` says which problems are to stay, see `prior.refilter`.
    """

    def __init__(self, name: str, items: Sequence[Item], seed: int, filter: Filtered | None = None) -> None:
        if not items:
            raise ValueError(f"{name}: there is no problem to train on")
        self.name, self.items, self.seed, self.filter, self.drawn = name, list(items), seed, filter, 0

    def keep(self, wanted: AbstractSet[Key]) -> None:
        """Leave out the problems with other keys. Raises `ValueError` where none is left."""
        self.items = [item for item in self.items if item.key in wanted]
        if not self.items:
            raise ValueError(f"{self.name}: the policy solves every problem too often, so none is left to train on")

    def propose(self, count: int) -> list[Asked]:
        """The next `count` problems."""
        size = len(self.items)
        places = range(self.drawn, self.drawn + count)
        self.drawn += count
        epochs = {place // size for place in places}
        orders = {epoch: np.random.default_rng([self.seed, epoch]).permutation(size) for epoch in epochs}
        chosen = [self.items[orders[place // size][place % size]] for place in places]
        return [Asked(item.key, item.draw()) for item in chosen]

    def restore(self, key: Key) -> Asked:
        """The problem with this key."""
        item = next(item for item in self.items if item.key == key)
        return Asked(key, item.draw())

    def learn(self, group: Sequence[Row]) -> None:
        """A list does not follow the policy."""

    def frontier(self) -> dict[str, float]:
        """A list has no levels."""
        return {}

    def state_dict(self) -> dict[str, Any]:
        return {"drawn": self.drawn}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.drawn = state["drawn"]


# -- lists of tasks ---------------------------------------------------------------------------------------------------


def of_tasks(tasks: Sequence[str], levels: Sequence[int], rows: int, seed: int) -> list[Item]:
    """`rows` problems of the train split, equally many a task and level as far as that comes out even."""
    classes = {task: load(task) for task in tasks}
    each = -(-rows // (len(tasks) * len(levels)))
    named = keys(tasks, levels, each, seed)
    places = sorted(np.random.default_rng(seed).permutation(len(named))[:rows].tolist())
    return [Item(key, partial(classes[key.task].draw, key.level, key.seed)) for key in (named[i] for i in places)]


# -- lists of rows ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Request(Question):
    """A request without constraints: any reply is right, and how good it is, is for a judge of preference to say."""

    @property
    def prompt(self) -> str:
        return self.row["prompt"]

    def grade(self, completion: str) -> Verdict:
        return CORRECT if said(completion) else unreadable("expected a reply, found none")


def rows_at(path: str, split: str) -> Iterable[Mapping[str, Any]]:
    """The rows of a file, or of a set on the hub."""
    return file_rows(Path(path)) if Path(path).suffix in FILES else hub_rows(path, split)


def of_rows(source: MathData | ChatData, split: Split) -> list[Item]:
    """The problems of a set that belong to a split. Raises `ValueError`, which names the first rows that hold none."""
    make = _math(source) if isinstance(source, MathData) else _chat
    found: list[Item] = []
    faults: list[str] = []
    for number, row in enumerate(rows_at(source.path, source.split)):
        try:
            question = make(source.label, number, dict(row))
        except ValueError as error:
            faults.append(f"row {number + 1}: {error}")
            continue
        if split_of(question.prompt) == split:
            found.append(Item(Key(f"data/{source.label}", 0, number), lambda question=question: question))
    if faults:
        more = f"\n  and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
        raise ValueError(f"{source.path}:" + "".join(f"\n  {fault}" for fault in faults[:SHOWN]) + more)
    return found


def split_of(prompt: str) -> Split:
    """The split that a prompt belongs to, by its digest."""
    return "eval" if hashlib.blake2b(prompt.encode(), digest_size=1).digest()[0] < EVAL_SHARE else "train"


def _math(source: MathData) -> Callable[[str, int, Mapping[str, Any]], Question]:
    columns = Columns(column(source.question), column(source.answer))
    return lambda name, number, row: FinalAnswer(name, number, row, columns)


def _chat(name: str, number: int, row: Mapping[str, Any]) -> Question:
    if row.get("instruction_id_list"):
        return Following(name, number, row)
    if not isinstance(row.get("prompt"), str) or not row["prompt"].strip():
        raise ValueError("expected a text in the column 'prompt'")
    return Request(name, number, row)
