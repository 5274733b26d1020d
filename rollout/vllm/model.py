"""ZAYA1 as a vLLM model: what vLLM's engine asks of one, around the layers.

Unusual here: parameters keep the checkpoint's names and layout (but for the projections that are one product), so a
weight update is a copy into tensors whose addresses never change, and there is nothing derived that could go stale:
the head is a plain product with the embedding, not vLLM's pre-packed one. The class that each router chose is written,
every step, into a table beside the key-value cache, one row a cache slot: prefixes that are found in the cache bring
their routes along.

Legend: N tokens, M model width, V vocabulary, L layers, S cache slots.
"""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false
# (vLLM lives in an environment of its own, see docs/vllm.md)

from __future__ import annotations

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import ZayaConfig
from vllm.compilation.decorators import support_torch_compile
from vllm.config import VllmConfig
from vllm.forward_context import get_forward_context
from vllm.model_executor.layers.mamba.mamba_utils import MambaStateCopyFunc, get_temporal_copy_spec
from vllm.model_executor.model_loader.weight_utils import default_weight_loader
from vllm.model_executor.models.interfaces import HasInnerState, IsHybrid
from vllm.sequence import IntermediateTensors

from whetstone.rollout.vllm.experts import Experts
from whetstone.rollout.vllm.layers import Layer, RMSNorm, Stacked


