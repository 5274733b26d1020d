"""What differs between the chips: limits, matrix instructions, and the tiles that suit them.

Everything else in this folder is the same source for CUDA and ROCm.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    import triton

MAX_THREADS = 1024  # of one block, on every chip below


@dataclass(frozen=True)
class Chip:
    """One GPU as the compiler sees it."""

    backend: str  # Triton's name: "cuda" or "hip"
    arch: int | str  # Triton's name: compute capability x 10, or the gfx name
    warp_size: int  # threads that run in step
    shared_bytes: int  # shared memory (LDS) that one block may use
    matrix: str  # pattern of its matrix instructions in the assembly (PTX, amdgcn)


CHIPS = {
    # H100, H200; tiles of less than 64 rows take mma.sync
    "sm_90": Chip("cuda", 90, 32, 232448, r"\b(?:wgmma\.mma_async|mma\.sync)\b"),
    "gfx942": Chip("hip", "gfx942", 64, 65536, r"\bv_mfma_"),  # MI300X, MI325X
    "gfx950": Chip("hip", "gfx950", 64, 163840, r"\bv_mfma_"),  # MI350X, MI355X
}

INTERPRETER = "interpreter"


def backend() -> str:
    """Where Triton will run now: "cuda", "hip" or "interpreter"."""
    from triton import knobs
    from triton.runtime import driver

    if knobs.runtime.interpret:
        return INTERPRETER
    target: Any = driver.active.get_current_target()
    return target.backend


def dot_precision(backend: str) -> str:
    """Precision of fp32 products. Plain TF32 keeps 10 bits; 3 x TF32 keeps fp32's and still uses the tensor cores.

    AMD's matrix cores multiply fp32 as it is.
    """
    return "tf32x3" if backend == "cuda" else "ieee"


def matmul_configs(backend: str, dtype: "torch.dtype") -> "list[triton.Config]":
    """Tiles BLOCK_N x BLOCK_V over a contraction in steps of BLOCK_K, for inputs of `dtype`."""
    if backend == INTERPRETER:  # one, because the autotuner cannot time it; small, so that tests cross tile borders
        return [_config(16, 32, 16, warps=1, stages=1)]
    wide = dtype.itemsize > 2
    if backend == "cuda":
        if wide:
            return [_config(64, 64, 32, warps=4, stages=3), _config(128, 64, 32, warps=8, stages=3)]
        # The online softmax needs registers beside the accumulator. 128 x 256 spills; with Triton 3.9, so do 128 x 128
        # in four stages and 64 x 128 on four warps.
        return [
            _config(128, 128, 64, warps=8, stages=3),
            _config(128, 64, 64, warps=8, stages=4),
            _config(64, 128, 64, warps=8, stages=4),
        ]
    # Two stages: AMD's pipeline holds one of them in registers, and 64 KiB of LDS leave room for no more.
    if wide:
        return [_config(64, 64, 32, warps=4, stages=2, waves_per_eu=2)]
    return [
        _config(128, 128, 64, warps=8, stages=2, waves_per_eu=2),
        _config(64, 128, 64, warps=4, stages=2, waves_per_eu=2),
    ]


def grouped_configs(backend: str, dtype: "torch.dtype", rows: int, held: int) -> "list[triton.Config]":
    """Tiles BLOCK_R x BLOCK_C in steps of BLOCK_K for products of grouped rows, about `rows` (16, 64, 128) a group.

    `held` says how many tiles of that size the kernel has in registers: 1, 2 accumulators, or 4 in an epilogue. Up to
    16 rows the work is to read the matrices: long steps.
    """
    if backend == INTERPRETER:
        return [_grouped(16, 32, 16, warps=1, stages=1)]
    stages = 3 if backend == "cuda" else 2
    if dtype.itemsize > 2:
        tile = (16, 32, 64) if rows == 16 else (64, 64 if held == 1 else 32, 32)
        return [_grouped(*tile, warps=4, stages=stages)]
    if rows == 16:
        return [_grouped(16, columns, 128, warps=4, stages=stages) for columns in (32, 64)]
    narrow, broad = (128, 256) if held == 1 else (64, 128)
    if backend != "cuda":
        return [
            _grouped(64, narrow, 64, warps=4, stages=2, waves_per_eu=2),
            _grouped(rows, narrow, 64, warps=8, stages=2, waves_per_eu=2),
        ]
    if rows == 64:
        return [_grouped(64, narrow, 64, warps=4, stages=4), _grouped(64, broad, 64, warps=8, stages=3)]
    largest = _grouped(64 if held == 4 else 128, broad, 64, warps=8, stages=3)  # 128 x 128 with 4 held spills
    return [_grouped(128, narrow, 64, warps=8, stages=3), largest]


def matrix_gradient_configs(backend: str, dtype: "torch.dtype") -> "list[triton.Config]":
    """Tiles BLOCK_R x BLOCK_C of a gradient of an expert's matrix, over its rows in steps of BLOCK_K."""
    if backend == INTERPRETER:
        return [_grouped(16, 32, 16, warps=1, stages=1)]
    stages = 3 if backend == "cuda" else 2
    if dtype.itemsize > 2:
        return [_grouped(64, 64, 32, warps=4, stages=stages)]
    return [_grouped(128, 128, 64, warps=8, stages=stages), _grouped(64, 128, 64, warps=4, stages=stages)]


