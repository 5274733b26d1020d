"""Who holds which page of the cache.

A page holds the keys, values and routes of `size` consecutive positions. Only full pages are shared, and those are
never written again; a partial page is copied when a sequence goes on from it. A page that nobody holds keeps its
blocks of known prompts (see `prefix`) until somebody needs it, the longest unused first.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any


class Page:
    """`place` in the memory, the number of sequences that hold it, how many positions are filled, known blocks."""

    __slots__ = ("blocks", "filled", "holders", "place")

    def __init__(self, place: int) -> None:
        self.place, self.holders, self.filled = place, 0, 0
        self.blocks: set[Any] = set()


class Pages:
    """`count` pages of `size` positions each."""

    def __init__(self, count: int, size: int) -> None:
        self.size = size
        self.all = [Page(place) for place in range(count)]
        self._free = dict.fromkeys(reversed(self.all))
        self._kept: OrderedDict[Page, None] = OrderedDict()  # nobody's, the longest unused first

    def __len__(self) -> int:
        return len(self.all)

    @property
    def available(self) -> int:
        """Pages that can be taken."""
        return len(self._free) + len(self._kept)

    def take(self, place: int | None = None) -> Page | None:
        """An empty page for one holder, at `place` if that is free; None when every page is held."""
        if place is not None and place < len(self.all) and self.all[place] in self._free:
            page = self.all[place]
            del self._free[page]
        elif self._free:
            page, _ = self._free.popitem()
        elif self._kept:
            page = next(iter(self._kept))
            self.forget(page)
            del self._free[page]
        else:
            return None
        page.holders, page.filled = 1, 0
        return page

    def hold(self, page: Page) -> None:
        """One more holder."""
        self._kept.pop(page, None)
        page.holders += 1

    def release(self, page: Page) -> None:
        """One holder less."""
        page.holders -= 1
        if page.holders:
            return
        if page.blocks:
            self._kept[page] = None
        else:
            page.filled = 0
            self._free[page] = None

    def forget(self, page: Page) -> None:
        """Drop the known blocks of a page, and those that continue them on others."""
        for block in list(page.blocks):
            for dropped in block.drop():
                if not dropped.blocks and dropped in self._kept:
                    del self._kept[dropped]
                    dropped.filled = 0
                    self._free[dropped] = None

    def exchange(self, a: Page, b: Page) -> None:
        """Let two pages change places."""
        a.place, b.place = b.place, a.place
        self.all[a.place], self.all[b.place] = a, b

    def grow(self, count: int, size: int) -> None:
        """More pages, or larger ones."""
        new = [Page(place) for place in range(len(self.all), count)]
        self.all += new
        self._free = dict.fromkeys(reversed(new)) | self._free
        self.size = size
