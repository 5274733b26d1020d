"""Known prompts, in blocks: two prompts that begin alike share the work of their beginning.

A block is `size` consecutive tokens of a prompt and everything before them; it is found by a hash of that, and its
tokens are compared. It names the page that holds its keys and values, and keeps the state that the convolutions of
every layer have after its last token.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from whetstone.rollout.engine.pages import Page


class Block:
    """`state_W` is the state after the block's last token, or, for a moment, None.

    `run` is who has run it: see `shared`.
    """

    __slots__ = ("_known", "_name", "before", "next", "page", "run", "state_W", "tokens")

    def __init__(
        self,
        known: dict[int, Block],
        name: int,
        tokens: tuple[int, ...],
        before: Block | None,
        page: Page,
        state: Tensor,
        run: object,
    ) -> None:
        self._known, self._name = known, name
        self.tokens, self.before, self.page, self.state_W, self.run = tokens, before, page, state, run
        self.next: set[Block] = set()
        if before is not None:
            before.next.add(self)
        page.blocks.add(self)
        known[name] = self

    def drop(self) -> list[Page]:
        """Forget this block and all that continue it; the pages that held them."""
        pages, waiting = [], [self]
        while waiting:
            block = waiting.pop()
            waiting += block.next
            block.next.clear()
            block.page.blocks.discard(block)
            block._known.pop(block._name, None)
            pages.append(block.page)
        if self.before is not None:
            self.before.next.discard(self)
        return pages


class Prefixes:
    """The known blocks."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._known: dict[int, Block] = {}

    def names(self, tokens: Sequence[int]) -> list[int]:
        """The name of every whole block of a prompt: a hash of it and of all before it."""
        names, name = [], 0
        for start in range(0, len(tokens) - self.size + 1, self.size):
            name = hash((name, *tokens[start : start + self.size]))
            names.append(name)
        return names

    def match(self, names: Sequence[int], tokens: Sequence[int]) -> list[Block]:
        """The known blocks with which a prompt begins; never all of it, as its last token has to be run."""
        found: list[Block] = []
        for i in range(min(len(names), (len(tokens) - 1) // self.size)):
            block = self._known.get(names[i])
            if block is None or block.before is not (found[-1] if found else None):
                break
            if block.tokens != tuple(tokens[i * self.size : (i + 1) * self.size]):
                break
            found.append(block)
        return found

    def add(self, names: Sequence[int], tokens: Sequence[int], i: int, page: Page, state: Tensor, run: object) -> None:
        """Make the `i`-th block of a prompt known, which `run` put on `page`; the blocks before it should be known."""
        before = self._known.get(names[i - 1]) if i else None
        if names[i] not in self._known and (before is not None or i == 0):
            part = tuple(tokens[i * self.size : (i + 1) * self.size])
            Block(self._known, names[i], part, before, page, state, run)
