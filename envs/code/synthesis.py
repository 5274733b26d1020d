"""From a blueprint to a certified problem, or to the reason why there is none.

    outcome = build(catalog.blueprint("arrays/maximum_subarray"), sandbox)   # chooses the tests, then certifies
    outcome = certify(blueprint, problem.tests, sandbox)                     # the tests as they are
    outcome = certify_record(records[0], sandbox)                            # somebody else's problem

What is asked of a problem follows the literature on test quality (CodeContests, HardTests, Klear-CodeTest): every input
is valid; the reference is deterministic, fast and agrees with an independent brute force; every right program is
accepted; every wrong program and every mutant of the reference is rejected by two tests.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from whetstone.envs.code.batch import Run, run_batch
from whetstone.envs.code.certificate import TNR, TPR, Certificate, Certified, Refusal, Refused
from whetstone.envs.code.given import certify_record
from whetstone.envs.code.inputs import Key, agreement, candidates, reserve
from whetstone.envs.code.judge import JudgeError, Judgement
from whetstone.envs.code.mutants import Mutant, mutants
from whetstone.envs.code.problem import Problem, Test
from whetstone.envs.code.sandbox import Program, Sandbox
from whetstone.envs.code.selection import KILLS, Candidate, choose
from whetstone.envs.code.trial import Light, Trial

if TYPE_CHECKING:
    from whetstone.envs.code.blueprint import Blueprint

__all__ = ["build", "certify", "certify_record"]

AGREED, TRIED = 500, 600  # different small inputs on which the brute force must agree, and that are tried
SHARE = 0.2  # of the CPU limit that the reference may take
AUDITED = 60  # programs of the audit
PLENTY = 60  # failures of a program after which the choice of tests knows enough of it
FEW = 4  # of its inputs, one in so many is for right programs in other languages than Python
WRONG = 4  # wrong programs that a blueprint holds at least
STRICT = ("{}\n", " {}", "\n{}", "{}0", "+{}", "{} ")  # of a valid input, what a validator refuses
JUNK = ("", "0", "-1", "x", "1 1", "1\n" * 9, "-", "1e9", "9" * 5000, "YES", "1 " * 99, "0 0 0", "2 1 1")


def build(blueprint: type[Blueprint], sandbox: Sandbox, seed: int = 0) -> Certified | Refusal:
    """Make inputs, choose tests among them, and certify the problem that they make."""
    trial = Trial(blueprint, sandbox)
    try:
        _well_formed(trial)
        tests = _chosen(trial, seed)
        certified = _certified(trial, [test for test, _ in tests], seed)
    except Refused as refused:
        return refused.refusal
    return dataclasses.replace(certified, tests=tuple(tests))


def certify(blueprint: type[Blueprint], tests: Sequence[Test], sandbox: Sandbox, seed: int = 0) -> Certified | Refusal:
    """Certify a problem with tests that it has, e.g. those that are shipped."""
    trial = Trial(blueprint, sandbox)
    try:
        _well_formed(trial)
        return _certified(trial, tests, seed)
    except Refused as refused:
        return refused.refusal


def _well_formed(trial: Trial) -> None:
    """Everything is there, and what is listed exists."""
    blueprint = trial.blueprint
    if not blueprint.right or len(blueprint.wrong) < WRONG:
        trial.refuse(f"expected a right program and {WRONG} wrong ones besides the reference and the brute force")
    texts = (blueprint.title, blueprint.statement, blueprint.input_format, blueprint.output_format, blueprint.topics)
    if not 1 <= len(blueprint.samples) <= 3 or not all(texts):
        trial.refuse("expected a title, a statement, both formats, topics and one to three samples")
    if not 0 <= blueprint.level <= 10:
        trial.refuse(f"expected a level from 0 to 10, found {blueprint.level}")
    for name, source in {"reference": blueprint.reference, "brute": blueprint.brute, **blueprint.wrong}.items():
        try:
            compile(source, name, "exec")
        except SyntaxError as error:
            trial.refuse(f"is no Python program: {error}", name)
    if unknown := set(blueprint.equivalent) - {mutant.name for mutant in mutants(blueprint.reference)}:
        trial.refuse(f"listed as equivalent, but the reference has no such mutant: {'; '.join(sorted(unknown))}")


# -- the choice of tests ----------------------------------------------------------------------------------------------


def _chosen(trial: Trial, seed: int) -> list[tuple[Test, Key | None]]:
    """Tests chosen among many, in the order in which they are best run."""
    made = candidates(trial.blueprint, seed)
    trial.validate(one.text for one in made)
    light = trial.light([one.text for one in made])
    answers = {one.test.input: one.test.output for one in light}
    large = [one.text for one in made if one.text not in answers]
    answers |= dict(zip(large, trial.spread(lambda text: trial.ran(trial.reference, text)[0], large), strict=True))
    tests = [Test(one.text, answers[one.text], one.key.kind) for one in made]
    keys = {one.text: one.key for one in made}
    heavy = _heavy(tests, light)

    known, wrong = _mutants(trial), trial.blueprint.wrong
    runs = trial.batch([*(mutant.source for mutant in known), *wrong.values()], light, PLENTY)
    kills = {one.test.input: {i for i, run in enumerate(runs) if run.killed(at)} for at, one in enumerate(light)}
    for i, at in _late(trial, known, runs, heavy):
        kills.setdefault(heavy[at].input, set()).add(i)
    answered = zip(wrong, runs[len(known) :], strict=True)
    slow = {f"hack: {name}" for name, run in answered if len(run.refuted) < KILLS}

    def candidate(test: Test) -> Candidate:
        found, key = frozenset(kills.get(test.input, ())), keys[test.input]
        late = test.kind == "worst" or (test.kind in slow and key.number < KILLS)
        return Candidate(test.kind, test.output, len(test.input), found, wanted=late or (bool(found) and test in heavy))

    return [(tests[i], keys[tests[i].input]) for i in choose([candidate(test) for test in tests])]


def _late(
    trial: Trial, known: Sequence[Mutant], runs: Sequence[Run], heavy: Sequence[Test]
) -> Iterator[tuple[int, int]]:
    """Which mutants that live through the light tests are rejected by which heavy ones; by two, or they are refused."""
    count = [run.failures for run in runs[: len(known)]]
    problem = trial.problem(heavy)
    alive = [i for i in range(len(known)) if count[i] < KILLS]
    found = trial.spread(lambda i: trial.killers(Program("python", known[i].source), problem, count[i]), alive)
    _refuse_survivors(trial, [known[i].name for i, k in zip(alive, found, strict=True) if count[i] + len(k) < KILLS])
    for i, killers in zip(alive, found, strict=True):
        yield from ((i, at) for at in killers)


def _heavy(tests: Sequence[Test], light: Sequence[Light]) -> list[Test]:
    """The tests that are not for batches, the worst cases first."""
    known = {one.test.input for one in light}
    return sorted((test for test in tests if test.input not in known), key=lambda test: test.kind != "worst")


def _mutants(trial: Trial) -> list[Mutant]:
    """Those of the reference that some input tells from it."""
    return [m for m in mutants(trial.blueprint.reference) if m.name not in trial.blueprint.equivalent]


# -- the steps of a certification -------------------------------------------------------------------------------------


def _certified(trial: Trial, tests: Sequence[Test], seed: int) -> Certified:
    blueprint = trial.blueprint
    trial.validate([*blueprint.samples, *(test.input for test in tests)])
    _strict(trial, blueprint.samples)
    samples = [Test(text, trial.ran(trial.reference, text)[0], "sample") for text in blueprint.samples]
    problem = trial.problem(tests, samples)
    _bears(trial, problem)
    agreed = _agreement(trial, seed)
    light = trial.light([test.input for test in tests])
    heavy = _heavy(tests, light)
    cpu = _reference(trial, problem, [one.test.input for one in light])
    fresh = _fresh(trial, tests, seed)
    accepted = _right(trial, problem, fresh)
    _equivalent(trial, [*light, *fresh])
    killed = _killed(trial, light, heavy)
    rejected = _rejected(trial, light, heavy)
    audit_wrong, audit_rejected = _audit(trial, light, heavy, fresh)
    certificate = Certificate(
        tests=len(tests),
        agreed=agreed,
        mutants=len(_mutants(trial)),
        killed=killed,
        equivalent=len(blueprint.equivalent),
        right=len(blueprint.right),
        accepted=accepted,
        wrong=len(blueprint.wrong),
        rejected=rejected,
        audit_inputs=len(fresh),
        audit_wrong=audit_wrong,
        audit_rejected=audit_rejected,
    )
    if certificate.tpr < TPR or min(certificate.tnr, certificate.audit_tnr) < TNR:
        trial.refuse(
            f"the tests accept {certificate.tpr:.1%} of the right programs and reject {certificate.tnr:.1%} of the "
            f"wrong ones, {certificate.audit_tnr:.1%} in the audit; expected {TPR:.0%}, {TNR:.0%} and {TNR:.0%}"
        )
    return Certified(problem, certificate, tuple((test, None) for test in tests), cpu)


def _strict(trial: Trial, texts: Sequence[str]) -> None:
    """What is nearly a valid input is none."""
    for text in texts:
        for form in STRICT:
            if trial.invalid(form.format(text)) is None:
                trial.refuse("the validator is not strict: it accepts this", "validate", form.format(text))


def _agreement(trial: Trial, seed: int) -> int:
    """The number of small inputs on which the reference and the brute force agree, each of them."""
    texts = [made.text for made in agreement(trial.blueprint, TRIED, seed)]
    if len(texts) < AGREED:
        trial.refuse(f"expected {AGREED} different small inputs for the brute force, found {len(texts)}", "brute")
    trial.validate(texts)
    light = trial.light(texts)
    if len(light) < len(texts):
        known = {one.test.input for one in light}
        heavy = next(text for text in texts if text not in known)
        trial.refuse("an input of small() or of a random size up to 3 is not small", "reference", heavy)
    answers = [one.test.output for one in light]
    (brute,) = run_batch(
        trial.sandbox, [trial.blueprint.brute], texts, answers, comparison=trial.blueprint.comparison, outputs=True
    )
    for text, code, output, answer in zip(texts, brute.codes, brute.outputs, answers, strict=True):
        if code != ".":
            said = f"{output[:100]!r}, the reference {answer[:100]!r}" if code in "WC" else f"nothing ({code})"
            trial.refuse(f"the brute force answers {said}", "brute", text)
    return len(texts)


def _reference(trial: Trial, problem: Problem, light: Sequence[str]) -> float:
    """The CPU seconds of the reference on the slowest test; it is within its share, and two processes say the same."""
    reference, most = trial.reference, SHARE * problem.limits.cpu
    known = set(light)
    with Sandbox(workers=1, tier=trial.sandbox.tier, allow_unsandboxed=True, hash_seed=1) as other:
        (run,) = run_batch(other, [reference.source], light, outputs=True)
        again = dict(zip(light, run.outputs, strict=True))
        again |= {
            test.input: trial.ran(reference, test.input, other)[0] for test in problem.tests if test.input not in known
        }
    slowest = 0.0
    first = trial.spread(lambda test: trial.ran(reference, test.input), problem.tests)
    for test, (output, cpu) in zip(problem.tests, first, strict=True):
        if output != again[test.input]:
            trial.refuse("the reference is not deterministic: two runs differ", "reference", test.input)
        if output != test.output:
            trial.refuse("the reference's output is not the one of the test", "reference", test.input)
        for _ in range(3):
            if cpu > most:  # what else the machine does can only lengthen it
                cpu = min(cpu, trial.ran(reference, test.input)[1])
        if cpu > most:
            trial.refuse(f"the reference takes {cpu:.2f} s, at most {most:.2f} s are allowed", "reference", test.input)
        slowest = max(slowest, cpu)
    return slowest


def _fresh(trial: Trial, tests: Sequence[Test], seed: int) -> list[Light]:
    """Inputs that are not among the tests, for the audit."""
    texts = [made.text for made in reserve(trial.blueprint, seed + 1, (test.input for test in tests))]
    trial.validate(texts)
    return trial.light(texts)


def _right(trial: Trial, problem: Problem, fresh: Sequence[Light]) -> int:
    """How many right programs every test accepts, and the audit: Python ones on all of its inputs, others on a few."""
    right = trial.blueprint.right
    for name, judgement in zip(right, trial.judge.judge_many(problem, list(right.values())), strict=True):
        _accepted(trial, name, judgement, problem)
    python = [name for name, program in right.items() if program.language == "python"]
    for name, run in zip(python, trial.batch([right[name].source for name in python], fresh, enough=1), strict=True):
        for one, code in zip(fresh, run.codes, strict=True):
            if code in "WR":
                trial.refuse("a right program is refused in the audit", name, one.test.input)
    others = [name for name in right if name not in python]
    few = trial.problem([one.test for one in fresh[::FEW]])
    for name, judgement in zip(others, trial.judge.judge_many(few, [right[name] for name in others]), strict=True):
        _accepted(trial, name, judgement, few)
    return len(right)


def _accepted(trial: Trial, name: str, judgement: Judgement, problem: Problem) -> None:
    if judgement.verdict == "JE":
        raise JudgeError(judgement.reason)
    if judgement.verdict != "AC":
        at = problem.tests[judgement.test].input if judgement.test is not None else ""
        trial.refuse(f"a right program is refused: {judgement.verdict}, {judgement.reason}", name, at)


def _bears(trial: Trial, problem: Problem) -> None:
    """A checker refuses junk by `ValueError`, and does not fail on it."""
    if problem.comparison.kind != "checker":
        return
    sources = [f"print({junk!r})" for junk in JUNK]
    for run in run_batch(
        trial.sandbox,
        sources,
        [test.input for test in problem.samples],
        [test.output for test in problem.samples],
        comparison=problem.comparison,
    ):
        if "C" in run.codes:
            trial.refuse("the checker fails on an output", "checker", problem.samples[run.codes.index("C")].input)


def _equivalent(trial: Trial, light: Sequence[Light]) -> None:
    """What is listed as equivalent to the reference has its outputs on every test and input of the audit."""
    listed = [mutant for mutant in mutants(trial.blueprint.reference) if mutant.name in trial.blueprint.equivalent]
    for mutant, run in zip(listed, trial.batch([mutant.source for mutant in listed], light), strict=True):
        for one, code in zip(light, run.codes, strict=True):
            if code in "WR":
                trial.refuse("listed as equivalent, but it fails", mutant.name, one.test.input)


def _killed(trial: Trial, light: Sequence[Light], heavy: Sequence[Test]) -> int:
    """How many mutants two tests reject: on light tests in a batch, those that are left one by one on the others."""
    known = _mutants(trial)
    runs = trial.batch([mutant.source for mutant in known], light, KILLS)
    count = [run.failures for run in runs]
    problem = trial.problem(heavy)
    left = [i for i in range(len(known)) if count[i] < KILLS]
    found = trial.spread(lambda i: trial.killers(Program("python", known[i].source), problem, count[i]), left)
    _refuse_survivors(trial, [known[i].name for i, k in zip(left, found, strict=True) if count[i] + len(k) < KILLS])
    return len(known)


def _refuse_survivors(trial: Trial, names: Sequence[str]) -> None:
    if names:
        trial.refuse(
            f"{len(names)} mutants of the reference are not rejected by two tests; write a generator that tells them "
            f"from it, a tighter reference, or list them in `equivalent`: {'; '.join(names)}",
            "reference",
        )


def _rejected(trial: Trial, light: Sequence[Light], heavy: Sequence[Test]) -> int:
    """How many wrong programs two tests reject, each run alone with its limits as a policy's would."""
    wrong = trial.blueprint.wrong
    runs = dict(zip(wrong, trial.batch(list(wrong.values()), light, 2 * KILLS), strict=True))

    longest = [one.test for one in sorted(light, key=lambda one: -one.ticks)]

    def kills(name: str) -> int:
        refuted = [light[at].test for at in runs[name].refuted]
        rest = [test for test in longest if test not in refuted]  # out of ticks may still be within the time limit
        return len(trial.killers(Program("python", wrong[name]), trial.problem([*refuted, *heavy, *rest])))

    for name, count in zip(wrong, trial.spread(kills, list(wrong)), strict=True):
        if count < KILLS:
            trial.refuse(f"a wrong program is rejected by {count} tests; expected {KILLS}", name)
    return len(wrong)


def _audit(trial: Trial, light: Sequence[Light], heavy: Sequence[Test], fresh: Sequence[Light]) -> tuple[int, int]:
    """Of programs that the choice of tests did not know, how many are wrong, and how many of those the tests reject."""
    right = [program.source for program in trial.blueprint.right.values() if program.language == "python"]
    unseen = [mutant.source for source in [*right, *trial.blueprint.wrong.values()] for mutant in mutants(source)]
    unseen = unseen[:: max(1, len(unseen) // AUDITED)]
    left = [source for source, run in zip(unseen, trial.batch(unseen, light, 1), strict=True) if not run.failures]
    runs = trial.batch(left, fresh, 1)
    passed = [source for source, run in zip(left, runs, strict=True) if "W" in run.codes or "R" in run.codes]
    problem = trial.problem(heavy)
    missed = sum(not found for found in trial.spread(lambda s: trial.killers(Program("python", s), problem, 1), passed))
    return len(unseen) - len(left) + len(passed), len(unseen) - len(left) + len(passed) - missed
