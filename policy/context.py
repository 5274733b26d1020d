"""How the tokens of a batch belong together.

The model sees one flat row of N tokens, whatever they are: packed training sequences, prompts being prefilled, or one
token of each of many running sequences. What differs is where a token's predecessors are, and that is a `Context`.
The model is written once against it, so that training and sampling cannot drift apart.

Legend: N tokens, H query heads, K key-value heads, D head size, C channels, B sequences, T longest of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor

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

    def attend(self, layer: int, q_NHD: Tensor, k_NKD: Tensor, v_NKD: Tensor, window: int | None) -> Tensor:
        """Causal attention within each sequence, over the last `window` tokens when given; (N, H, D)."""
        ...


class Packed:
    """Whole sequences laid end to end. Nothing leaks from one into the next."""

    def __init__(self, lengths: Sequence[int], device: torch.device | str = "cpu") -> None:
        if not lengths or min(lengths) < 1:
            raise ValueError("a packed batch needs at least one sequence, each of at least one token")
        self.lengths = list(lengths)
        lengths_B = torch.tensor(self.lengths, device=device)
        ends_B = lengths_B.cumsum(0)
        self.longest = max(self.lengths)
        self.rows_N = torch.repeat_interleave(torch.arange(len(self.lengths), device=device), lengths_B)
        self.positions_N = torch.arange(int(ends_B[-1]), device=device) - (ends_B - lengths_B)[self.rows_N]
        self.last_B = ends_B - 1
        self._cell_N = self.rows_N * self.longest + self.positions_N
        self._inside = {}

    def once(self, layer: int, name: str, make: Callable[[], Made]) -> Made:
        del layer, name
        return make()

    def history(self, layer: int, name: str, x_NC: Tensor, depth: int) -> list[Tensor]:
        del layer, name
        return [F.pad(x_NC, (0, 0, s, 0))[: len(x_NC)] * self._has_predecessor(s, x_NC) for s in range(1, depth + 1)]

    def _has_predecessor(self, s: int, x_NC: Tensor) -> Tensor:
        if s not in self._inside:
            self._inside[s] = (self.positions_N >= s).to(x_NC.dtype).unsqueeze(1)
        return self._inside[s]

    def attend(self, layer: int, q_NHD: Tensor, k_NKD: Tensor, v_NKD: Tensor, window: int | None) -> Tensor:
        del layer
        groups = q_NHD.shape[1] // k_NKD.shape[1]
        q, k, v = (self._padded(x) for x in (q_NHD, _repeated(k_NKD, groups), _repeated(v_NKD, groups)))
        if window is None or window >= self.longest:
            out_BHTD = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            t = torch.arange(self.longest, device=q.device)
            near_TT = (t[:, None] >= t[None]) & (t[:, None] - t[None] < window)
            out_BHTD = F.scaled_dot_product_attention(q, k, v, attn_mask=near_TT)
        return out_BHTD.transpose(1, 2).flatten(0, 1)[self._cell_N]

    def _padded(self, x_NHD: Tensor) -> Tensor:
        """(B, H, T, D), zero beyond a sequence's end: causality keeps those cells from every real token."""
        if len(x_NHD) == len(self.lengths) * self.longest:
            x = x_NHD
        else:
            x = x_NHD.new_zeros(len(self.lengths) * self.longest, *x_NHD.shape[1:]).index_copy(0, self._cell_N, x_NHD)
        return x.unflatten(0, (len(self.lengths), self.longest)).transpose(1, 2)


class Shared:
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
        places = torch.arange(index + 1, device=device)
        positions, before = torch.zeros_like(places), places - 1
        positions[self._prompt_PS] = torch.arange(self._prompt_PS.shape[1], device=device).expand_as(self._prompt_PS)
        reach_BT = after_B[:, None] + torch.arange(self._completion_BT.shape[1], device=device)
        positions[self._completion_BT] = reach_BT
        before[self.firsts_P] = index
        begun_B = lengths_B > 0
        before[starts_B[begun_B]] = (self.firsts_P + self.sizes_P - 1)[self.parents_B][begun_B]
        before[index] = index
        self.positions_N, self._before_M = positions[:-1], before  # M = N + 1, the last is "no token"
        self._queries_BT, self._after_B = reach_BT, after_B

    def once(self, layer: int, name: str, make: Callable[[], Made]) -> Made:
        del layer, name
        return make()

    def history(self, layer: int, name: str, x_NC: Tensor, depth: int) -> list[Tensor]:
        del layer, name
        padded_MC, index, found = F.pad(x_NC, (0, 0, 0, 1)), self._before_M, []
        for _ in range(depth):
            found.append(padded_MC[index[:-1]])
            index = self._before_M[index]
        return found

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
