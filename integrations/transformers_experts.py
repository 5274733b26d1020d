"""Our grouped experts for any Transformers model with SwiGLU experts: `experts_implementation="whetstone"`.

    register()
    model = AutoModelForCausalLM.from_pretrained(path, experts_implementation="whetstone")

Transformers sends a token that skips (Zaya) to expert 0 with weight 0, and pays for that expert's work. Here a choice
of weight 0 is skipped, and its weight gets no gradient.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from transformers.activations import SiLUActivation
from transformers.integrations.moe import ALL_EXPERTS_FUNCTIONS

from whetstone.kernels.grouped_experts import grouped_experts

NAME = "whetstone"


def register() -> None:
    """Make the implementation known to Transformers in this process; may be called again."""
    ALL_EXPERTS_FUNCTIONS.register(NAME, experts_forward)


def experts_forward(self: Any, x_NM: Tensor, choice_NK: Tensor, weight_NK: Tensor) -> Tensor:
    """Forward of an experts module, as its `use_experts_implementation` calls it; (N, M) in the dtype of x.

    Raises TypeError for experts of another kind than stacked SwiGLU matrices without biases.
    """
    _check(self)
    gate_up_EXM, down_EMI = self.gate_up_proj, self.down_proj
    choice_NK = choice_NK.masked_fill(weight_NK == 0, len(gate_up_EXM))
    return grouped_experts(x_NM.to(gate_up_EXM.dtype), gate_up_EXM, down_EMI, choice_NK, weight_NK).to(x_NM.dtype)


def _check(experts: Any) -> None:
    own_gate = type(experts)._apply_gate.__module__ != ALL_EXPERTS_FUNCTIONS.__class__.__module__
    parts = [name for name, value in vars(experts).items() if name.startswith("has_") and value and name != "has_gate"]
    found = {
        "no gate": not experts.has_gate,
        " and ".join(parts): bool(parts),  # biases, in Transformers 5.23 norms, in later ones who knows what
        "transposed matrices": experts.is_transposed,
        "interleaved gate and up": not experts.is_concatenated,
        "a gate of its own": own_gate,
        f"activation {experts.act_fn}": not isinstance(experts.act_fn, nn.SiLU | SiLUActivation),
    }
    if unfit := [name for name, holds in found.items() if holds]:
        raise TypeError(
            f'experts_implementation="{NAME}" computes plain SwiGLU experts; {type(experts).__name__} has '
            f'{", ".join(unfit)}. Use experts_implementation="grouped_mm"'
        )
