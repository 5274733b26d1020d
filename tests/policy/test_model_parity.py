"""The policy against `transformers.ZayaForCausalLM` on random shapes: logits, gradients, padding, caches, sampling."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor
from transformers import DynamicCache, ZayaForCausalLM

from whetstone.policy.config import read_config
from whetstone.policy.context import Packed
from whetstone.policy.model import ZayaPolicy
from whetstone.rollout.engine import Engine
from whetstone.rollout.types import Request, Sampling

WITHIN = {"atol": 1e-5, "rtol": 0}
# Examples are drawn from a fixed stream: a near-tie of two experts would be chosen differently by the two models.
FIXED = settings(
    deadline=None, derandomize=True, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@st.composite
def shapes(draw: st.DrawFn, **fixed: Any) -> dict[str, Any]:
    """Changes to the tiny configuration: layer kinds, heads, widths, convolutions, biases, tying."""
    layers = draw(st.integers(1, 3))  # a cache of Transformers' breaks at a window of 1, so that 2 is the least
    kinds = st.sampled_from(["hybrid", "hybrid_sliding"])
    kv_heads = draw(st.integers(1, 3))
    return {
        "layers": layers,
        "layer_types": draw(st.lists(kinds, min_size=layers, max_size=layers)),
        "sliding_window": draw(st.integers(2, 20)),
        "kv_heads": kv_heads,
        "heads": kv_heads * draw(st.integers(1, 3)),
        "head_dim": draw(st.sampled_from([2, 4, 8, 10])),
        "hidden_size": draw(st.sampled_from([18, 24, 32])),
        "experts": draw(st.integers(1, 5)),
        "expert_size": draw(st.sampled_from([7, 16])),
        "router_size": draw(st.sampled_from([6, 12])),
        "rotary": draw(st.sampled_from([0.5, 1.0])),
        "cca_time0": draw(st.integers(1, 4)),
        "cca_time1": draw(st.integers(1, 4)),
        "attention_bias": draw(st.booleans()),
        "lm_head_bias": draw(st.booleans()),
        "tie_word_embeddings": draw(st.booleans()),
    } | fixed


def tokens(length: int, seed: int = 0) -> Tensor:
    return torch.randint(3, 40, (length,), generator=torch.Generator().manual_seed(seed))


def peer(policy: ZayaPolicy) -> ZayaForCausalLM:
    """Transformers' model with the same weights; its grouped products refuse widths of no whole 16 bytes."""
    model = ZayaForCausalLM(policy.config).eval()
    model.set_experts_implementation("eager")
    model.load_state_dict(policy.state_dict())
    return model


def logits(policy: ZayaPolicy, *sequences: Tensor) -> Tensor:
    hidden, _ = policy(torch.cat(sequences), policy.packed([len(x) for x in sequences]))
    return policy.logits(hidden)


@FIXED
@given(changes=shapes(), seed=st.integers(0, 1000), length=st.integers(1, 24))
def test_logits_and_gradients_of_any_shape(changes, seed: int, length: int, make_policy):
    policy = make_policy(seed, **changes)
    model = peer(policy).train()
    weight = torch.randn(length, 40, generator=torch.Generator().manual_seed(1)) / length
    found, expected = logits(policy, tokens(length, seed)), model(tokens(length, seed)[None]).logits[0]
    torch.testing.assert_close(found, expected, **WITHIN)
    (found.log_softmax(-1) * weight).sum().backward()
    (expected.log_softmax(-1) * weight).sum().backward()
    theirs = dict(model.named_parameters())
    assert {name for name, _ in policy.named_parameters()} == theirs.keys()
    for name, parameter in policy.named_parameters():
        other = theirs[name].grad
        other = torch.zeros_like(parameter) if other is None else other  # an expert that no token chose
        torch.testing.assert_close(parameter.grad, other, **WITHIN, msg=lambda m, n=name: f"{n}: {m}")


@FIXED
@given(changes=shapes(), seed=st.integers(0, 1000), lengths=st.lists(st.integers(1, 12), min_size=2, max_size=6))
def test_a_pack_leaks_nothing(changes, seed: int, lengths: list[int], make_policy):
    policy = make_policy(seed, **changes)
    parts = [tokens(length, seed + i) for i, length in enumerate(lengths)]
    with torch.inference_mode():
        apart = torch.cat([logits(policy, part) for part in parts])
        torch.testing.assert_close(logits(policy, *parts), apart, **WITHIN)


@pytest.mark.parametrize("side", ["left", "right"])
@FIXED
@given(data=st.data(), seed=st.integers(0, 1000), lengths=st.lists(st.integers(1, 10), min_size=1, max_size=4))
def test_a_padded_batch_of_transformers_is_a_pack(data, seed: int, lengths: list[int], side: str, make_policy):
    # With projection biases, Transformers' left padding is not neutral in its convolutions: its own unpadded logits
    # differ from the padded ones. Then there is nothing to agree with.
    changes = data.draw(shapes(attention_bias=False) if side == "left" else shapes())
    policy = make_policy(seed, **changes)
    parts = [tokens(length, seed + i) for i, length in enumerate(lengths)]
    ids_BT = torch.nn.utils.rnn.pad_sequence(parts, batch_first=True, padding_side=side)
    ones = [torch.ones_like(part) for part in parts]
    mask_BT = torch.nn.utils.rnn.pad_sequence(ones, batch_first=True, padding_side=side)
    with torch.inference_mode():
        padded = peer(policy)(ids_BT, attention_mask=mask_BT).logits
        torch.testing.assert_close(logits(policy, *parts), padded[mask_BT.bool()], **WITHIN)