@support_torch_compile(dynamic_arg_dims={"input_ids": 0, "positions": 0, "inputs_embeds": 0})
class Backbone(nn.Module):
    """Embedding, layers and final norm: token ids to hidden states and the classes chosen in each layer."""

    def __init__(self, *, vllm_config: VllmConfig, prefix: str = "") -> None:
        super().__init__()
        config: ZayaConfig = vllm_config.model_config.hf_config
        self.config = config
        width = config.hidden_size
        self.embed_tokens = nn.Embedding(config.vocab_size, width)
        self.layers = nn.ModuleList(
            [Layer(config, i, vllm_config, f"{prefix}.layers.{i}") for i in range(config.num_hidden_layers)]
        )
        self.norm = RMSNorm(width, config.rms_norm_eps)
        self.input_hidden_states_scale = nn.Parameter(torch.ones(width))
        self.input_hidden_states_bias = nn.Parameter(torch.zeros(width))
        assert config.layer_types is not None
        self.kinds = sorted(set(config.layer_types))

    def forward(
        self, input_ids: Tensor | None, positions: Tensor, inputs_embeds: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        x = self.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds
        stream_NM = ((x + self.input_hidden_states_bias) * self.input_hidden_states_scale).float()
        rotations = {kind: self._rotation(kind, positions) for kind in self.kinds}
        router_NR, routes = None, []
        for layer in self.layers:
            stream_NM, router_NR, choice_N = layer(stream_NM, router_NR, rotations)
            routes.append(choice_N)
        return self.norm(stream_NM.to(self.norm.weight.dtype)), torch.stack(routes, dim=1).to(torch.int16)

    def _rotation(self, kind: str, positions_N: Tensor) -> tuple[Tensor, Tensor]:
        rope = self.config.rope_parameters[kind]  # type: ignore[index]
        width = int(self.config.head_dim * rope.get("partial_rotary_factor", 1.0))
        steps = torch.arange(0, width, 2, dtype=torch.float32, device=positions_N.device)
        angles = positions_N[:, None].float() * rope["rope_theta"] ** -(steps / width)
        return angles.cos()[:, None], angles.sin()[:, None]


class ZayaForCausalLM(nn.Module, HasInnerState, IsHybrid):
    """The model class that the plugin registers. One device a replica: there are two key-value heads to share."""

    def __init__(self, *, vllm_config: VllmConfig, prefix: str = "") -> None:
        super().__init__()
        config: ZayaConfig = vllm_config.model_config.hf_config
        _refuse(vllm_config)
        self.config = config
        self.model = Backbone(vllm_config=vllm_config, prefix=f"{prefix}.model" if prefix else "model")
        if not config.tie_word_embeddings:
            self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=config.lm_head_bias)
        elif config.lm_head_bias:
            self.lm_head_bias = nn.Parameter(torch.zeros(config.vocab_size))
        # Routes are kept by the slots of a layer whose cache forgets nothing.
        assert config.layer_types is not None
        whole = [i for i, kind in enumerate(config.layer_types) if kind == "hybrid"]
        self.slot_layer = self.model.layers[whole[0]].self_attn.attn.layer_name if whole else None
        self.routes_SL: Tensor | None = None

    @classmethod
    def get_mamba_state_shape_from_config(cls, vllm_config: VllmConfig) -> tuple[tuple[int, int]]:
        config: ZayaConfig = vllm_config.model_config.hf_config
        depth = max(config.cca_time0 + config.cca_time1 - 2, 1)
        heads = config.num_attention_heads + config.num_key_value_heads
        return ((depth, heads * config.head_dim + config.num_key_value_heads * config.head_dim // 2),)

    @classmethod
    def get_mamba_state_dtype_from_config(cls, vllm_config: VllmConfig) -> tuple[torch.dtype]:
        return (vllm_config.model_config.dtype,)

    @classmethod
    def get_mamba_state_copy_func(cls) -> tuple[MambaStateCopyFunc]:
        return (get_temporal_copy_spec,)  # a block's state is copied whole

    def embed_input_ids(self, input_ids: Tensor) -> Tensor:
        return self.model.embed_tokens(input_ids)

    def forward(
        self,
        input_ids: Tensor | None,
        positions: Tensor,
        intermediate_tensors: IntermediateTensors | None = None,
        inputs_embeds: Tensor | None = None,
        **kwargs: object,
    ) -> Tensor:
        hidden_NM, routes_NL = self.model(input_ids, positions, inputs_embeds)
        self._record(routes_NL)
        return hidden_NM

    def compute_logits(self, hidden_states: Tensor) -> Tensor:
        if self.config.tie_word_embeddings:
            return F.linear(hidden_states, self.model.embed_tokens.weight, getattr(self, "lm_head_bias", None))
        return self.lm_head(hidden_states)

    def _record(self, routes_NL: Tensor) -> None:
        """Write the step's routes to the slots of its tokens. Padding has slot -1: the last row takes it."""
        slots = get_forward_context().slot_mapping
        if self.slot_layer is None or not isinstance(slots, dict) or self.slot_layer not in slots:
            return
        attention = get_forward_context().no_compile_layers[self.slot_layer]
        rows = attention.kv_cache.numel() // (2 * self.config.num_key_value_heads * self.config.head_dim) + 1
        if self.routes_SL is None or len(self.routes_SL) != rows:
            self.routes_SL = routes_NL.new_full((rows, routes_NL.shape[1]), -1)
        slots_N = slots[self.slot_layer]
        self.routes_SL[slots_N] = routes_NL[: len(slots_N)]

    def load_weights(self, weights: Iterable[tuple[str, Tensor]]) -> set[str]:
        """Copy a whole checkpoint into the model; the parameters it filled.

        Raises ValueError where a tensor is unknown, has another shape, or is missing.
        """
        loaded, missing = set(), set(self._checkpoint_names())
        targets = {**dict(self.named_parameters()), **dict(self.named_buffers())}
        for name, tensor in weights:
            if name == "lm_head.weight" and self.config.tie_word_embeddings:
                continue
            if name not in missing:
                raise ValueError(f"the checkpoint's tensor {name} is unknown to this architecture, or came twice")
            missing.remove(name)
            part = name.split(".")[-2] if "." in name else ""
            target = name.replace(f".{part}.", ".stacked.") if part in _STACKED else name
            target = "lm_head_bias" if target == "lm_head.bias" and self.config.tie_word_embeddings else target
            parameter = targets[target]
            loader = getattr(parameter, "weight_loader", default_weight_loader)
            loader(parameter, tensor, part) if part in _STACKED else loader(parameter, tensor)
            loaded.add(target)
        if missing:
            raise ValueError(f"the checkpoint lacks {len(missing)} tensors, the first is {min(missing)}")
        for module in self.modules():
            if isinstance(module, Experts):
                module.pack()
        return loaded

    def _checkpoint_names(self) -> Iterable[str]:
        for path, module in self.named_modules():
            if path.endswith(".attn"):
                continue  # vLLM's own scales
            for kind, _ in [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]:
                if isinstance(module, Stacked):
                    yield from (f"{path.removesuffix('stacked')}{part}.{kind}" for part in module.sizes)
                else:
                    yield "lm_head.bias" if kind == "lm_head_bias" else f"{path}.{kind}"


_STACKED = ("q_proj", "k_proj", "v_proj_current", "v_proj_delayed")


def _refuse(vllm_config: VllmConfig) -> None:
    parallel = vllm_config.parallel_config
    if parallel.tensor_parallel_size > 1 or parallel.pipeline_parallel_size > 1:
        raise ValueError(
            f"ZAYA1 runs on one device a replica; got tensor_parallel_size={parallel.tensor_parallel_size} and "
            f"pipeline_parallel_size={parallel.pipeline_parallel_size}. Start more replicas instead"
        )
    if vllm_config.model_config.quantization:
        raise ValueError(f"quantization={vllm_config.model_config.quantization!r} is not supported for ZAYA1")
