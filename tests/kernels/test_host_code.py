"""What a GPU asks of every operator's host code and parity alone does not show.

Strided tensors, offsets beyond 32 bits, no waiting for the device, numbers that are not finite, torch.compile.

Shapes: as in the operators' own tests.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from whetstone.kernels import dispatch
from whetstone.kernels.cca import Order, cca, cca_decode
from whetstone.kernels.grouped_experts import grouped_experts
from whetstone.kernels.grpo_loss import Region, grpo_loss
from whetstone.kernels.linear_logprob import linear_logprob
from whetstone.kernels.paged_attention import paged_attention
from whetstone.kernels.residual_norm import residual_norm
from whetstone.kernels.router import RouterWeights, router

pytest.importorskip("triton")

CPU_ONLY = pytest.mark.skipif(torch.cuda.is_available(), reason="fakes a tensor of 4 GiB in a sparse file")


@pytest.fixture(autouse=True)
def kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(dispatch.VARIABLE, "triton")


DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


class Operator(NamedTuple):
    """A call of floating tensors of these shapes; its outputs have gradients."""

    call: Callable[..., tuple[Tensor, ...]]
    shapes: tuple[tuple[int, ...], ...]


def _cca(*tensors: Tensor) -> tuple[Tensor, ...]:
    angles = torch.linspace(0, 3, 5, device=DEVICE)[:, None]
    order = Order.packed(torch.tensor([0, 1, 2, 0, 1], device=DEVICE))
    return cca(*tensors, cos_NR=angles.cos(), sin_NR=angles.sin(), order=order)


def _router(x: Tensor, previous: Tensor, *weights: Tensor) -> tuple[Tensor, ...]:
    replay = torch.tensor([[0, 2], [1, 0], [3, 1]], device=DEVICE)
    routes = router(x, RouterWeights(*weights), torch.zeros(4, device=DEVICE), previous, replay, 2)
    return routes.weight_NK, routes.state_NR


def _experts(x: Tensor, gate_up: Tensor, down: Tensor, weight: Tensor) -> tuple[Tensor, ...]:
    return (grouped_experts(x, gate_up, down, torch.tensor([[0, 1], [2, 0], [1, 1]], device=DEVICE), weight),)


OPERATORS = {
    "linear_logprob": Operator(
        lambda h, w, b: linear_logprob(h, w, torch.tensor([4, -1, 0], device=DEVICE), 0.7, b), ((3, 5), (6, 5), (6,))
    ),
    "grouped_experts": Operator(_experts, ((3, 4), (2, 6, 4), (2, 4, 3), (3, 2))),
    "router": Operator(_router, ((3, 4), (3, 5), (5, 4), (5,), (5,), (5,), (5, 5), (5,), (5, 5), (5,), (4, 5))),
    "cca": Operator(_cca, ((5, 12), (2, 12, 4), (2, 4), (1,))),
    "residual_norm": Operator(lambda *t: residual_norm(*t, eps=1e-5), ((3, 6), (3, 6), (6,), (6,), (6,), (6,), (6,))),
    "grpo_loss": Operator(lambda a, b, c, d, e: grpo_loss(a, b, c, d, e.abs(), Region("clip"), 0.1)[:1], ((7,),) * 5),
}


def inputs(operator: Operator) -> list[Tensor]:
    generator = torch.Generator().manual_seed(3)
    return [torch.randn(shape, generator=generator).to(DEVICE) for shape in operator.shapes]


def strided(t: Tensor) -> Tensor:
    """The same numbers, with a gap after each: no dimension is contiguous."""
    return torch.stack((t, torch.full_like(t, torch.nan)), dim=-1)[..., 0]


def gradients(operator: Operator, tensors: list[Tensor], dtype: Callable[[Tensor], Tensor]) -> list[Tensor | None]:
    """Of all inputs, for one gradient of the outputs that `dtype` lays out anew."""
    leaves = [t.detach().requires_grad_() for t in tensors]
    outputs = operator.call(*leaves)
    weights = [torch.linspace(-1, 1, max(1, o.numel()), device=DEVICE).view(o.shape) for o in outputs]
    return [*outputs, *torch.autograd.grad(outputs, leaves, [dtype(w) for w in weights], allow_unused=True)]


def equal(found: list[Tensor | None], expected: list[Tensor | None]) -> bool:
    return all(a is b is None or torch.equal(a, b) for a, b in zip(found, expected, strict=True))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", OPERATORS)
def test_strided_tensors_and_gradients_are_read_as_they_lie(name):
    operator = OPERATORS[name]
    tensors = inputs(operator)
    plain = gradients(operator, tensors, lambda d: d)
    assert equal(gradients(operator, [strided(t) for t in tensors], strided), plain)


@pytest.mark.parametrize("name", OPERATORS)
def test_an_expanded_gradient_is_one_of_equal_numbers(name):
    """`.sum().backward()` hands down a single number with strides of 0."""
    operator = OPERATORS[name]
    tensors = inputs(operator)
    expanded = gradients(operator, tensors, lambda d: torch.ones((), device=DEVICE).expand(d.shape))
    assert equal(expanded, gradients(operator, tensors, torch.ones_like))


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("which", [0, -1])
def test_one_output_and_one_input_alone_may_have_a_gradient(name, which):
    operator = OPERATORS[name]
    everything = [t.requires_grad_() for t in inputs(operator)]
    expected = torch.autograd.grad(operator.call(*everything)[which].sum(), everything, allow_unused=True)
    index = [i for i, gradient in enumerate(expected) if gradient is not None][which]
    alone = [t.detach().requires_grad_(i == index) for i, t in enumerate(everything)]
    operator.call(*alone)[which].sum().backward()
    assert torch.equal(alone[index].grad, expected[index])  # type: ignore[arg-type]


# -- waiting ----------------------------------------------------------------------------------------------------------

WAITING = {"_local_scalar_dense", "nonzero", "bincount", "_unique2", "unique_dim", "masked_select", "equal", "histc"}


class NoWaiting(TorchDispatchMode):
    """Refuses what makes the host wait for a GPU, and so cannot be in a CUDA graph."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        unsized = name == "repeat_interleave" and (kwargs or {}).get("output_size") is None
        masked = name == "index" and any(t is not None and t.dtype == torch.bool for t in args[1])
        if name in WAITING or unsized or masked:
            raise RuntimeError(f"{name} waits for the device")
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("name", OPERATORS)
def test_nothing_waits_for_the_device(name, monkeypatch):
    operator = OPERATORS[name]
    tensors = inputs(operator)
    monkeypatch.setattr(Tensor, "tolist", lambda _: pytest.fail("tolist waits for the device"))
    with NoWaiting():
        gradients(operator, tensors, lambda d: d)


