"""What a supervised stage imitates: worked solutions, aggregations of attempts at the same problem, and examples.

Every source gives rows that fit the stage's context. Of a long example the reasoning is cut at its end, directly before
the answer, which stays whole; at each context length anew, from the example as it was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from whetstone.curriculum.cascade import shares
from whetstone.curriculum.traces import Attempt, Turn, aggregate, trim
from whetstone.envs import Task
from whetstone.policy.batch import Row
from whetstone.policy.chat import UNTHINK, parts, turns
from whetstone.policy.sft import Examples, example_rows, gathered, trace_row
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.questions import Demonstrations
from whetstone.rollout.strategies import MarkovianRSA
from whetstone.rollout.types import Completion

PATIENCE = 50  # batches that are looked through for rows that fit into the context


class Source(Protocol):
    """Endless rows."""

    def draw(self, count: int) -> list[Row]: ...

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


class Lessons:
    """Rows of several sources, in stated shares."""

    def __init__(self, sources: Mapping[str, Source], weights: Sequence[float], rng: np.random.Generator) -> None:
        self.sources, self.weights, self.rng = dict(sources), list(weights), rng

    def draw(self, count: int) -> list[Row]:
        """The next `count` rows."""
        counts = shares(self.weights, count, self.rng)
        return [row for each, source in zip(counts, self.sources.values(), strict=True) for row in source.draw(each)]

    def state_dict(self) -> dict[str, Any]:
        sources = {name: source.state_dict() for name, source in self.sources.items()}
        return {"rng": self.rng.bit_generator.state, "sources": sources}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for name, source in self.sources.items():
            if "sources" in state:  # runs of one source used to keep the generator alone
                source.load_state_dict(state["sources"][name])
        self.rng.bit_generator.state = state["rng"]


# -- what the tasks themselves write ----------------------------------------------------------------------------------


@dataclass
class Worked:
    """Worked solutions of tasks; the share `aggregations` of the prompts show earlier attempts.

    An attempt is right every other time: the solution itself, or that of another problem of the same task and level,
    which has the form of an answer and is none. `context` bounds a row, in tokens.
    """

    demonstrations: Demonstrations
    tokenizer: TextTokenizer
    strategy: MarkovianRSA
    context: int
    aggregations: float = 0.0

    def draw(self, count: int) -> list[Row]:
        """The next `count` rows; those that do not fit are drawn anew."""
        found: list[Row] = []
        for _ in range(PATIENCE):
            if len(found) == count:
                return found
            rows = (self._row(problem) for problem in self.demonstrations.draw(count - len(found)))
            found += [row for row in rows if len(row) < self.context]
        if len(found) < count:
            raise ValueError(f"worked solutions do not fit into {self.context} tokens; raise the stage's context")
        return found

    def _row(self, problem: Task) -> Row:
        prompt = problem.prompt
        if self.aggregations and self.demonstrations.rng.random() < self.aggregations:
            prompt = self._aggregation(problem)
        return Row(self.tokenizer.encode(prompt), self.tokenizer.encode_completion(problem.target))

    def _aggregation(self, problem: Task) -> str:
        rng, c = self.demonstrations.rng, self.strategy.c
        tails = []
        for _ in range(c):
            right = rng.random() < 0.5
            shown = problem if right else self.demonstrations.sibling(problem)
            tails.append(Attempt(self.strategy.tail_of(Completion(shown.target, (), (), "stop"))))
        (made,) = aggregate(problem.prompt, tails, c, 1, self.strategy.template.render, rng)
        return made.prompt

    def state_dict(self) -> dict[str, Any]:
        return self.demonstrations.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.demonstrations.load_state_dict(state)


# -- what others wrote ------------------------------------------------------------------------------------------------


def examples(data: Iterable[Any], tokenizer: TextTokenizer, context: int, seed: int) -> Examples:
    """The rows of all examples, trimmed to `context` tokens; those whose answers alone do not fit are left out.

    Raises `policy.sft.DataError`, which names the first bad examples.
    """
    none = f"no example has answers that fit into {context} tokens"
    return Examples(gathered(data, lambda example: trimmed(example, tokenizer, context), none), seed)


def trimmed(example: Any, tokenizer: TextTokenizer, context: int) -> list[Row]:
    """The rows of one example, each of at most `context` tokens with its answer whole. Raises `ValueError`.

    A row that fits stays as it is. Else the reasoning of its last message is cut; where that is not enough, the
    reasoning of earlier messages is left out first; where the answers alone are too long, the row is.
    """
    rows = example_rows(example, tokenizer)
    if all(len(row) < context for row in rows):
        return rows
    traces = [[_text_trace(rows[0], example, tokenizer)]] if _is_text(example) else _traces(example, tokenizer)
    found = []
    for row, attempts in zip(rows, traces, strict=True):
        if len(row) < context:
            found.append(row)
        elif cut := next((cut for trace in attempts if (cut := trim([trace], context))), None):
            found.append(trace_row(cut))
    return found


def _is_text(example: Mapping[str, Any]) -> bool:
    return isinstance(example.get("completion"), str)


def _traces(example: Mapping[str, Any], tokenizer: TextTokenizer) -> list[list[Turn]]:
    """For every assistant message to be learnt its trace, as it is and without the reasoning of those before it."""
    asked = example.get("prompt", ()) if "messages" not in example else ()
    messages = example["messages"] if "messages" in example else [*asked, *example["completion"]]
    found = []
    for place, message in enumerate(messages):
        if message["role"] == "assistant" and place >= len(asked):
            bare = [*map(_without_reasoning, messages[:place]), message]
            pairs = [next(turns(tokenizer, each, place)) for each in (messages[: place + 1], bare)]
            found.append([Turn(*parts(tokenizer, *pair)) for pair in pairs])
    return found


def _without_reasoning(message: Mapping[str, Any]) -> Mapping[str, Any]:
    if message["role"] != "assistant":
        return message
    content = message["content"].rpartition(UNTHINK)[2].lstrip("\n")
    return {"role": "assistant", "content": content}


def _text_trace(row: Row, example: Mapping[str, Any], tokenizer: TextTokenizer) -> Turn:
    """The trace of two plain texts: what stands before the last `</think>` is reasoning."""
    thought, closing, answer = str(example["completion"]).rpartition(UNTHINK)
    if not closing:
        return Turn(tuple(row.prompt), (), (), (), tuple(row.completion))
    before, tag = (tuple(tokenizer.encode_completion(text)[:-1]) for text in (thought, closing))
    return Turn(tuple(row.prompt), (), before, tag, tuple(tokenizer.encode_completion(answer)))
