"""Judging answers: exact arithmetic here, everything else by the workers of `pool`, each answer once."""

from __future__ import annotations

from collections.abc import Sequence

from whetstone.envs.math import pool
from whetstone.envs.math.compare import same
from whetstone.envs.math.exact import Undecided, number
from whetstone.envs.math.extract import extract
from whetstone.envs.math.gold import Gold, Judgement, parse_gold
from whetstone.envs.math.guard import EASY, Limit
from whetstone.envs.math.oracle import Exact

CACHED = 16384  # verdicts of workers that are kept
EXACT = Exact()
EQUAL = Judgement("correct", "equal")
NOTHING = Judgement(
    "unreadable", "expected an answer marked by <answer>, \\boxed, #### or 'final answer is', found none"
)

_cache: dict[tuple[Gold, str], Judgement] = {}


def verify(gold: Gold | str, answer: str) -> Judgement:
    """Judge an extracted answer; raises `ValueError` where `gold` is a text that is no gold answer.

    >>> verify("1/2", r"\\\\frac{2}{4}").kind, verify("0.333", "1/3").kind
    ('correct', 'wrong')
    """
    known = parse_gold(gold) if isinstance(gold, str) else gold
    text = _marked(answer)
    return _at_once(known, text) or _by_workers([(known, text)])[0]


def judge(gold: Gold | str, response: str) -> Judgement:
    """Judge the final answer of a response, as `extract` finds it; `unreadable` where it finds none."""
    answer = extract(response)
    return NOTHING if answer is None else verify(gold, answer)


def judge_many(golds: Sequence[Gold | str], responses: Sequence[str]) -> list[Judgement]:
    """Judge the final answers of responses, in order, as `verify_many` does."""
    answers = [extract(response) for response in responses]
    marked = [(gold, answer) for gold, answer in zip(golds, answers, strict=True) if answer is not None]
    judgements = iter(verify_many([gold for gold, _ in marked], [answer for _, answer in marked]))
    return [NOTHING if answer is None else next(judgements) for answer in answers]


def verify_many(golds: Sequence[Gold | str], answers: Sequence[str]) -> list[Judgement]:
    """Judge answers in order, the hard ones in parallel. Callable from any thread; `asyncio.to_thread` fits it."""
    judgements: list[Judgement | None] = []
    hard: dict[tuple[Gold, str], list[int]] = {}
    for at, (gold, answer) in enumerate(zip(golds, answers, strict=True)):
        known = parse_gold(gold) if isinstance(gold, str) else gold
        text = _marked(answer)
        judgements.append(_at_once(known, text))
        if judgements[-1] is None:
            hard.setdefault((known, text), []).append(at)
    if hard:
        for places, judgement in zip(hard.values(), _by_workers(list(hard)), strict=True):
            for at in places:
                judgements[at] = judgement
    return judgements  # type: ignore[return-value]


def _marked(answer: str) -> str:
    """An answer without a box or a tag around it."""
    return extract(answer) or answer if "\\" in answer or "<" in answer or "#" in answer else answer


def _at_once(gold: Gold, answer: str) -> Judgement | None:
    """The verdict where exact arithmetic gives it, else None."""
    if gold.number is not None and (value := number(answer)) is not None:
        return EQUAL if value == gold.number else _different(gold, answer)
    try:
        shape = gold.read(answer)
    except Limit as limit:
        return Judgement("unverified", str(limit))
    except ValueError as error:
        return Judgement("unreadable", str(error))
    if len(answer) > EASY:
        return None
    try:
        return EQUAL if same(gold.shape, shape, gold.rules, EXACT) else _different(gold, answer)
    except (Undecided, Limit):
        return None
    except ValueError as error:
        return Judgement("unreadable", str(error))


def _different(gold: Gold, answer: str) -> Judgement:
    return Judgement("wrong", f"expected {gold.text[:80]}, found {answer[:80]}")


def _by_workers(pairs: list[tuple[Gold, str]]) -> list[Judgement]:
    found = {pair: known for pair in pairs if (known := _cache.get(pair))}
    asked = [pair for pair in pairs if pair not in found]
    for pair, (kind, reason) in zip(asked, pool.ask([_request(*pair) for pair in asked]), strict=True):
        found[pair] = _different(*pair) if kind == "wrong" else Judgement(kind, reason)  # type: ignore[arg-type]
    settled = {pair: found[pair] for pair in asked if found[pair].kind != "unverified"}
    if len(_cache) + len(settled) > CACHED:
        _cache.clear()
    _cache.update(settled)
    return [found[pair] for pair in pairs]


def _request(gold: Gold, answer: str) -> dict:
    tolerance = gold.rules.tolerance
    rules = [None if tolerance is None else str(tolerance), gold.rules.percent, gold.rules.units, gold.rules.order]
    return {"gold": gold.text, "kind": gold.read_as, "rules": rules, "answer": answer}
