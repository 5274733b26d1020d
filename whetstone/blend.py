"""A stage's curriculum: its sources' questions in stated shares, among them aggregations of earlier attempts.

One aggregation is one question with a group of its own: what is sampled from it is on-policy however old the attempts
are that it shows, and a source's difficulty follows the bare questions alone. Nor does it follow those that are asked
again because their answers differed: they were chosen for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import numpy as np

from whetstone.curriculum.cascade import shares
from whetstone.curriculum.traces import Pool, aggregate
from whetstone.curriculum.unsettled import Unsettled
from whetstone.questions import Asked, Groups, Reward, judge_all, outcome, rewards
from whetstone.rollout.strategies import MarkovianRSA
from whetstone.rollout.types import Completion
from whetstone.rows import Key, Row

PATIENCE = 50  # times as many questions as are wanted that are looked through for such as fit into the context


class Source(Protocol):
    """Problems of one kind; its randomness is the stage's generator."""

    def propose(self, count: int) -> list[Asked]:
        """`count` bare questions."""
        ...

    def restore(self, key: Key) -> Asked:
        """The bare question with this key."""
        ...

    def learn(self, group: Sequence[Row]) -> None:
        """Hear how the answers to one bare question fared."""
        ...

    def frontier(self) -> dict[str, float]:
        """The level that is reached in each task, where levels follow the policy."""
        ...

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


class Preference(Protocol):
    """A judge of how good replies are, among those to the same prompt."""

    def scores(self, prompts: Sequence[str], replies: Sequence[Sequence[str]]) -> list[list[float]]:
        """A score in [0, 1] for each reply; NaN where the judge failed."""
        ...


@dataclass
class Part:
    """A source in a blend.

    With a `pool` the share `aggregate` of its questions show attempts that it remembers; of the others the share
    `again` are asked once more, those in `unsettled`.
    """

    name: str
    source: Source
    weight: float = 1.0
    aggregate: float = 0.0
    pool: Pool | None = None
    judge: Preference | None = None
    again: float = 0.0
    unsettled: Unsettled | None = None


class Judged(NamedTuple):
    """A group of judged answers, where its question came from, and whether it was an aggregation, or asked again."""

    source: int
    aggregation: bool
    again: bool
    group: list[Row]


