"""How the tokens of a batch belong together.

The model sees one flat row of N tokens, whatever they are: packed training sequences, prompts being prefilled, or one
token of each of many running sequences. What differs is where a token's predecessors are, and that is a `Context`.
The model is written once against it, so that training and sampling cannot drift apart.

Legend: N tokens, H query heads, K key-value heads, D head size, C channels, B sequences, T longest of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor

from whetstone.kernels.cca import Order

Made = TypeVar("Made")


class Context(Protocol):
    """Gives every token its position, its predecessors' values, and attention over its own sequence."""

    positions_N: Tensor

    def once(self, layer: int, name: str, make: Callable[[], Made]) -> Made:
        """`make()` of this layer, a function of the weights alone: kept for as long as they stand still."""
        ...

    def history(self, layer: int, name: str, x_NC: Tensor, depth: int) -> list[Tensor]:
        """[x at t-1, …, x at t-depth], each (N, C), zero before the start of a sequence."""
        ...

    def memory(self, layer: int, name: str) -> Tensor | None:
        """Of one token of each sequence, what `history` reads, (N, depth, C), for `cca_decode` to advance in place.

        None where it is not kept so: then `history` is asked.
        """
        ...

    def attend(self, layer: int, q_NHD: Tensor, k_NKD: Tensor, v_NKD: Tensor, window: int | None) -> Tensor:
        """Causal attention within each sequence, over the last `window` tokens when given; (N, H, D)."""
        ...


class Ordered:
    """A context that remembers nothing: every token's predecessors are in the batch, and `order` says where.

    Then all of CCA is one operator (`kernels.cca`), with gradients.
    """

    order: Order

    def once(self, layer: int, name: str, make: Callable[[], Made]) -> Made:
        del layer, name
        return make()

    def history(self, layer: int, name: str, x_NC: Tensor, depth: int) -> list[Tensor]:
        del layer, name
        return [self.order.shifted(x_NC, lag) for lag in range(1, depth + 1)]

    def memory(self, layer: int, name: str) -> None:
        del layer, name


class Packed(Ordered):
    """Whole sequences laid end to end. Nothing leaks from one into the next."""

    def __init__(self, lengths: Sequence[int], device: torch.device | str = "cpu") -> None:
        if not lengths or min(lengths) < 1:
            raise ValueError("a packed batch needs at least one sequence, each of at least one token")
        self.lengths = list(lengths)
        lengths_B = torch.tensor(self.lengths, device=device)
        ends_B = lengths_B.cumsum(0)
        self.longest = max(self.lengths)
        total = sum(self.lengths)
        self.rows_N = torch.repeat_interleave(torch.arange(len(lengths), device=device), lengths_B, output_size=total)
        self.positions_N = torch.arange(total, device=device) - (ends_B - lengths_B)[self.rows_N]
        self.last_B = ends_B - 1
        self.order = Order.packed(self.positions_N)
        self._layout: _Layout | None = None
        self._ends_B = F.pad(ends_B, (1, 0)).int()

    def attend(self, layer: int, q_NHD: Tensor, k_NKD: Tensor, v_NKD: Tensor, window: int | None) -> Tensor:
        del layer
        groups = q_NHD.shape[1] // k_NKD.shape[1]
        window = None if window is None or window >= self.longest else window
        # On a CPU one key serves its group of queries without a copy; elsewhere that is not the fast path of them all.
        k_NHD, v_NHD = (_repeated(x, groups if q_NHD.is_cuda else 1) for x in (k_NKD, v_NKD))
        if q_NHD.is_cuda and q_NHD.dtype in (torch.bfloat16, torch.float16):
            return self._attend_unpadded(q_NHD, k_NHD, v_NHD, window)
        if self._layout is None:
            self._layout = _Layout(self.lengths, q_NHD.device)
        split = self._layout.split
        parts = zip(split(q_NHD), split(k_NHD), split(v_NHD), strict=True)
        return self._layout.join([_causal(q, k, v, window) for q, k, v in parts])

    def _attend_unpadded(self, q_NHD: Tensor, k_NHD: Tensor, v_NHD: Tensor, window: int | None) -> Tensor:
        from torch.nn.attention.varlen import varlen_attn  # flash attention: CUDA, and 16 bits a number

        reach = (-1 if window is None else window - 1, 0)
        ends, longest = self._ends_B, self.longest
        return varlen_attn(q_NHD, k_NHD, v_NHD, ends, ends, longest, longest, window_size=reach)  # type: ignore[return-value]


