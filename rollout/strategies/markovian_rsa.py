"""Markovian recursive self-aggregation (ZAYA1, arXiv 2605.05365), and what it contains.

A population of attempts is refined over rounds, and only the end of each attempt's reasoning is carried forward, so
that a prompt never grows with the number of rounds. Without rounds it is parallel sampling; with a tail as long as the
budget, recursive self-aggregation (RSA, arXiv 2509.26626); with one tail a prompt, Delethink as the ZAYA1 report
defines it: chunks that carry the end of the one before (arXiv 2510.06557 also carries the first hundred tokens).
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from string import Formatter
from typing import Protocol

import numpy as np

from whetstone.rollout.strategies.driver import drive
from whetstone.rollout.strategies.plan import Outcome, Plan, keyed
from whetstone.rollout.strategies.planned import Planned
from whetstone.rollout.types import Completion, Request, Sampler, Sampling

AGGREGATE = """{question}

These are the ends of earlier attempts at this problem. Some may be wrong or cut off.

{attempts}

Use what is right in them, mend what is not, and solve the problem."""
TokenSpan = tuple[int, ...]


class Tokenizer(Protocol):
    """What tails are counted with: the policy's own tokenizer."""

    def encode(self, text: str) -> list[int]: ...

    def decode(self, tokens: Sequence[int]) -> str: ...


@dataclass(frozen=True, slots=True)
class Template:
    """How a question and the tails of earlier attempts become a prompt: three format strings.

    `whole` has the fields question and attempts; `attempt` the field tail, and number (from 1) where it is wanted;
    `between` stands between two attempts.
    """

    whole: str = AGGREGATE
    attempt: str = "Attempt {number}:\n{tail}"
    between: str = "\n\n"

    def __post_init__(self) -> None:
        _has(self.whole, "template", {"question", "attempts"}, set())
        _has(self.attempt, "attempt", {"tail"}, {"number"})

    def render(self, question: str, tails: Sequence[str]) -> str:
        """The prompt; braces in the question or in a tail are only text."""
        attempts = (self.attempt.format(number=i, tail=tail) for i, tail in enumerate(tails, start=1))
        return self.whole.format(question=question, attempts=self.between.join(attempts))


