"""Attention of one query a sequence over a dense cache: batches of products, neighbours of similar length together.

Whatever of it stays the same from step to step is made once: views of the memory, and masks that grow.

Legend: A decoding sequences, H query heads, K key-value heads, G = H / K, D head size, T positions, P of a page,
R = rows * K.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from whetstone.rollout.engine.cache import Cache
from whetstone.rollout.engine.shared import Segment, scores, segments


class Reading:
    """Each sequence's own positions in the cache, from `starts` on: segments of them, and masks."""

    def __init__(self, cache: Cache, positions_A: Tensor, starts: Sequence[int]) -> None:
        self.cache, self.positions_A, self.starts = cache, positions_A, starts
        self.heads = cache.keys.shape[2]
        self.segments = segments(positions_A.tolist(), starts)
        self._seen: Tensor | None = None  # 0 where a cell of a key is seen, else minus infinity
        self._masks: dict[int | None, list[Tensor]] = {}
        self._views: dict[int, list[tuple[Tensor, Tensor]]] = {}

    def advance(self, cells_AK: Tensor) -> None:
        """One position further, in these cells of the cache."""
        self.segments = [segment._replace(end=segment.end + 1) for segment in self.segments]
        self._masks.clear()
        if self._seen is not None:
            self._seen.view(-1).index_fill_(0, cells_AK, 0.0)

    def read(self, layer: int, q_AHD: Tensor, window: int | None, common: tuple[Tensor, Tensor] | None) -> Tensor:
        """Attention over these positions, and over those before the starts, of which `common` are the sums."""
        # The G query heads of a group take the place of G query positions: no key is repeated. Products of batches of
        # matrices are faster here than PyTorch's attention, which is made for many queries a sequence.
        q_RGD = q_AHD.reshape(len(q_AHD) * self.heads, -1, q_AHD.shape[-1])
        outs = []
        for segment, memory, mask in zip(self.segments, self._memory(layer), self._mask(window), strict=True):
            q = q_RGD if len(self.segments) == 1 else q_RGD[segment.first * self.heads : segment.last * self.heads]
            if segment.start and common is not None:
                outs.append(_more(q, segment, memory, mask, common))
                continue
            keys_RDP, values_RPD = memory
            weight_RGT = scores(q, keys_RDP[..., : segment.end], mask).softmax(-1)
            outs.append(torch.bmm(weight_RGT, values_RPD[:, : segment.end]))
        return (outs[0] if len(outs) == 1 else torch.cat(outs)).view(q_AHD.shape)

    def _memory(self, layer: int) -> list[tuple[Tensor, Tensor]]:
        """Keys (R, D, P) and values (R, P, D) of each segment."""
        if layer not in self._views:
            keys, values = (x.flatten(0, 1) for x in self.cache.read(layer))
            spans = [slice(s.first * self.heads, s.last * self.heads) for s in self.segments]
            self._views[layer] = [(keys[rows].transpose(1, 2), values[rows]) for rows in spans]
        return self._views[layer]

    def _mask(self, window: int | None) -> list[Tensor]:
        """Zero where a key is read and minus infinity elsewhere, (R, 1, span) for each segment."""
        if window not in self._masks:
            seen = self._seen = self._first_mask() if self._seen is None else self._seen
            masks = [
                seen[first * self.heads : last * self.heads, None, start:end]
                for first, last, start, end in self.segments
            ]
            if window is not None:
                masks = [self._near(window, segment, mask) for segment, mask in zip(self.segments, masks, strict=True)]
            self._masks[window] = masks
        return self._masks[window]

    def _first_mask(self) -> Tensor:
        """What `advance` continues, a row a head of each sequence: (A K, P)."""
        starts = [self.starts[row] if s.start else 0 for s in self.segments for row in range(s.first, s.last)]
        start_R1, at_R1 = (x.repeat_interleave(self.heads)[:, None] for x in (torch.tensor(starts), self.positions_A))
        t = torch.arange(self.cache.size)
        hidden_RP = (t > at_R1) | (t < start_R1)
        return torch.zeros(hidden_RP.shape, dtype=self.cache.dtype).masked_fill_(hidden_RP, -torch.inf)

    def _near(self, window: int, segment: Segment, mask_R1T: Tensor) -> Tensor:
        """The same, less what is too far back."""
        at_R11 = self.positions_A[segment.first : segment.last].repeat_interleave(self.heads)[:, None, None]
        return mask_R1T.masked_fill(torch.arange(segment.end) <= at_R11 - window, -torch.inf)


def _more(
    q_RGD: Tensor, segment: Segment, memory: tuple[Tensor, Tensor], mask_R1T: Tensor, common: tuple[Tensor, Tensor]
) -> Tensor:
    """Attention from a segment's start on, and over `common`: the sums (A, K, G, 1) and (A, K, G, D) of `shared`."""
    first, last, start, end = segment
    keys_RDP, values_RPD = memory
    weight_RGT = scores(q_RGD, keys_RDP[..., start:end], mask_R1T).exp_()
    mass_RG1, sum_RGD = (x[first:last].reshape(*q_RGD.shape[:2], -1) for x in common)
    mass_RG1 = mass_RG1 + weight_RGT.sum(-1, keepdim=True)
    return torch.baddbmm(sum_RGD, weight_RGT, values_RPD[:, start:end]).div_(mass_RG1)
