"""Evaluation: counts a person can check, kinds kept apart, and the same problems from the same keys."""

import io
from collections.abc import Sequence
from dataclasses import replace

import pytest
from rich.console import Console

from whetstone.baselines import baseline, null, oracle, random
from whetstone.compare import compare, compare_markdown, compare_table
from whetstone.envs import load
from whetstone.evaluate import Attempts, Unit, ask, draw_problems, evaluate
from whetstone.exam import drawn
from whetstone.policies import Policy, Runs
from whetstone.rollout.strategies import BestOfN, Majority, MarkovianRSA, Single
from whetstone.rollout.strategies.driver import drive_all
from whetstone.rollout.types import Completion, Finish, Request, Sampling
from whetstone.rows import Row, RowKind
from whetstone.statistics import wilson
from whetstone.summary import Summary, summarise

SORTING = "sequences/sorting"


def problems(levels: Sequence[int], count: int):
    return draw_problems([SORTING], levels, count)


class Says:
    """A sampler that always says the same, and remembers what it was asked."""

    def __init__(self, text: str, finish: Finish = "stop", tokens: int = 3) -> None:
        self.completion = Completion(text, tuple(range(tokens)), (0.0,) * tokens, finish)
        self.asked: list[Request] = []

    def generate(self, requests: Sequence[Request]) -> list[list[Completion]]:
        self.asked += requests
        return [[self.completion] * request.n for request in requests]


def row(task: str, level: int, seed: int, correct: bool, kind: RowKind = "graded") -> Row:
    return Row(task, level, seed, "p", "c", kind, float(correct), correct, "", 1, "stop")


def test_baselines_are_where_they_should_be():
    assert all(r.correct for r in evaluate(oracle(problems([0, 5], 6)), [SORTING], [0, 5], 6))
    assert not any(r.correct for r in evaluate(null(), [SORTING], [0, 5], 6))
    assert not any(r.correct for r in evaluate(random(), [SORTING], [0, 5], 6))
    with pytest.raises(ValueError, match="oracle, null, random"):
        baseline("oracel", [])
    with pytest.raises(LookupError, match="knows only"):
        baseline("oracle", []).generate([Request("who?")])


def test_one_request_a_problem_with_n_samples_and_seeds_of_their_own():
    sampler = Says("<answer>1</answer>")
    rows = evaluate(sampler, [SORTING], [0, 1], problems=3, samples=4, sampling=Sampling(max_tokens=7))
    assert len(rows) == 2 * 3 * 4
    assert [request.n for request in sampler.asked] == [4] * 6
    assert {request.sampling.max_tokens for request in sampler.asked} == {7}
    assert len({request.seed for request in sampler.asked}) == 6


def test_equal_keys_are_equal_problems_and_other_seeds_are_others():
    first, again, other = (evaluate(null(), [SORTING], [8], problems=5, seed=s) for s in (0, 0, 1))
    assert [r.prompt for r in first] == [r.prompt for r in again]
    assert not {r.prompt for r in first} & {r.prompt for r in other}


def test_every_unit_is_heard_of_once_and_done_ones_are_not_asked():
    items, heard = drawn([SORTING], [0], 9), []
    done = {Unit(items[3].key)}
    ask(null(), items, Attempts.independent(2), lambda unit, _, rows: heard.append((unit, len(rows))), done, wide=4)
    assert sorted(heard) == [(Unit(item.key), 2) for item in items if Unit(item.key) not in done]


def test_asking_stops_when_told_and_finishes_what_is_under_way():
    heard: list[Unit] = []
    items = drawn([SORTING], [0], 9)
    ask(
        null(),
        items,
        Attempts.independent(1),
        lambda unit, *_: heard.append(unit),
        stop=lambda: len(heard) >= 2,
        wide=2,
    )
    assert 2 <= len(heard) <= 6  # batches of two, judged in threads: one more batch or two may have begun


class Stepping:
    """A sampler with `add` and `step` that finishes the latest request first."""

    class Handle:
        def __init__(self, request: Request) -> None:
            self.request, self.done = request, False
            self.completions: list[Completion | None] = [None] * request.n

    def __init__(self) -> None:
        self.open: list[Stepping.Handle] = []
        self.most = 0

    @property
    def unfinished(self) -> bool:
        return bool(self.open)

    def add(self, request: Request) -> Handle:
        self.open.append(Stepping.Handle(request))
        self.most = max(self.most, sum(handle.request.n for handle in self.open))
        return self.open[-1]

    def step(self):
        handle = self.open.pop()
        handle.done = True
        handle.completions = [
            Completion(f"{handle.request.prompt}{i}", (1,), (0.0,), "stop") for i in range(handle.request.n)
        ]
        return [(handle, i, completion) for i, completion in enumerate(handle.completions)]

    def cancel(self, handle: Handle) -> None:
        self.open.remove(handle)

    def generate(self, requests: Sequence[Request]) -> list[list[Completion]]:
        raise AssertionError("it can do better than that")


