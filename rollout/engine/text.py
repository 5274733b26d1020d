"""Text while it is being written: no half characters, and nothing that may turn out to be a stop string."""

from __future__ import annotations

from collections.abc import Callable, Sequence

UNFINISHED = "\ufffd"  # how a decoder shows bytes that do not, or do not yet, spell a character


class Text:
    """The text of a growing list of tokens, and the place where one of the strings `stop` begins in it.

    Tokens are decoded a few at a time, always together with those before them, because what a token spells may depend
    on its neighbours. Only a last U+FFFD can still change: it may be the beginning of a character.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str], stop: tuple[str, ...] = ()) -> None:
        self.decode, self.stop = decode, stop
        self.text, self.stopped = "", False
        self._longest = max(map(len, stop), default=0)
        self._sent = 0  # characters that `news` has given out
        self._first = self._settled = 0  # tokens: where decoding starts, and up to where all is in `text`
        self._ahead = 0  # characters in `text` of tokens that are not settled

    def push(self, tokens: Sequence[int]) -> bool:
        """Take in a longer list of tokens; whether the text now holds a stop string, before which it is cut."""
        before = len(self.decode(tokens[self._first : self._settled]))
        decoded = self.decode(tokens[self._first :])
        whole = not decoded.endswith(UNFINISHED)
        new = decoded[before + self._ahead : None if whole else -1]
        searched = max(0, len(self.text) - self._longest + 1)
        self.text += new
        if whole and len(decoded) > before:
            self._first, self._settled, self._ahead = self._settled, len(tokens), 0
        else:
            self._ahead += len(new)
        found = [i for i in (self.text.find(s, searched) for s in self.stop) if i >= 0] if new else []
        if found:
            self.text, self.stopped = self.text[: min(found)], True
        return self.stopped

    def news(self) -> str:
        """What is new since the last call, but for an ending with which a stop string may begin."""
        end = len(self.text) if self.stopped else len(self.text) - self._doubtful()
        new, self._sent = self.text[self._sent : end], max(self._sent, end)
        return new

    def rest(self, text: str) -> str:
        """What of the final text has not been given out."""
        return text[self._sent :]

    def _doubtful(self) -> int:
        for length in range(min(self._longest - 1, len(self.text)), 0, -1):
            if any(stop.startswith(self.text[-length:]) for stop in self.stop):
                return length
        return 0
