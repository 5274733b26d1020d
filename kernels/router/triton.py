"""`router` in Triton, for CUDA and ROCm.

Forward, two launches: the down-projection with EDA, which also clears the counts; then everything else for a tile of
tokens. The second never holds the first hidden layer: a slice of it is made from the normalised state and folded into
the second layer at once, so no weight tile exceeds the LDS of AMD's chips. Values are rounded where PyTorch does it,
since near-ties of the choice turn on it. The pre-activations and probabilities are kept for the backward pass.

Backward, one launch for everything that is done token by token, with partial sums of the vectors' gradients; the
gradients of the matrices are library GEMMs. Atomics only count, in integers: results are the same bits on every call
with the same tiles; those of the down-projection are tuned by timing, so two processes may differ in the last bits.

Shapes: N tokens, M model width, R router width, C classes (the experts, then skip), D = C padded to a power of two, K
choices of a token, J a slice of R, P tiles of tokens.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable
from triton import knobs

from whetstone.kernels import dispatch, vendor

if TYPE_CHECKING:
    from whetstone.kernels.router import RouterWeights

# The interpreter keeps bf16 as bit patterns, and a dot of those is garbage without an error.
UPCAST_DOT = tl.constexpr(bool(knobs.runtime.interpret))
VECTORS = tl.constexpr(5)  # learned vectors, in the order of the partial sums: down bias, norm, fc1, fc2 biases, scale


@triton.jit
def product(a, b, acc, PRECISION: tl.constexpr):
    """acc + a @ b."""
    if UPCAST_DOT:
        a = a.to(tl.float32)
        b = b.to(tl.float32)
    return tl.dot(a, b, acc, input_precision=PRECISION)


@triton.jit
def rounded(x, like):
    """x in fp32, rounded to the dtype `like` points to."""
    return x.to(like.dtype.element_ty).to(tl.float32)


@triton.jit
def load_vector(vector, at, size):
    """Elements of a vector in fp32, 0 beyond it."""
    return tl.load(vector + at, mask=at < size, other=0.0).to(tl.float32)


@triton.jit
def load_tile(matrix, rows, cols, height, width, stride_row, stride_col):
    """A tile of a matrix, 0 outside."""
    mask = (rows < height)[:, None] & (cols < width)[None, :]
    return tl.load(matrix + rows[:, None].to(tl.int64) * stride_row + cols[None, :] * stride_col, mask=mask, other=0.0)


@triton.jit
def store_tile(matrix, value, rows, cols, height, width):
    """Write a tile of a row-major matrix, in its dtype."""
    mask = (rows < height)[:, None] & (cols < width)[None, :]
    at = rows[:, None].to(tl.int64) * width + cols[None, :]
    tl.store(matrix + at, value.to(matrix.dtype.element_ty), mask=mask)


@triton.jit
def cdf(z):
    """The normal distribution's, Phi(z): gelu(z) = z Phi(z)."""
    return 0.5 + 0.5 * tl.erf(z * 0.7071067811865476)


@triton.jit
def gelu_slope(z):
    """d gelu / d z."""
    return cdf(z) + z * tl.exp(-0.5 * z * z) * 0.3989422804014327


@triton.jit(do_not_specialize=["N"])
def state_kernel(
    x_NM, down_RM, bias_R, previous_NR, scale_R, state_NR, counts_C, N, M, R, C,
    HAS_PREVIOUS: tl.constexpr, PRECISION: tl.constexpr, BLOCK_D: tl.constexpr,
    BLOCK_N: tl.constexpr, BLOCK_V: tl.constexpr, BLOCK_K: tl.constexpr,
):  # fmt: skip
    """state = x @ down.T + bias (+ previous * scale); the counts are set to 0."""
    n = tl.program_id(0) * BLOCK_N + tl.arange(0, BLOCK_N)
    r = tl.program_id(1) * BLOCK_V + tl.arange(0, BLOCK_V)
    if tl.program_id(0) + tl.program_id(1) == 0:
        d = tl.arange(0, BLOCK_D)
        tl.store(counts_C + d, tl.zeros((BLOCK_D,), dtype=tl.int64), mask=d < C)
    acc = tl.zeros((BLOCK_N, BLOCK_V), dtype=tl.float32)
    for first in range(0, M, BLOCK_K):
        m = first + tl.arange(0, BLOCK_K)
        acc = product(load_tile(x_NM, n, m, N, M, M, 1), load_tile(down_RM, m, r, M, R, 1, M), acc, PRECISION)
    state = rounded(acc + load_vector(bias_R, r, R)[None, :], state_NR)
    if HAS_PREVIOUS:
        previous = load_tile(previous_NR, n, r, N, R, R, 1).to(tl.float32)
        state += rounded(previous * load_vector(scale_R, r, R)[None, :], state_NR)
    store_tile(state_NR, state, n, r, N, R)


