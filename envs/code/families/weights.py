"""What is known beforehand of a problem's questions: outputs that are guessed too easily, and wrong programs.

The wrong programs are the ideas that the author wrote, and automatic mutants of the reference and of the right
programs. Those that nearly any input tells from the reference are left out, and those that no short one does.

All this is found by running programs on a few hundred short inputs, which takes seconds. It is therefore shipped in
`weights.json`, with a digest of what it depends on; a problem that is not there, or has changed, is weighed when it is
first asked about. `python -m whetstone.envs.code.families.weights` brings the file up to date.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from whetstone.envs.code import catalog, mutants
from whetstone.envs.code.batch import run_batch
from whetstone.envs.code.default import default_sandbox
from whetstone.envs.code.runs import TICKS, outputs, small_inputs
from whetstone.envs.code.sandbox import Execution, Limits, Program, Sandbox
from whetstone.envs.stream import stream

FILE = Path(__file__).with_suffix(".json")
RANDOM = 60  # random inputs, a third of them of each size from 1 to 3
SMALL = 40  # edge cases and small inputs, which anybody tries
HACKS = 3  # inputs of the hack generator for each wrong idea
SHORT = 400  # characters of an input that a policy can be asked to write
COMMON = 0.1  # share of random inputs from which on an output is a good guess
PLAIN = 0.4  # share of random inputs from which on a wrong program is too plainly wrong
MUTANTS = 36  # of a program, evenly spread over it
CPU = 8.0  # seconds of a batch of wrong programs, of which a quarter or so is needed
KEPT = 36  # wrong programs of a problem, evenly spread from the plainest to the subtlest
RULES = (2, RANDOM, SMALL, HACKS, SHORT, COMMON, PLAIN, MUTANTS, CPU, KEPT, TICKS)
"""What the weights depend on besides the programs; the first number counts the versions of this file's methods."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A wrong program."""

    name: str
    """Its idea, or the mutated program and the mutant's name."""
    share: float
    """Of the random inputs, how many tell it from the reference."""
    witness: str
    """A shortest known input that does."""
    sampled: bool
    """Whether a sample of the problem does."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What is known of one problem; outputs are normalised by `key`."""

    common: frozenset[str]
    """Outputs that a share of `COMMON` of random inputs have."""
    simple: frozenset[str]
    """Outputs of the samples, the edge cases and the smallest inputs."""
    suspects: tuple[Suspect, ...]
    """Wrong programs, the plainest first."""


def key(printed: str) -> str:
    """An output without its white space's shape."""
    return " ".join(printed.split())


class Hasty:
    """The default sandbox, with less CPU time: a mutant may hang where its steps are not counted, as in C."""

    def run(self, program: Program, stdin: bytes, limits: Limits) -> Execution:
        """Run a batch; what does not end in time is no suspect."""
        return default_sandbox().run(program, stdin, replace(limits, cpu=CPU))


@cache
def weights(problem: str) -> Weights:
    """What is known of a problem: as shipped if that still holds, or else found out now."""
    row = _shipped().get(problem)
    if row is None or row["digest"] != digest(problem):
        return weigh(problem)
    suspects = tuple(Suspect(*suspect) for suspect in row["suspects"])
    return Weights(frozenset(row["common"]), frozenset(row["simple"]), suspects)


@cache
def _shipped() -> dict[str, dict[str, Any]]:
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def digest(problem: str) -> str:
    """Of what a problem's weights are made from: its blueprint, the mutants, the rules."""
    texts = [catalog.source_file(problem).read_bytes(), Path(mutants.__file__).read_bytes(), repr(RULES).encode()]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:16]


def weigh(problem: str) -> Weights:
    """Run the programs of a problem on short inputs; one on which the reference takes long is left out."""
    blueprint, rng = catalog.blueprint(problem), stream(problem, "train", 0, 0)
    drawn = [blueprint.random(rng, 1 + i % 3) for i in range(RANDOM)]
    small = [*blueprint.samples, *small_inputs(problem)[:SMALL]]
    hacks = [blueprint.hack(rng, idea) for idea in blueprint.wrong for _ in range(HACKS)]
    tried = [*drawn, *small, *(text for text in hacks if len(text) <= SHORT)]
    right = outputs(blueprint.reference, tried)
    done = [(text, printed) for text, printed in zip(tried, right, strict=True) if printed is not None]
    random = sum(printed is not None for printed in right[:RANDOM])
    counts = Counter(key(printed) for _, printed in done[:random])
    return Weights(
        common=frozenset(printed for printed, count in counts.items() if count >= COMMON * random),
        simple=frozenset(key(printed) for printed in right[RANDOM : RANDOM + len(small)] if printed is not None),
        suspects=_spread(_suspects(problem, done, random)),
    )


def _suspects(problem: str, done: Sequence[tuple[str, str]], random: int) -> list[Suspect]:
    """The wrong programs, by inputs with right outputs: the first `random` are random ones, then come the samples."""
    blueprint = catalog.blueprint(problem)
    inputs, right = zip(*done, strict=True)
    runs = run_batch(
        cast(Sandbox, Hasty()),
        list(wrong_programs(problem).values()),
        inputs,
        right,
        comparison=blueprint.comparison,
        budgets=[TICKS] * len(inputs),
    )
    found = []
    for name, run in zip(wrong_programs(problem), runs, strict=True):
        failed = [code in "WR" for code in run.codes]  # being slow does not count here
        told = [text for text, wrong in zip(inputs, failed, strict=True) if wrong and len(text) <= SHORT]
        share = sum(failed[:random]) / max(1, random)
        if told and share <= PLAIN:
            sampled = any(failed[random : random + len(blueprint.samples)])
            found.append(Suspect(name, round(share, 3), min(told, key=len), sampled))
    return found


def _spread(suspects: list[Suspect]) -> tuple[Suspect, ...]:
    order = sorted(suspects, key=lambda suspect: (-suspect.share, suspect.name))
    count = min(KEPT, len(order))
    return tuple(order[i * len(order) // count] for i in range(count))


@cache
def wrong_programs(problem: str) -> Mapping[str, str]:
    """The wrong programs of a problem, by name: its ideas, and mutants. Some mutants may be right after all."""
    blueprint = catalog.blueprint(problem)
    right = {idea: program.source for idea, program in blueprint.right.items() if program.language == "python"}
    found = dict(blueprint.wrong)
    for name, source in {"reference": blueprint.reference, **right}.items():
        all_of_it = mutants.mutants(source)
        step = max(1, len(all_of_it) // MUTANTS)
        found |= {f"{name}, {mutant.name}": mutant.source for mutant in all_of_it[::step]}
    return MappingProxyType(found)


def write() -> None:
    """Bring `weights.json` up to date with the problems of this package, one after another."""
    own = Path(catalog.__file__).parent
    ours = [problem for problem in catalog.problem_ids() if catalog.source_file(problem).is_relative_to(own)]
    rows = {problem: row for problem, row in _shipped().items() if problem in ours}
    for problem in ours:
        if problem in rows and rows[problem]["digest"] == digest(problem):
            continue
        known = weigh(problem)
        rows[problem] = {
            "digest": digest(problem),
            "common": sorted(known.common),
            "simple": sorted(known.simple),
            "suspects": [list(asdict(suspect).values()) for suspect in known.suspects],
        }
        lines = (f"{json.dumps(name)}:{json.dumps(rows[name], separators=(',', ':'))}" for name in sorted(rows))
        FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
        print(f"{problem}: {len(known.suspects)} wrong programs", flush=True)


if __name__ == "__main__":
    write()