class Remembering:
    """One sequence that comes in pieces: the least that keeps `policy.context.Context`."""

    def __init__(self) -> None:
        self.kept: dict[tuple[int, str], Tensor] = {}
        self.length = 0

    def extend(self, count: int) -> None:
        self.positions_N = torch.arange(self.length, self.length + count)
        self.length += count

    def once(self, layer: int, name: str, make: Callable[[], Any]) -> Any:
        return make()

    def memory(self, layer: int, name: str) -> None:
        """Not kept so that a kernel could advance it."""

    def history(self, layer: int, name: str, x_NC: Tensor, depth: int) -> list[Tensor]:
        """Oldest first, (depth, C)."""
        before = self.kept.get((layer, name), x_NC.new_zeros(depth, x_NC.shape[1]))
        whole = torch.cat((before, x_NC))
        self.kept[layer, name] = whole[len(x_NC) :]
        return [whole[depth - lag :][: len(x_NC)] for lag in range(1, depth + 1)]

    def attend(self, layer: int, q_NHD: Tensor, k_NKD: Tensor, v_NKD: Tensor, window: int | None) -> Tensor:
        for name, x in (("keys", k_NKD), ("values", v_NKD)):
            self.kept[layer, name] = torch.cat((self.kept.get((layer, name), x[:0]), x))
        k, v = (self.kept[layer, name].repeat_interleave(q_NHD.shape[1] // x.shape[1], dim=1)
                for name, x in (("keys", k_NKD), ("values", v_NKD)))  # fmt: skip
        distance = self.positions_N[:, None] - torch.arange(self.length)
        seen = (distance >= 0) & (distance < (window or self.length))
        scores = torch.einsum("nhd,thd->hnt", q_NHD, k) / q_NHD.shape[-1] ** 0.5
        return torch.einsum("hnt,thd->nhd", scores.masked_fill(~seen, -torch.inf).softmax(-1), v)


@FIXED
@given(changes=shapes(), seed=st.integers(0, 1000), pieces=st.lists(st.integers(1, 6), min_size=2, max_size=5))
def test_pieces_with_a_memory_are_the_whole(changes, seed: int, pieces: list[int], make_policy):
    """Chunked prefill and single tokens, logits and memory against Transformers' cache."""
    policy, whole = make_policy(seed, **changes), tokens(sum(pieces), seed)
    model, context, cache = peer(policy), Remembering(), DynamicCache(config=policy.config)
    found, theirs = [], []
    with torch.inference_mode():
        for piece in whole.split(pieces):
            context.extend(len(piece))
            found.append(policy.logits(policy(piece, context)[0]))
            theirs.append(model(piece[None], past_key_values=cache, use_cache=True).logits[0])
        full = logits(policy, whole)
    torch.testing.assert_close(torch.cat(found), full, **WITHIN)
    torch.testing.assert_close(torch.cat(theirs), full, **WITHIN)
    kept: Any
    for layer, kept in enumerate(cache.layers):
        for name, other in (("keys", kept.keys), ("values", kept.values)):
            mine = context.kept[layer, name].transpose(0, 1)
            torch.testing.assert_close(mine[:, -other.shape[2] :], other[0], **WITHIN)
        depth = policy.config.cca_time0 + policy.config.cca_time1 - 2
        assert context.kept[layer, "qk"].shape == (depth, kept.conv_states[0].shape[1])
        if depth:
            torch.testing.assert_close(context.kept[layer, "qk"].T, kept.conv_states[0][0], **WITHIN)
        bias = policy.model.layers[layer].self_attn.qkv_proj.v_proj_delayed.bias  # ours is added after the delay
        value = context.kept[layer, "value"][0] + (0 if bias is None else bias)
        torch.testing.assert_close(value, kept.recurrent_states[0][0], **WITHIN)


class Numbers:
    """Text is numbers between blanks."""

    def encode(self, text: str) -> list[int]:
        return [int(word) for word in text.split()]

    def decode(self, tokens) -> str:
        return " ".join(map(str, tokens))


@pytest.mark.parametrize("changes", [{}, {"layer_types": ["hybrid_sliding", "hybrid"], "sliding_window": 5}], ids=str)
def test_a_checkpoint_writes_the_same_greedy_tokens_everywhere(changes, tmp_path: Path, make_policy):
    policy = make_policy(3, **changes)
    for router in policy.routers:
        router.balancing_biases[-1] = -1.0  # Transformers puts the skip class back there when it loads
    peer(policy).save_pretrained(tmp_path)
    opened = ZayaForCausalLM.from_pretrained(tmp_path).eval()
    again = ZayaPolicy(read_config(str(tmp_path)))
    again.load_state_dict(opened.state_dict())
    prompts = [tokens(length, seed=length).tolist() for length in (1, 6, 11)]
    requests = [Request(tuple(prompt), Sampling(max_tokens=12, temperature=0.0)) for prompt in prompts]
    answers = Engine(again, Numbers(), stop=2).generate(requests)
    longest = max(map(len, prompts))
    ids = torch.tensor([[0] * (longest - len(prompt)) + prompt for prompt in prompts])
    mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    out = opened.generate(ids, attention_mask=mask, max_new_tokens=12, do_sample=False)  # type: ignore[operator]
    for (answer,), row in zip(answers, out[:, longest:].tolist(), strict=True):
        assert list(answer.tokens) == row[: len(answer.tokens)]
        assert set(row[len(answer.tokens) :]) <= {0}


def test_packed_is_a_context_with_an_order():
    assert Packed([3, 1]).order.previous_N.tolist() == [-1, 0, 1, -1]
