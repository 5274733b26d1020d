"""Every canary fires where it must, and stays silent where it must not."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone.policy.canaries import (
    Action,
    Canaries,
    Canary,
    EntropyCollapse,
    GradientSpike,
    LengthExplosion,
    RareTokens,
    Repetition,
    RewardHacking,
)


def heard(canary: Canary, name: str, values: Iterable[float]) -> list[bool]:
    return [canary.look({name: value}) is not None for value in values]


@pytest.mark.parametrize(
    ("canary", "name", "fires", "silent"),
    [
        (Repetition(0.1), "repetitive", 0.11, 0.1),
        (RareTokens(0.5), "rare_tokens", 0.6, 0.5),
        (EntropyCollapse(0.01), "entropy", 0.009, 0.01),
    ],
)
def test_thresholds(canary: Canary, name: str, fires: float, silent: float):
    assert heard(canary, name, [silent, fires]) == [False, True]


def test_the_reason_has_the_numbers():
    canaries = Canaries([EntropyCollapse(0.01, "stop")])
    assert canaries.look({"entropy": 0.002}, ["entropy"])
    assert canaries.stop == "entropy: entropy is 0.002 nats a token, under 0.01 (stop)"


@pytest.mark.parametrize(("kind", "name"), [(LengthExplosion, "length"), (GradientSpike, "grad_norm")])
def test_surges(kind: Callable[..., Canary], name: str):
    # Not before the window is full; then beyond three times the mean, which is 2.
    assert heard(kind(3.0, window=4), name, [100.0, 0, 0]) == [False] * 3
    canary = kind(3.0, window=4)
    assert heard(canary, name, [1, 3, 1, 3, 6.0, 30.0]) == [False, False, False, False, False, True]
    reason = canary.look({name: 100.0})
    assert reason is not None and f"{name} is 100, over 3 times its usual 4.5" in reason
    # A new level becomes usual after a while, a slow drift never fires.
    canary = kind(3.0, window=4)
    found = heard(canary, name, [1.0] * 4 + [10.0] * 12)
    assert found[4] and not found[-1]
    assert not any(heard(kind(3.0, window=4), name, [1.1**i for i in range(60)]))


def hacking(rewards: Iterable[float], held_out: Iterable[float], window: int = 3) -> list[bool]:
    canary = RewardHacking(0.05, window=window)
    pairs = zip(rewards, held_out, strict=True)
    return [canary.look({"reward": r, "held_out": h}) is not None for r, h in pairs]


def test_reward_hacking():
    up, down, flat = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [0.6, 0.5, 0.4, 0.3, 0.2, 0.1], [0.3] * 6
    assert hacking(up, down) == [False] * 5 + [True]
    for rewards, held_out in ((up, up), (up, flat), (flat, down), (down, down), (down, up)):
        assert not any(hacking(rewards, held_out))


def test_actions():
    expected: list[tuple[Action, bool, bool]] = [("warn", False, False), ("skip", True, False), ("stop", True, True)]
    for action, left_out, stop in expected:
        canaries = Canaries([RareTokens(0.5, action)])
        assert canaries.look({"rare_tokens": 0.9}, ["rare_tokens"]) is left_out
        assert (canaries.stop is not None) is stop
        assert [str(alarm) for alarm in canaries.alarms] == [
            f"rare_tokens: 90.0% of the tokens are rare, over 50.0% ({action})"
        ]
    off = Canaries([RareTokens(0.5, "off")])
    assert not off.look({"rare_tokens": 0.9}, ["rare_tokens"]) and not off.alarms


def test_a_canary_waits_for_its_numbers():
    canaries = Canaries([RewardHacking(0.05, window=1), EntropyCollapse(1.0, "skip")])
    assert not canaries.look({"reward": 1.0}, ["reward"])
    assert not canaries.look({"reward": 1.0, "entropy": 0.0}, ["reward"])  # entropy was not asked about
    assert canaries.look({"reward": 1.0, "entropy": 0.0}, ["entropy"])


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=12), st.integers(0, 12))
def test_a_state_goes_on(values: list[float], cut: int):
    def all_of() -> Canaries:
        return Canaries([LengthExplosion(1.5, window=3), GradientSpike(1.5, window=2), RewardHacking(0.5, window=2)])

    def ask(canaries: Canaries, value: float) -> list[str]:
        canaries.alarms = []
        numbers = {"length": value, "grad_norm": value, "reward": value, "held_out": -value}
        canaries.look(numbers, numbers)
        return list(map(str, canaries.alarms))

    straight, first = all_of(), all_of()
    expected = [ask(straight, value) for value in values]
    found = [ask(first, value) for value in values[:cut]]
    second = all_of()
    second.load_state_dict(first.state_dict())
    assert found + [ask(second, value) for value in values[cut:]] == expected
