"""The meaning of `cca`: by hand, against the definition in fp64 and Transformers, and Triton against the reference.

Shapes: as in `whetstone.kernels.cca`.
"""

import math
from collections.abc import Callable, Sequence

import pytest
import torch
from torch import Tensor

from whetstone.kernels import dispatch
from whetstone.kernels.cca import Order, cca, compose, cpu, reference

# Lengths of packed sequences, H, K, D, R and the two widths, against the interpreter's tiles of 16 x 16: one token, one
# of everything, ragged and exact tiles, a head wider than a step, no rotation, all of a head rotated.
CASES = [
    ((1,), 1, 1, 2, 1, 1, 1),
    ((3, 1, 2), 2, 1, 6, 1, 2, 2),
    ((17,), 2, 2, 3, 0, 1, 2),
    ((9, 7), 2, 1, 16, 8, 3, 1),
    ((5, 1, 1, 4), 3, 1, 20, 5, 2, 3),
]
# Two prompts, with two and three completions; one of those of one token, and one prompt of one token.
FOREST = [-1, 0, 1, 2, 3, 2, -1, 6, 7, 6, 6, 10, 11]

GPU = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="full-size tiles need a GPU")]
ZAYA = ((700, 1, 323), 8, 2, 128, 32, 2, 2)


def positions(lengths: Sequence[int]) -> Tensor:
    return torch.cat([torch.arange(length) for length in lengths])


def inputs(order: Order, H: int, K: int, D: int, R: int, L: int, dtype: torch.dtype) -> dict[str, Tensor]:
    """Random inputs and gradients of the outputs, rounded to `dtype`; cosines and sines in fp32 at least."""
    N, h = len(order.previous_N), H + K
    generator = torch.Generator().manual_seed(N * 1009 + H * 101 + D)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    angles = normal(N, R) * 3
    rounded = {
        "rows": normal(N, (h + K) * D),
        "kernel": normal(h, L * D, D) / math.sqrt(L * D),
        "offset": normal(h, D),
        "temperature": 1 + normal(K) / 4,
        "dq": normal(N, H, D),
        "dk": normal(N, K, D),
        "dv": normal(N, K, D),
    }
    wide = torch.promote_types(dtype, torch.float32)
    return {name: value.to(dtype) for name, value in rounded.items()} | {
        "cos": angles.cos().to(wide),
        "sin": angles.sin().to(wide),
    }


LEAVES = ("rows", "kernel", "offset", "temperature")


def run(form: Callable[..., tuple[Tensor, Tensor, Tensor]], case: dict[str, Tensor], order: Order) -> dict[str, Tensor]:
    """Outputs and all gradients of one call."""
    leaves = [case[name].clone().requires_grad_() for name in LEAVES]
    rows, kernel, offset, temperature = leaves
    outputs = form(rows, kernel, offset, temperature, case["cos"], case["sin"], order)
    torch.autograd.backward(outputs, [case[name] for name in ("dq", "dk", "dv")])
    found = dict(zip(("q", "k", "v"), outputs, strict=True))
    found |= {f"d{name}": leaf.grad for name, leaf in zip(LEAVES, leaves, strict=True) if leaf.grad is not None}
    return {name: value.detach() for name, value in found.items()}


