"""CUDA graphs of decoding: a step is recorded once and replayed, so that no kernel waits for Python.

A graph reads and writes fixed tensors and has fixed shapes. So there is one for each power of two of sequences and of
pages a sequence; the sequences that are missing write to a page that nobody has. What layers derive from the weights is
part of the recording: new weights need new graphs.

Legend: A sequences, B of the recording (A <= B), M pages of a table, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from whetstone.rollout.engine.cache import Cache, State
from whetstone.rollout.engine.step import Decode

Record = Callable[[Callable[[], None]], Callable[[], None]]


def cuda_graph(step: Callable[[], None]) -> Callable[[], None]:
    """Record `step`, after three runs on a side stream that compile and tune its kernels."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


class Graphs:
    """The graphs of one cache. `spare` is the page that nobody has."""

    def __init__(self, model: Any, cache: Cache, spare: int, record: Record) -> None:
        self.model, self.cache, self.spare, self.record = model, cache, spare, record
        self._graphs: dict[tuple[int, int], _Graph] = {}

    def forget(self) -> None:
        """The weights have changed."""
        self._graphs.clear()

    def run(self, tokens_A: Tensor, decode: Decode) -> Tensor:
        """One step of decoding; the logits (A, V)."""
        rows, pages = decode.table_NM.shape
        shape = _power(rows), _power(pages)
        if shape not in self._graphs:
            self._graphs[shape] = _Graph(self, *shape, decode.state)
        return self._graphs[shape].run(tokens_A, decode)


class _Graph:
    """One recording: its tensors, and what replays it."""

    def __init__(self, owner: Graphs, rows: int, pages: int, like: State) -> None:
        cache, device = owner.cache, owner.cache.device
        self.spare = owner.spare
        self.tokens_B = torch.zeros(rows, dtype=torch.long, device=device)
        self.positions_B = torch.zeros(rows, dtype=torch.long, device=device)
        self.table_BM = torch.full((rows, pages), self.spare, dtype=torch.long, device=device)
        memory = {key: part[0].new_zeros(rows, len(part), part[0].shape[1]) for key, part in like.parts.items() if part}
        self.state = {key: list(x_BdC.unbind(1)) for key, x_BdC in memory.items()}
        self.logits_BV: Tensor

        def step() -> None:
            state = State()
            state.count, state.parts = rows, {key: list(part) for key, part in self.state.items()}
            context = Decode(cache, state, self.positions_B, self.table_BM, memory=memory)
            hidden_BM, routes_BX = owner.model(self.tokens_B, context)
            cache.routes.flatten(0, 1).index_copy_(0, context.cells_N, routes_BX.to(torch.int16))
            for key, part in self.state.items():
                for old, new in reversed(list(zip(part, state.parts[key], strict=True))):  # an old one becomes older
                    if new is not old:  # else it was advanced in place
                        old.copy_(new)
            self.logits_BV = owner.model.logits(hidden_BM)

        self.replay = owner.record(step)

    def run(self, tokens_A: Tensor, decode: Decode) -> Tensor:
        rows, pages = decode.table_NM.shape
        self.tokens_B[:rows] = tokens_A
        self.positions_B.zero_()[:rows] = decode.positions_N
        self.table_BM.fill_(self.spare)[:rows, :pages] = decode.table_NM
        for key, part in self.state.items():
            for mine, given in zip(part, decode.state.parts[key], strict=True):
                if mine.data_ptr() != given.data_ptr():  # else the last step was a replay of this graph
                    mine[:rows] = given
        self.replay()
        decode.state.parts = {key: [x[:rows] for x in part] for key, part in self.state.items()}
        return self.logits_BV[:rows]


def _power(count: int) -> int:
    """The least power of two that is not smaller."""
    return 1 << (count - 1).bit_length()
