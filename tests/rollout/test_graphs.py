"""Steps of decoding that are recorded are those that are not. What a CUDA graph would replay is called again instead:
fixed tensors, fixed shapes, a page nobody has, and states that are advanced where they are.
"""

from collections.abc import Callable

import pytest
import torch

from whetstone.kernels import dispatch
from whetstone.rollout.engine import Engine
from whetstone.rollout.types import Completion, Request, Sampling

PROMPTS = [(3,), (4, 5, 6, 7, 8, 9, 10, 11), (12, 13, 14), tuple(range(20, 39)), (8, 8), tuple(range(30, 3, -2)), (5,)]
SHAPES = [
    {},
    {"cca_time0": 1, "cca_time1": 1},
    {"cca_time0": 3, "cca_time1": 2, "attention_bias": True},
    {"layer_types": ["hybrid", "hybrid_sliding"], "sliding_window": 4},
]


def requests(count: int, n: int, new: int) -> list[Request]:
    return [Request(PROMPTS[i % len(PROMPTS)], Sampling(new, 1.3), n, seed=17 * i) for i in range(count)]


def same(found: list[list[Completion]], expected: list[list[Completion]]) -> None:
    for a, b in zip([c for group in found for c in group], [c for group in expected for c in group], strict=True):
        assert (a.tokens, a.finish) == (b.tokens, b.finish)
        assert a.logprobs == pytest.approx(b.logprobs, abs=1e-5)
        assert a.experts is not None
        assert b.experts is not None
        assert a.experts.tolist() == b.experts.tolist()


def recording(engine: Engine) -> list[Callable[[], None]]:
    """Lets `engine` record its steps; those that were."""
    recorded = []

    def record(step: Callable[[], None]) -> Callable[[], None]:
        step()  # as recording does
        recorded.append(step)
        return step

    engine._runner.record = record
    return recorded


@pytest.mark.parametrize("choice", ["", "reference"])
@pytest.mark.parametrize("changes", SHAPES, ids=str)
def test_recorded_steps_are_those_that_are_not(changes, choice, make_policy, numbers, monkeypatch):
    """Folded, and layer by layer, where one operator advances the convolutions' states."""
    policy = make_policy(**changes)
    expected = Engine(policy, numbers, stop=2).generate(requests(14, 2, 12))
    monkeypatch.setenv(dispatch.VARIABLE, choice)
    engine = Engine(policy, numbers, stop=2, rows=11, page=8, block=8, memory=400_000)
    recorded = recording(engine)
    same(engine.generate(requests(14, 2, 12)), expected)
    same(engine.generate(requests(14, 2, 12)), expected)
    known = len(recorded)
    assert 1 <= known <= 5 * 3  # 1, 2, 4, 8, 16 sequences; 1, 2, 4 pages
    engine.version += 1
    engine.generate(requests(1, 2, 12))
    assert len(recorded) > known


@pytest.mark.slow
def test_a_recorded_step_advances_its_states_with_the_kernel(make_policy, numbers, monkeypatch):
    """All of a step in Triton, as on a GPU: the state goes from the prompt's chunks to the kernel, and back."""
    triton = pytest.importorskip("whetstone.kernels.cca.triton")
    policy = make_policy()
    asked = [Request((4, 5, 6), Sampling(4, 1.3), 2, seed=1), Request((7,), Sampling(2, 1.3), 1, seed=2)]
    expected = Engine(policy, numbers, stop=99).generate(asked)
    monkeypatch.setenv(dispatch.VARIABLE, "triton")
    launched, decode = [], triton.cca_decode
    monkeypatch.setattr(triton, "cca_decode", lambda rows, *rest: launched.append(len(rows)) or decode(rows, *rest))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    engine = Engine(policy.to(device), numbers, stop=99, rows=4, page=8, block=8, memory=100_000)
    recording(engine)
    same(engine.generate(asked), expected)
    assert set(launched) == {4, 2}  # three sequences as four, then two