class Blend:
    """A `policy.trainer.Curriculum` over several sources.

    `fits` says whether a prompt leaves room for an answer; `strategy` cuts tails and writes aggregation prompts.
    `gather` is as in `Questions`. Sources draw from the generator `rng`, so that its state is all there is to keep.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        rng: np.random.Generator,
        reward: Reward,
        fits: Callable[[str], bool],
        strategy: MarkovianRSA,
        gather: Callable[[list[Judged]], list[Judged]] = list,
    ) -> None:
        self.parts, self.rng, self.fits = list(parts), rng, fits
        self.reward: Reward = reward
        self.strategy, self.gather = strategy, gather
        self.judge_all = judge_all  # judges elsewhere, where somebody says so
        self.proposed: dict[Key, Asked] = {}
        self.again: set[Key] = set()  # those of the proposed that were asked before
        self.remembered: dict[str, Asked] = {}  # the questions whose attempts are in a pool, by prompt
        self.judged: list[Judged] = []  # of the last step, in however many rounds it asked
        self.over = False  # whether that step is over

    # -- asking -------------------------------------------------------------------------------------------------------

    def propose(self, count: int) -> list[Asked]:
        """`count` questions, each source's share of them."""
        counts = shares([part.weight for part in self.parts], count, self.rng)
        self.again = set()
        asked = [
            question
            for i, (part, each) in enumerate(zip(self.parts, counts, strict=True))
            for question in self._ask(i, part, each)
        ]
        self.proposed = {question.key: question for question in asked if not question.shown}
        return asked

    def _ask(self, place: int, part: Part, count: int) -> list[Asked]:
        aggregations = list(self._aggregations(part, count)) if part.pool is not None and count else []
        again = self._again(place, part, count - len(aggregations)) if part.unsettled is not None else []
        return [*aggregations, *again, *self._bare(place, part, count - len(aggregations) - len(again))]

    def _again(self, place: int, part: Part, count: int) -> list[Asked]:
        assert part.unsettled is not None
        keys = [Key(*name) for name in part.unsettled.best(int(self.rng.binomial(count, part.again)))]
        self.again.update(keys)
        return [replace(part.source.restore(key), source=place) for key in keys]

    def _bare(self, place: int, part: Part, count: int) -> list[Asked]:
        found: list[Asked] = []
        for _ in range(PATIENCE):
            wanted = count - len(found)
            if not wanted:
                return found
            drawn = (replace(question, source=place) for question in part.source.propose(wanted))
            found += [question for question in drawn if self.fits(question.prompt)]
        if len(found) < count:
            raise ValueError(f"the prompts of {part.name} do not fit: raise the stage's context, or lower max_tokens")
        return found

    def _aggregations(self, part: Part, count: int) -> Iterator[Asked]:
        assert part.pool is not None
        c = self.strategy.c
        ready = [prompt for prompt in part.pool.ready(c) if prompt in self.remembered]
        wanted = min(int(self.rng.binomial(count, part.aggregate)), len(ready))
        for i in self.rng.choice(len(ready), size=wanted, replace=False) if wanted else ():
            prompt = ready[i]
            render = self.strategy.template.render
            (made,) = aggregate(prompt, part.pool.attempts(prompt), c, 1, render, self.rng)
            if self.fits(made.prompt):
                yield replace(self.remembered[prompt], shown=made.prompt)

    # -- judging ------------------------------------------------------------------------------------------------------

    def observe(self, questions: Sequence[Asked], answers: Sequence[Sequence[Completion]]) -> np.ndarray:
        """The reward of each answer, (questions, samples); the sources hear of the bare questions of all processes."""
        groups, worth = self._judge(questions, answers)
        ours = [
            Judged(q.source, bool(q.shown), not q.shown and q.key in self.again, group)
            for q, group in zip(questions, groups, strict=True)
        ]
        heard = self.gather(ours)
        self.judged, self.over = heard if self.over else self.judged + heard, False
        for judged in heard:
            if not judged.aggregation:
                self._hear(self.parts[judged.source], judged)
        self._forget()
        return worth

    def _hear(self, part: Part, judged: Judged) -> None:
        """Learn from the answers to one bare question."""
        if not judged.again:
            part.source.learn(judged.group)
        if part.unsettled is not None:
            right = [row.correct for row in judged.group if row.score is not None]
            part.unsettled.tell(judged.group[0].key, sum(right), len(right))
        self._remember(part, judged.group)

    def _judge(self, questions: Sequence[Asked], answers: Sequence[Sequence[Completion]]) -> tuple[Groups, np.ndarray]:
        groups = [
            [replace(row, prompt=question.prompt) if question.shown else row for row in group]
            for question, group in zip(questions, self.judge_all(questions, answers), strict=True)
        ]
        worth = rewards(groups, self.reward)
        for place, part in enumerate(self.parts):
            mine = [i for i, question in enumerate(questions) if question.source == place]
            if part.judge and mine:
                self._prefer(part.judge, mine, questions, groups, worth)
        return groups, worth

    def _prefer(
        self, judge: Preference, mine: list[int], questions: Sequence[Asked], groups: Groups, worth: np.ndarray
    ) -> None:
        """What is right as far as code can tell is worth what the judge says, all else nothing."""
        right = {i: [j for j, row in enumerate(groups[i]) if row.correct] for i in mine}
        asked = [i for i in mine if right[i]]
        texts = [[groups[i][j].completion for j in right[i]] for i in asked]
        found = judge.scores([questions[i].prompt for i in asked], texts)
        for i in mine:
            worth[i] = np.where(np.isnan(worth[i]), worth[i], 0.0)
        for i, scores in zip(asked, found, strict=True):
            worth[i, right[i]] = scores
            for j, score in zip(right[i], scores, strict=True):
                failed = np.isnan(score)
                reason = "the judge of preference failed" if failed else f"preferred {score:.3f}"
                groups[i][j] = replace(groups[i][j], score=None if failed else score, reason=reason)

    def _remember(self, part: Part, group: Sequence[Row]) -> None:
        first = group[0]
        question = self.proposed.get(first.key)
        if part.pool is None or question is None:
            return
        tails = [
            self.strategy.tail_of(Completion(row.completion, (), (), "stop")) for row in group if row.kind != "lost"
        ]
        part.pool.add(first.prompt, tails)
        self.remembered[first.prompt] = question

    def _forget(self) -> None:
        held = {prompt for part in self.parts if part.pool is not None for prompt in part.pool.ready(1)}
        self.remembered = {prompt: question for prompt, question in self.remembered.items() if prompt in held}

    # -- what is logged and kept --------------------------------------------------------------------------------------

    @property
    def rows(self) -> list[Row]:
        """The judged answers of the last step."""
        return [row for judged in self.judged for row in judged.group]

    def metrics(self) -> dict[str, Any]:
        """Exact accuracy and kinds of the step's answers, by source where there are several, and the frontiers.

        The step is over with this: what is judged later belongs to the next one.
        """
        if not self.over:
            self._end()
        found = outcome(self.rows)
        frontier = {task: level for part in self.parts for task, level in part.source.frontier().items()}
        if frontier:
            found |= {"frontier": frontier, "mean_frontier": float(np.mean(list(frontier.values())))}
        if len(self.parts) > 1:
            by_source: dict[str, list[Row]] = defaultdict(list)
            for judged in self.judged:
                by_source[self.parts[judged.source].name] += judged.group
            found["sources"] = {name: outcome(rows)["accuracy"] for name, rows in by_source.items()}
        if any(part.unsettled is not None for part in self.parts):
            found["asked_again"] = float(sum(judged.again for judged in self.judged))
        if any(part.pool is not None for part in self.parts):
            shown = [row for judged in self.judged if judged.aggregation for row in judged.group]
            found["aggregated"] = float(sum(judged.aggregation for judged in self.judged))
            if shown:
                found["aggregated_accuracy"] = outcome(shown)["accuracy"]
        return found

    def _end(self) -> None:
        """However many rounds it asked, what the pools hold is one step older."""
        self.over = True
        for part in self.parts:
            if part.pool is not None:
                part.pool.advance(part.pool.version + 1)
            if part.unsettled is not None:
                part.unsettled.advance()

    def state_dict(self) -> dict[str, Any]:
        return {
            "rng": self.rng.bit_generator.state,
            "sources": {part.name: part.source.state_dict() for part in self.parts},
            "pools": {part.name: part.pool.state_dict() for part in self.parts if part.pool is not None},
            "unsettled": {part.name: part.unsettled.state_dict() for part in self.parts if part.unsettled is not None},
            "remembered": [(question.source, tuple(question.key)) for question in self.remembered.values()],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state; that of a lone mixture, as runs kept it before there were sources, will do as well."""
        for part in self.parts:
            part.source.load_state_dict(state["sources"][part.name] if "sources" in state else state)
            if part.pool is not None:
                part.pool.load_state_dict(state["pools"][part.name])
            if part.unsettled is not None:
                part.unsettled.load_state_dict(state["unsettled"][part.name])
        self.rng.bit_generator.state = state["rng"]
        restored = (
            replace(self.parts[source].source.restore(Key(*key)), source=source)
            for source, key in state.get("remembered", ())
        )
        self.remembered = {question.prompt: question for question in restored}
