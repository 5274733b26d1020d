"""The memory of running sequences: keys, values, and what each layer's convolutions need of the last tokens.

Running sequences always fill the first rows, so that a step works on views of the cache, never on copies. The two
contexts below are what the model sees of it (see `policy.context` for the protocol).

Legend: S rows, A running sequences, N tokens, L layers, K key-value heads, H query heads, G = H / K, D head size,
C channels, T positions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor

Made = TypeVar("Made")


class Cache:
    """Dense rows of `length` positions for at most `rows` sequences."""

    def __init__(self, config: Any, rows: int, length: int, device: torch.device | str, dtype: torch.dtype) -> None:
        heads, size = config.num_key_value_heads, config.head_dim
        self.layers = config.num_hidden_layers
        shape = (self.layers, rows, heads, length, size)
        self.keys = torch.zeros(shape, device=device, dtype=dtype)
        self.values = torch.zeros(shape, device=device, dtype=dtype)
        channels = (config.num_attention_heads + heads) * size
        depth = config.cca_time0 + config.cca_time1 - 2
        self.states = {  # newest first
            "qk": torch.zeros(self.layers, rows, depth, channels, device=device, dtype=dtype),
            "value": torch.zeros(self.layers, rows, 1, heads * size // 2, device=device, dtype=dtype),
        }
        self.routes = torch.zeros(rows, length, self.layers, device=device, dtype=torch.int16)
        self.lengths_S = torch.zeros(rows, dtype=torch.long, device=device)
        self._kept: dict[tuple[int, str], Any] = {}

    def once(self, layer: int, name: str, make: Callable[[], Made]) -> Made:
        """What a layer derives from its weights alone; a cache lives no longer than they stand still."""
        if (layer, name) not in self._kept:
            self._kept[layer, name] = make()
        return self._kept[layer, name]

    def copy(self, source_R: Tensor, target_R: Tensor) -> None:
        """Copy whole sequences from rows to rows: shared prefixes, and holes closed after a sequence ends."""
        if len(source_R):
            used = int(self.lengths_S[source_R].max())
            for x in (self.keys, self.values):
                x[:, target_R, :, :used] = x[:, source_R, :, :used]
            for x in self.states.values():
                x[:, target_R] = x[:, source_R]
            self.routes[target_R, :used] = self.routes[source_R, :used]
            self.lengths_S[target_R] = self.lengths_S[source_R]


class Prefill:
    """Whole prompts end to end: attention within each, and everything that decoding needs is left in the cache."""

    def __init__(self, cache: Cache, packed: Any, rows_B: Tensor) -> None:
        self.cache, self.packed, self.rows_B = cache, packed, rows_B
        self.positions_N = packed.positions_N
        self.once = cache.once
        self._row_N = rows_B[packed.rows_N]
        cache.lengths_S[rows_B] = torch.tensor(packed.lengths, device=rows_B.device)

    def history(self, layer: int, name: str, x_NC: Tensor, depth: int) -> list[Tensor]:
        before = self.packed.history(layer, name, x_NC, depth)
        state_SdC = self.cache.states[name][layer]
        for place, x in enumerate((x_NC, *before)[:depth]):
            state_SdC[self.rows_B, place] = x[self.packed.last_B]
        return before

    def attend(self, layer: int, q_NHD: Tensor, k_NKD: Tensor, v_NKD: Tensor, window: int | None) -> Tensor:
        self.cache.keys[layer][self._row_N, :, self.positions_N] = k_NKD
        self.cache.values[layer][self._row_N, :, self.positions_N] = v_NKD
        return self.packed.attend(layer, q_NHD, k_NKD, v_NKD, window)

    def record(self, routes_NL: Tensor) -> None:
        """Keep the experts of every position."""
        self.cache.routes[self._row_N, self.positions_N] = routes_NL.to(torch.int16)


class Decode:
    """One new token of each running sequence, in rows 0..A-1 of the cache."""

    def __init__(self, cache: Cache, running: int) -> None:
        self.cache, self.running = cache, running
        self.positions_N = cache.lengths_S[:running].clone()
        self.once = cache.once
        self._row_N = torch.arange(running, device=self.positions_N.device)
        self._span = int(self.positions_N.max()) + 1
        self._span_T = torch.arange(self._span, device=self.positions_N.device)
        self._masks: dict[int | None, Tensor] = {}
        cache.lengths_S[:running] += 1

    def history(self, layer: int, name: str, x_NC: Tensor, depth: int) -> list[Tensor]:
        state_AdC = self.cache.states[name][layer][: self.running]
        before = list(state_AdC.clone().unbind(1))
        for place, x in enumerate((x_NC, *before)[:depth]):
            state_AdC[:, place] = x
        return before

    def attend(self, layer: int, q_NHD: Tensor, k_NKD: Tensor, v_NKD: Tensor, window: int | None) -> Tensor:
        keys, values = self.cache.keys[layer], self.cache.values[layer]
        keys[self._row_N, :, self.positions_N] = k_NKD
        values[self._row_N, :, self.positions_N] = v_NKD
        # The G query heads of a group take the place of G query positions: no key is repeated.
        q_AKGD = q_NHD.unflatten(1, (k_NKD.shape[1], -1))
        k_AKTD, v_AKTD = (x[: self.running, :, : self._span] for x in (keys, values))
        out = F.scaled_dot_product_attention(q_AKGD, k_AKTD, v_AKTD, attn_mask=self._mask(window))
        return out.flatten(1, 2)

    def _mask(self, window: int | None) -> Tensor:
        if window not in self._masks:
            seen_AT = self._span_T <= self.positions_N[:, None]
            if window is not None:
                seen_AT &= self._span_T > self.positions_N[:, None] - window
            self._masks[window] = seen_AT[:, None, None]
        return self._masks[window]

    def record(self, routes_NL: Tensor) -> None:
        """Keep the experts of the new position."""
        self.cache.routes[self._row_N, self.positions_N] = routes_NL.to(torch.int16)