@triton.jit(do_not_specialize=["N"])
def choose_kernel(
    state_NR, norm_R, fc1_RR, fc1_bias_R, fc2_RR, fc2_bias_R, out_CR, biases_C, replay_NK,
    choice_NK, weight_NK, counts_C, z1_NR, z2_NR, probs_NC, N, R, C, eps,
    K: tl.constexpr, REPLAY: tl.constexpr, KEEP: tl.constexpr, PRECISION: tl.constexpr, BLOCK_D: tl.constexpr,
    BLOCK_R: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_J: tl.constexpr,
):  # fmt: skip
    """From the state to the choices, their weights and counts; keeps what the backward pass needs."""
    n = tl.program_id(0) * BLOCK_N + tl.arange(0, BLOCK_N)
    r = tl.arange(0, BLOCK_R)
    d = tl.arange(0, BLOCK_D)
    dtype = state_NR.dtype.element_ty
    state = load_tile(state_NR, n, r, N, R, R, 1).to(tl.float32)
    normal = rounded(state * tl.rsqrt(tl.sum(state * state, 1) / R + eps)[:, None], state_NR)
    hidden = (normal * load_vector(norm_R, r, R)[None, :]).to(dtype)
    acc = tl.zeros((BLOCK_N, BLOCK_R), dtype=tl.float32)
    for first in range(0, R, BLOCK_J):
        j = first + tl.arange(0, BLOCK_J)
        z1 = product(hidden, load_tile(fc1_RR, r, j, R, R, 1, R), tl.zeros((BLOCK_N, BLOCK_J), tl.float32), PRECISION)
        z1 = rounded(z1 + load_vector(fc1_bias_R, j, R)[None, :], state_NR)
        if KEEP:
            store_tile(z1_NR, z1, n, j, N, R)
        acc = product((z1 * cdf(z1)).to(dtype), load_tile(fc2_RR, j, r, R, R, 1, R), acc, PRECISION)
    z2 = rounded(acc + load_vector(fc2_bias_R, r, R)[None, :], state_NR)
    if KEEP:
        store_tile(z2_NR, z2, n, r, N, R)
    out = load_tile(out_CR, r, d, R, C, 1, R)
    logits = product((z2 * cdf(z2)).to(dtype), out, tl.zeros((BLOCK_N, BLOCK_D), tl.float32), PRECISION)
    logits = tl.where((d < C)[None, :], rounded(logits, state_NR), -float("inf"))
    e = tl.exp(logits - tl.max(logits, 1)[:, None])
    probs = e / tl.sum(e, 1)[:, None]
    if KEEP:
        store_tile(probs_NC, probs, n, d, N, C)
    biased = tl.where((d < C)[None, :], probs + load_vector(biases_C, d, C)[None, :], -float("inf"))
    count = tl.zeros((BLOCK_D,), dtype=tl.int64)
    for k in tl.static_range(K):
        at = n.to(tl.int64) * K + k
        if REPLAY:
            choice = tl.load(replay_NK + at, mask=n < N, other=0).to(tl.int32)
        else:
            choice = tl.minimum(tl.argmax(biased, 1).to(tl.int32), C - 1)  # among NaN argmax may name no class
        chosen = d[None, :] == choice[:, None]
        biased = tl.where(chosen, -float("inf"), biased)
        weight = tl.sum(tl.where(chosen & (d < C - 1)[None, :], probs, 0.0), 1)
        tl.store(choice_NK + at, choice.to(tl.int64), mask=n < N)
        tl.store(weight_NK + at, weight.to(dtype), mask=n < N)
        count += tl.sum((chosen & (n < N)[:, None]).to(tl.int64), 0)
    tl.atomic_add(counts_C + d, count, mask=d < C)


