"""Certifying somebody else's problem: its tests are kept as they are, its own programs say what they are worth."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from whetstone.envs.code.batch import CORES
from whetstone.envs.code.certificate import TNR, TPR, Certificate, Certified, Refusal
from whetstone.envs.code.formats import Record
from whetstone.envs.code.judge import Judge, JudgeError, Judgement
from whetstone.envs.code.mutants import mutants
from whetstone.envs.code.problem import Problem
from whetstone.envs.code.sandbox import Program, Sandbox
from whetstone.envs.code.selection import KILLS

SCORE = 0.8
"""Least share of mutants that are rejected, where there is no wrong program: nobody listed the equivalent ones."""
MUTANTS = 60  # of the reference, evenly


def certify_record(record: Record, sandbox: Sandbox) -> Certified | Refusal:
    """Right programs are accepted (the reference is the first), by another hash seed too; wrong ones are rejected.

    Without wrong programs the mutants of a Python reference stand in for them. A record with neither says nothing of
    its tests, and is refused.
    """
    problem, judge = record.problem, Judge(sandbox)
    right = _judged(judge, problem, record.right)
    accepted = [p for p, verdict in zip(record.right, right, strict=True) if verdict.verdict == "AC"]
    if not accepted:
        return Refusal(problem.id, f"no right program is accepted{_first(record.right, right)}")
    with Sandbox(workers=1, tier=sandbox.tier, allow_unsandboxed=True, hash_seed=1) as other:
        again = Judge(other).judge(problem, accepted[0])
    if again.verdict != "AC":
        return Refusal(problem.id, f"the reference is not deterministic: {again.verdict} in another process")
    wrong = _judged(judge, problem, record.wrong)
    known, killed = _mutation(judge, problem, accepted[0])
    certificate = Certificate(
        tests=len(problem.tests),
        agreed=0,
        mutants=known,
        killed=killed,
        equivalent=0,
        right=len(record.right),
        accepted=len(accepted),
        wrong=len(record.wrong),
        rejected=sum(verdict.verdict != "AC" for verdict in wrong),
        audit_inputs=0,
        audit_wrong=0,
        audit_rejected=0,
    )
    if certificate.tpr < TPR:
        at = next(i for i, verdict in enumerate(right) if verdict.verdict != "AC")
        said = f"{right[at].verdict}, {right[at].reason}"
        return Refusal(
            problem.id, f"the tests accept {certificate.tpr:.1%} of the right programs: {said}", f"right {at + 1}"
        )
    if certificate.tnr < TNR:
        at = next(i for i, verdict in enumerate(wrong) if verdict.verdict == "AC")
        return Refusal(problem.id, f"the tests reject {certificate.tnr:.1%} of the wrong programs", f"wrong {at + 1}")
    if not wrong and (not known or certificate.score < SCORE):
        return Refusal(problem.id, f"there is no wrong program, and the tests reject {killed} of {known} mutants")
    return Certified(problem, certificate, cpu=max(verdict.cpu for verdict in right if verdict.verdict == "AC"))


def _judged(judge: Judge, problem: Problem, programs: Sequence[Program]) -> list[Judgement]:
    judged = judge.judge_many(problem, programs)
    for judgement in judged:
        if judgement.verdict == "JE":
            raise JudgeError(judgement.reason)
    return judged


def _first(programs: Sequence[Program], judged: Sequence[Judgement]) -> str:
    return f": {judged[0].verdict}, {judged[0].reason}" if programs else ""


def _mutation(judge: Judge, problem: Problem, reference: Program) -> tuple[int, int]:
    """How many mutants of a Python reference were tried, and how many two tests reject (one, if there is only one)."""
    if reference.language != "python":
        return 0, 0
    every = mutants(reference.source)
    tried = every[:: max(1, len(every) // MUTANTS)]
    wanted = min(KILLS, len(problem.tests))

    def rejected(source: str) -> bool:
        count = 0
        for index in range(len(problem.tests)):
            count += judge.judge_test(problem, dataclasses.replace(reference, source=source), index).verdict not in (
                "AC",
                "JE",
            )
            if count >= wanted:
                return True
        return False

    with ThreadPoolExecutor(CORES) as pool:
        return len(tried), sum(pool.map(rejected, (mutant.source for mutant in tried)))