class _Layout:
    """Sequences of similar length side by side in rectangles: none is padded by more than a quarter of itself."""

    def __init__(self, lengths: Sequence[int], device: torch.device) -> None:
        starts = [0, *itertools.accumulate(lengths)]
        groups: list[list[int]] = []
        for sequence in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
            if not groups or lengths[sequence] < 0.8 * lengths[groups[-1][0]]:
                groups.append([])
            groups[-1].append(sequence)
        self.shapes = [(len(group), lengths[group[0]]) for group in groups]
        cells, places = [], []  # the token of each cell (the last beyond a sequence's end), and the cell of each token
        base = 0
        for group, (_, longest) in zip(groups, self.shapes, strict=True):
            for row, sequence in enumerate(group):
                first, length = starts[sequence], lengths[sequence]
                cells.append(first + torch.arange(longest).clamp(max=length - 1))
                places.append((sequence, base + row * longest + torch.arange(length)))
            base += len(group) * longest
        self.straight = len(groups) == 1 and len(set(lengths)) == 1
        self.cells = torch.cat(cells).to(device)
        self.places_N = torch.cat([place for _, place in sorted(places, key=lambda pair: pair[0])]).to(device)

    def split(self, x_NHD: Tensor) -> list[Tensor]:
        """(B, H, T, D) for each rectangle; cells beyond an end repeat a token, and causality hides them."""
        if self.straight:
            return [x_NHD.unflatten(0, self.shapes[0]).transpose(1, 2)]
        x = x_NHD.index_select(0, self.cells)
        parts = x.split([rows * longest for rows, longest in self.shapes])
        return [part.unflatten(0, shape).transpose(1, 2) for part, shape in zip(parts, self.shapes, strict=True)]

    def join(self, parts_BHTD: list[Tensor]) -> Tensor:
        """The tokens of all rectangles, (N, H, D), in their own order."""
        rows = [part.transpose(1, 2).flatten(0, 1) for part in parts_BHTD]
        return rows[0] if self.straight else torch.cat(rows).index_select(0, self.places_N)


def _causal(q_BHTD: Tensor, k_BKTD: Tensor, v_BKTD: Tensor, window: int | None) -> Tensor:
    grouped = q_BHTD.shape[1] != k_BKTD.shape[1]
    if window is None or window >= q_BHTD.shape[2]:
        return F.scaled_dot_product_attention(q_BHTD, k_BKTD, v_BKTD, is_causal=True, enable_gqa=grouped)
    t = torch.arange(q_BHTD.shape[2], device=q_BHTD.device)
    near_TT = _near(t[:, None], t, window)
    return F.scaled_dot_product_attention(q_BHTD, k_BKTD, v_BKTD, attn_mask=near_TT, enable_gqa=grouped)