def _has(text: str, name: str, needed: set[str], allowed: set[str]) -> None:
    try:
        fields = {field for _, field, _, _ in Formatter().parse(text) if field is not None}
    except ValueError as error:
        raise ValueError(f"the {name} is no format string: {error}; write {{{{ for a brace") from error
    if not needed <= fields <= needed | allowed:
        wanted = " and ".join(f"{{{field}}}" for field in sorted(needed))
        raise ValueError(f"the {name} needs the fields {wanted}, and has {sorted(fields)}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A completion in a population, the round that wrote it (0: from the question alone), and what it had read.

    `parents` are places in the population of the round before, in the order in which the prompt showed them.
    """

    completion: Completion
    parents: tuple[int, ...]
    round: int


def reasoning_of(text: str) -> str:
    """The reasoning in a completion: up to `</think>`, else up to the last answer tag; all of it when cut off.

    An attempt that is nothing but an answer counts as its own reasoning, since it has nothing else to show.

    >>> reasoning_of("<think>2 + 2 is 4</think>It is <answer>4</answer>"), reasoning_of("so <answer>4</answer>")
    ('2 + 2 is 4', 'so ')
    """
    opened, closed = text.rfind("<think>"), text.rfind("</think>")
    start = opened + len("<think>") if opened >= 0 and (closed < 0 or opened < closed) else 0
    end = closed if closed >= 0 else text.rfind("<answer>")
    reasoning = text[start : end if end >= 0 else len(text)]
    return reasoning if reasoning.strip() else text


@dataclass(frozen=True, slots=True)
class MarkovianRSA(Planned):
    """Markovian recursive self-aggregation: `rounds` times, `n` new candidates each read `c` tails of the last `n`.

    `sampling.max_tokens` is the budget of a candidate. The tails are drawn uniformly without replacement, for each new
    candidate anew. A tail is the last `tail` tokens of the reasoning; a candidate that was cut off has one too. A
    prompt has at most the tokens of the template with the question in it plus `c * tail`, whatever the tokenizer makes
    of a text that was cut; so a context never exceeds that plus the budget. `keep` holds every candidate of every
    round; without it memory does not grow with `rounds`.

    The score of a problem is the mean over the final population. Everything is a function of the seed, as far as the
    sampler is. Raises `ValueError` for settings that do not go together.
    """

    tokenizer: Tokenizer
    sampling: Sampling = field(default_factory=Sampling)
    n: int = 16
    c: int = 4
    rounds: int = 2
    tail: int = 4096
    template: Template = field(default_factory=Template)
    reasoning: Callable[[str], str] = reasoning_of
    keep: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.c <= self.n:
            raise ValueError(f"c must lie in 1..n (n is {self.n}), not {self.c}: c tails are drawn from n candidates")
        if self.rounds < 0:
            raise ValueError(f"rounds must be >= 0 (0 is parallel sampling), not {self.rounds}")
        if self.tail < 1:
            raise ValueError(f"tail must be at least 1 token, not {self.tail}")

    @property
    def size(self) -> int:
        return self.n

    @property
    def width(self) -> int:
        return self.n

    def plan(self, prompt: str, seed: int) -> Plan:
        (population,) = yield [Request(prompt, self.sampling, self.n, seed)]
        kept = [[Candidate(completion, (), 0) for completion in population]] if self.keep else []
        for round_ in range(1, self.rounds + 1):
            tails = [self._tail(completion) for completion in population]
            del population  # tails are all that goes on
            rng = np.random.default_rng(keyed(seed, round_, self.n))  # a place that no candidate has
            drawn = [tuple(rng.choice(self.n, size=self.c, replace=False).tolist()) for _ in range(self.n)]
            answers = yield [
                Request(self._fitted(prompt, [tails[i] for i in parents]), self.sampling, 1, keyed(seed, round_, place))
                for place, parents in enumerate(drawn)
            ]
            population = [completion for (completion,) in answers]
            if self.keep:
                pairs = zip(population, drawn, strict=True)
                kept.append([Candidate(completion, parents, round_) for completion, parents in pairs])
        return Outcome(population, kept)

    def trace(self, sampler: Sampler, prompts: Sequence[str], seed: int) -> list[list[list[Candidate]]]:
        """Every candidate, by prompt, round and place."""
        keeping = dataclasses.replace(self, keep=True)
        plans = [keeping.plan(prompt, keyed(seed, i)) for i, prompt in enumerate(prompts)]
        return [solved.outcome.rounds for solved in drive(sampler, plans)]

    def longest(self, question: str) -> int:
        """The most tokens that a prompt of a later round may have: template and question, and `c` whole tails."""
        return len(self.tokenizer.encode(self.template.render(question, [""] * self.c))) + self.c * self.tail

    def tail_of(self, completion: Completion) -> str:
        """The text of the last `tail` tokens of the reasoning."""
        return self._text(self._tail(completion))

    def _tail(self, completion: Completion) -> TokenSpan:
        """The last `tail` of the whole tokens that spell the reasoning; one that runs past its end is left out."""
        text = completion.text
        tokens = completion.tokens[: -1 if completion.finish == "stop" else None] or self.tokenizer.encode(text)
        reasoning = self.reasoning(text)
        if not reasoning:
            return ()
        start = text.rfind(reasoning)
        end = _spelling(self.tokenizer, tokens, start + len(reasoning))
        return tuple(tokens[max(_spelling(self.tokenizer, tokens, start), end - self.tail) : end])

    def _text(self, tokens: TokenSpan) -> str:
        return self.tokenizer.decode(tokens).lstrip("\ufffd").strip()  # a cut may leave part of a character behind

    def _fitted(self, question: str, tails: Sequence[TokenSpan]) -> str:
        """The prompt; where cut text comes back as more tokens than it was, the longest tail gives way."""
        spans, longest = list(tails), self.longest(question)
        while True:
            prompt = self.template.render(question, [self._text(span) for span in spans])
            excess = len(self.tokenizer.encode(prompt)) - longest
            if excess <= 0:
                return prompt
            most = max(range(self.c), key=lambda i: len(spans[i]))
            assert spans[most], f"a prompt without tails is {excess} tokens longer than its own bound of {longest}"
            spans[most] = spans[most][excess:]


def _spelling(tokenizer: Tokenizer, tokens: Sequence[int], characters: int) -> int:
    """How many whole tokens spell at most the first `characters` characters."""
    return bisect_right(range(len(tokens)), characters, key=lambda i: len(tokenizer.decode(tokens[: i + 1])))


def rsa(
    tokenizer: Tokenizer,
    sampling: Sampling,
    n: int = 16,
    c: int = 4,
    rounds: int = 2,
    template: Template | None = None,
) -> MarkovianRSA:
    """Recursive self-aggregation (arXiv 2509.26626): whole attempts are carried forward, tail = budget."""
    return MarkovianRSA(tokenizer, sampling, n, c, rounds, sampling.max_tokens, template or Template())


def delethink(
    tokenizer: Tokenizer,
    sampling: Sampling,
    n: int = 16,
    rounds: int = 2,
    tail: int = 4096,
    template: Template | None = None,
) -> MarkovianRSA:
    """Delethink as the ZAYA1 report has it: each new chunk reads the tail of one chunk before it, c = 1."""
    return MarkovianRSA(tokenizer, sampling, n, 1, rounds, tail, template or Template())