def naive(
    rows: Tensor, kernel: Tensor, offset: Tensor, temperature: Tensor, cos: Tensor, sin: Tensor, order: Order
) -> tuple[Tensor, Tensor, Tensor]:
    """The definition, token by token and head by head, written apart from the code under test."""
    (h, D), K, R = offset.shape, len(temperature), cos.shape[1]
    C, G, half = h * D, (h - K) // K, K * D // 2
    outputs = []
    for n in range(len(rows)):
        chain, at = [], n
        for _ in range(max(2, kernel.shape[1] // D)):
            chain.append(rows[at] if at >= 0 else torch.zeros_like(rows[n]))
            at = int(order.previous_N[at]) if at >= 0 else -1
        q, k = rows[n, : C - K * D].view(K, G, D), rows[n, C - K * D : C].view(K, D)
        mean_q = (q + k[:, None]) / 2
        mean = [*mean_q.flatten(0, 1), *mean_q.mean(1)]
        heads = []
        for i in range(h):
            past = torch.cat([row[i * D : (i + 1) * D] for row in chain[: kernel.shape[1] // D]])
            z = past @ kernel[i] + offset[i] + mean[i]
            y = z / z.norm() * math.sqrt(D) * (temperature[i - h + K] if i >= h - K else 1.0)
            a, b = y[:R], y[R : 2 * R]
            heads.append(torch.cat((a * cos[n] - b * sin[n], b * cos[n] + a * sin[n], y[2 * R :])))
        v = torch.cat((chain[0][C : C + half], chain[1][C + half :])).view(K, D)
        outputs.append((torch.stack(heads[: h - K]), torch.stack(heads[h - K :]), v))
    q, k, v = (torch.stack(parts) for parts in zip(*outputs, strict=True))
    return q, k, v


def error(found: Tensor, truth: Tensor) -> float:
    """The norm of the difference relative to the norm of the truth."""
    return float((found.double() - truth).norm() / truth.norm().clamp(min=1e-30))


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> str:
    """The device on which the Triton implementation runs here; forces it."""
    pytest.importorskip("triton")
    monkeypatch.setenv(dispatch.VARIABLE, "triton")
    return "cuda" if torch.cuda.is_available() else "cpu"


def chosen(choice: str, device: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Forces one implementation; the device it runs on."""
    if choice == "cpu":
        monkeypatch.delenv(dispatch.VARIABLE)
        return "cpu"
    monkeypatch.setenv(dispatch.VARIABLE, choice)
    return device


def moved(case: dict[str, Tensor], device: str) -> dict[str, Tensor]:
    return {name: value.to(device) for name, value in case.items()}


def orders(lengths: Sequence[int], device: str = "cpu") -> Order:
    return Order.packed(positions(lengths).to(device))


@pytest.mark.parametrize("choice", ["reference", "cpu", "triton"])
def test_by_hand(choice, device, monkeypatch):
    """One query and one key head of two channels; the kernel passes the token, the offset adds (0, 1) to the key.

    Rows (q | k | now | next): (3, 0 | 1, 0 | 5 | 6) and (0, 3 | 0, 0 | 7 | 8). Query 0: (3, 0) + (2, 0) = (5, 0), of
    length sqrt 2: (sqrt 2, 0); rotated by 90 degrees: (0, sqrt 2). Key 0: (1, 1) + (2, 0) = (3, 1), times the
    temperature 1/2: (3, 1) sqrt(2) / sqrt(10) / 2, rotated: (-1, 3) / sqrt(20). Token 1 is not rotated.
    """
    device = chosen(choice, device, monkeypatch)
    rows = torch.tensor([[3.0, 0, 1, 0, 5, 6], [0, 3, 0, 0, 7, 8]])
    kernel = torch.eye(2).repeat(2, 1, 1)
    offset = torch.tensor([[0.0, 0], [0, 1]])
    cos, sin = torch.tensor([[0.0], [1]]), torch.tensor([[1.0], [0]])
    tensors = [t.to(device) for t in (rows, kernel, offset, torch.tensor([0.5]), cos, sin)]
    q, k, v = (x.cpu().squeeze(1) for x in cca(*tensors, order=orders((2,), device)))
    root = math.sqrt(2)
    torch.testing.assert_close(q, torch.tensor([[0, root], [0, root]]))
    # Key 1: (0, 1) + (0, 1.5) = (0, 2.5) -> (0, sqrt 2) / 2.
    torch.testing.assert_close(k, torch.tensor([[-1 / math.sqrt(20), 3 / math.sqrt(20)], [0, root / 2]]))
    assert v.tolist() == [[5, 0], [7, 6]]


@pytest.mark.parametrize("shape", CASES)
def test_reference_equals_the_definition(shape):
    lengths, *sizes, t0, t1 = shape
    order = orders(lengths)
    case = inputs(order, *sizes, L=t0 + t1 - 1, dtype=torch.float64)
    truth = run(naive, case, order)
    for found in (run(reference.cca, case, order), run(cca, case, Order(order.previous_N))):
        for name, value in truth.items():
            torch.testing.assert_close(found[name], value, rtol=1e-11, atol=1e-12, msg=name)


@pytest.mark.parametrize("form", [reference.cca, cpu.cca])
def test_the_definition_holds_where_sequences_branch(form):
    order = Order(torch.tensor(FOREST))
    case = inputs(order, 2, 1, 4, 1, 3, torch.float64)
    truth = run(naive, case, order)
    for name, value in run(form, case, order).items():
        torch.testing.assert_close(value, truth[name], rtol=1e-11, atol=1e-12, msg=name)


@pytest.mark.parametrize("shape", CASES)
def test_the_cpu_form_equals_the_definition(shape):
    lengths, *sizes, t0, t1 = shape
    order = orders(lengths)
    case = inputs(order, *sizes, L=t0 + t1 - 1, dtype=torch.float64)
    truth = run(naive, case, order)
    for name, value in run(cpu.cca, case, order).items():
        torch.testing.assert_close(value, truth[name], rtol=1e-11, atol=1e-12, msg=name)


@pytest.mark.parametrize("sizes", [case[1:5] for case in CASES])
def test_the_cpu_form_is_as_exact_as_the_reference(sizes):
    """In fp32: at most twice the reference's own error, the largest of eight draws; never less than two roundings."""
    packs = [orders((31, 33 + draw)) for draw in range(8)]
    cases = [inputs(order, *sizes, L=3, dtype=torch.float32) for order in packs]
    truths = [
        run(reference.cca, {name: value.double() for name, value in case.items()}, order)
        for case, order in zip(cases, packs, strict=True)
    ]
    ours = [run(reference.cca, case, order) for case, order in zip(cases, packs, strict=True)]
    for name, value in run(cpu.cca, cases[0], packs[0]).items():
        assert value.dtype == torch.float32
        own = max(error(o[name], t[name]) for o, t in zip(ours, truths, strict=True))
        assert error(value, truths[0][name]) <= max(2 * own, torch.finfo(torch.float32).eps), name


def test_the_cpu_form_with_keys_at_zero_and_with_vectors_too_short_to_normalise():
    """Temperature 0, as Transformers starts: keys vanish, and it alone gets their gradient. And rows near zero."""
    order = orders((3, 4))
    case = inputs(order, 2, 1, 4, 1, 3, torch.float64)
    short = {name: torch.zeros_like(case[name]) for name in ("kernel", "offset")} | {"rows": case["rows"] * 1e-20}
    for change in ({"temperature": torch.zeros_like(case["temperature"])}, short):
        truth = run(reference.cca, case | change, order)
        for name, value in run(cpu.cca, case | change, order).items():
            torch.testing.assert_close(value, truth[name], rtol=1e-11, atol=1e-12, msg=name)
        assert truth["dtemperature"].abs().sum() > 0


def test_transformers_gives_the_same():
    zaya = pytest.importorskip("transformers.models.zaya.modeling_zaya")
    from transformers import ZayaConfig

    config = ZayaConfig(
        hidden_size=24, num_attention_heads=4, num_key_value_heads=2, head_dim=8, num_hidden_layers=1, eos_token_id=None
    )
    torch.manual_seed(3)
    projection, norm, rotary = zaya.ZayaCCAProjection(config, 0), zaya.ZayaQKNorm(config), zaya.ZayaRotaryEmbedding
    norm.temp.data.copy_(torch.tensor([0.7, 1.3]))
    rotary = rotary(config)
    x_BNM = torch.randn(2, 9, 24)
    cos, sin = rotary(x_BNM, torch.arange(9).expand(2, -1), "hybrid")
    q, k, v = projection(x_BNM, None)
    q, k = zaya.apply_rotary_pos_emb(*norm(q, k), cos, sin, unsqueeze_dim=2)

    weights = [getattr(projection, f"{name}_proj{part}").weight for name, part in QKV]
    depthwise, grouped = projection.conv_qk_depthwise, projection.conv_qk_grouped
    kernel, offset = compose(depthwise.weight.squeeze(1), depthwise.bias, grouped.weight, grouped.bias)
    rows = x_BNM.flatten(0, 1) @ torch.cat(weights).T
    half = cos.shape[-1] // 2
    angles = (part.flatten(0, 1)[:, :half] for part in (cos, sin))
    for found, expected in zip(
        cca(rows, kernel, offset, norm.temp, *angles, order=orders((9, 9))), (q, k, v), strict=True
    ):
        torch.testing.assert_close(found, expected.flatten(0, 1), rtol=1e-5, atol=1e-5)


QKV = (("q", ""), ("k", ""), ("v", "_current"), ("v", "_delayed"))


@pytest.mark.parametrize(
    ("lengths", "sizes", "L", "forest"),
    [
        *(((*shape[0],), shape[1:5], shape[5] + shape[6] - 1, False) for shape in CASES),
        (None, (2, 1, 6, 2), 3, True),
        pytest.param(ZAYA[0], ZAYA[1:5], 3, False, marks=GPU),
    ],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_triton_is_as_exact_as_the_reference(lengths, sizes, L, forest, dtype, device):
    """At most twice the reference's own error in that dtype.

    Never less than two roundings (eps), for what passes between two kernels and for the result: on a few numbers the
    reference may be exact by luck. The interpreter cuts bf16 off where a GPU rounds: up to eps more at each.
    """
    order = Order(torch.tensor(FOREST)) if forest else orders(lengths)
    there = Order(order.previous_N.to(device))
    there.adjacent = order.adjacent
    case = inputs(order, *sizes, L=L, dtype=dtype)
    truth = run(reference.cca, {name: value.double() for name, value in case.items()}, order)
    ours = run(reference.cca, case, order)
    found = run(cca, moved(case, device), there)
    eps = torch.finfo(dtype).eps
    cut_off = 2 * eps if dtype == torch.bfloat16 and device == "cpu" else 0.0
    for name, value in truth.items():
        assert found[name].dtype == dtype
        assert error(found[name].cpu(), value) <= max(2 * error(ours[name], value), eps) + cut_off, name


@pytest.mark.parametrize("choice", ["reference", "cpu", "triton"])
@pytest.mark.parametrize("lengths", [(1, 1, 1), (2, 3), (15, 2), (16, 1)])
def test_nothing_leaks_between_sequences(choice, lengths, device, monkeypatch):
    """One sequence is NaN, inputs and gradients; the others are what they are alone."""
    device = chosen(choice, device, monkeypatch)
    order = orders(lengths, device)
    case = moved(inputs(order, 1, 1, 4, 1, 3, torch.float32), device)
    whole = run(cca, case, order)
    per_token = ("rows", "dq", "dk", "dv")
    first = 0
    for length in lengths:
        inside = torch.zeros(sum(lengths), dtype=torch.bool, device=device)
        inside[first : first + length] = True
        first += length
        poisoned = case | {
            name: case[name].masked_fill(inside.view(-1, *[1] * (case[name].ndim - 1)), math.nan) for name in per_token
        }
        found = run(cca, poisoned, order)
        for name in ("q", "k", "v", "drows"):
            assert torch.equal(found[name][~inside], whole[name][~inside]), name
            assert found[name][inside][-1].isnan().any(), name


@pytest.mark.parametrize("choice", ["cpu", "triton"])
def test_every_element_is_written(choice, device, monkeypatch):
    """Uninitialised memory is poisoned with NaN; none of it may reach a result."""

    def poisoned(allocate: Callable[..., Tensor]) -> Callable[..., Tensor]:
        def allocate_nan(*arguments, **options):
            memory = allocate(*arguments, **options)
            return memory.fill_(torch.nan) if memory.is_floating_point() else memory

        return allocate_nan

    device = chosen(choice, device, monkeypatch)
    monkeypatch.setattr(torch, "empty_like", poisoned(torch.empty_like))
    monkeypatch.setattr(Tensor, "new_empty", poisoned(Tensor.new_empty))
    order = orders((3, 14), device)
    for name, value in run(cca, moved(inputs(order, 2, 1, 6, 1, 3, torch.float32), device), order).items():
        assert value.isfinite().all(), name


def test_triton_adds_up_several_ranges_and_repeats_its_bits(device, monkeypatch):
    from whetstone.kernels.cca import triton

    monkeypatch.setattr(triton, "MIN_RANGE", 16)
    order = orders((20, 17), device)
    case = moved(inputs(order, 1, 1, 4, 1, 2, torch.float32), device)
    truth = run(reference.cca, moved(case, "cpu"), orders((20, 17)))
    first, second = run(cca, case, order), run(cca, case, order)
    for name, value in first.items():
        assert torch.equal(value, second[name]), name
        assert error(value.cpu(), truth[name].double()) < 1e-6, name


@pytest.mark.parametrize("choice", ["reference", "cpu", "triton"])
def test_a_view_and_frozen_weights(choice, device, monkeypatch):
    device = chosen(choice, device, monkeypatch)
    order = orders((4, 1), device)
    case = moved(inputs(order, 1, 1, 4, 1, 2, torch.float32), device)
    expected = run(cca, case, order)
    wide = torch.cat((case["rows"], case["rows"]), dim=1).requires_grad_()
    rows = wide[:, : case["rows"].shape[1]]
    outputs = cca(rows, *(case[name] for name in (*LEAVES[1:], "cos", "sin")), order=order)
    torch.autograd.backward(outputs, [case[name] for name in ("dq", "dk", "dv")])
    assert wide.grad is not None
    torch.testing.assert_close(wide.grad[:, : rows.shape[1]], expected["drows"])
    assert not wide.grad[:, rows.shape[1] :].any()
    assert case["kernel"].grad is None


@pytest.mark.parametrize("choice", ["reference", "cpu", "triton"])
def test_a_vector_of_no_length_stays_zero(choice, device, monkeypatch):
    device = chosen(choice, device, monkeypatch)
    order = orders((2,), device)
    case = moved(inputs(order, 1, 1, 4, 1, 1, torch.float32), device)
    case["rows"].zero_()
    case["offset"].zero_()
    found = run(cca, case, order)
    assert not found["q"].any()
    assert not found["k"].any()
    assert all(value.isfinite().all() for value in found.values())


@pytest.mark.parametrize("choice", ["reference", "cpu", "triton"])
def test_empty_batch(choice, device, monkeypatch):
    device = chosen(choice, device, monkeypatch)
    order = Order.packed(torch.zeros(0, dtype=torch.int64, device=device))
    found = run(cca, moved(inputs(order, 2, 1, 4, 1, 3, torch.float32), device), order)
    assert found["q"].shape == (0, 2, 4)
    assert found["v"].shape == (0, 1, 4)
    assert not found["dkernel"].any()


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"rows": torch.zeros(3, 12, dtype=torch.float16)}, TypeError, "float16"),
        ({"kernel": torch.zeros(2, 12, 4, dtype=torch.float64)}, TypeError, "float64"),
        ({"rows": torch.zeros(3, 11)}, ValueError, r"\(3, 11\)"),
        ({"kernel": torch.zeros(2, 13, 4)}, ValueError, r"\(h, L D, D\)"),
        ({"temperature": torch.zeros(2)}, ValueError, "multiple of K"),
        ({"cos": torch.zeros(3, 3), "sin": torch.zeros(3, 3)}, ValueError, "2 R <= D"),
        ({"order": Order(torch.tensor([-1, 0]))}, ValueError, "the order is of 2 tokens, the rows are 3"),
    ],
)
def test_unfit_inputs_are_named(change, kind, message):
    order = orders((3,))
    case = inputs(order, 1, 1, 4, 1, 3, torch.float32) | {"order": order} | change
    with pytest.raises(kind, match=message):
        cca(*(case[name] for name in (*LEAVES, "cos", "sin", "order")))
