"""Supervised fine-tuning on data of one's own: examples to rows, rows to batches, batches to steps.

Data is any iterable of mappings, such as a `datasets.Dataset`, with the columns

- `messages`: a conversation, every assistant message of which is learnt, or
- `prompt` and `completion`: two texts, or two parts of a conversation of which the second is learnt.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from whetstone.policy.batch import Row
from whetstone.policy.chat import conversation, turns
from whetstone.policy.optimizer import cosine, schedule
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.policy.trainer import Learner, sft_step

LossOn = Literal["answer", "full"]
NAMED = 5  # faults that are shown of those that data has


class DataError(ValueError):
    """Examples that cannot be learnt from; each is named by its place in the data."""


# -- examples to rows -------------------------------------------------------------------------------------------------


def read_rows(
    data: Iterable[Any], tokenizer: TextTokenizer, loss: LossOn = "answer", longest: int | None = None
) -> list[Row]:
    """The rows of all examples; raises `DataError`, which names the first bad ones, before anything is learnt.

    `loss` is on the answers or on every token but the first. `longest` bounds a row, in tokens: rows are never cut,
    since that would cut off the answer; `curriculum.traces` trims so that it stays.
    """

    def rows_of(example: Any) -> list[Row]:
        found = example_rows(example, tokenizer, loss)
        too_long = max((len(row) + 1 for row in found), default=0)
        if longest is not None and too_long > longest:
            raise ValueError(f"{too_long} tokens, where {longest} are allowed; trim it first")
        return found

    return gathered(data, rows_of, "the data holds no example")


def gathered(data: Iterable[Any], rows_of: Callable[[Any], list[Row]], none: str) -> list[Row]:
    """The rows of all examples. Raises `DataError`: the first whose rows raise `ValueError`, or `none` of no rows."""
    rows: list[Row] = []
    faults: list[str] = []
    for number, example in enumerate(data):
        try:
            rows += rows_of(example)
        except ValueError as error:
            faults.append(f"example {number}: {error}")
    if faults:
        rest = f"\nand {len(faults) - NAMED} more" if len(faults) > NAMED else ""
        raise DataError("\n".join(faults[:NAMED]) + rest)
    if not rows:
        raise DataError(none)
    return rows


def example_rows(example: Mapping[str, Any], tokenizer: TextTokenizer, loss: LossOn = "answer") -> list[Row]:
    """The rows of one example. Raises `ValueError`."""
    if not isinstance(example, Mapping):
        raise ValueError(f"expected a mapping from columns to values, got {type(example).__name__}")
    if "messages" in example:
        return _conversation_rows(example["messages"], 0, tokenizer, loss)
    if not {"prompt", "completion"} <= example.keys():
        columns = ", ".join(map(str, example)) or "none"
        raise ValueError(f"expected the columns messages, or prompt and completion; got {columns}")
    prompt, completion = example["prompt"], example["completion"]
    if isinstance(prompt, str) and isinstance(completion, str):
        if not completion:
            raise ValueError("the completion is empty, so there is nothing to learn")
        return [_row(tokenizer.encode(prompt), tokenizer.encode_completion(completion), loss)]
    if isinstance(prompt, list) and isinstance(completion, list):
        return _conversation_rows(prompt + completion, len(prompt), tokenizer, loss)
    kinds = f"{type(prompt).__name__} and {type(completion).__name__}"
    raise ValueError(f"expected prompt and completion to be two texts or two lists of messages, got {kinds}")


class Traced(Protocol):
    """A turn in tokens, such as `curriculum.traces.Turn`: what was asked, and all of it."""

    @property
    def asked(self) -> Sequence[int]: ...

    @property
    def tokens(self) -> Sequence[int]: ...


def trace_row(turns: Sequence[Traced]) -> Row:
    """The row of a conversation in tokens, as `curriculum.traces.trim` leaves it: the last answer, after all before."""
    *earlier, last = turns
    before = [token for turn in earlier for token in turn.tokens]
    return Row([*before, *last.asked], list(last.tokens[len(last.asked) :]))


def _conversation_rows(messages: Any, first: int, tokenizer: TextTokenizer, loss: LossOn) -> list[Row]:
    if loss == "full":
        return [_row([], tokenizer.encode_rendered(conversation(tokenizer, messages)), loss)]
    rows = [
        _row(tokenizer.encode_rendered(prompt), tokenizer.encode_rendered(completion), loss)
        for prompt, completion in turns(tokenizer, messages, first)
    ]
    if not rows:
        raise ValueError("the completion holds no message of the assistant")
    return rows


def _row(prompt: list[int], completion: list[int], loss: LossOn) -> Row:
    if loss == "answer":
        return Row(prompt, completion)
    tokens = prompt + completion
    return Row(tokens[:1], tokens[1:])


# -- rows to steps ----------------------------------------------------------------------------------------------------


class Examples:
    """Endless batches of rows, each epoch in an order of its own; the state makes it resumable."""

    def __init__(self, rows: Sequence[Row], seed: int) -> None:
        self.rows, self.seed, self.drawn = rows, seed, 0

    def draw(self, count: int) -> list[Row]:
        """The next `count` rows."""
        numbers = range(self.drawn, self.drawn + count)
        self.drawn += count
        epochs = {number // len(self.rows) for number in numbers}
        orders = {epoch: np.random.default_rng([self.seed, epoch]).permutation(len(self.rows)) for epoch in epochs}
        return [self.rows[orders[number // len(self.rows)][number % len(self.rows)]] for number in numbers]

    def state_dict(self) -> dict[str, Any]:
        return {"drawn": self.drawn}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.drawn = state["drawn"]

    def metrics(self) -> dict[str, float]:
        """Epochs that were drawn so far."""
        return {"epoch": self.drawn / len(self.rows)}


@dataclass(frozen=True, slots=True)
class SftSettings:
    """`steps` optimizer steps of `batch` rows over all processes; `warmup` steps, then constant or half a cosine."""

    steps: int
    batch: int
    warmup: int = 0
    shape: Literal["constant", "cosine"] = "cosine"

    def factor(self, step: int) -> float:
        """What the learning rates are multiplied by at this step."""
        if self.shape == "cosine":
            return cosine(step, self.steps, self.warmup)
        return schedule(step, self.steps, self.warmup, decay=0.0)


def fit(learner: Learner, examples: Examples, settings: SftSettings, first: int = 0) -> Iterator[dict[str, float]]:
    """Take the steps from `first` on, one each time it is asked for the next metrics.

    Give the learner `pack=packing.packed_batches`: `micro_tokens` is then the length that rows are packed to.
    """
    for step in range(first, settings.steps):
        started = time.perf_counter()
        rows = learner.share(examples.draw(settings.batch))
        metrics = sft_step(learner, rows, settings.factor(step))
        (tokens,) = learner.total(sum(map(len, rows)))
        yield metrics | examples.metrics() | {"tokens_per_second": tokens / (time.perf_counter() - started)}