@triton.jit(do_not_specialize=["N"])
def backward_kernel(
    dweight_NK, dnext_NR, choice_NK, probs_NC, z1_NR, z2_NR, state_NR, previous_NR,
    scale_R, norm_R, fc1_RR, fc2_RR, out_CR,
    dstate_NR, dprevious_NR, hidden_NR, a1_NR, a2_NR, dz1_NR, dz2_NR, dlogits_ND, sums_PVR, N, R, C, eps,
    K: tl.constexpr, HAS_PREVIOUS: tl.constexpr, PRECISION: tl.constexpr, BLOCK_D: tl.constexpr,
    BLOCK_R: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_J: tl.constexpr,
):  # fmt: skip
    """From d weight and d state (`dnext`) to the d state of this layer, with both sides of every matrix's gradient."""
    n = tl.program_id(0) * BLOCK_N + tl.arange(0, BLOCK_N)
    r = tl.arange(0, BLOCK_R)
    d = tl.arange(0, BLOCK_D)
    dtype = state_NR.dtype.element_ty
    sums = sums_PVR + tl.program_id(0) * VECTORS * R
    dprobs = tl.zeros((BLOCK_N, BLOCK_D), dtype=tl.float32)
    for k in tl.static_range(K):
        at = n.to(tl.int64) * K + k
        choice = tl.load(choice_NK + at, mask=n < N, other=0).to(tl.int32)
        dweight = tl.load(dweight_NK + at, mask=n < N, other=0.0).to(tl.float32)
        dprobs += tl.where((d[None, :] == choice[:, None]) & (d < C - 1)[None, :], dweight[:, None], 0.0)
    probs = load_tile(probs_NC, n, d, N, C, C, 1)
    dlogits = (probs * (dprobs - tl.sum(probs * dprobs, 1)[:, None])).to(dtype)
    store_tile(dlogits_ND, dlogits, n, d, N, BLOCK_D)
    out = load_tile(out_CR, d, r, C, R, R, 1)
    dz2 = product(dlogits, out, tl.zeros((BLOCK_N, BLOCK_R), tl.float32), PRECISION)
    z2 = load_tile(z2_NR, n, r, N, R, R, 1).to(tl.float32)
    store_tile(a2_NR, z2 * cdf(z2), n, r, N, R)
    dz2 *= gelu_slope(z2)
    store_tile(dz2_NR, dz2, n, r, N, R)
    tl.store(sums + 3 * R + r, tl.sum(dz2, 0), mask=r < R)
    dz2 = dz2.to(dtype)
    dhidden = tl.zeros((BLOCK_N, BLOCK_R), dtype=tl.float32)
    for first in range(0, R, BLOCK_J):
        j = first + tl.arange(0, BLOCK_J)
        dz1 = product(dz2, load_tile(fc2_RR, r, j, R, R, R, 1), tl.zeros((BLOCK_N, BLOCK_J), tl.float32), PRECISION)
        z1 = load_tile(z1_NR, n, j, N, R, R, 1).to(tl.float32)
        store_tile(a1_NR, z1 * cdf(z1), n, j, N, R)
        dz1 *= gelu_slope(z1)
        store_tile(dz1_NR, dz1, n, j, N, R)
        tl.store(sums + 2 * R + j, tl.sum(dz1, 0), mask=j < R)
        dhidden = product(dz1.to(dtype), load_tile(fc1_RR, j, r, R, R, R, 1), dhidden, PRECISION)
    norm = load_vector(norm_R, r, R)[None, :]
    state = load_tile(state_NR, n, r, N, R, R, 1).to(tl.float32)
    inverse = tl.rsqrt(tl.sum(state * state, 1) / R + eps)[:, None]
    normal = state * inverse
    store_tile(hidden_NR, rounded(normal, state_NR) * norm, n, r, N, R)
    tl.store(sums + R + r, tl.sum(dhidden * normal, 0), mask=r < R)
    dhidden *= norm
    dstate = inverse * (dhidden - normal * (tl.sum(dhidden * normal, 1) / R)[:, None])
    dstate += load_tile(dnext_NR, n, r, N, R, R, 1).to(tl.float32)
    store_tile(dstate_NR, dstate, n, r, N, R)
    tl.store(sums + r, tl.sum(dstate, 0), mask=r < R)
    if HAS_PREVIOUS:
        store_tile(dprevious_NR, dstate * load_vector(scale_R, r, R)[None, :], n, r, N, R)
        previous = load_tile(previous_NR, n, r, N, R, R, 1).to(tl.float32)
        tl.store(sums + 4 * R + r, tl.sum(dstate * previous, 0), mask=r < R)


