"""What the model sees of the cache in one step: two contexts (see `policy.context` for the protocol).

`Decode` is one new token of each of the first A running sequences. `Mixed` is that and chunks of prompts, end to end.

Legend: A decoding sequences, S running sequences, N tokens, H query heads, K key-value heads, G = H / K, D head size,
C channels, T positions, P positions of a page, M pages of a table, R = rows * K.
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
from whetstone.rollout.engine.shared import Common, Group, Runs, Segment, groups, segments

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

    In a dense cache, `runs` says what sequences have in common (see `shared`). `memory` are parts of the state, each
    (A, depth, C), that stay where they are: whoever takes them advances them there.
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
            self._whole = self._rest = _Reading(positions_N, [0] * len(positions_N))
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
        rest = _Reading(self.positions_N, starts)
        apart = {row for s in rest.segments if s.start for row in range(s.first, s.last)}
        members = [Group([row for row in group.rows if row in apart], group.length) for group in found]
        if apart:
            self._rest, self._common = rest, Common([group for group in members if group.rows], len(starts))

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
        return self.read(*self.cache.write(layer, self.cells_NK, k_NKD, v_NKD), q_NHD, window)

    def read(self, keys: Tensor, values: Tensor, q_AHD: Tensor, window: int | None) -> Tensor:
        """Attention of one query a sequence over what the cache holds of it."""
        if not self.cache.dense:
            return paged_attention(q_AHD, keys, values, self.table_NM, self.positions_N + 1, window)
        if window is not None or self._rest is self._whole:
            return self._whole.read(keys, values, q_AHD, window, None)
        return self._rest.read(keys, values, q_AHD, None, self._common.attend(keys, values, q_AHD))


class _Reading:
    """Each sequence's own positions in a dense cache, from `starts` on: segments of them, and masks."""

    def __init__(self, positions_N: Tensor, starts: Sequence[int]) -> None:
        self.positions_N, self.starts = positions_N, starts
        self.segments = segments(positions_N.tolist(), starts)
        self._seen: Tensor | None = None  # 0 where a cell of a key is seen, else minus infinity
        self._masks: dict[int | None, list[Tensor]] = {}

    def advance(self, cells_NK: Tensor) -> None:
        """One position further, in these cells of the cache."""
        self.segments = [segment._replace(end=segment.end + 1) for segment in self.segments]
        self._masks.clear()
        if self._seen is not None:
            self._seen.view(-1).index_fill_(0, cells_NK, 0.0)

    def read(
        self, keys: Tensor, values: Tensor, q_AHD: Tensor, window: int | None, common: tuple[Tensor, Tensor] | None
    ) -> Tensor:
        """Attention over these positions, and over those before the starts, of which `common` is the result.

        What was read before counts as one more position, whose score is the log-sum-exp of theirs.
        """
        heads, size = keys.shape[1], q_AHD.shape[-1]
        # The G query heads of a group take the place of G query positions: no key is repeated. Products of batches of
        # matrices are faster here than PyTorch's attention, which is made for many queries a sequence.
        q_RGD = q_AHD.reshape(len(q_AHD) * heads, -1, size)
        keys, values = keys.flatten(0, 1), values.flatten(0, 1)
        lse_RG1, before_RGD = (x.flatten(0, 1) for x in common) if common else (None, None)
        outs = []
        for segment, mask_R1T in zip(self.segments, self._mask(window, heads, keys), strict=True):
            rows, span = slice(segment.first * heads, segment.last * heads), slice(segment.start, segment.end)
            scores_RGT = torch.baddbmm(mask_R1T, q_RGD[rows], keys[rows, span].transpose(1, 2), alpha=size**-0.5)
            if segment.start and lse_RG1 is not None and before_RGD is not None:
                weight_RGU = torch.cat((scores_RGT, lse_RG1[rows]), dim=-1).softmax(-1).to(scores_RGT.dtype)
                before = before_RGD[rows] * weight_RGU[..., -1:]
                outs.append(torch.baddbmm(before, weight_RGU[..., :-1], values[rows, span]))
            else:
                outs.append(torch.bmm(scores_RGT.softmax(-1), values[rows, span]))
        return (outs[0] if len(outs) == 1 else torch.cat(outs)).view(q_AHD.shape)

    def _mask(self, window: int | None, heads: int, like: Tensor) -> list[Tensor]:
        """Zero where a key is read and minus infinity elsewhere, (rows K, 1, span) for each segment."""
        if window not in self._masks:
            if self._seen is None:
                self._seen = self._first_mask(heads, like)
            masks = [
                self._seen[first * heads : last * heads, None, start:end] for first, last, start, end in self.segments
            ]
            if window is not None:
                masks = [
                    self._near(window, heads, segment, mask) for segment, mask in zip(self.segments, masks, strict=True)
                ]
            self._masks[window] = masks
        return self._masks[window]

    def _first_mask(self, heads: int, like: Tensor) -> Tensor:
        """What `advance` continues, a row a head of each sequence: (A K, P)."""
        starts = [self.starts[row] if s.start else 0 for s in self.segments for row in range(s.first, s.last)]
        start_R1, at_R1 = (x.repeat_interleave(heads)[:, None] for x in (torch.tensor(starts), self.positions_N))
        t = torch.arange(like.shape[1])
        hidden_RP = (t > at_R1) | (t < start_R1)
        return torch.zeros(hidden_RP.shape, dtype=like.dtype).masked_fill_(hidden_RP, -torch.inf)

    def _near(self, window: int, heads: int, segment: Segment, mask_R1T: Tensor) -> Tensor:
        """The same, less what is too far back."""
        at_R11 = self.positions_N[segment.first : segment.last].repeat_interleave(heads)[:, None, None]
        return mask_R1T.masked_fill(torch.arange(segment.end) <= at_R11 - window, -torch.inf)


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
        keys, values = self.cache.write(layer, self.cells_NK, k_NKD, v_NKD)
        outs = [self.decode.read(keys, values, q_NHD[: self.decoding], window)] if self.decoding else []
        for chunk, start in zip(self.chunks, self.starts, strict=True):
            part = slice(start, start + chunk.length)
            if chunk.start:
                k_KTD, v_KTD = (self._read(x, chunk) for x in (keys, values))
            else:
                k_KTD, v_KTD = k_NKD[part].transpose(0, 1), v_NKD[part].transpose(0, 1)
            outs.append(_attend(q_NHD[part], k_KTD, v_KTD, chunk.start, window))
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


def _attend(q_nHD: Tensor, k_KTD: Tensor, v_KTD: Tensor, start: int, window: int | None) -> Tensor:
    """Causal attention of positions start .. start + n - 1 of one sequence over its T = start + n; (n, H, D)."""
    span, groups = k_KTD.shape[1], q_nHD.shape[1] // len(k_KTD)
    # Key-value heads take the place of the batch, so that each is read by its G query heads without being repeated.
    q_KGnD = q_nHD.unflatten(1, (-1, groups)).permute(1, 2, 0, 3)
    k, v = (x.unsqueeze(1).expand(-1, groups, -1, -1) for x in (k_KTD, v_KTD))
    if start == 0 and (window is None or window >= span):
        out = F.scaled_dot_product_attention(q_KGnD, k, v, is_causal=True)
    else:
        t = torch.arange(span, device=q_nHD.device)
        near_nT = t <= t[start:, None]
        if window is not None:
            near_nT &= t[start:, None] - t < window
        out = F.scaled_dot_product_attention(q_KGnD, k, v, attn_mask=near_nT)
    return out.permute(2, 0, 1, 3).flatten(1, 2)
