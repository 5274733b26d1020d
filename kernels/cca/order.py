"""Which token each token follows.

Shapes: N tokens, L taps, C channels.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


class Order:
    """The predecessors of N tokens that lie in one flat row: `previous_N`, their rows, -1 at a sequence's start.

    Any forest will do: several completions may follow the last token of one prompt. What is derived from it is kept,
    so make one order for all layers. Predecessors come first: `previous_N` < n.
    """

    def __init__(self, previous_N: Tensor) -> None:
        self.previous_N = previous_N
        self.adjacent = False  # whether every predecessor is the row before
        self._ancestors: dict[int, Tensor] = {}
        self._descendants: dict[int, tuple[Tensor, Tensor]] = {}
        self._starts: dict[int, Tensor] = {}
        self._ends: dict[int, Tensor] = {}

    @classmethod
    def packed(cls, positions_N: Tensor) -> "Order":
        """Whole sequences end to end, by the position of each token in its own."""
        rows_N = torch.arange(len(positions_N), device=positions_N.device)
        order = cls(torch.where(positions_N > 0, rows_N - 1, -1))
        order.adjacent = True
        return order

    def ancestors(self, taps: int) -> Tensor:
        """The row of the token j places before token n, for j < taps: (L, N), -1 where there is none."""
        if taps not in self._ancestors:
            previous_M = F.pad(self.previous_N, (0, 1), value=-1)  # the last is what -1 looks up
            found = [torch.arange(len(self.previous_N), device=previous_M.device)]
            for _ in range(taps - 1):
                found.append(previous_M[found[-1]])
            self._ancestors[taps] = torch.stack(found)
        return self._ancestors[taps]

    def descendants(self, taps: int) -> tuple[Tensor, Tensor]:
        """The tokens j places after token n: rows[j, first[j, n] : first[j, n + 1]], of shapes (L, N) and (L, N + 1).

        What lies before first[j, 0] are the tokens without such an ancestor.
        """
        if taps not in self._descendants:
            sorted_LN, rows_LN = self.ancestors(taps).sort(dim=1, stable=True)
            rows_M = torch.arange(sorted_LN.shape[1] + 1, device=sorted_LN.device).expand(taps, -1).contiguous()
            self._descendants[taps] = torch.searchsorted(sorted_LN, rows_M), rows_LN
        return self._descendants[taps]

    def shifted(self, x_NC: Tensor, lag: int) -> Tensor:
        """x of the token `lag` places before, zero where there is none: (N, C)."""
        starts = self._without_earlier(lag)  # first: to look them up breaks the graph of `torch.compile`
        if self.adjacent:
            lag_or_all = min(lag, len(x_NC))
            before_NC = F.pad(x_NC[: len(x_NC) - lag_or_all], (0, 0, lag_or_all, 0))
        else:
            before_NC = x_NC[self.ancestors(lag + 1)[lag]]
        return before_NC.index_fill_(0, starts, 0.0)

    def earlier(self, x_NC: Tensor, lag: int, out_NC: Tensor) -> None:
        """`shifted` into `out`, without gradient; further dimensions may follow C."""
        if self.adjacent:
            moved = max(0, len(x_NC) - lag)
            out_NC[lag:].copy_(x_NC[:moved])
        else:
            out_NC.copy_(x_NC[self.ancestors(lag + 1)[lag]])
        if lag:
            out_NC.index_fill_(0, self._without_earlier(lag), 0.0)

    def later(self, x_NC: Tensor, lag: int, out_NC: Tensor) -> None:
        """The sum of x over the tokens `lag` places after each into `out`: the transpose of `earlier`."""
        if self.adjacent:
            moved = max(0, len(x_NC) - lag)
            out_NC[:moved].copy_(x_NC[lag:])
            if lag:
                out_NC.index_fill_(0, self._without_later(lag), 0.0)
        else:
            ancestors_N = self.ancestors(lag + 1)[lag]
            heirs = (ancestors_N >= 0).nonzero().squeeze(1)
            out_NC.zero_().index_add_(0, ancestors_N[heirs], x_NC[heirs])

    def _without_earlier(self, lag: int) -> Tensor:
        if lag not in self._starts:
            self._starts[lag] = (self.ancestors(lag + 1)[lag] < 0).nonzero().squeeze(1)
        return self._starts[lag]

    def _without_later(self, lag: int) -> Tensor:
        if lag not in self._ends:
            ancestors_N = self.ancestors(lag + 1)[lag]
            childless_N = torch.ones_like(ancestors_N, dtype=torch.bool)
            childless_N[ancestors_N[ancestors_N >= 0]] = False
            self._ends[lag] = childless_N.nonzero().squeeze(1)
        return self._ends[lag]
