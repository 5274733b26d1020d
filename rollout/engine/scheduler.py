"""Which sequences run in the next step, and on which pages.

`running` holds the sequences in order: the first `decoding` of them take one token a step; behind them are those whose
prompts are still being run, chunk by chunk, and the further samples of such a prompt, which wait for its end and go on
from there. When pages run out the last one goes back to the queue and is run again later: its tokens are kept.
"""

from __future__ import annotations

from collections import deque

from torch import Tensor

from whetstone.rollout.engine.cache import Cache
from whetstone.rollout.engine.pages import Page, Pages
from whetstone.rollout.engine.prefix import Prefixes
from whetstone.rollout.engine.sequence import Handle, Sequence
from whetstone.rollout.engine.step import Chunk

LEAST = 16  # prompt tokens that a step runs at least, however many sequences are decoding


class Scheduler:
    """At most `rows` sequences at once and about `budget` tokens a step."""

    def __init__(self, rows: int, budget: int, prefixes: Prefixes) -> None:
        self.rows, self.budget, self.prefixes = rows, budget, prefixes
        self.waiting: deque[Sequence] = deque()
        self.running: list[Sequence] = []
        self.decoding = 0
        self.changed = False  # whether `running` is not what it was in the last step
        self.preempted = 0
        self.reused = 0  # prompt tokens that did not have to be run
        self.cache: Cache
        self.pages: Pages

    def schedule(self) -> list[Chunk]:
        """The chunks of prompts that the next step runs."""
        if not self.cache.dense:
            self._extend()
        chunks: list[Chunk] = []
        budget = max(LEAST, self.budget - self.decoding)
        row = self.decoding
        while row < len(self.running) and budget > 0:
            if self.running[row].leader is None:
                budget -= self._piece(row, budget, chunks)
            row += 1
        self._admit(budget, chunks)
        return chunks

    def drop(self, handle: Handle) -> list[Sequence]:
        """Take what waits of a request out of the queue."""
        dropped = [s for s in self.waiting if s.handle is handle]
        self.waiting = deque(s for s in self.waiting if s.handle is not handle)
        return dropped

    # -- decoding -------------------------------------------------------------------------------------------------

    def _extend(self) -> None:
        """See that every decoding sequence has a page for its next token; the last ones make room where none is."""
        row = 0
        while row < self.decoding:
            sequence = self.running[row]
            if sequence.computed == len(sequence.table) * self.pages.size:
                page = self.pages.take()
                while page is None and self.preempt() is not sequence:
                    page = self.pages.take()
                if page is None:
                    return
                sequence.table.append(page)
                self.changed = True
            row += 1

    def preempt(self) -> Sequence:
        """Send the last running sequence back to the queue."""
        sequence = self.running.pop()
        self.release(sequence)
        self.waiting.appendleft(sequence)
        self.preempted += 1
        return sequence

    def release(self, sequence: Sequence) -> None:
        """Give back the pages of a sequence that no longer runs."""
        for page in reversed(sequence.table):
            page.filled = min(sequence.computed, len(sequence.handle.prompt)) if self.cache.dense else 0
            self.pages.release(page)
        sequence.table = []
        sequence.computed, sequence.origin, sequence.restored, sequence.leader, sequence.runs = 0, -1, None, None, ()
        self.decoding = min(self.decoding, len(self.running))
        self.changed = True

    def remove(self, rows: list[int]) -> None:
        """Take running sequences out; the last decoding ones close the holes, so that few have to move."""
        gone = {id(self.running[row]) for row in rows}
        for row in rows:
            self.release(self.running[row])
        decoding, rest = self.running[: self.decoding], self.running[self.decoding :]
        left = [s for s in decoding if id(s) not in gone]
        movers = [s for s in decoding[len(left) :] if id(s) not in gone]
        stay = [s if id(s) not in gone else movers.pop() for s in decoding[: len(left)]]
        self.running = stay + [s for s in rest if id(s) not in gone]
        self.decoding, self.changed = len(stay), True

    # -- prompts --------------------------------------------------------------------------------------------------

    def _piece(self, row: int, budget: int, chunks: list[Chunk]) -> int:
        """Run as much of a sequence's prompt as budget and pages allow; the number of tokens."""
        sequence, size = self.running[row], self.pages.size
        length = min(sequence.known - sequence.computed, budget)
        while len(sequence.table) * size < sequence.computed + length:
            page = self.pages.take()
            while page is None and self.running[-1] is not sequence:
                self.preempt()
                page = self.pages.take()
            if page is None:
                length = len(sequence.table) * size - sequence.computed
                break
            sequence.table.append(page)
        if length:
            chunks.append(Chunk(row, sequence.computed, length, sequence.table, self._known(sequence, length)))
        return length

    def _known(self, sequence: Sequence, length: int) -> list[int]:
        """The ends of blocks of the prompt that this chunk reaches."""
        size = self.prefixes.size
        last = min(sequence.computed + length, len(sequence.handle.prompt))
        return list(range((sequence.computed // size + 1) * size, last + 1, size))

    def _admit(self, budget: int, chunks: list[Chunk]) -> None:
        """Fill free rows, but wait until an eighth of them is free: running a prompt costs about as much as a step."""
        rows = min(self.rows, len(self.pages)) if self.cache.dense else self.rows
        if not self.waiting or (self.running and rows - len(self.running) < max(1, rows // 8)):
            return
        pending = {
            name
            for sequence in self.running[self.decoding :]
            for name in sequence.handle.names[sequence.computed // self.prefixes.size :]
        }
        later: list[Sequence] = []
        while self.waiting and budget > 0 and len(self.running) < rows:
            sequence = self.waiting.popleft()
            if self._soon(sequence, pending):
                later.append(sequence)
                continue
            if not self._start(sequence):
                self.waiting.appendleft(sequence)
                break
            pending.update(sequence.handle.names)
            budget -= self._piece(len(self.running) - 1, budget, chunks)
            self._follow(sequence, rows)
        self.waiting.extendleft(reversed(later))

    def _soon(self, sequence: Sequence, pending: set[int]) -> bool:
        """Whether at least half of the prompt is about to be known, because another sequence is running it."""
        names, prompt = sequence.handle.names, sequence.handle.prompt
        if not names or names[0] not in pending:
            return False
        shared = next((i for i, name in enumerate(names) if name not in pending), len(names))
        known = len(self.prefixes.match(names, prompt))
        return shared > known and 2 * (shared - known) * self.prefixes.size >= len(prompt)

    def _start(self, sequence: Sequence) -> bool:
        """Give a sequence its first pages, with what is known of its prompt; False when there are too few."""
        blocks = self.prefixes.match(sequence.handle.names, sequence.span(0, sequence.known))
        size, matched = self.pages.size, len(blocks) * self.prefixes.size
        full, partial = divmod(matched, size)
        # A page with a later block also holds the earlier ones: the last block on its positions counts.
        ends = [min((i + 1) * size, matched) // self.prefixes.size - 1 for i in range(full + bool(partial))]
        held = [blocks[end].page for end in ends]
        for page in held:
            self.pages.hold(page)
        needed = -(-(sequence.known + 1) // size) - full
        last = held[full] if partial else None
        if last is not None and last.holders == 1 and self.pages.available == needed - 1:
            self.pages.forget(last)  # there is no page for a copy, and nobody else has this one
        elif self.pages.available < needed:
            for page in reversed(held):
                self.pages.release(page)
            return False
        elif last is not None:
            held[full] = self._take()
            self.cache.copy(last, held[full], partial)
            self.pages.release(last)
        elif self.cache.dense:
            held.append(self._take())
        sequence.table, sequence.computed = held, matched
        sequence.restored = blocks[-1].state_W if blocks else None
        inherited = ((blocks[-1].run, matched),) if blocks else ()
        sequence.runs = (*inherited, (object(), len(sequence.handle.prompt)))
        self.reused += matched
        self.running.append(sequence)
        self.changed = True
        return True

    def _take(self) -> Page:
        page = self.pages.take(len(self.running))
        assert page is not None
        return page

    def _follow(self, leader: Sequence, rows: int) -> None:
        """Let the further samples of the same prompt wait for the leader, each with a page for what is not full."""
        if leader.tokens:
            return
        handle = leader.handle
        while self.waiting and len(self.running) < rows:
            sequence = self.waiting[0]
            if sequence.handle is not handle or sequence.tokens:
                return
            if len(handle.prompt) % self.pages.size:
                page = self.pages.take(len(self.running))
                if page is None:
                    return
                sequence.table = [page]
            sequence.leader = leader
            self.running.append(self.waiting.popleft())

    def promote(self, sampled: list[Sequence]) -> None:
        """After a mixed step: those that get a token are decoding from now on, further samples of a prompt too."""
        for sequence in sampled:
            if sequence.leader is not None:
                self._fork(sequence)
        for sequence in sampled[self.decoding :]:
            sequence.computed -= 1  # as of every sequence that gets a token, which counts one up
        if len(sampled) != self.decoding:
            self.decoding, self.changed = len(sampled), True

    def _fork(self, sequence: Sequence) -> None:
        """A further sample goes on from the end of the prompt that its leader has run."""
        leader = sequence.leader
        assert leader is not None
        prompt, size = len(sequence.handle.prompt), self.pages.size
        full, partial = divmod(prompt, size)
        for page in leader.table[:full]:
            self.pages.hold(page)
        if partial:
            self.cache.copy(leader.table[full], sequence.table[0], partial)
        sequence.table = leader.table[:full] + sequence.table
        sequence.computed, sequence.origin, sequence.leader = prompt, leader.origin, None
        sequence.runs = leader.runs
        self.reused += prompt

    def learn(self, chunks: list[Chunk], states_W: Tensor) -> None:
        """Make known what the chunks of a step have added to the prompts; nothing, if some of it is not finite."""
        size, i = self.prefixes.size, 0
        if not bool(states_W.isfinite().all()):
            return
        for chunk in chunks:
            sequence = self.running[chunk.row]
            for end in chunk.known:
                block = end // size - 1
                page = sequence.table[(end - 1) // self.pages.size]
                handle, (run, _) = sequence.handle, sequence.runs[-1]
                self.prefixes.add(handle.names, handle.prompt, block, page, states_W[i], run)
                i += 1
