"""Which of many tests are kept: few that reject every wrong program, with every kind of input and output among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

KILLS = 2  # tests that shall reject each wrong program
LEAST, MOST = 12, 30  # tests that are kept
CLASSES = 6  # output classes that are looked after


@dataclass(frozen=True, slots=True)
class Candidate:
    """A test that may be kept."""

    kind: str
    output: str
    size: int
    """Characters of the input."""
    kills: frozenset[int]
    """The wrong programs that it rejects, as far as that is known."""
    wanted: bool = False
    """Kept in any case: a worst case, or one that alone shows a program to be too slow."""


def choose(candidates: Sequence[Candidate]) -> list[int]:
    """The indices of the tests that are kept, in the order in which they are best run.

    First the greedy cover: the test that rejects most programs that are not yet rejected `KILLS` times, and so on. Then
    one for each kind and one for each frequent class of outputs, then those that reject most, up to `LEAST`. The tests
    that are wanted in any case are among them. Ties go to the shorter input.
    """
    chosen = [index for index, candidate in enumerate(candidates) if candidate.wanted]
    rejected = Counter(program for index in chosen for program in candidates[index].kills)
    while (best := _best(candidates, chosen, rejected)) is not None and len(chosen) < MOST:
        chosen.append(best)
        rejected.update(candidates[best].kills)
    for index in _varied(candidates, chosen):
        if len(chosen) < MOST:
            chosen.append(index)
    strongest = sorted(range(len(candidates)), key=lambda i: (-len(candidates[i].kills), candidates[i].size))
    for index in strongest:
        if len(chosen) < LEAST and index not in chosen:
            chosen.append(index)
    return order([candidates[i] for i in chosen], chosen)


def order(candidates: Sequence[Candidate], indices: Sequence[int]) -> list[int]:
    """The `indices` of candidates in the order that ends wrong programs soonest; the ones wanted come last.

    Each place goes to the test that rejects most of the programs that no earlier test rejects.
    """
    left = dict(zip(indices, candidates, strict=True))
    alive = frozenset[int]().union(*(candidate.kills for candidate in candidates))
    found: list[int] = []
    while left:
        best = min(
            left, key=lambda i: (left[i].wanted, -len(left[i].kills & alive), -len(left[i].kills), left[i].size, i)
        )
        found.append(best)
        alive -= left.pop(best).kills
    return found


def _best(candidates: Sequence[Candidate], chosen: list[int], rejected: Counter[int]) -> int | None:
    """The test that rejects most programs that are not yet rejected often enough, if there is one."""
    taken = set(chosen)

    def gain(index: int) -> int:
        return 0 if index in taken else sum(rejected[program] < KILLS for program in candidates[index].kills)

    best = max(range(len(candidates)), key=lambda i: (gain(i), -candidates[i].size, -i), default=None)
    return best if best is not None and gain(best) else None


def _varied(candidates: Sequence[Candidate], chosen: list[int]) -> list[int]:
    """One test for each kind, and one for each frequent class of outputs, that the chosen ones lack."""
    kinds = Counter(candidates[i].kind for i in chosen)
    classes = Counter(output_class(candidates[i].output) for i in chosen)
    frequent = [name for name, _ in Counter(output_class(c.output) for c in candidates).most_common(CLASSES)]
    found: list[int] = []
    for index in sorted(range(len(candidates)), key=lambda i: -len(candidates[i].kills)):
        kind, output = candidates[index].kind, output_class(candidates[index].output)
        if index not in chosen and (not kinds[kind] or (output in frequent and not classes[output])):
            found.append(index)
            kinds[kind] += 1
            classes[output] += 1
    return found


def output_class(output: str) -> str:
    """What outputs are told apart by: a short one as it stands, a longer one by the number of its tokens."""
    text = " ".join(output.split())
    return text if len(text) <= 4 else f"{len(output.split()).bit_length()} bits of tokens"
