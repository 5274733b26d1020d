"""Whatever the schedule: pages, budgets, pressure, arrivals and departures never change what a request gets."""

from collections import defaultdict

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whetstone.rollout.engine import Engine
from whetstone.rollout.engine.cache import Cache
from whetstone.rollout.types import Completion, Request, Sampling

FOREVER = 99  # a stop token that no policy of 40 tokens writes


def plain(completion: Completion) -> tuple:
    """What a request gets, but for rounding in log-probabilities."""
    assert completion.experts is not None
    return completion.tokens, completion.text, completion.finish, completion.experts.tolist()


def bytes_of(policy, positions: int) -> int:
    return positions * Cache.bytes_per_position(policy.config, torch.float32)


PROMPTS = [tuple(range(3, 3 + n)) for n in (1, 4, 5, 8, 13, 21)] + [(3, 4, 5, 6, 30, 31), (9,) * 17, (7, 8)]
REQUESTS = st.builds(
    lambda prompt, new, warm, n, seed, top_p: Request(prompt, Sampling(new, warm, top_p=top_p), n, seed),
    st.sampled_from(PROMPTS),
    st.integers(1, 9),
    st.sampled_from([0.0, 1.0, 1.5]),
    st.integers(1, 4),
    st.integers(0, 3),
    st.sampled_from([1.0, 0.9]),
)


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    asked=st.lists(REQUESTS, min_size=1, max_size=8),
    rows=st.integers(1, 9),
    budget=st.sampled_from([1, 20, 4096]),
    page=st.sampled_from([None, 4, 8]),
    spare=st.integers(0, 12),
    waits=st.lists(st.integers(0, 3), min_size=8, max_size=8),
    cancelled=st.sets(st.integers(0, 7), max_size=2),
)
def test_no_schedule_changes_a_completion(policy, numbers, asked, rows, budget, page, spare, waits, cancelled):
    expected = Engine(policy, numbers, stop=2).generate(asked)
    most = max(len(request.prompt) + request.sampling.max_tokens for request in asked)
    memory = bytes_of(policy, -(-most // 8) * 8 + spare * (page or 0))
    engine = Engine(
        policy, numbers, stop=2, rows=rows, budget=budget, page=page, block=4, memory=memory if page else None
    )
    handles = []
    for i, (request, wait) in enumerate(zip(asked, waits, strict=False)):
        handles.append(engine.add(request))
        for _ in range(wait):
            engine.step()
        if i in cancelled:
            engine.cancel(handles[i])
    while engine.unfinished:
        engine.step()
    for handle, group in zip(handles, expected, strict=True):
        assert handle.done
        for found, wanted in zip(handle.completions, group, strict=True):
            if found.finish == "cancelled":
                assert found.tokens == wanted.tokens[: len(found.tokens)]
            else:
                assert plain(found) == plain(wanted)
                assert found.logprobs == pytest.approx(wanted.logprobs, abs=1e-5)
    load = engine.metrics()
    assert load["running"] == load["waiting"] == 0
    pages = engine._scheduler.pages
    assert pages.available == len(pages)  # nothing leaks
    assert [page.place for page in pages.all] == list(range(len(pages)))


def test_pressure_preempts_and_nothing_is_lost(policy, numbers):
    asked = [Request(tuple(range(3, 15)), Sampling(20, 1.2), 4, seed) for seed in range(3)]
    expected = Engine(policy, numbers, stop=FOREVER).generate(asked)
    engine = Engine(policy, numbers, stop=FOREVER, page=4, block=4, memory=bytes_of(policy, 4 * 20))
    assert [list(map(plain, group)) for group in engine.generate(asked)] == [list(map(plain, g)) for g in expected]
    assert engine.metrics()["preempted"] > 0


def test_what_can_never_fit_is_refused_with_numbers_and_the_rest_runs(policy, numbers):
    engine = Engine(policy, numbers, stop=FOREVER, page=4, block=4, memory=bytes_of(policy, 16))
    asked = [Request((3, 4, 5), Sampling(14)), Request((3, 4, 5), Sampling(13))]
    (refused,), (done,) = engine.generate(asked)
    assert refused.finish == "error"
    needed, there = bytes_of(policy, 20), bytes_of(policy, 16)
    assert f"3 tokens and max_tokens=14 need {needed:,} bytes of cache; this engine has {there:,}" in refused.error
    assert (done.finish, len(done.tokens)) == ("length", 13)


def test_the_memory_is_what_the_arithmetic_says(policy, numbers):
    # 2 layers x (2 x 2 heads x 8 numbers x 4 bytes + 2 bytes of routes) = 260 bytes a position
    assert bytes_of(policy, 1) == 260
    paged = Engine(policy, numbers, stop=FOREVER, page=8, block=8, memory=100_000)
    paged.generate([Request((3, 4, 5), Sampling(13))])
    assert paged.metrics()["cache_bytes"] == 100_000 // (8 * 260) * 8 * 260
    dense = Engine(policy, numbers, stop=FOREVER, block=8)
    dense.generate([Request((3, 4, 5), Sampling(13), 5)])
    assert dense.metrics()["cache_bytes"] == 5 * 16 * 260


def test_memory_bounds_a_cpu_cache_and_longer_requests_may_come(policy, numbers):
    asked = [Request((3, 4, 5), Sampling(5), 6, 1), Request((3, 4, 5), Sampling(30), 6, 2)]
    expected = Engine(policy, numbers, stop=FOREVER).generate(asked)
    engine = Engine(policy, numbers, stop=FOREVER, block=8, memory=bytes_of(policy, 100))
    first = engine.add(asked[0])
    for _ in range(3):
        engine.step()
    second = engine.add(asked[1])
    while engine.unfinished:
        engine.step()
    assert engine.metrics()["cache_bytes"] <= bytes_of(policy, 100)
    found = [first.completions, second.completions]
    assert [[plain(c) for c in g if c] for g in found] == [list(map(plain, g)) for g in expected]


def test_prompts_longer_than_the_budget_run_in_chunks_beside_the_others(policy, numbers):
    engine = Engine(policy, numbers, stop=FOREVER, budget=20, block=4)
    short = engine.add(Request((3, 4), Sampling(30)))
    engine.step()
    long = engine.add(Request(tuple(3 + i % 30 for i in range(100)), Sampling(3)))
    steps = 0
    lengths = defaultdict(int)
    while not long.done:
        lengths[len(engine._scheduler.running[0].tokens)] += 1
        engine.step()
        steps += 1
    assert steps == 6 + 2  # 100 tokens at 19 or 20 a step give the first token, then two more
    assert set(lengths.values()) == {1}  # and the short one got a token in every step
    while not short.done:
        engine.step()
    (expected,) = Engine(policy, numbers, stop=FOREVER).generate([Request((3, 4), Sampling(30))])
    assert short.completions[0] is not None
    assert plain(short.completions[0]) == plain(expected[0])


def test_ten_thousand_samples(policy, numbers):
    engine = Engine(policy, numbers, stop=FOREVER, rows=1024)
    (completions,) = engine.generate([Request((3, 4, 5), Sampling(1, 1.5), 10_000, seed=3)])
    assert len(completions) == 10_000
    few = Engine(policy, numbers, stop=FOREVER).generate([Request((3, 4, 5), Sampling(1, 1.5), 5, seed=3)])[0]
    assert [c.tokens for c in completions[:5]] == [c.tokens for c in few]
    assert engine.metrics()["cache_bytes"] == bytes_of(policy, 1024 * 32)
