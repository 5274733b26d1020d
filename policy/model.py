"""The MoE++ policy: ZAYA1's architecture, written to be trained and sampled from.

Unusual here: tokens come as one flat row and a `Context` says how they belong together, so packed training, prefill
and decoding run the same lines; the residual stream is fp32, and each merge into it is scaled and shifted by learned
vectors on both sides; routers hand their state to the next layer. Parameter names and shapes are those of
`transformers.ZayaForCausalLM`.

Legend: N tokens, M model width, V vocabulary, L layers, E experts, K choices of a token, R router width.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint
from transformers import ZayaConfig

from whetstone.policy.attention import Attention, Rotary
from whetstone.policy.config import require_supported
from whetstone.policy.context import Context, Packed
from whetstone.policy.experts import Experts
from whetstone.policy.folded import folded
from whetstone.policy.head import scores
from whetstone.policy.norm import ResidualScale, RMSNorm
from whetstone.policy.router import Router, initial_biases


class MoE(nn.Module):
    """Router and experts."""

    def __init__(self, config: ZayaConfig, layer: int) -> None:
        super().__init__()
        self.gate = Router(config, layer)
        self.experts = Experts(config)


class Layer(nn.Module):
    """Attention, then experts, each behind a norm and merged into the residual stream."""

    def __init__(self, config: ZayaConfig, layer: int) -> None:
        super().__init__()
        width, eps = config.hidden_size, config.rms_norm_eps
        self.self_attn = Attention(config, layer)
        self.mlp = MoE(config, layer)
        self.input_layernorm = RMSNorm(width, eps)
        self.post_attention_layernorm = RMSNorm(width, eps)
        self.post_attention_residual_scale = ResidualScale(width)
        self.post_mlp_residual_scale = ResidualScale(width)

    def forward(
        self,
        stream_NM: Tensor,
        before_NR: Tensor | None,
        rotations: dict[str, tuple[Tensor, Tensor]],
        context: Context,
        replay_NK: Tensor | None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        x = self.input_layernorm(stream_NM)
        x = self.self_attn(x, rotations[self.self_attn.layer_type], context)
        stream_NM, x = self.post_attention_residual_scale.then(self.post_attention_layernorm, x, stream_NM)
        choice_NK, weight_NK, state_NR = self.mlp.gate(x, before_NR, replay_NK)
        x = self.mlp.experts(x, choice_NK, weight_NK)
        return self.post_mlp_residual_scale(x, stream_NM), state_NR, choice_NK


class Backbone(nn.Module):
    """Embedding, layers and final norm: token ids to hidden states.

    With `recompute`, training keeps what passes from layer to layer and runs each layer again in the backward pass.
    """

    def __init__(self, config: ZayaConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.config = config
        self.recompute = False
        self.embed_tokens = nn.Embedding(config.vocab_size, width)
        self.layers = nn.ModuleList([Layer(config, i) for i in range(config.num_hidden_layers)])
        self.norm = RMSNorm(width, config.rms_norm_eps)
        self.rotary_emb = nn.ModuleDict({kind: Rotary(config, kind) for kind in sorted(set(config.layer_types))})  # type: ignore[arg-type]
        self.input_hidden_states_scale = nn.Parameter(torch.ones(width))
        self.input_hidden_states_bias = nn.Parameter(torch.zeros(width))

    def forward(self, tokens_N: Tensor, context: Context, replay_NX: Tensor | None) -> tuple[Tensor, Tensor]:
        if replay_NX is None and (small := folded(self, context)):
            return small(tokens_N, context)
        rotations = {kind: rotary(context.positions_N) for kind, rotary in self.rotary_emb.items()}
        stream_NM = self.embed_tokens(tokens_N) + self.input_hidden_states_bias
        stream_NM = (stream_NM * self.input_hidden_states_scale).float()
        state_NR, routes = None, []
        replays = [None] * len(self.layers) if replay_NX is None else replay_NX.chunk(len(self.layers), dim=1)
        for layer, replay_NK in zip(self.layers, replays, strict=True):
            inputs = (stream_NM, state_NR, rotations, context, replay_NK)
            if self.recompute and torch.is_grad_enabled():
                stream_NM, state_NR, choice_NK = checkpoint(
                    layer, *inputs, use_reentrant=False, preserve_rng_state=False
                )
            else:
                stream_NM, state_NR, choice_NK = layer(*inputs)
            routes.append(choice_NK)
        return self.norm(stream_NM), torch.cat(routes, dim=1)


class ZayaPolicy(nn.Module):
    """A causal language model over flat tokens. `forward` gives hidden states; `logits` applies the (tied) head.

    Raises ValueError for a configuration of which Transformers would make another model.
    """

    def __init__(self, config: ZayaConfig) -> None:
        super().__init__()
        require_supported(config)
        self.config = config
        self.model = Backbone(config)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=config.lm_head_bias)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.model.embed_tokens.weight

    def forward(self, tokens_N: Tensor, context: Context, replay_NX: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Hidden states (N, M) and the classes chosen in each layer, (N, L K), a layer's side by side, E meaning skip.

        `replay_NX` forces those choices (router replay: train on the routes that were sampled).
        """
        return self.model(tokens_N, context, replay_NX)

    def logits(self, hidden_NM: Tensor) -> Tensor:
        """Scores over the vocabulary, (N, V), fp32."""
        return scores(hidden_NM, self.lm_head.weight, self.lm_head.bias)

    def largest_score(self) -> float:
        """A bound of every attention score's magnitude: queries are sqrt(D) long, keys that times a temperature."""
        temperatures: list[Tensor] = [layer.self_attn.qk_norm.temp for layer in self.model.layers]  # type: ignore[union-attr,misc]
        return self.config.head_dim**0.5 * max(float(temp_K.detach().abs().max()) for temp_K in temperatures)

    def recompute_activations(self, on: bool = True) -> None:
        """Save memory in training: keep the stream between layers only, and run each layer twice."""
        self.model.recompute = on

    def packed(self, lengths: Sequence[int]) -> Packed:
        """The context of whole sequences laid end to end, on this policy's device."""
        return Packed(lengths, self.lm_head.weight.device)

    @property
    def routers(self) -> list[Router]:
        """The router of each layer, first to last."""
        return [layer.mlp.gate for layer in self.model.layers]  # type: ignore[union-attr,misc]