@functools.cache
def tuned(kernel: Any, backend: str, dtype: torch.dtype, few: bool) -> Any:
    """`kernel` with its tiles; the down-projection's fastest are found once for each M x R."""
    if kernel is state_kernel:
        return triton.autotune(vendor.router_state_configs(backend, dtype, few), key=["M", "R"])(kernel)
    return triton.autotune([vendor.router_config(backend, dtype, few, kernel is backward_kernel)], key=[])(kernel)


class Launcher:
    """The kernels for one call's dtype and sizes."""

    def __init__(self, x_NM: Tensor, out_CR: Tensor):
        backend, (C, R) = vendor.backend(), out_CR.shape
        self.N, self.form = x_NM.shape[0], (backend, x_NM.dtype, x_NM.shape[0] <= vendor.FEW_TOKENS)
        self.shared = {"PRECISION": vendor.dot_precision(backend), "BLOCK_D": max(16, triton.next_power_of_2(C))}
        self.whole_rows = {"BLOCK_R": max(16, triton.next_power_of_2(R))}

    def state(self, R: int, *arguments: Any, **options: bool) -> None:
        """Over tiles of tokens and of the state."""
        tuned(state_kernel, *self.form)[
            lambda meta: (triton.cdiv(self.N, meta["BLOCK_N"]), triton.cdiv(R, meta["BLOCK_V"]))
        ](*arguments, **options, **self.shared)

    def tiles(self, kernel: Any) -> int:
        """How many tiles of tokens a kernel takes."""
        return int(triton.cdiv(self.N, tuned(kernel, *self.form).configs[0].kwargs["BLOCK_N"]))

    def tokens(self, kernel: Any, *arguments: Any, **options: Any) -> None:
        """Over tiles of tokens."""
        tuned(kernel, *self.form)[(self.tiles(kernel),)](*arguments, **options, **self.shared, **self.whole_rows)


