"""What sequences share is read once, and nobody can tell: which rows, which segments, and the same attention."""

import pytest
import torch

from whetstone.policy.config import zaya_config
from whetstone.policy.context import Packed
from whetstone.rollout.engine import Engine, shared
from whetstone.rollout.engine.cache import Cache, State
from whetstone.rollout.engine.pages import Pages
from whetstone.rollout.engine.shared import Group, bounded, groups, segments
from whetstone.rollout.engine.step import Decode
from whetstone.rollout.types import Completion, Request, Sampling

FOREVER = 99  # a stop token that no policy of 40 tokens writes


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([], []),
        ([7], [(0, 1, 8)]),
        ([9] * 100, [(0, 100, 10)]),
        ([199] * 10 + [9] * 90, [(0, 10, 200), (10, 100, 10)]),
        ([199] * 2 + [99] * 2, [(0, 4, 200)]),  # 200 positions are not worth a segment
        ([9] * 90 + [199] * 10, [(0, 100, 200)]),  # the long ones stand last
        ([999] * 2 + [499] * 4 + [99] * 10, [(0, 6, 1000), (6, 16, 100)]),
    ],
)
def test_long_sequences_are_read_apart_from_short_ones(lengths, expected):
    assert [(s.first, s.last, s.end) for s in segments(lengths)] == expected
    assert all(s.start == 0 for s in segments(lengths))


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        ([500] * 16, [(0, 16, 500, 601)]),
        ([500] * 8 + [0] * 8, [(0, 8, 500, 601), (8, 16, 0, 601)]),
        ([500] * 8 + [400] * 8, [(0, 16, 400, 601)]),  # 800 positions more, in one product less
        ([500] * 11 + [400] * 8, [(0, 11, 500, 601), (11, 19, 400, 601)]),
        ([0, *[500] * 16], [(0, 1, 0, 601), (1, 17, 500, 601)]),
        ([500, 0], [(0, 2, 0, 601)]),  # not worth it
    ],
)
def test_rows_that_start_late_are_read_from_there(starts, expected):
    assert segments([600] * len(starts), starts) == expected


def test_the_group_that_saves_most_comes_first_and_a_row_is_in_one():
    a, b, c, d = (object() for _ in range(4))
    long, short = (a, 600), (b, 100)
    assert groups([[long], [short], [long], [long, short], [short]]) == [Group([0, 2, 3], 600)]
    # All begin with a's 300; that three of them share more is not looked at.
    nested = [[(a, 900)], [(a, 300), (c, 500)], [(a, 900)], [(a, 900)], [(a, 300), (d, 500)]]
    assert groups(nested) == [Group([0, 1, 2, 3, 4], 300)]
    apart = [[(a, 300), (c, 900)], [(a, 300)], [(a, 300), (c, 900)], [(a, 300), (c, 900)], [(a, 300)]]
    assert groups(apart) == [Group([0, 2, 3], 900)]  # the two that are left save 300
    assert groups([[(a, 999)], [(a, 999)]]) == []
    assert groups([[(a, 1000)], [(a, 1000)]]) == [Group([0, 1], 1000)]
    assert groups([[(a, 4000)]]) == []
    assert groups([]) == []


def read(lengths, runs, dtype, window=None, steps=3) -> list[torch.Tensor]:
    """Attention of some steps over a cache whose rows share what `runs` says; all numbers are bf16's."""
    config = zaya_config(vocab_size=8, layers=1, heads=6, kv_heads=2, head_dim=32)
    size = max(lengths) + steps
    cache = Cache(config, len(lengths), size, dense=True, device="cpu", dtype=dtype)
    generator = torch.Generator().manual_seed(0)

    def normal(*shape):
        return torch.randn(*shape, generator=generator).bfloat16().to(dtype)

    for memory in (cache.keys, cache.values):
        memory.copy_(normal(*memory.shape))
        for group in {run for begins in runs for run, _ in begins}:
            rows = [(row, positions) for row, begins in enumerate(runs) for run, positions in begins if run == group]
            source = max(rows, key=lambda pair: pair[1])[0]
            for row, positions in rows:
                memory[:, row, :, :positions] = memory[:, source, :, :positions]
    pages = Pages(len(lengths), size)
    decode = Decode.of(cache, State(), lengths, [[page] for page in pages.all], runs)
    outs = []
    for step in range(steps):
        if step:
            decode.advance()
        q, k, v = (normal(len(lengths), heads, 32) for heads in (6, 2, 2))
        outs.append(decode.attend(0, q, k, v, window))
    return outs


