"""The memory of running sequences: keys, values and routes in pages, and the state of the layers' convolutions.

On a GPU pages are small and a table a sequence says where they are. On a CPU a page is long enough for a whole
sequence, and running sequence i lies in page i: then a step works on views of the memory, and nothing is gathered.

Legend: S running sequences, N tokens, L layers, K key-value heads, D head size, P positions of a page, C channels of
one state, W all of them together, X = L * choices a layer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor

from whetstone.rollout.engine.pages import Page

Made = TypeVar("Made")


class Cache:
    """`count` pages of `size` positions. `dense` says that running sequence i has the one page i."""

    def __init__(
        self, config: Any, count: int, size: int, *, dense: bool, device: torch.device | str, dtype: torch.dtype
    ) -> None:
        self.config, self.dense = config, dense
        self.device, self.dtype = torch.device(device), dtype
        self._kept: dict[tuple[int, str], Any] = {}
        self._take(*self._memory(count, size))

    def _memory(self, count: int, size: int) -> tuple[Tensor, Tensor, Tensor]:
        # Zeros, because what is masked is still multiplied by zero.
        layers, heads, width = (
            self.config.num_hidden_layers,
            self.config.num_key_value_heads,
            self.config.head_dim,
        )
        shape = (layers, count, heads, size, width)
        keys, values = (torch.zeros(shape, device=self.device, dtype=self.dtype) for _ in range(2))
        routes = layers * self.config.num_experts_per_tok
        return keys, values, torch.zeros(count, size, routes, device=self.device, dtype=torch.int16)

    def _take(self, keys: Tensor, values: Tensor, routes: Tensor) -> None:
        self.keys, self.values, self.routes = keys, values, routes
        self._cells = [(k.flatten(0, -2), v.flatten(0, -2)) for k, v in zip(keys, values, strict=True)]

    @property
    def count(self) -> int:
        return self.keys.shape[1]

    @property
    def size(self) -> int:
        return self.keys.shape[3]

    @property
    def bytes(self) -> int:
        """What the pages occupy."""
        return sum(x.nbytes for x in (self.keys, self.values, self.routes))

    @staticmethod
    def bytes_per_position(config: Any, dtype: torch.dtype) -> int:
        """Keys and values of every layer, and two bytes for each expert of each layer."""
        wide = 2 * config.num_key_value_heads * config.head_dim * dtype.itemsize
        return config.num_hidden_layers * (wide + 2 * config.num_experts_per_tok)

    @staticmethod
    def bytes_per_state(config: Any, dtype: torch.dtype) -> int:
        """What the convolutions of every layer keep of one sequence, or of one block of a known prompt."""
        heads = config.num_attention_heads + config.num_key_value_heads
        depth = config.cca_time0 + config.cca_time1 - 2
        channels = depth * heads * config.head_dim + config.num_key_value_heads * config.head_dim // 2
        return config.num_hidden_layers * channels * dtype.itemsize

    def once(self, layer: int, name: str, make: Callable[[], Made]) -> Made:
        """What a layer derives from its weights alone, until `renew`."""
        if (layer, name) not in self._kept:
            self._kept[layer, name] = make()
        return self._kept[layer, name]

    def renew(self) -> None:
        """The weights have changed."""
        self._kept.clear()

    def write(self, layer: int, cells_NK: Tensor, k_NKD: Tensor, v_NKD: Tensor) -> None:
        """Put new keys and values in their cells (see `cells`)."""
        for memory, x_NKD in zip(self._cells[layer], (k_NKD, v_NKD), strict=True):
            memory.index_copy_(0, cells_NK, x_NKD.reshape(-1, memory.shape[1]))

    def read(self, layer: int) -> tuple[Tensor, Tensor]:
        """All keys and values of a layer, (pages, K, P, D) each."""
        return self.keys[layer], self.values[layer]

    def cells(self, page_N: Tensor, offset_N: Tensor) -> tuple[Tensor, Tensor]:
        """Where positions lie: in the routes (N,), and in keys and values, a cell a head (N K,)."""
        row_NK = page_N[:, None] * self.keys.shape[2] + torch.arange(self.keys.shape[2], device=self.device)
        return page_N * self.size + offset_N, (row_NK * self.size + offset_N[:, None]).flatten()

    def copy(self, source: Page, target: Page, positions: int) -> None:
        """Copy the first positions of a page."""
        for x in (self.keys, self.values):
            x[:, target.place, :, :positions] = x[:, source.place, :, :positions]
        self.routes[target.place, :positions] = self.routes[source.place, :positions]
        target.filled = positions

    def swap(self, a: Page, b: Page) -> None:
        """Exchange what two pages hold in the memory; the caller lets the pages themselves change places."""
        for x in (self.keys.transpose(2, 3), self.values.transpose(2, 3), self.routes.unsqueeze(0)):
            mine = x[:, a.place, : a.filled].clone()
            x[:, a.place, : b.filled] = x[:, b.place, : b.filled]
            x[:, b.place, : a.filled] = mine

    def finite(self, page: Page) -> bool:
        """Whether all that a page holds is finite."""
        return all(bool(x[:, page.place].isfinite().all()) for x in (self.keys, self.values))

    def erase(self, page: Page) -> None:
        """Write zeros: a number that is not finite would reach whoever gets the page next."""
        for x in (self.keys, self.values):
            x[:, page.place] = 0

    def grow(self, count: int, size: int) -> None:
        """A larger memory with the same content."""
        old = self.keys, self.values, self.routes
        new = self._memory(count, size)
        for before, after in zip(old[:2], new[:2], strict=True):
            after[:, : before.shape[1], :, : before.shape[3]] = before
        new[2][: old[2].shape[0], : old[2].shape[1]] = old[2]
        self._take(*new)

    def experts(self, table: Sequence[Page], positions: int) -> Tensor:
        """The routes of a sequence's first positions, (positions, X)."""
        places = [page.place for page in table]
        return self.routes[places[0], :positions] if self.dense else self.routes[places].flatten(0, 1)[:positions]