@dispatch.uncompiled
def router(
    x_NM: Tensor,
    weights: RouterWeights,
    biases_C: Tensor,
    previous_NR: Tensor | None,
    replay_NK: Tensor | None,
    top_k: int,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """As `whetstone.kernels.router.router`, for N > 0 tokens of a dtype and width that `vendor.router_fits`."""
    inputs = [None if t is None else t.contiguous() for t in (x_NM, previous_NR, biases_C, replay_NK, *weights)]
    keep = torch.is_grad_enabled() and any(t is not None and t.requires_grad for t in inputs)
    return _Router.apply(*inputs, top_k, eps, keep)


class _Router(torch.autograd.Function):
    @staticmethod
    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx, x_NM, previous_NR, biases_C, replay_NK, down_RM, down_bias_R, scale_R, norm_R,
        fc1_RR, fc1_bias_R, fc2_RR, fc2_bias_R, out_CR, top_k, eps, keep,
    ):  # fmt: skip
        (N, M), (C, R) = x_NM.shape, out_CR.shape
        launcher = Launcher(x_NM, out_CR)
        state_NR, weight_NK = x_NM.new_empty((N, R)), x_NM.new_empty((N, top_k))
        counts_C, choice_NK = biases_C.new_empty(C, dtype=torch.int64), x_NM.new_empty((N, top_k), dtype=torch.int64)
        launcher.state(
            R, x_NM, down_RM, down_bias_R, previous_NR, scale_R, state_NR, counts_C, N, M, R, C,
            HAS_PREVIOUS=previous_NR is not None,
        )  # fmt: skip
        kept = N if keep else 0
        z1_NR, z2_NR = x_NM.new_empty((2, kept, R))
        probs_NC = x_NM.new_empty((kept, C), dtype=torch.float32)
        launcher.tokens(
            choose_kernel, state_NR, norm_R, fc1_RR, fc1_bias_R, fc2_RR, fc2_bias_R, out_CR, biases_C, replay_NK,
            choice_NK, weight_NK, counts_C, z1_NR, z2_NR, probs_NC, N, R, C, eps,
            K=top_k, REPLAY=replay_NK is not None, KEEP=keep,
        )  # fmt: skip
        ctx.save_for_backward(
            choice_NK, probs_NC, z1_NR, z2_NR, state_NR, previous_NR, scale_R, norm_R, fc1_RR, fc2_RR, out_CR,
            x_NM, down_RM,
        )  # fmt: skip
        ctx.eps = eps
        ctx.mark_non_differentiable(choice_NK, counts_C)
        return choice_NK, weight_NK, state_NR, counts_C

    @staticmethod
    @once_differentiable
    def backward(ctx, _, dweight_NK, dnext_NR, __):  # pyright: ignore[reportIncompatibleMethodOverride]
        *saved, x_NM, down_RM = ctx.saved_tensors
        choice_NK, state_NR, previous_NR, out_CR = saved[0], saved[4], saved[5], saved[-1]
        (N, K), (C, R) = choice_NK.shape, out_CR.shape
        launcher = Launcher(x_NM, out_CR)
        dprevious_NR = None if previous_NR is None else torch.empty_like(previous_NR)
        dstate_NR, hidden_NR, a1_NR, a2_NR, dz1_NR, dz2_NR = state_NR.new_empty((6, N, R))
        dlogits_ND = state_NR.new_empty((N, launcher.shared["BLOCK_D"]))
        sums_PVR = state_NR.new_empty((launcher.tiles(backward_kernel), VECTORS.value, R), dtype=torch.float32)
        launcher.tokens(
            backward_kernel, dweight_NK.contiguous(), dnext_NR.contiguous(), *saved,
            dstate_NR, dprevious_NR, hidden_NR, a1_NR, a2_NR, dz1_NR, dz2_NR, dlogits_ND, sums_PVR, N, R, C, ctx.eps,
            K=K, HAS_PREVIOUS=previous_NR is not None,
        )  # fmt: skip
        vectors = sums_PVR.sum(0).to(state_NR.dtype).unbind(0)
        ddown_bias_R, dnorm_R, dfc1_bias_R, dfc2_bias_R, dscale_R = vectors
        return (
            dstate_NR @ down_RM, dprevious_NR, None, None,
            dstate_NR.T @ x_NM, ddown_bias_R, None if previous_NR is None else dscale_R, dnorm_R,
            dz1_NR.T @ hidden_NR, dfc1_bias_R, dz2_NR.T @ a1_NR, dfc2_bias_R, (dlogits_ND.T @ a2_NR)[:C],
            None, None, None,
        )  # fmt: skip


def launches(device: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """Every form in which the operator is compiled, by name, for the check without a GPU."""
    for dtype in (torch.bfloat16, torch.float32):
        if not vendor.router_fits(vendor.backend(), dtype, 256):
            continue
        name = str(dtype).removeprefix("torch.")
        yield f"{name}, few tokens, top-1", functools.partial(_call, dtype, 8, 1, device)
        yield f"{name}, EDA, replay, top-2", functools.partial(_call, dtype, vendor.FEW_TOKENS + 8, 2, device)


def _call(dtype: torch.dtype, tokens: int, top_k: int, device: str) -> None:
    from whetstone.kernels.router import RouterWeights

    M, R, C = 64, 256, 17
    shapes = (R, M), (R,), (R,), (R,), (R, R), (R,), (R, R), (R,), (C, R), (tokens, M), (tokens, R)
    *learned, x_NM, previous_NR = (
        torch.zeros(shape, dtype=dtype, device=device, requires_grad=True) for shape in shapes
    )
    weights = RouterWeights(*learned)
    biases_C, replay_NK = torch.zeros(C, device=device), torch.zeros((tokens, top_k), dtype=torch.int64, device=device)
    if top_k == 1:  # as in the first layer, and sampling
        weights, previous_NR, replay_NK = weights._replace(scale_R=None), None, None
    with torch.no_grad():
        router(x_NM, weights, biases_C, previous_NR, replay_NK, top_k, 1e-5)
    _, weight_NK, state_NR, _ = router(x_NM, weights, biases_C, previous_NR, replay_NK, top_k, 1e-5)
    (weight_NK.sum() + state_NR.sum()).backward()