@pytest.mark.parametrize(
    "call",
    [
        lambda t: int(t.sum()),
        lambda t: bool(t.any()),
        lambda t: t.nonzero(),
        lambda t: t[t > 1],
        lambda t: t.unique(),
        lambda t: torch.bincount(t, minlength=4),
        lambda t: t.repeat_interleave(t),
    ],
)
def test_waiting_would_be_seen(call):
    with NoWaiting(), pytest.raises(RuntimeError, match="waits for the device"):
        call(torch.tensor([0, 2, 1], device=DEVICE))


def test_decoding_does_not_wait_for_the_device():
    """One token of a sequence: the state of `cca_decode`, and attention over pages."""
    rows, state = torch.randn(2, 12, device=DEVICE), torch.randn(2, 2, 8, device=DEVICE)
    values, kernel = torch.randn(2, 2, device=DEVICE), torch.randn(2, 12, 4, device=DEVICE)
    angles = torch.rand(2, 1, device=DEVICE)
    cache = torch.randn(3, 1, 4, 4, device=DEVICE)
    pages, lengths = torch.tensor([[0, 2], [1, 0]], device=DEVICE), torch.tensor([6, 3], device=DEVICE)
    with NoWaiting():
        q, _, _ = cca_decode(
            rows, state, values, kernel, rows[:, :4].contiguous(), rows[:1, 0], angles.cos(), angles.sin()
        )
        paged_attention(q, cache, cache, pages, lengths)


# -- far rows ---------------------------------------------------------------------------------------------------------

FAR = 1 << 31  # elements: what 32 bits do not count


@pytest.fixture
def vast(tmp_path: Path) -> Tensor:
    """A little more than 2^31 numbers in bf16, of which a sparse file holds only those that are written."""
    size = FAR + (1 << 20)
    file = tmp_path / "vast"
    with file.open("wb") as out:
        out.truncate(2 * size)
    return torch.from_file(str(file), shared=True, size=size, dtype=torch.bfloat16)


