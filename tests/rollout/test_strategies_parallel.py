"""Strategies of one round, and strategies by name."""

from collections.abc import Sequence

import pytest

from whetstone.rollout.strategies import (
    BestOfN,
    Cost,
    Majority,
    MarkovianRSA,
    Single,
    StrategySpec,
    Template,
    drive,
    parse_strategy,
    total_logprob,
    vote,
)
from whetstone.rollout.strategies.parallel import answer_of
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


class Says:
    """Gives these completions to every request."""

    def __init__(self, *completions: Completion) -> None:
        self.completions = list(completions)

    def generate(self, requests: Sequence[Request]) -> list[list[Completion]]:
        assert all(request.n == len(self.completions) for request in requests)
        return [self.completions for _ in requests]


def said(*answers: str | None) -> list[Completion]:
    texts = (f"{i} " + (f"<answer>{answer}</answer>" if answer else "none") for i, answer in enumerate(answers))
    return [written(text) for text in texts]


@pytest.mark.parametrize(
    ("answers", "winner"),
    [
        (("1", "2", "2"), 1),
        (("1", "2", "2 ", " 2"), 1),  # blanks do not divide a vote
        (("1", "2", "2", "1"), 0),  # of equals the first
        ((None, None, "3"), 2),  # one answer beats none
        ((None, None), 0),
    ],
)
def test_majority(answers: tuple[str | None, ...], winner: int):
    completions = said(*answers)
    assert vote(completions, answer_of) is completions[winner]
    assert Majority(BUDGET, len(answers)).run(Says(*completions), ["p"], 0) == [[completions[winner]]]


def test_majority_reads_answers_as_it_is_told():
    completions = [written("yes, 4"), written("no, 7"), written("no, 4")]
    strategy = Majority(BUDGET, 3, answer_of=lambda text: text.split(",")[0])
    assert strategy.run(Says(*completions), ["p"], 0) == [[completions[1]]]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"\boxed{\frac{1}{2}} then \boxed{ {3} }", "{3}"),
        (r"\boxed{1", None),
        ("<answer>1</answer> <answer>2", "1"),
        ("", None),
    ],
)
def test_answers_are_read(text: str, answer: str | None):
    assert answer_of(text) == answer


def test_best_of_n_by_log_probability_and_by_a_verifier():
    long, short, lost = written("long", False, [-0.5] * 4), written("s", False, [-1.0]), Completion("", (), (), "error")
    choices = Says(lost, long, short)
    assert BestOfN(BUDGET, 3).run(choices, ["p"], 0) == [[long]]  # -0.5 a token against -1
    assert BestOfN(BUDGET, 3, total_logprob).run(choices, ["p"], 0) == [[short]]  # -1 against -2
    verifier = BestOfN(BUDGET, 3, score=lambda prompt, completion: float(completion.text == prompt))
    assert verifier.run(choices, ["s", "long"], 0) == [[short], [long]]


def test_what_a_sampler_gave_up_on_is_chosen_only_for_want_of_others():
    lost = Completion("", (), (), "error")
    assert BestOfN(BUDGET, 2, score=lambda *_: 0.0).run(Says(lost, written("x")), ["p"], 0) == [[written("x")]]
    assert BestOfN(BUDGET, 2).run(Says(lost, lost), ["p"], 0) == [[lost]]


def test_the_cost_counts_a_shared_prompt_once():
    (solved,) = drive(
        Says(written("abc", prompt="pp"), written("de", False, prompt="pp")), [Single(BUDGET, 2).plan("pp", 0)]
    )
    assert solved.cost == Cost(samples=2, written=4 + 2, read=2)  # "abc" and its end; the prompt is read once


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ({"whole": "{question}"}, r"the template needs the fields {attempts} and {question}, and has \['question'\]"),
        ({"attempt": "{number}"}, r"the attempt needs the fields {tail}"),
        ({"attempt": "{tail} {author}"}, "author"),
        ({"whole": "{question} {attempts} {"}, "is no format string"),
    ],
)
def test_templates_without_their_fields_are_refused(template: dict, message: str):
    with pytest.raises(ValueError, match=message):
        Template(**template)


def markovian(**changes) -> MarkovianRSA:
    return MarkovianRSA(LETTERS, **({"sampling": BUDGET, "n": 6, "c": 2, "tail": 3, "template": SHORT} | changes))


def test_strategies_have_names():
    assert parse_strategy("single").build(LETTERS, BUDGET) == Single(BUDGET)
    assert parse_strategy("majority:n=4").build(LETTERS, BUDGET) == Majority(BUDGET, 4, Majority().answer_of)
    assert parse_strategy({"name": "best-of-n", "n": 4}).build(LETTERS, BUDGET) == BestOfN(BUDGET, 4)
    assert parse_strategy("rsa:n=6,c=2").build(LETTERS, BUDGET, SHORT) == markovian(tail=8)
    assert parse_strategy("delethink:n=6,tail=3").build(LETTERS, BUDGET, SHORT) == markovian(c=1)
    assert parse_strategy("markovian-rsa:n=6,c=2,rounds=2,tail=3").build(LETTERS, BUDGET, SHORT) == markovian()
    default = parse_strategy("markovian-rsa").build(LETTERS, BUDGET)
    assert isinstance(default, MarkovianRSA)
    assert (default.n, default.c, default.rounds, default.tail) == (16, 4, 2, 4096)
    assert [StrategySpec(name, {"n": 5}).build(LETTERS, BUDGET).size for name in ("single", "majority", "rsa")] == [
        5,
        1,
        5,
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("markovian", "did you mean 'markovian-rsa'"),
        ("zzz", "expected one of single, majority"),
        ("rsa:tail=4", "rsa has no 'tail'; it takes n, c, rounds"),
        ("rsa:n", "expected key=number, such as n=8, got 'n'"),
        ({"name": "rsa", "n": 2.5}, "n must be a whole number, not 2.5"),
        ({"n": 2}, "a strategy needs a name"),
    ],
)
def test_unknown_names_and_numbers_are_refused(given, message: str):
    with pytest.raises(ValueError, match=message):
        parse_strategy(given)


@pytest.mark.parametrize("name", ["single", "majority", "best-of-n"])
def test_a_population_of_nobody_is_refused(name: str):
    with pytest.raises(ValueError, match="n must be at least 1, not 0"):
        parse_strategy({"name": name, "n": 0}).build(LETTERS, BUDGET)
