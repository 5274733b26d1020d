"""Shortest word that does not occur in a string."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, product
from typing import NamedTuple, Self

from whetstone.envs.answers import Text
from whetstone.envs.core import Rng, Task, Verdict, graded
from whetstone.envs.scoring import exact
from whetstone.envs.tasks.strings.lib import word


@dataclass(frozen=True)
class MinNonsubstring(Task[str]):
    """
    >>> MinNonsubstring("aabb").grade("<answer>ba</answer>").score
    1.0
    """

    word: str

    answer = Text("ab")

    class Size(NamedTuple):
        length: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(length=3 + 4 * level)

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        absent = word(rng, max(2, (size.length // 3).bit_length()))
        start, text = int(rng.integers(size.length)), ""
        letters = word(rng, size.length)
        letters = letters[:start] + "a" * len(absent) + letters[start + len(absent) :]  # or a run is often the answer
        for letter in letters:
            text += letter
            if text.endswith(absent) and len(set(absent[:-1])) > 1:  # such as bba would leave nothing but b
                text = text[:-1] + "ab"[letter == "a"]
        return cls(text)

    def statement(self) -> str:
        return (
            f"{self.word}\nWhich is the shortest string of the letters a and b that does not occur in this string as "
            "consecutive letters? If there are several of this length, write the first of them in alphabetical order."
        )

    def solve(self) -> str:
        words = ("".join(letters) for length in count(1) for letters in product("ab", repeat=length))
        return next(each for each in words if each not in self.word)

    def check(self, answer: str) -> Verdict:
        return graded(exact(answer, self.solution))