@CPU_ONLY
def test_pages_lie_beyond_two_to_the_31_elements(vast):
    K, T, D = 1, 16, 16
    cache = vast[: (FAR // 256 + 2) * 256].view(-1, K, T, D)
    last = len(cache) - 1
    generator = torch.Generator().manual_seed(0)
    near = torch.randn(2, K, T, D, generator=generator).bfloat16()
    cache[0], cache[last] = near[0], near[1]
    q, lengths = torch.randn(1, 2, D, generator=generator).bfloat16(), torch.tensor([27])
    found = paged_attention(q, cache, cache, torch.tensor([[last, 0]]), lengths)
    assert torch.equal(found, paged_attention(q, near, near, torch.tensor([[1, 0]]), lengths))


@CPU_ONLY
def test_projected_rows_and_states_lie_beyond_two_to_the_31_elements(vast):
    H, K, D, R = 1, 1, 4, 1
    generator = torch.Generator().manual_seed(0)
    far = vast.as_strided((3, 12), (FAR // 2, 1))  # the third row begins at 2^31
    near = torch.randn(3, 12, generator=generator).bfloat16()
    far.copy_(near)
    kernel, offset = torch.randn(H + K, 3 * D, D, generator=generator).bfloat16(), torch.zeros(H + K, D).bfloat16()
    temperature, angles = torch.ones(K), torch.rand(3, R, generator=generator)
    shared = kernel, offset, temperature, angles.cos(), angles.sin()
    order = Order.packed(torch.arange(3))
    for a, b in zip(cca(far, *shared, order), cca(near, *shared, order), strict=True):
        assert torch.equal(a, b)
    states = [(torch.randn(3, 2, 8, generator=generator).bfloat16(), torch.zeros(3, 2).bfloat16()) for _ in range(2)]
    states[0][0].copy_(states[1][0])
    far_state = vast[64:].as_strided((3, 2, 8), (FAR // 2, 8, 1))
    far_state.copy_(states[0][0])
    found = cca_decode(far, far_state, states[0][1], *shared)
    for a, b in zip(found, cca_decode(near, *states[1], *shared), strict=True):
        assert torch.equal(a, b)
    assert torch.equal(far_state, states[1][0])


# -- numbers that are not finite --------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:invalid value")  # the interpreter's NumPy says so
def test_a_router_of_nan_still_names_classes():
    """So that a NaN is found where it is looked for, and is no index out of range before."""
    x, previous, *weights = inputs(OPERATORS["router"])
    routes = router(x * torch.nan, RouterWeights(*weights), torch.zeros(4, device=DEVICE), previous)
    assert routes.weight_NK.isnan().all() or not routes.weight_NK.any()  # skip has the weight 0
    assert routes.state_NR.isnan().all()
    assert ((routes.choice_NK >= 0) & (routes.choice_NK < 4)).all()
    assert routes.counts_C.sum() == len(x)


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("rule", ["clip", "mask", "truncate"])
@pytest.mark.parametrize("where", range(3))
def test_nan_is_not_clipped_away(rule, where):
    """In the log-probability, the entropy or the sampled one, by the reference and by Triton."""
    tensors = [torch.full((4,), -0.5, device=DEVICE), *(torch.ones(4, device=DEVICE) for _ in range(4))]
    tensors[where] = tensors[where].clone()
    tensors[where][2] = torch.nan
    loss, _ = grpo_loss(*tensors, region=Region(rule), bonus=0.1)
    assert loss.isnan()


# -- memory, compilation ----------------------------------------------------------------------------------------------


def test_cca_keeps_nothing_where_no_gradient_is_wanted(monkeypatch):
    sizes: list[tuple[int, ...]] = []
    allocate = Tensor.new_empty
    monkeypatch.setattr(Tensor, "new_empty", lambda t, *a, **o: sizes.append(a[0]) or allocate(t, *a, **o))
    tensors = inputs(OPERATORS["cca"])
    with torch.no_grad():
        without = _cca(*tensors)
    assert (0, 2, 4) in sizes and (5, 2, 4) not in sizes
    for a, b in zip(without, _cca(*(t.requires_grad_() for t in tensors)), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*:UserWarning")  # of Dynamo, at what it leaves to Python
def test_a_compiled_function_calls_the_kernels_as_they_are(name):
    operator = OPERATORS[name]

    def around(*tensors: Tensor) -> tuple[Tensor, ...]:
        return tuple(output * 2 for output in operator.call(*(t * 3 for t in tensors)))

    torch.compiler.reset()
    tensors = inputs(operator)
    compiled = operator._replace(call=torch.compile(around, backend="eager"))
    expected = gradients(operator._replace(call=around), tensors, lambda d: d)
    assert equal(gradients(compiled, tensors, lambda d: d), expected)


RECOMPILED = """
import json, sys
import torch, triton
from whetstone.kernels import dryrun, vendor
from whetstone.kernels.cca import Order, triton as cca
from whetstone.kernels.grpo_loss import Region, triton as grpo
from whetstone.kernels.residual_norm import triton as norm
compiled = []
triton.knobs.compilation.listener = lambda **event: compiled.append(event["src"].fn.__name__)
triton.runtime.driver.set_active(dryrun.AbsentDriver(vendor.CHIPS["sm_90"]))
zeros = torch.zeros
def calls(n):
    norm.residual_norm(zeros(n, 16), zeros(n, 16), *zeros(5, 16), eps=1e-5)
    grpo.grpo_loss(*(zeros(n) for _ in range(5)), region=Region())
    state = zeros(n, 2, 32), zeros(n, 8)
    cca.cca_decode(zeros(n, 48), *state, zeros(2, 48, 16), zeros(2, 16), zeros(1), zeros(n, 2), zeros(n, 2))
counts = []
for n in (17, 1, 32, 48, 51, 19):
    calls(n)
    counts.append(len(compiled))
print(json.dumps(counts))
"""


@pytest.mark.slow
def test_another_number_of_tokens_compiles_nothing():
    """Neither one, nor a multiple of 16, nor any other; but for decoding, which has tiles for up to 16 rows."""
    environment = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    run = subprocess.run(
        [sys.executable, "-c", RECOMPILED], env=environment, check=True, capture_output=True, text=True
    )
    first, one, *others = json.loads(run.stdout)
    assert first == 3
    assert one == 4
    assert set(others) == {4}