class Shared(Ordered):
    """Prompts, each followed by its completions, laid end to end: a group's prompt is run once, not once a sample.

    `groups` holds (prompt length, lengths of its completions); tokens lie in that order. A completion sees its prompt
    and itself, never its siblings. A completion of length 0 is allowed (only its first token is predicted).
    """

    def __init__(self, groups: Sequence[tuple[int, Sequence[int]]], device: torch.device | str = "cpu") -> None:
        starts, parents, lengths, index = [], [], [], 0  # of each completion: first token, prompt, length
        prompts = []
        for prompt, completions in groups:
            prompts.append((index, prompt))
            index += prompt
            for length in completions:
                starts.append(index)
                parents.append(len(prompts) - 1)
                lengths.append(length)
                index += length
        (self.firsts_P, self.sizes_P) = torch.tensor(prompts, device=device).unbind(1)
        self.parents_B = torch.tensor(parents, device=device)
        starts_B, lengths_B = torch.tensor(starts, device=device), torch.tensor(lengths, device=device)
        self.tokens = index
        # Cells of two padded layouts, prompts (P, S) and completions (B, T): the token there, N where there is none.
        self._prompt_PS = _cells(self.firsts_P, self.sizes_P, index)
        self._completion_BT = _cells(starts_B, lengths_B, index)
        after_B = self.sizes_P[self.parents_B]
        places = torch.arange(index + 1, device=device)  # the last is "no token"
        positions, before = torch.zeros_like(places), places - 1
        positions[self._prompt_PS] = torch.arange(self._prompt_PS.shape[1], device=device).expand_as(self._prompt_PS)
        reach_BT = after_B[:, None] + torch.arange(self._completion_BT.shape[1], device=device)
        positions[self._completion_BT] = reach_BT
        before[self.firsts_P] = -1
        begun_B = lengths_B > 0
        before[starts_B[begun_B]] = (self.firsts_P + self.sizes_P - 1)[self.parents_B][begun_B]
        self.positions_N, self.order = positions[:-1], Order(before[:-1])
        self._queries_BT, self._after_B = reach_BT, after_B

    def attend(self, layer: int, q_NHD: Tensor, k_NKD: Tensor, v_NKD: Tensor, window: int | None) -> Tensor:
        del layer
        groups = q_NHD.shape[1] // k_NKD.shape[1]
        q, k, v = (
            F.pad(_repeated(x, n), (0, 0, 0, 0, 0, 1)) for x, n in ((q_NHD, 1), (k_NKD, groups), (v_NKD, groups))
        )
        s = torch.arange(self._prompt_PS.shape[1], device=q.device)
        near_SS = _near(s[:, None], s, window)
        out_PS = _attend(q[self._prompt_PS], k[self._prompt_PS], v[self._prompt_PS], near_SS)
        keys_BU = torch.cat((self._prompt_PS[self.parents_B], self._completion_BT), dim=1)
        places_BU = torch.cat((s.expand(len(self.parents_B), -1), self._queries_BT), dim=1)
        inside_BU = keys_BU < self.tokens
        near_BTU = _near(self._queries_BT[:, :, None], places_BU[:, None], window) & inside_BU[:, None]
        out_BT = _attend(q[self._completion_BT], k[keys_BU], v[keys_BU], near_BTU.unsqueeze(1))
        out = torch.empty_like(q)
        out = out.index_copy(0, self._prompt_PS.flatten(), out_PS.flatten(0, 1))
        return out.index_copy(0, self._completion_BT.flatten(), out_BT.flatten(0, 1))[:-1]


def _cells(first_B: Tensor, length_B: Tensor, nothing: int) -> Tensor:
    """The token in each cell of a padded (B, T) layout, `nothing` beyond a row's end."""
    t = torch.arange(int(length_B.max()), device=first_B.device)
    return torch.where(t < length_B[:, None], first_B[:, None] + t, nothing)


def _near(query: Tensor, key: Tensor, window: int | None) -> Tensor:
    return (key <= query) if window is None else (key <= query) & (query - key < window)


def _attend(q_BTHD: Tensor, k_BUHD: Tensor, v_BUHD: Tensor, mask: Tensor) -> Tensor:
    q, k, v = (x.transpose(1, 2) for x in (q_BTHD, k_BUHD, v_BUHD))
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2)


def _repeated(x_NKD: Tensor, groups: int) -> Tensor:
    return x_NKD if groups == 1 else x_NKD.repeat_interleave(groups, dim=1)