SHARED = {
    "one group": ([70, 65, 64, 90], [[("a", 64)]] * 4),
    "two groups": ([70, 65, 64, 90, 30, 31], [[("a", 64)]] * 4 + [[("b", 30)]] * 2),
    "in turns": ([70, 40, 64, 41, 66], [[("a", 64)], [("b", 40)], [("a", 64)], [("b", 40)], [("a", 64)]]),
    "one alone among them": ([70, 12, 64, 64], [[("a", 64)], [("c", 12)], [("a", 64)], [("a", 64)]]),
    "nested": ([70, 66, 80, 81], [[("a", 64)], [("a", 32), ("c", 60)], [("a", 64)], [("a", 32), ("d", 70)]]),
    "nothing of its own": ([64, 64], [[("a", 64)]] * 2),
    "nothing shared": ([5, 9], [[("a", 5)], [("b", 9)]]),
}


@pytest.mark.parametrize("worthwhile", [1, 40])
@pytest.mark.parametrize("case", SHARED.values(), ids=SHARED)
@pytest.mark.parametrize("window", [None, 50])
def test_what_is_read_once_is_what_each_would_have_read(case, window, worthwhile, monkeypatch):
    lengths, runs = case
    expected = read(lengths, runs, torch.float64, window)  # too little to be shared
    monkeypatch.setattr(shared, "WORTHWHILE", worthwhile)
    for found, truth in zip(read(lengths, runs, torch.float64, window), expected, strict=True):
        torch.testing.assert_close(found, truth, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_what_is_read_once_is_as_exact(dtype, monkeypatch):
    """At most twice the error of reading it for each."""
    lengths, runs = SHARED["two groups"]
    truth, plain = read(lengths, runs, torch.float64), read(lengths, runs, dtype)
    monkeypatch.setattr(shared, "WORTHWHILE", 1)
    for found, own, exact in zip(read(lengths, runs, dtype), plain, truth, strict=True):
        assert found.dtype == dtype
        assert (found.double() - exact).norm() <= 2 * (own.double() - exact).norm()


@pytest.mark.parametrize(
    ("score", "positions", "dtype", "expected"),
    [
        (37.0, 1024, torch.float32, True),  # exp(88.7) is the largest number: 37 + 6.9 <= 44.4
        (38.0, 1024, torch.float32, False),
        (37.0, 1024, torch.bfloat16, True),
        (0.0, 512, torch.float16, False),  # 6.2 > 11.1 / 2
        (340.0, 1024, torch.float64, True),
        (float("inf"), 1, torch.float64, False),
    ],
)
def test_only_what_leaves_half_of_the_exponents_is_bounded(score, positions, dtype, expected):
    assert bounded(score, positions, dtype) == expected


def test_sums_stay_finite_at_the_bound():
    score, positions = 36.0, 2048
    assert bounded(score, positions, torch.float32)
    direction = torch.full((1, 2, 32), score**0.5 * 32**-0.25)
    for sign in (1.0, -1.0):
        keys = sign * direction[:, :1].expand(2, positions, 32)
        values = torch.arange(positions)[None, :, None].expand(2, -1, 32).float()
        mass_AKG1, sum_AKGD = shared._attend(direction, keys, values)
        torch.testing.assert_close(sum_AKGD / mass_AKG1, torch.full((1, 2, 1, 32), (positions - 1) / 2))


@pytest.mark.parametrize("seed", range(5))
def test_no_score_is_larger_than_the_policy_says(seed, make_policy, monkeypatch):
    policy, generator = make_policy(), torch.Generator().manual_seed(seed)
    for layer in policy.model.layers:
        layer.self_attn.qk_norm.temp.detach().normal_(std=3, generator=generator)
    found = []
    attend = Packed.attend

    def watched(context, layer, q_NHD, k_NKD, v_NKD, window):
        lengths = [x.norm(dim=-1).max() for x in (q_NHD, k_NKD)]
        found.append(float(lengths[0] * lengths[1]) * q_NHD.shape[-1] ** -0.5)
        return attend(context, layer, q_NHD, k_NKD, v_NKD, window)

    monkeypatch.setattr(Packed, "attend", watched)
    with torch.no_grad():
        policy(torch.arange(3, 33), policy.packed([30]))
    assert max(found) == pytest.approx(policy.largest_score(), rel=1e-5)


def test_policies_of_large_scores_read_each_for_itself(make_policy, numbers, monkeypatch):
    policy = make_policy()
    monkeypatch.setattr(shared, "WORTHWHILE", 20)
    seen = counted(monkeypatch)
    run(policy, numbers)
    assert seen
    seen.clear()
    with torch.no_grad():
        policy.model.layers[-1].self_attn.qk_norm.temp[0] = -40.0
    found, _ = run(policy, numbers)
    assert not seen
    assert all(c.finish in ("length", "stop") for group in found for c in group)


def counted(monkeypatch) -> list[int]:
    """The number of members of each group that is read."""
    read = shared._attend
    seen: list[int] = []
    monkeypatch.setattr(shared, "_attend", lambda q, keys, values: seen.append(len(q)) or read(q, keys, values))
    return seen


def prompt(*parts: tuple[int, int]) -> tuple[int, ...]:
    """(first token, how many) of each part."""
    return tuple(3 + (first + i) % 30 for first, count in parts for i in range(count))


REQUESTS = [
    Request(prompt((0, 40)), Sampling(12, 1.2), 6, seed=1),
    Request(prompt((7, 33)), Sampling(9, 1.2), 4, seed=2),
    Request(prompt((0, 40), (9, 10)), Sampling(7, 1.2), 4, seed=3),  # goes on from the first one's
    Request(prompt((0, 32), (5, 6)), Sampling(15, 1.2), 1, seed=4),
    Request(prompt((11, 5)), Sampling(15, 1.2), 1, seed=5),
]


def run(policy, numbers, **options) -> tuple[list[list[Completion]], dict[str, float]]:
    engine = Engine(policy, numbers, stop=2, block=8, **options)
    return engine.generate(REQUESTS), engine.metrics()


@pytest.mark.parametrize(
    "changes",
    [{}, {"layer_types": ["hybrid", "hybrid_sliding"], "sliding_window": 4}, {"num_attention_heads": 6}],
    ids=str,
)
@pytest.mark.parametrize("options", [{}, {"rows": 5}, {"memory": 260 * 64 * 7}, {"budget": 24}], ids=str)
def test_groups_get_what_they_would_get_alone(changes, options, make_policy, numbers, monkeypatch):
    """Members end at different times, others take their rows, and with little room some are sent back."""
    policy = make_policy(**changes)
    expected, _ = run(policy, numbers)
    seen = counted(monkeypatch)
    monkeypatch.setattr(shared, "WORTHWHILE", 20)
    found, _ = run(policy, numbers, **options)
    assert max(seen) >= 4
    for a, b in zip([c for group in found for c in group], [c for group in expected for c in group], strict=True):
        assert (a.tokens, a.finish) == (b.tokens, b.finish)
        assert a.logprobs == pytest.approx(b.logprobs, abs=1e-5)


def test_a_group_is_read_by_its_members_until_one_is_left(policy, numbers, monkeypatch):
    monkeypatch.setattr(shared, "WORTHWHILE", 20)
    seen = counted(monkeypatch)
    engine = Engine(policy, numbers, stop=FOREVER, block=8)
    together = engine.add(REQUESTS[0])
    engine.step()
    engine.step()
    assert seen == [6, 6]  # two layers
    other = engine.add(Request(REQUESTS[0].prompt, Sampling(2), 2, seed=9))
    while not other.done:
        engine.step()
    assert seen[-2:] == [8, 8]  # those that came later begin with copies of the same blocks
    engine.cancel(together)
    seen.clear()
    alone = engine.add(Request(REQUESTS[1].prompt, Sampling(3), 1, seed=9))
    while not alone.done:
        engine.step()
    assert seen == []


def test_new_weights_part_those_who_have_old_keys_from_those_who_have_new(make_policy, numbers, monkeypatch):
    monkeypatch.setattr(shared, "WORTHWHILE", 20)
    policy, other = make_policy(), make_policy()
    seen = counted(monkeypatch)
    engine = Engine(policy, numbers, stop=FOREVER, block=8)
    before = engine.add(REQUESTS[0])
    engine.step()
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter += 0.01
        other.load_state_dict(policy.state_dict())
    engine.version += 1
    after = engine.add(REQUESTS[0])
    engine.step()
    seen.clear()
    engine.step()
    assert seen == [6, 6, 6, 6]  # two groups in two layers
    while engine.unfinished:
        engine.step()
    assert before.done
    (expected,) = Engine(other, numbers, stop=FOREVER, block=8).generate([REQUESTS[0]])
    assert [c.tokens for c in after.completions if c] == [c.tokens for c in expected]