@torch.no_grad()
def initialise(policy: ZayaPolicy, seed: int) -> ZayaPolicy:
    """Fresh weights from one table; temperature 1, so that keys are alive (Transformers starts them at zero).

    Matrices are N(0, 1 / fan-in); what writes into the residual stream is divided by sqrt(2 L) (GPT-2); embeddings
    are N(0, 1 / M), so that the tied head starts with logits of unit variance at most.
    """
    generator = torch.Generator().manual_seed(seed)
    config = policy.config
    residual = (2 * config.num_hidden_layers) ** -0.5
    for name, parameter in policy.named_parameters():
        if name.endswith(("norm.weight", "_scale", "temp")):
            parameter.fill_(1.0)
        elif name.endswith("bias"):
            parameter.zero_()
        elif name.endswith(("embed_tokens.weight", "lm_head.weight")):
            parameter.normal_(std=config.hidden_size**-0.5, generator=generator)
        elif name.endswith(("o_proj.weight", "experts.down_proj")):
            parameter.normal_(std=residual * parameter.shape[-1] ** -0.5, generator=generator)
        else:
            fan_in = parameter[0].numel() if "conv_qk" in name else parameter.shape[-1]
            parameter.normal_(std=fan_in**-0.5, generator=generator)
    for router in policy.routers:
        router.balancing_biases.copy_(initial_biases(config.num_experts))
    return policy
