"""Strategies on a deterministic fake: identities, lineage, tails, bounds, and what is asked in a round."""

import re
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone.rollout.strategies import (
    MarkovianRSA,
    Single,
    Template,
    delethink,
    drive,
    rsa,
)
from whetstone.rollout.strategies.plan import keyed
from whetstone.rollout.types import Completion, Request, Sampling

BUDGET = Sampling(max_tokens=8)
SHORT = Template("{question}|{attempts}")


class Letters:
    """A token is a character; 0 stops and is not shown."""

    def encode(self, text: str) -> list[int]:
        return list(map(ord, text))

    def decode(self, tokens: Sequence[int]) -> str:
        return "".join(chr(token) for token in tokens if token)


LETTERS = Letters()


def written(text: str, stop: bool = True, logprobs: Sequence[float] | None = None, prompt: str = "") -> Completion:
    tokens = (*map(ord, text), *((0,) if stop else ()))
    chosen = tuple(logprobs) if logprobs is not None else (0.0,) * len(tokens)
    return Completion(text, tokens, chosen, "stop" if stop else "length", tuple(map(ord, prompt)))


@dataclass
class Fake:
    """Writes letters that follow from seed, sample and prompt; every third attempt is cut off. Keeps the requests."""

    rounds: list[list[Request]] = field(default_factory=list)

    def generate(self, requests: Sequence[Request]) -> list[list[Completion]]:
        self.rounds.append(list(requests))
        return [[self.write(request, i) for i in range(request.n)] for request in requests]

    @staticmethod
    def write(request: Request, sample: int) -> Completion:
        assert isinstance(request.prompt, str)
        number = request.seed * 31 + sample * 1009 + sum(map(ord, request.prompt))
        budget = request.sampling.max_tokens
        letters = "".join(chr(ord("a") + number // 7**i % 26) for i in range(budget))
        if number % 3 == 0:
            return written(letters, stop=False, prompt=request.prompt)
        return written(f"{letters[: budget - 4]}<answer>{number % 10}</answer>", prompt=request.prompt)


def markovian(**changes) -> MarkovianRSA:
    return MarkovianRSA(LETTERS, **({"sampling": BUDGET, "n": 6, "c": 2, "tail": 3, "template": SHORT} | changes))


def before_answer(completion: Completion) -> str:
    return completion.text.split("<answer>")[0]


# -- one round --------------------------------------------------------------------------------------------------------


def test_single_asks_once_for_all_with_a_seed_for_each():
    fake = Fake()
    results = Single(BUDGET, n=3).run(fake, ["p", "p", "q"], seed=5)
    assert [len(group) for group in results] == [3, 3, 3]
    ((a, b, c),) = fake.rounds
    assert (a.prompt, a.n, a.sampling) == ("p", 3, BUDGET)
    assert len({a.seed, b.seed, c.seed}) == 3
    assert results == Single(BUDGET, n=3).run(Fake(), ["p", "p", "q"], seed=5)
    assert results != Single(BUDGET, n=3).run(Fake(), ["p", "p", "q"], seed=6)


# -- the identities, each against a plain loop ------------------------------------------------------------------------


def test_without_rounds_it_is_parallel_sampling():
    for rounds_of in (markovian(rounds=0), delethink(LETTERS, BUDGET, n=6, rounds=0), rsa(LETTERS, BUDGET, 6, 2, 0)):
        assert rounds_of.run(Fake(), ["p", "q"], 3) == Single(BUDGET, n=6).run(Fake(), ["p", "q"], 3)


def aggregated(question: str, seed: int, n: int, c: int, rounds: int) -> list[Completion]:
    """Recursive self-aggregation as its paper has it: whole attempts, subsets without replacement, all replaced."""
    population = Fake().generate([Request(question, BUDGET, n, seed)])[0]
    for round_ in range(1, rounds + 1):
        rng = np.random.default_rng(keyed(seed, round_, n))
        subsets = [rng.choice(n, size=c, replace=False) for _ in range(n)]
        shown = [
            "\n\n".join(f"Attempt {k + 1}:\n{before_answer(population[i])}" for k, i in enumerate(s)) for s in subsets
        ]
        population = [
            Fake.write(Request(f"{question}|{attempts}", BUDGET, 1, keyed(seed, round_, place)), 0)
            for place, attempts in enumerate(shown)
        ]
    return population


def test_a_tail_as_long_as_the_budget_is_recursive_self_aggregation():
    questions = ["p", "q"]
    expected = [aggregated(question, keyed(3, i), 6, 2, 3) for i, question in enumerate(questions)]
    assert markovian(tail=BUDGET.max_tokens, rounds=3).run(Fake(), questions, 3) == expected
    assert rsa(LETTERS, BUDGET, 6, 2, 3, SHORT).run(Fake(), questions, 3) == expected
    assert markovian(rounds=3).run(Fake(), questions, 3) != expected  # shorter tails are another thing


def chunks(question: str, seed: int, rounds: int, tail: int) -> Completion:
    """One Delethink trace: write a chunk, carry its end, write the next."""
    chunk = Fake.write(Request(question, BUDGET, 1, seed), 0)
    for round_ in range(1, rounds + 1):
        carried = before_answer(chunk)[-tail:]
        chunk = Fake.write(Request(f"{question}|Attempt 1:\n{carried}", BUDGET, 1, keyed(seed, round_, 0)), 0)
    return chunk


def test_with_one_tail_it_is_a_chain_of_chunks():
    expected = [[chunks(question, keyed(0, i), 4, 3)] for i, question in enumerate(["p", "q"])]
    assert markovian(n=1, c=1, rounds=4).run(Fake(), ["p", "q"], 0) == expected
    assert delethink(LETTERS, BUDGET, 1, 4, 3, SHORT).run(Fake(), ["p", "q"], 0) == expected


def test_each_of_several_chains_goes_on_from_one_chunk():
    fake = Fake()
    (trace,) = markovian(c=1, rounds=4).trace(fake, ["p"], 0)
    for round_ in range(1, 5):
        for request, candidate in zip(fake.rounds[round_], trace[round_], strict=True):
            (parent,) = candidate.parents
            assert request.prompt == f"p|Attempt 1:\n{before_answer(trace[round_ - 1][parent].completion)[-3:]}"


# -- rounds -----------------------------------------------------------------------------------------------------------


def test_a_round_of_all_problems_is_one_call():
    fake = Fake()
    results = markovian(rounds=2).run(fake, ["p", "q", "r"], 0)
    assert [len(requests) for requests in fake.rounds] == [3, 18, 18]
    assert [request.prompt[0] for request in fake.rounds[1]] == ["p"] * 6 + ["q"] * 6 + ["r"] * 6
    assert [len(group) for group in results] == [6, 6, 6]
    seeds = [request.seed for requests in fake.rounds for request in requests]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_plans_of_different_lengths_share_calls():
    fake = Fake()
    plans = [markovian(rounds=2).plan("p", 1), Single(BUDGET, 2).plan("q", 2), markovian(rounds=1).plan("r", 3)]
    solved = drive(fake, plans)
    assert [len(requests) for requests in fake.rounds] == [3, 12, 6]
    assert [len(s.outcome.final) for s in solved] == [6, 2, 6]
    assert [s.cost.samples for s in solved] == [18, 2, 12]


def test_the_cost_counts_every_round():
    fake = Fake()
    (solved,) = drive(fake, [markovian(rounds=2).plan("p", 0)])
    asked = [request for requests in fake.rounds for request in requests]
    assert solved.cost.read == sum(len(request.prompt) for request in asked)
    assert solved.cost.written == sum(len(Fake.write(r, i).tokens) for r in asked for i in range(r.n))


def test_every_candidate_is_kept_with_its_parents():
    fake = Fake()
    traces = markovian(c=4, rounds=2).trace(fake, ["p", "q"], 1)
    for problem, trace in enumerate(traces):
        assert [len(population) for population in trace] == [6, 6, 6]
        assert [{candidate.round for candidate in population} for population in trace] == [{0}, {1}, {2}]
        assert all(candidate.parents == () for candidate in trace[0])
        for round_ in (1, 2):
            tails = [before_answer(candidate.completion)[-3:] for candidate in trace[round_ - 1]]
            for place, candidate in enumerate(trace[round_]):
                assert len(set(candidate.parents)) == 4  # without replacement
                asked = fake.rounds[round_][6 * problem + place].prompt
                assert isinstance(asked, str)
                assert re.findall(r":\n(\w+)", asked) == [tails[parent] for parent in candidate.parents]
    run = markovian(c=4, rounds=2).run(Fake(), ["p", "q"], 1)
    assert run == [[candidate.completion for candidate in trace[-1]] for trace in traces]


def test_every_candidate_is_as_likely_to_be_read():
    counts = [0] * 6
    for trace in markovian(rounds=1).trace(Fake(), ["p"] * 500, 0):
        for candidate in trace[1]:
            for parent in candidate.parents:
                counts[parent] += 1
    # 3000 draws of 2 out of 6: 1000 each, standard deviation sqrt(3000 / 3 * 2 / 3) = 26
    assert all(abs(count - 1000) < 4 * 26 for count in counts)


class Tracked(Completion):
    """One that can be asked whether it is still there."""


def test_memory_does_not_grow_with_the_rounds():
    class Counting(Fake):
        def generate(self, requests: Sequence[Request]) -> list[list[Completion]]:
            alive.append(sum(ref() is not None for ref in made))
            answers: list[list[Completion]] = [
                [Tracked(c.text, c.tokens, c.logprobs, c.finish) for c in group] for group in super().generate(requests)
            ]
            made.extend(weakref.ref(completion) for group in answers for completion in group)
            return answers

    made: list[weakref.ref] = []
    alive: list[int] = []
    markovian(rounds=8).run(Counting(), ["p"], 0)
    assert max(alive) <= 6  # one population, whatever the round
    markovian(rounds=8, keep=True).run(Counting(), ["p"], 0)
    assert alive[9:] == [6 * round_ for round_ in range(9)]


def test_the_seed_decides_everything():
    first, again, other = Fake(), Fake(), Fake()
    assert markovian().trace(first, ["p", "q"], 1) == markovian().trace(again, ["p", "q"], 1)
    markovian().run(other, ["p", "q"], 2)
    assert first.rounds == again.rounds
    assert first.rounds[1] != other.rounds[1]


# -- tails and bounds -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "stop", "tail"),
    [
        ("think hard<answer>7</answer>", True, "hard"),
        ("cut off here", False, "here"),
        ("cut<answer>7", False, "cut"),
        ("no<answer>1</answer> yes!<answer>2</answer>", True, "yes!"),
        ("<think>deep idea</think>so <answer>7</answer>", True, "idea"),
        ("<think>cut deep", False, "deep"),
        ("deep idea</think>so 7", True, "idea"),  # the prompt had opened it
        ("<think>ab", False, "ab"),
        ("<answer>7</answer>", True, "wer>"),  # nothing but an answer: its end
        ("", True, ""),
        ("ab", True, "ab"),
    ],
)
def test_tails(text: str, stop: bool, tail: str):
    assert markovian(tail=4).tail_of(written(text, stop)) == tail


class Words:
    """Tokens of several characters."""

    spelling = ("", "so ", "it is", " <ans", "wer>5")

    def encode(self, text: str) -> list[int]:
        return [0] * len(text)

    def decode(self, tokens: Sequence[int]) -> str:
        return "".join(self.spelling[token] for token in tokens)


def test_a_token_that_runs_into_the_tag_is_left_out():
    completion = Completion("so it is <answer>5", (1, 2, 3, 4), (0.0,) * 4, "length")
    assert MarkovianRSA(Words(), tail=1).tail_of(completion) == "it is"


def test_without_token_ids_the_tokenizer_counts():
    assert markovian(tail=4).tail_of(Completion("think hard<answer>7</answer>", (), (), "stop")) == "hard"


class Bytes:
    """A token is a byte; half a character decodes to the replacement character, which is three bytes again."""

    def encode(self, text: str) -> list[int]:
        return list(text.encode())

    def decode(self, tokens: Sequence[int]) -> str:
        return bytes(tokens).decode(errors="replace")


@given(
    st.text(max_size=6),
    st.lists(st.lists(st.integers(1, 255), max_size=12), min_size=3, max_size=3),
    st.integers(1, 5),
    st.integers(1, 3),
)
def test_a_context_never_exceeds_its_bound(question: str, attempts: list[list[int]], tail: int, c: int):
    tokenizer, budget = Bytes(), 12
    asked: list[Request] = []

    class Babble:
        def generate(self, requests: Sequence[Request]) -> list[list[Completion]]:
            asked.extend(requests)
            ids = [tuple(attempts[i % 3]) for r in requests for i in range(r.n)]
            made = iter(Completion(tokenizer.decode(t), t, (0.0,) * len(t), "length") for t in ids)
            return [[next(made) for _ in range(r.n)] for r in requests]

    strategy = MarkovianRSA(tokenizer, Sampling(max_tokens=budget), 3, c, rounds=2, tail=tail)
    strategy.run(Babble(), [question], 0)
    template = len(tokenizer.encode(strategy.template.render("", [""] * c)))
    for request in asked[1:]:
        assert isinstance(request.prompt, str)
        read = len(tokenizer.encode(request.prompt))
        assert read <= len(tokenizer.encode(question)) + template + c * tail


# -- settings and templates ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"c": 7}, r"c must lie in 1\.\.n \(n is 6\), not 7"),
        ({"c": 0}, r"not 0"),
        ({"rounds": -1}, "rounds must be >= 0"),
        ({"tail": 0}, "tail must be at least 1"),
    ],
)
def test_impossible_settings_are_refused(changes: dict, message: str):
    with pytest.raises(ValueError, match=message):
        markovian(**changes)


def test_a_template_is_the_users():
    template = Template("{attempts} ? {question}", "<{tail}>", " + ")
    assert template.render("q{1}", ["a", "{b}"]) == "<a> + <{b}> ? q{1}"
    fake = Fake()
    markovian(rounds=1, template=template).run(fake, ["p"], 0)
    assert all(re.fullmatch(r"<\w+> \+ <\w+> \? p", str(request.prompt)) for request in fake.rounds[1])