class Completing:
    """A sampler with `complete`."""

    closed = False

    async def complete(self, request: Request) -> list[Completion]:
        return [Completion(f"{request.prompt}{i}", (1,), (0.0,), "stop") for i in range(request.n)]

    async def aclose(self) -> None:
        self.closed = True


class Batches:
    """A sampler with `generate` alone."""

    def generate(self, requests: Sequence[Request]) -> list[list[Completion]]:
        return [[Completion(f"{r.prompt}{i}", (1,), (0.0,), "stop") for i in range(r.n)] for r in requests]


@pytest.mark.parametrize("kind", [Stepping, Completing, Batches])
def test_plans_end_alike_over_every_kind_of_sampler(kind):
    sampler, found = kind(), {}
    jobs = iter([(name, lambda name=name: Single(Sampling(), 3).plan(name, 0)) for name in "abcdefg"])
    drive_all(sampler, jobs, lambda name, solved: found.__setitem__(name, solved), wide=6)
    assert {name: [c.text for c in solved.outcome.final] for name, solved in found.items()} == {
        name: [f"{name}0", f"{name}1", f"{name}2"] for name in "abcdefg"
    }
    assert all(solved.cost.written == 3 for solved in found.values())
    assert getattr(sampler, "most", 6) == 6 and getattr(sampler, "closed", True)


class AllAtOnce(Stepping):
    """Finishes everything in one step, as an engine may whose sequences end together."""

    def step(self):
        return [done for _ in range(len(self.open)) for done in super(AllAtOnce, self).step()]


@pytest.mark.parametrize("kind", [Stepping, AllAtOnce, Completing, Batches])
def test_rounds_of_many_requests_end_alike_over_every_kind_of_sampler(kind):
    strategy, found = MarkovianRSA(Runs(), Sampling(), n=4, c=2, rounds=2, tail=8), {}
    jobs = iter([(name, lambda name=name: strategy.plan(name, 0)) for name in "abc"])
    drive_all(kind(), jobs, lambda name, solved: found.__setitem__(name, solved), wide=8)
    assert {name: (len(s.outcome.final), s.cost.samples) for name, s in found.items()} == dict.fromkeys("abc", (4, 12))


def test_a_strategy_gives_a_row_for_every_final_candidate_and_every_token_is_accounted_for():
    items, sampler = drawn([SORTING], [0], 1), Says("<answer>1</answer>")
    found: list[Row] = []
    ask(sampler, items, Attempts(Majority(Sampling(), 5), 3), lambda unit, _, rows: found.extend(rows))
    assert sorted((row.sample, row.spent, row.tokens) for row in found) == [(i, 15, 3) for i in range(3)]
    assert len({request.seed for request in sampler.asked}) == 3
    found.clear()
    ask(sampler, items, Attempts(BestOfN(Sampling(), 2)), lambda unit, _, rows: found.extend(rows))
    assert [(row.sample, row.spent) for row in found] == [(0, 6)]


def test_failures_keep_their_kinds():
    def only(sampler: Says) -> Row:
        return evaluate(sampler, [SORTING], [0], 1)[0]

    assert only(Says("nothing")).kind == "unreadable"
    assert only(Says("nothing", "length")).kind == "truncated"
    assert only(Says("<answer>1 2 3</answer>", "length")).kind in ("graded", "invalid")
    lost = only(Says("", "error"))
    assert (lost.kind, lost.score) == ("lost", None)


def test_a_problem_that_the_context_has_no_room_for_is_wrong_and_not_sent():
    sampler, found = Says("<answer>1</answer>"), []
    policy = Policy(sampler, Runs(), positions=45)  # a token is four characters
    items = drawn([SORTING], [0, 30], 1)
    short, long = (item.draw().prompt for item in items)
    assert len(short) / 4 + 5 <= 45 < len(long) / 4 + 5
    ask(
        sampler,
        items,
        Attempts.independent(2, Sampling(max_tokens=5)),
        lambda unit, problem, rows: found.extend(rows),
        refusal=lambda prompt: policy.refusal(prompt, new=5),
    )
    assert [request.prompt for request in sampler.asked] == [short]
    found.sort(key=lambda row: (row.level, row.sample))
    assert [(r.level, r.kind, r.score, r.sample, r.finish) for r in found[2:]] == [
        (30, "overlong", 0.0, sample, "error") for sample in (0, 1)
    ]
    assert "more than this policy's 45 positions" in found[2].reason
    summary = summarise(found)
    assert summary.failures["overlong"] == 2 and summary.cells[1].trials == 2 and summary.cells[1].correct == 0
    assert Policy(sampler, Runs()).refusal(long, 5) == ""  # nobody knows


def test_a_task_that_raises_is_counted_apart(monkeypatch):
    def bug(self, answer):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(load(SORTING), "check", bug)
    rows = evaluate(Says("<answer>1</answer>"), [SORTING], [0], problems=2)
    assert {(r.kind, r.score, r.reason) for r in rows} == {("crashed", None, "the task raised ZeroDivisionError: oops")}
    summary = summarise(rows)
    assert summary.overall is None and summary.tasks[0].accuracy is None and summary.cells[0].trials == 0
    assert summary.failures == {"crashed": 2}


