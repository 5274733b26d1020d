"""The draw of a token: its random number, its cut-offs, its frequencies."""

import math

import numpy as np
import pytest
import torch

from whetstone.rollout.engine.sampling import AHEAD, Draw, cut, key, sample, uniform
from whetstone.rollout.types import Sampling

MASK = (1 << 64) - 1
CPU = torch.device("cpu")


def splitmix(state: int) -> int:
    """The next output of splitmix64 from `state`, in plain integers (Steele, Lea and Flood 2014)."""
    z = (state + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def test_the_stream_of_key_zero_is_the_published_one():
    # The first outputs of splitmix64 from state 0, as in the test vectors of its ports.
    published = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    found = uniform(np.zeros(3, np.uint64), np.arange(3, dtype=np.uint64))
    assert found.tolist() == [(z >> 11) * 2.0**-53 for z in published]


def test_uniforms_equal_the_generator_in_plain_integers():
    keys = [0, 1, 12345, key(7, 3), (1 << 63) - 1]
    for k in keys:
        counters = np.arange(5, dtype=np.uint64)
        expected = [(splitmix((k + i * 0x9E3779B97F4A7C15) & MASK) >> 11) * 2.0**-53 for i in range(5)]
        assert uniform(np.full(5, k, np.uint64), counters).tolist() == expected


def test_uniforms_have_the_moments_of_a_uniform():
    keys = np.array([key(seed, sample) for seed in range(40) for sample in range(10)], np.uint64)
    draws = torch.from_numpy(uniform(np.repeat(keys, 100), np.tile(np.arange(100, dtype=np.uint64), 400)))
    assert 0 <= float(draws.min()) < float(draws.max()) < 1
    n = len(draws)  # 40,000: the mean is within 4 standard errors of 1/2
    assert abs(float(draws.mean()) - 0.5) < 4 / math.sqrt(12 * n)
    assert float(draws.var()) == pytest.approx(1 / 12, rel=0.03)
    table = draws.view(400, 100)
    assert abs(float(torch.corrcoef(table[:, :2].T)[0, 1])) < 0.2  # neighbouring positions
    assert abs(float(torch.corrcoef(table[:2])[0, 1])) < 0.4  # neighbouring samples


def test_keys_are_distinct_and_fit():
    keys = {key(seed, sample) for seed in (-1, 0, 1, 2, 2**31, 2**63) for sample in range(100)}
    assert len(keys) == 600
    assert all(0 <= k < 1 << 63 for k in keys)


def test_numbers_made_ahead_are_those_of_their_places():
    counts = np.array([0, 5, 100], np.uint64)
    draw = Draw([Sampling()] * 3, [key(1, 0), key(1, 1), key(2, 0)], counts.tolist(), CPU)
    for step in range(2 * AHEAD + 3):
        assert torch.equal(draw.numbers(), draw.numbers_after(counts + np.uint64(step))[:, None])


PROBABILITIES = torch.tensor([0.05, 0.4, 0.0, 0.3, 0.05, 0.2])


class Fixed(Draw):
    """A draw with given numbers."""

    def __init__(self, numbers: list[float], *settings: Sampling) -> None:
        rows = len(numbers)
        super().__init__(settings * (rows if len(settings) == 1 else 1), [0] * rows, [0] * rows, CPU)
        self._given = torch.tensor(numbers)[:, None]

    def numbers(self) -> torch.Tensor:
        return self._given


def test_the_draw_is_the_inverse_of_the_distribution():
    # Cumulative: .05 .45 .45 .75 .80 1. The number falls into the token's interval; the empty token has none.
    numbers = [0.0, 0.04, 0.06, 0.44, 0.46, 0.74, 0.76, 0.79, 0.81, 0.9999]
    tokens, logprobs, best = sample(PROBABILITIES.log().expand(10, -1), Fixed(numbers, Sampling()))
    assert tokens.tolist() == [0, 0, 1, 1, 3, 3, 4, 4, 5, 5]
    torch.testing.assert_close(logprobs, PROBABILITIES[tokens].log())
    assert best is None


def test_no_number_points_past_the_last_possible_token():
    draw = Draw([Sampling()] * 2000, [key(0, i) for i in range(2000)], [0] * 2000, CPU)
    assert float(draw.numbers().max()) <= 1 - 2.0**-23
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(2000, 50, generator=generator)
    logits[:, 40:] = -torch.inf  # ten tokens that are impossible, at the end
    tokens, logprobs, _ = sample(logits, Fixed([1 - 2.0**-23] * 2000, Sampling()))
    assert int(tokens.max()) < 40
    assert bool(logprobs.isfinite().all())


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1.7])
def test_frequencies_follow_the_probabilities(temperature: float):
    n = 20_000
    logits = PROBABILITIES.log() + 3
    draw = Draw([Sampling(temperature=temperature)] * n, [key(11, 0)] * n, list(range(n)), CPU)
    tokens, _, _ = sample(logits.expand(n, -1), draw)
    expected = n * (PROBABILITIES.log() / temperature).softmax(-1)
    found = torch.bincount(tokens, minlength=6)
    assert found[2] == 0
    kept = expected > 0
    chi_square = ((found - expected)[kept] ** 2 / expected[kept]).sum()
    assert chi_square < 18.5  # the 99.9th percentile at four degrees of freedom