FEW_TOKENS = 512  # up to which the router takes its smallest tiles, to occupy more of the chip


def router_state_configs(backend: str, dtype: "torch.dtype", few: bool) -> "list[triton.Config]":
    """Tiles BLOCK_N x BLOCK_V of the router's down-projection, over the model's width in steps of BLOCK_K."""
    if not few or backend == INTERPRETER:
        return matmul_configs(backend, dtype)
    depth = 64 if dtype.itemsize > 2 else 128
    stages = 3 if backend == "cuda" else 2
    return [_config(16, 16, depth, warps=4, stages=stages), _config(16, 32, depth, warps=4, stages=stages)]


def router_fits(backend: str, dtype: "torch.dtype", width: int) -> bool:
    """Whether the router's kernels, which hold whole rows of its state, have the registers for them.

    CUDA's matrix units have no fp32: three products of TF32 in its place spill in every tile tried (16 and 32 tokens, 4
    and 8 warps: 29 to 1292 registers on sm_90, Triton 3.7.1).
    """
    return width <= 256 and not (backend == "cuda" and dtype.itemsize > 2)


def router_config(backend: str, dtype: "torch.dtype", few: bool, backward: bool) -> "triton.Config":
    """Tokens of a tile, BLOCK_N, and the slice BLOCK_J of the first hidden layer that is made at a time."""
    import triton

    if backend == INTERPRETER:
        return triton.Config({"BLOCK_N": 16, "BLOCK_J": 16}, num_warps=1, num_stages=1)
    wide = dtype.itemsize > 2
    large = backend == "cuda" and not wide and not backward  # 64 tokens spill backward, and have no room in the LDS
    blocks = {"BLOCK_N": 16 if few else 64 if large else 32, "BLOCK_J": 16 if wide else 32}
    warps = 4 if few or (wide and not backward) else 8  # 32 rows of fp32 need the registers that 4 warps have
    return triton.Config(blocks, num_warps=warps, num_stages=2 if backend == "cuda" else 1)


def _grouped(block_r: int, block_c: int, block_k: int, warps: int, stages: int, **options: Any) -> "triton.Config":
    import triton

    blocks = {"BLOCK_R": block_r, "BLOCK_C": block_c, "BLOCK_K": block_k}
    return triton.Config({**blocks, **options}, num_warps=warps, num_stages=stages)


def _config(block_n: int, block_v: int, block_k: int, warps: int, stages: int, **options: Any) -> "triton.Config":
    """`options` exist on one vendor only (`waves_per_eu`: blocks that share a compute unit)."""
    import triton

    blocks = {"BLOCK_N": block_n, "BLOCK_V": block_v, "BLOCK_K": block_k}
    return triton.Config({**blocks, **options}, num_warps=warps, num_stages=stages)


def cca_configs(backend: str, dtype: "torch.dtype") -> "list[triton.Config]":
    """Tiles BLOCK_N x a head, over the taps in steps of BLOCK_K; the end needs registers for six such tiles."""
    if backend == INTERPRETER:
        return [_rows(16, 16, warps=1, stages=1)]
    if dtype.itemsize > 2:
        return [_rows(32, 32, warps=4, stages=2)]
    if backend == "cuda":
        return [_rows(64, 64, warps=8, stages=3), _rows(64, 64, warps=8, stages=2)]  # 32 spills on Triton 3.6
    return [_rows(64, 64, warps=8, stages=2), _rows(32, 64, warps=4, stages=2)]


def cca_kernel_config(backend: str, dtype: "torch.dtype") -> "triton.Config":
    """Steps of BLOCK_N tokens to the gradient of one tap of a head, an accumulator as wide as a head both ways."""
    if backend == INTERPRETER:
        return _rows(16, None, warps=1, stages=1)
    return _rows(32 if dtype.itemsize > 2 else 64, None, warps=8, stages=3 if backend == "cuda" else 1)


def cca_decode_config(backend: str, dtype: "torch.dtype", rows: int) -> "triton.Config":
    """As `cca_configs`, for one token of each of `rows` sequences."""
    if backend == INTERPRETER:
        return _rows(16, 16, warps=1, stages=1)
    return _rows(16 if rows <= 16 else 32, 32 if dtype.itemsize > 2 else 64, warps=8, stages=2)


def _rows(block_n: int, block_k: int | None, warps: int, stages: int) -> "triton.Config":
    import triton

    blocks = {"BLOCK_N": block_n} | ({} if block_k is None else {"BLOCK_K": block_k})
    return triton.Config(blocks, num_warps=warps, num_stages=stages)


def row_warps(backend: str, width: int, values: int) -> int:
    """Warps for a row of `width` values, `values` a thread, within what a block may have."""
    threads = 64 if backend == "hip" else 32
    return max(1, min(MAX_THREADS // threads, width // (values * threads)))


def paged_attention_config(backend: str, dtype: "torch.dtype") -> "triton.Config":
    """Steps of BLOCK_S positions of one head's keys and values: bound by reading them, so many in flight."""
    import triton

    if backend == INTERPRETER:
        return triton.Config({"BLOCK_S": 16}, num_warps=1, num_stages=1)
    block = 32 if dtype.itemsize > 2 else 64
    return triton.Config({"BLOCK_S": block}, num_warps=4, num_stages=3 if backend == "cuda" else 2)
