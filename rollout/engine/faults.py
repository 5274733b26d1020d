"""Where a number that is not finite comes from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor


def first_not_finite(model: Any, tokens: Sequence[int]) -> str:
    """Run the tokens once more, alone, and name the first module whose output is not finite; "" if none is."""
    found: list[str] = []

    def watch(name: str) -> Callable[..., None]:
        def look(module: Any, inputs: Any, output: Any) -> None:
            del module, inputs
            outputs = output if isinstance(output, tuple) else (output,)
            bad = any(isinstance(x, Tensor) and x.is_floating_point() and not bool(x.isfinite().all()) for x in outputs)
            if bad and not found:
                found.append(name)

        return look

    hooks = [module.register_forward_hook(watch(name)) for name, module in model.named_modules() if name]
    try:
        hidden_NM, _ = model(
            torch.tensor(list(tokens), device=next(model.parameters()).device), model.packed([len(tokens)])
        )
        model.logits(hidden_NM)
    finally:
        for hook in hooks:
            hook.remove()
    return found[0] if found else ""