def test_a_draw_goes_on_where_another_stopped():
    one = Draw([Sampling()] * 2, [key(1, 0), key(1, 1)], [0, 7], CPU)
    first, second = one.numbers(), one.numbers()
    again = Draw([Sampling()] * 2, [key(1, 1), key(1, 0)], [8, 1], CPU)
    assert again.numbers().tolist() == second.flip(0).tolist()
    assert first.tolist() != second.tolist()


def test_greedy_takes_the_most_likely_at_temperature_one():
    for settings in ([Sampling(temperature=0.0)], [Sampling(temperature=0.0), Sampling()]):
        tokens, logprobs, _ = sample(PROBABILITIES.log().expand(2, -1), Fixed([0.0, 0.0], *settings))
        assert tokens.tolist() == ([1, 1] if len(settings) == 1 else [1, 0])
        assert logprobs[0].item() == pytest.approx(math.log(0.4))


def test_alternatives_are_the_most_likely_tokens():
    _, _, best = sample(PROBABILITIES.log().expand(2, -1), Fixed([0.0, 0.0], Sampling(alternatives=2), Sampling()))
    assert best is not None
    assert best[0].tolist() == [[1, 3], [1, 3]]
    assert best[1][0].tolist() == pytest.approx([math.log(0.4), math.log(0.3)])


def test_a_row_that_is_not_finite_says_so_and_spoils_no_other():
    logits = PROBABILITIES.log().repeat(3, 1)
    logits[1, 4] = torch.nan
    logits[2, 0] = torch.inf
    for settings in (
        Sampling(),
        Sampling(temperature=0.0),
        Sampling(top_k=2),
        Sampling(top_p=0.9),
        Sampling(min_p=0.1),
    ):
        tokens, logprobs, _ = sample(logits, Fixed([0.5] * 3, settings))
        assert logprobs.isnan().tolist() == [False, True, True]
        assert tokens[0] == (1 if settings.temperature == 0 or settings.top_k else 3)


def probabilities(width: int = 1024, **cuts) -> list[float]:
    """What the settings leave of PROBABILITIES."""
    draw = Draw([Sampling(**cuts)], [0], [0], CPU)
    draw.widest = width
    return draw.shaped(PROBABILITIES.log()[None]).softmax(-1)[0].tolist()


@pytest.mark.parametrize("width", [1, 3, 1024])
def test_cuts_by_hand(width: int):
    def kept(**cuts) -> list[float]:
        return probabilities(max(width, cuts.get("top_k", 0)), **cuts)

    assert kept() == pytest.approx(PROBABILITIES.tolist())
    assert kept(top_k=2) == pytest.approx([0, 4 / 7, 0, 3 / 7, 0, 0])
    assert kept(top_k=1) == pytest.approx([0, 1, 0, 0, 0, 0])
    assert kept(top_p=0.65) == pytest.approx([0, 4 / 7, 0, 3 / 7, 0, 0])  # .4 < .65 <= .7
    assert kept(top_p=0.75) == pytest.approx([0, 4 / 9, 0, 3 / 9, 0, 2 / 9])
    assert kept(top_p=1e-6) == pytest.approx([0, 1, 0, 0, 0, 0])  # never nothing
    assert kept(top_k=2, top_p=0.5) == pytest.approx([0, 1, 0, 0, 0, 0])  # of the two, .4 / .7 alone is >= .5
    assert kept(top_k=100) == pytest.approx(PROBABILITIES.tolist())
    assert kept(min_p=0.4) == pytest.approx([0, 4 / 9, 0, 3 / 9, 0, 2 / 9])  # .16 or more
    assert kept(min_p=1.0) == pytest.approx([0, 1, 0, 0, 0, 0])
    assert kept(min_p=0.6, top_k=3) == pytest.approx([0, 4 / 7, 0, 3 / 7, 0, 0])
    # Temperature comes first: at 1/2, .4 and .3 become 16 : 9, with a mass of 25 / 29.5.
    assert kept(temperature=0.5, top_p=0.8) == pytest.approx([0, 16 / 25, 0, 9 / 25, 0, 0])


def test_each_row_is_cut_by_its_own_settings():
    logits = PROBABILITIES.log().expand(3, -1)
    top_k = torch.tensor([[100], [1], [100]])
    found = cut(logits, top_k, torch.tensor([[math.inf], [math.inf], [0.65]])).softmax(-1)
    assert (found > 0).sum(-1).tolist() == [5, 1, 2]
    assert torch.equal(found[0], logits[0].softmax(-1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_tokens": 0},
        {"temperature": -0.1},
        {"top_k": -1},
        {"top_p": 0.0},
        {"top_p": 1.1},
        {"min_p": 1.5},
        {"alternatives": -1},
    ],
    ids=str,
)
def test_impossible_settings_are_refused_with_the_number(wrong: dict):
    ((name, value),) = wrong.items()
    with pytest.raises(ValueError, match=rf"{name} must.*{value}"):
        Sampling(**wrong)
