"""What the model sees of the cache in one step: two contexts (see `policy.context` for the protocol).

`Decode` is one new token of each of the first A running sequences. `Mixed` is that and chunks of prompts, end to end.

Legend: A decoding sequences, S running sequences, N tokens, H query heads, K key-value heads, G = H / K, D head size,
C channels, T positions, P positions of a page, M pages of a table, B chunks that are alike, n tokens of one, X = B K.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from whetstone.kernels.paged_attention import paged_attention
from whetstone.rollout.engine.cache import Cache, State
from whetstone.rollout.engine.pages import Page
from whetstone.rollout.engine.reading import Reading
from whetstone.rollout.engine.shared import Common, Group, Runs, groups

Made = TypeVar("Made")


class Chunk(NamedTuple):
    """Tokens start .. start + length - 1 of running sequence `row`; `known` are the positions whose state is kept."""

    row: int
    start: int
    length: int
    table: list[Page]
    known: list[int]


class Decode:
    """One new token of each of the first sequences. `advance` goes on to the next step while they stay the same.

    In a dense cache, `runs` says what sequences have in common (see `shared`), if that is to be read once. `memory`
    are parts of the state, each (A, depth, C), that stay where they are: whoever takes them advances them there.
    """

    def __init__(
        self,
        cache: Cache,
        state: State,
        positions_N: Tensor,
        table_NM: Tensor,
        runs: Sequence[Runs] = (),
        memory: Mapping[tuple[int, str], Tensor] = MappingProxyType({}),
    ) -> None:
        self.cache, self.state = cache, state
        self.once = cache.once
        self.positions_N, self.table_NM = positions_N, table_NM
        self._memory = memory
        if cache.dense:
            self._whole = self._rest = Reading(cache, positions_N, [0] * len(positions_N))
            if found := groups(runs):
                self._share(found)
        self._find()

    @classmethod
    def of(
        cls,
        cache: Cache,
        state: State,
        lengths: Sequence[int],
        tables: Sequence[list[Page]],
        runs: Sequence[Runs] = (),
    ) -> Decode:
        """From the number of positions each sequence has in the cache, its pages, and whose copies it begins with."""
        widest = max(map(len, tables), default=1)
        places = [[page.place for page in table] + [0] * (widest - len(table)) for table in tables]
        table_NM = torch.tensor(places, dtype=torch.long, device=cache.device).view(len(places), widest)
        return cls(cache, state, torch.tensor(lengths, dtype=torch.long, device=cache.device), table_NM, runs)

    def _share(self, found: list[Group]) -> None:
        """Read what groups have in common once, but for members among others whom that would split."""
        starts = [0] * len(self.positions_N)
        for group in found:
            for row in group.rows:
                starts[row] = group.length
        rest = Reading(self.cache, self.positions_N, starts)
        apart = {row for s in rest.segments if s.start for row in range(s.first, s.last)}
        members = [Group([row for row in group.rows if row in apart], group.length) for group in found]
        if apart:
            self._rest = rest
            self._common = Common(self.cache, [group for group in members if group.rows], len(starts))

    def _find(self) -> None:
        if self.cache.dense:
            page_N, offset_N = self.table_NM[:, 0], self.positions_N
        else:
            offset_N = self.positions_N % self.cache.size
            page_N = self.table_NM.gather(1, (self.positions_N // self.cache.size)[:, None]).squeeze(1)
        self.cells_N, self.cells_NK = self.cache.cells(page_N, offset_N)

    def advance(self) -> None:
        """The same sequences, each one token further on in the same pages."""
        self.positions_N += 1
        if not self.cache.dense:
            self._find()
            return
        self.cells_N += 1
        self.cells_NK += 1
        for reading in {self._whole, self._rest}:
            reading.advance(self.cells_NK)

    def history(self, layer: int, name: str, x_NC: Tensor, depth: int) -> list[Tensor]:
        before = self.state.of(layer, name, x_NC, depth)
        if depth:
            self.state.parts[layer, name] = [x_NC, *before[:-1]]
        return before

    def memory(self, layer: int, name: str) -> Tensor | None:
        return self._memory.get((layer, name))

    def attend(self, layer: int, q_NHD: Tensor, k_NKD: Tensor, v_NKD: Tensor, window: int | None) -> Tensor:
        self.cache.write(layer, self.cells_NK, k_NKD, v_NKD)
        return self.read(layer, q_NHD, window)

    def read(self, layer: int, q_AHD: Tensor, window: int | None) -> Tensor:
        """Attention of one query a sequence over what the cache holds of it."""
        if not self.cache.dense:
            return paged_attention(q_AHD, *self.cache.read(layer), self.table_NM, self.positions_N + 1, window)
        if window is not None or self._rest is self._whole:
            return self._whole.read(layer, q_AHD, window, None)
        return self._rest.read(layer, q_AHD, None, self._common.attend(layer, q_AHD))


class Mixed:
    """One token of each decoding sequence, then chunks of prompts: attention within each sequence.

    After the model has run, `finish` leaves every running sequence's state, and returns that of the known positions.
    """

    def __init__(self, decode: Decode, chunks: Sequence[Chunk]) -> None:
        self.decode, self.chunks = decode, chunks
        self.cache, self.state, self.once = decode.cache, decode.state, decode.once
        first = len(decode.positions_N)
        self.decoding = first
        lengths = np.array([chunk.length for chunk in chunks], int)
        starts = np.array([chunk.start for chunk in chunks], int)
        self.starts = (np.cumsum(lengths) - lengths + first).tolist()  # of each chunk, in the flat row
        self._offset_N = np.concatenate((np.zeros(first, int), *(np.arange(n) for n in lengths)))
        self._row_N = np.concatenate(
            (np.arange(first), np.repeat(np.array([chunk.row for chunk in chunks], int), lengths))
        )
        positions_n = self._offset_N[first:] + np.repeat(starts, lengths)
        device = decode.positions_N.device
        pages_n = torch.from_numpy(np.concatenate((np.zeros(0, int), *map(self._places, chunks)))).to(device)
        new_n = torch.from_numpy(positions_n).to(device)
        cells_n, cells_nK = self.cache.cells(pages_n, new_n % self.cache.size)
        self.positions_N = torch.cat((decode.positions_N, new_n))
        self.cells_N = torch.cat((decode.cells_N, cells_n))
        self.cells_NK = torch.cat((decode.cells_NK, cells_nK))
        self._alike = _alike(self.starts, chunks)
        self._index: dict[int, Tensor] = {}
        self._new: dict[tuple[int, str], list[Tensor]] = {}

    def _places(self, chunk: Chunk) -> np.ndarray:
        places = np.array([page.place for page in chunk.table])
        return places[np.arange(chunk.start, chunk.start + chunk.length) // self.cache.size]

    def history(self, layer: int, name: str, x_NC: Tensor, depth: int) -> list[Tensor]:
        if not depth:
            return []
        if depth not in self._index:
            self._index[depth] = torch.from_numpy(self._sources(depth)).to(x_NC.device)
        source = torch.cat((*self.state.of(layer, name, x_NC, depth), x_NC))
        found = source[self._index[depth]]
        tokens, after = depth * len(x_NC), (len(found) - depth * len(x_NC)) // depth
        self._new[layer, name] = list(found[tokens:].split(after))
        return list(found[:tokens].split(len(x_NC)))

    def memory(self, layer: int, name: str) -> None:
        del layer, name

    def _sources(self, depth: int) -> np.ndarray:
        """Where in (states of S sequences, newest first; tokens) predecessors and new states are to be found."""
        running, tokens = self.state.count, np.arange(len(self._row_N))

        def back(token, offset, row, lag):  # `lag` tokens before one that stands at `offset` of its chunk
            return np.where(offset >= lag, depth * running + token - lag, (lag - offset - 1) * running + row)

        before = [back(tokens, self._offset_N, self._row_N, lag) for lag in range(1, depth + 1)]
        ran = np.zeros(running, int)
        ran[: self.decoding] = 1
        last = np.zeros(running, int)
        last[: self.decoding] = np.arange(self.decoding)
        for chunk, start in zip(self.chunks, self.starts, strict=True):
            ran[chunk.row], last[chunk.row] = chunk.length, start + chunk.length - 1
        known = [
            (start + position - chunk.start - 1, position - chunk.start, chunk.row)
            for chunk, start in zip(self.chunks, self.starts, strict=True)
            for position in chunk.known
        ]
        token, offset, row = (np.array([entry[i] for entry in known], int) for i in range(3))
        token, offset, row = (
            np.concatenate(pair) for pair in ((last, token), (ran, offset), (np.arange(running), row))
        )
        after = [back(token + 1, offset, row, lag) for lag in range(1, depth + 1)]
        return np.concatenate(before + after)

    def attend(self, layer: int, q_NHD: Tensor, k_NKD: Tensor, v_NKD: Tensor, window: int | None) -> Tensor:
        self.cache.write(layer, self.cells_NK, k_NKD, v_NKD)
        keys, values = self.cache.read(layer)
        outs = [self.decode.read(layer, q_NHD[: self.decoding], window)] if self.decoding else []
        for start, chunk, count in self._alike:
            part = slice(start, start + count * chunk.length)
            if chunk.start:
                k_BKTD, v_BKTD = (self._read(x, chunk).unsqueeze(0) for x in (keys, values))
            else:
                k_BKTD, v_BKTD = (x[part].unflatten(0, (count, -1)).transpose(1, 2) for x in (k_NKD, v_NKD))
            outs.append(_attend(q_NHD[part].unflatten(0, (count, -1)), k_BKTD, v_BKTD, chunk.start, window))
        return torch.cat(outs)

    def _read(self, memory: Tensor, chunk: Chunk) -> Tensor:
        """The keys or values of a sequence up to the end of its chunk, (K, T, D)."""
        end = chunk.start + chunk.length
        if len(chunk.table) == 1:
            return memory[chunk.table[0].place, :, :end]
        return memory[[page.place for page in chunk.table]].transpose(0, 1).flatten(1, 2)[:, :end]

    def finish(self) -> Tensor | None:
        """Leave the states; those of the known positions, in the order of the chunks, (known, W)."""
        self.state.parts |= self._new
        rows_W = self.state.rows()
        if rows_W is None:
            return None
        self.state.replace(rows_W[: self.state.count])
        return rows_W[self.state.count :]


def _alike(starts: Sequence[int], chunks: Sequence[Chunk]) -> list[tuple[int, Chunk, int]]:
    """(place of the first token, a chunk, how many like it stand there in a row): whole beginnings of one length."""
    found: list[tuple[int, Chunk, int]] = []
    for start, chunk in zip(starts, chunks, strict=True):
        if found and (chunk.start, found[-1][1].start, chunk.length) == (0, 0, found[-1][1].length):
            found[-1] = (*found[-1][:2], found[-1][2] + 1)
        else:
            found.append((start, chunk, 1))
    return found


def _attend(q_BnHD: Tensor, k_BKTD: Tensor, v_BKTD: Tensor, start: int, window: int | None) -> Tensor:
    """Causal attention of positions start .. start + n - 1 of B sequences, each over its T = start + n; (B n, H, D)."""
    (rows, heads, span), groups = k_BKTD.shape[:3], q_BnHD.shape[2] // k_BKTD.shape[1]
    # Key-value heads take the place of the batch, so that each is read by its G query heads without being repeated.
    q_XGnD = q_BnHD.unflatten(2, (heads, groups)).permute(0, 2, 3, 1, 4).flatten(0, 1)
    k, v = (x.flatten(0, 1).unsqueeze(1).expand(-1, groups, -1, -1) for x in (k_BKTD, v_BKTD))
    if start == 0 and (window is None or window >= span):
        out = F.scaled_dot_product_attention(q_XGnD, k, v, is_causal=True)
    else:
        t = torch.arange(span, device=q_BnHD.device)
        near_nT = t <= t[start:, None]
        if window is not None:
            near_nT &= t[start:, None] - t < window
        out = F.scaled_dot_product_attention(q_XGnD, k, v, attn_mask=near_nT)
    return out.unflatten(0, (rows, heads)).permute(0, 3, 1, 2, 4).reshape(-1, heads * groups, q_BnHD.shape[3])
