"""Which implementation runs: Triton on CUDA and ROCm, the reference elsewhere.

On a CPU some operators have a form of their own beside the reference: the same formula in fewer passes over memory,
with its backward pass written out.

The environment variable WHETSTONE_KERNELS forces either: `reference` anywhere, `triton` on a GPU, or on the CPU under
Triton's interpreter (TRITON_INTERPRET=1), which is for tests. It is read at every call.
"""

import importlib.util
import os
from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor

VARIABLE = "WHETSTONE_KERNELS"

Form = TypeVar("Form", bound=Callable[..., Any])


def use_triton(tensor: Tensor) -> bool:
    """Whether an operator on `tensor` takes its Triton implementation.

    Raises ValueError for an unknown setting and RuntimeError for one that cannot be met.
    """
    choice = os.environ.get(VARIABLE, "")
    if choice not in ("", "reference", "triton"):
        raise ValueError(f"{VARIABLE} must be reference, triton or unset; got {choice!r}")
    on_gpu = tensor.device.type == "cuda"  # PyTorch calls ROCm devices cuda as well
    if choice == "reference" or not (on_gpu or choice):
        return False
    if importlib.util.find_spec("triton") is None:
        raise RuntimeError(
            f"Triton is not installed; install whetstone[kernels], or set {VARIABLE}=reference for plain PyTorch"
        )
    if not on_gpu and os.environ.get("TRITON_INTERPRET") != "1":
        raise RuntimeError(
            f"{VARIABLE}=triton needs CUDA or ROCm tensors, got one on {tensor.device}; unset it, "
            "or set TRITON_INTERPRET=1 before Python starts to run the kernels in Triton's interpreter"
        )
    return True


def use_cpu(*tensors: Tensor) -> bool:
    """Whether an operator takes its CPU form, where it has one: all fp32 or all fp64, and neither other forced.

    `torch.compile` is given the reference, whose passes it fuses by itself.
    """
    if torch.compiler.is_compiling() or os.environ.get(VARIABLE) or tensors[0].device.type != "cpu":
        return False
    dtypes = {tensor.dtype for tensor in tensors}
    return len(dtypes) == 1 and dtypes <= {torch.float32, torch.float64}


def uncompiled(form: Form) -> Form:
    """`form`, which torch.compile calls as it is: Dynamo does not trace the launches of tuned kernels."""
    called: Any = torch.compiler.disable(form)
    return called