def test_a_problem_that_cannot_be_drawn_is_counted_for_every_sample(monkeypatch):
    monkeypatch.setattr(load(SORTING), "sample", lambda rng, size: 1 // 0)
    rows = evaluate(null(), [SORTING], [0], problems=2, samples=3)
    assert [r.kind for r in rows] == ["crashed"] * 6
    assert "ZeroDivisionError" in rows[0].reason


@pytest.mark.parametrize("wrong", [{"problems": 0}, {"samples": 0}])
def test_arguments_are_checked(wrong):
    with pytest.raises(ValueError, match="not 0"):
        evaluate(null(), **{"tasks": [SORTING], "levels": [0], "problems": 1, **wrong})
    with pytest.raises(LookupError, match="did you mean"):
        evaluate(null(), ["sequences/sortin"], [0], 1)


def test_summary_by_hand():
    rows = [row("f/a", 0, i, True) for i in range(4)]
    rows += [row("f/a", 1, i, i < 1) for i in range(4)]
    rows += [row("f/b", 0, i, i < 2) for i in range(4)]
    rows += [replace(row("f/b", 0, 9, False, "crashed"), score=None), row("f/b", 0, 10, False, "unreadable")]
    summary = summarise(rows)
    assert [(c.task, c.level, c.correct, c.trials) for c in summary.cells] == [
        ("f/a", 0, 4, 4),
        ("f/a", 1, 1, 4),
        ("f/b", 0, 2, 5),
    ]
    assert summary.tasks[0].accuracy is not None and summary.tasks[0].accuracy.value == 0.625
    assert summary.overall is not None and summary.overall.value == pytest.approx((1 + 0.25 + 0.4) / 3)
    assert summary.failures == {"crashed": 1, "unreadable": 1, "wrong": 5}
    assert summary.tasks[0].frontier is not None and 0 < summary.tasks[0].frontier.value < 1
    assert Summary.from_json(summary.to_json()) == summary
    with pytest.raises(ValueError, match="expected the summary"):
        Summary.from_json("{}")


def test_pass_at_k_and_families_by_hand():
    rows = [
        replace(row("f/a", 0, seed, sample < right), sample=sample)
        for seed, right in ((0, 1), (1, 2))
        for sample in range(2)
    ]
    rows += [replace(row("g/b", 0, 0, False), sample=sample) for sample in range(2)]
    summary = summarise(rows)
    # f/a: problem 0 has 1 of 2 right, problem 1 both; g/b none
    assert summary.overall is not None and summary.overall.value == pytest.approx((0.75 + 0) / 2)
    assert {k: e.value for k, e in summary.pass_at.items()} == {1: pytest.approx(0.375), 2: pytest.approx(0.5)}
    assert {k: e.value for k, e in summary.pass_all.items()} == {1: pytest.approx(0.375), 2: pytest.approx(0.25)}
    assert [(line.task, line.accuracy and line.accuracy.value) for line in summary.families] == [
        ("f", 0.75),
        ("g", 0.0),
    ]
    assert (summary.problems, summary.rows) == (3, 6)


def test_the_mean_over_families_weighs_families_alike():
    rows = [row("f/a", 0, 0, True), row("f/b", 0, 0, True), row("f/c", 0, 0, True), row("g/d", 0, 0, False)]
    summary = summarise(rows)
    assert summary.overall is not None and summary.overall.value == 0.75
    assert summary.by_family is not None and summary.by_family.value == 0.5


def test_samples_of_one_problem_are_no_problems():
    right = [replace(row("f/a", 0, 0, True), sample=i) for i in range(64)]
    cell = summarise(right).cells[0]
    assert cell.accuracy is not None and (cell.accuracy.low, cell.accuracy.high) == wilson(1, 1)
    assert summarise(right).tasks[0].frontier == summarise(right[:1]).tasks[0].frontier


def test_comparison_lists_every_task_and_the_total():
    before = summarise([row("f/a", 0, i, i < 1) for i in range(4)])
    after = summarise([row("f/a", 0, i, i < 3) for i in range(4)] + [row("f/b", 0, 0, True)])
    a, b, total = compare(before, after)
    assert a.accuracy.difference == 0.5 and b.accuracy.difference is None
    assert total.accuracy.difference == pytest.approx((0.75 + 1) / 2 - 0.25)
    lines = compare_markdown(before, after).splitlines()
    assert len(lines) == 5 and lines[2].startswith("| f/a | 0.25 [") and "| +0.50 |" in lines[2]
    assert lines[-1].startswith("| **all tasks** | **0.25 [")
    output = io.StringIO()
    Console(file=output, width=80).print(compare_table(before, after))
    assert "all tasks" in output.getvalue() and "+0.50" in output.getvalue() and "f/a" in output.getvalue()
    many = summarise([row(f"{family}/{i}", 0, 0, True) for family in "fg" for i in range(20)])
    Console(file=(output := io.StringIO()), width=80).print(compare_table(many, many))
    lines = output.getvalue().splitlines()
    assert "f/0" not in output.getvalue() and [line.split()[0] for line in lines if "±" in line][:2] == ["f", "g"]