class State:
    """What each layer's convolutions need of the last tokens of each running sequence.

    Each layer's `history` gives and takes `depth` tensors (S, C), the newest first. A step of decoding replaces
    references and copies nothing; only when sequences come or go is everything gathered, in one go.
    """

    def __init__(self) -> None:
        self.parts: dict[tuple[int, str], list[Tensor]] = {}
        self.count = 0

    def of(self, layer: int, name: str, like_NC: Tensor, depth: int) -> list[Tensor]:
        """The state of one layer; zero before anything was run."""
        if (layer, name) not in self.parts:
            self.parts[layer, name] = [like_NC.new_zeros(self.count, like_NC.shape[1]) for _ in range(depth)]
        return self.parts[layer, name]

    def rows(self) -> Tensor | None:
        """All parts side by side, (S, W); None before anything was run."""
        parts = [x for part in self.parts.values() for x in part]
        return torch.cat(parts, dim=1) if parts else None

    def arrange(self, origin: Sequence[int], known: Sequence[tuple[int, Tensor]]) -> None:
        """Sequence i continues what was sequence `origin[i]` (-1: nothing); `known` (i, state) are overwritten."""
        rows_SW = self.rows()
        self.count = len(origin)
        if rows_SW is None:
            return
        index = torch.tensor(origin, device=rows_SW.device)
        new_SW = rows_SW[index.clamp_min(0)] if len(rows_SW) else rows_SW.new_zeros(len(origin), rows_SW.shape[1])
        fresh = [i for i, before in enumerate(origin) if before < 0]
        if fresh:
            new_SW[fresh] = 0
        if known:
            new_SW[[i for i, _ in known]] = torch.stack([state for _, state in known])
        self.replace(new_SW)

    def replace(self, rows_SW: Tensor) -> None:
        """Take over what `rows` gave, or rows of that form."""
        parts = iter(rows_SW.split([x.shape[1] for part in self.parts.values() for x in part], dim=1))
        self.parts = {key: [next(parts) for _ in part] for key, part in self.parts.items()}
