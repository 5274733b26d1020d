"""What a layer's convolutions need of the tokens before: the state of CCA, kept in vLLM's cache.

Unusual here: the state is no recurrence but the last inputs themselves, so one layer type serves both convolutions and
the delayed value. vLLM's short-convolution backend describes such a state completely; its metadata, its cache groups
and its operator (which is where graphs are split) are reused as they are.

Legend: N tokens, P prefilled sequences, S state slots, D depth, X width of an input.
"""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false
# (vLLM lives in an environment of its own, see docs/vllm.md)

from __future__ import annotations

import torch

# Importing the module registers the operator `vllm::short_conv`, which calls back by the layer's name.
import vllm.model_executor.layers.mamba.short_conv  # noqa: F401
from torch import Tensor, nn
from vllm.config import VllmConfig
from vllm.forward_context import get_forward_context
from vllm.model_executor.layers.mamba.abstract import MambaBase
from vllm.v1.attention.backends.registry import MambaAttentionBackendEnum
from vllm.v1.attention.backends.short_conv_attn import ShortConvAttentionMetadata


class History(nn.Module, MambaBase):
    """For every token the inputs of the `depth` tokens before it in its sequence, zero before its start."""

    def __init__(self, depth: int, width: int, vllm_config: VllmConfig, prefix: str) -> None:
        super().__init__()
        if vllm_config.num_speculative_tokens:
            raise ValueError("speculative decoding would have to roll the convolution state back; run without it")
        self.depth, self.width, self.prefix = depth, width, prefix
        self.dtype = vllm_config.model_config.dtype
        self.kv_cache: tuple[Tensor, ...] = (torch.tensor([]),)
        layers = vllm_config.compilation_config.static_forward_context
        if prefix in layers:
            raise ValueError(f"two layers are named {prefix}; layer names must be unique")
        layers[prefix] = self

    def forward(self, x_NX: Tensor) -> Tensor:
        """(N, D, X), the newest first."""
        output = x_NX.new_empty(len(x_NX), self.depth * self.width)
        torch.ops.vllm.short_conv(x_NX, output, self.prefix)
        return output.unflatten(-1, (self.depth, self.width))

    def forward_native(self, hidden_states: Tensor, output: Tensor) -> None:
        """Fill `output` from `hidden_states` and the cache; called by the operator, outside compiled graphs."""
        metadata = get_forward_context().attn_metadata
        if metadata is None:  # vLLM measures memory before there is a cache
            output.zero_()
            return
        assert isinstance(metadata, dict)
        step = metadata[self.prefix]
        assert isinstance(step, ShortConvAttentionMetadata)
        output_NDX = output.unflatten(-1, (self.depth, self.width))
        decodes, prefills = step.num_decode_tokens, step.num_prefill_tokens
        if decodes:
            self._decode(hidden_states[:decodes], output_NDX[:decodes], step)
        if prefills:
            part = slice(decodes, decodes + prefills)
            self._prefill(hidden_states[part], output_NDX[part], step)

    forward_cuda = forward_native  # the name the operator uses on CUDA and ROCm: the lines above run everywhere

    def _decode(self, x_NX: Tensor, output_NDX: Tensor, step: ShortConvAttentionMetadata) -> None:
        state_SDX = self.kv_cache[0]
        assert step.state_indices_tensor_d is not None
        slots_N = step.state_indices_tensor_d[:, 0].long()
        before_NDX = state_SDX[slots_N]
        output_NDX.copy_(before_NDX)
        state_SDX[slots_N] = torch.cat((x_NX.unsqueeze(1), before_NDX[:, :-1]), dim=1)

    def _prefill(self, x_NX: Tensor, output_NDX: Tensor, step: ShortConvAttentionMetadata) -> None:
        state_SDX = self.kv_cache[0]
        slots, starts, known = step.state_indices_tensor_p, step.query_start_loc_p, step.has_initial_states_p
        assert slots is not None and starts is not None and known is not None
        slots_P, starts_P, ends_P = slots.long(), starts[:-1].long(), starts[1:].long()
        # A fresh sequence's slot still holds what another one left there.
        initial_PDX = torch.where(known[:, None, None], state_SDX[slots_P], 0)
        index_N = torch.arange(len(x_NX), device=x_NX.device)
        row_N = torch.searchsorted(ends_P, index_N, right=True)
        offset_N = index_N - starts_P[row_N]
        for lag in range(1, self.depth + 1):
            inside_N = offset_N >= lag
            earlier_NX = x_NX[(index_N - lag).clamp_min(0)]
            carried_NX = initial_PDX[row_N, (lag - 1 - offset_N).clamp_min(0)]
            output_NDX[:, lag - 1] = torch.where(inside_N[:, None], earlier_NX, carried_NX)
        last_P = ends_P - 1
        state_SDX[slots_P] = torch.cat((x_NX[last_P].unsqueeze(1), output_NDX[last_P, :-1]), dim=1)

    def get_state_shape(self) -> tuple[tuple[int, ...], ...]:
        return ((self.depth, self.width),)

    def get_state_dtype(self) -> tuple[torch.dtype, ...]:
        return (self.dtype,)

    @property
    def mamba_type(self) -> MambaAttentionBackendEnum:
        return MambaAttentionBackendEnum.SHORT_CONV
