"""Rules that a text may have to follow, and texts that are made to follow some of them.

A problem hides a text. Rules that the text happens to follow, or was made to follow, are what is asked for; every other
text that follows them is right as well. A word is a stretch of the letters a to z in either case, wherever it stands.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from string import ascii_lowercase as ALPHABET
from typing import ClassVar, NamedTuple, Self

from whetstone.envs.core import CORRECT, Rng, Task, Verdict, graded

Rule = tuple[str | int, ...]  # the name of a kind, and what makes it definite
PRIMES = {n for n in range(2, 60) if all(n % d for d in range(2, n))}
CLUSTER = re.compile(r"[b-df-hj-np-tv-z]{2}")
QUOTED = re.compile(r'^[^"A-Za-z]*"[^"]*"$')
LEXICON = """
able acorn amber anchor apple arrow autumn bark basil beach birch bridge bright calm candle castle cedar clever cloud
copper crisp daisy dawn deep desert dream drift eagle early east echo elder ember engine fable falcon fern field flint
forest frost garden gentle ginger glass golden grain harbor hazel hidden hollow honey iris iron island ivory ivy jade
jolly journey juniper kettle kind kite knight lake lantern leaf lemon level light maple meadow mint mirror moon north
nutmeg oak ocean olive orange orbit owl pebble pepper pine planet quartz queen quick quiet quilt radar raven reed river
rotor round saddle sail shadow silver spring stone storm summit table thistle timber tulip umber under upper urban
valley velvet violet vivid walnut water west willow winter xenon xeric xylem yarn year yellow young zebra zest zinc zone
""".split()  # noqa: SIM905 - a list of words is read more easily as a text


def words(text: str) -> list[str]:
    """The words of a text, in lower case.

    >>> words("It's 3 Oaks.")
    ['it', 's', 'oaks']
    """
    return re.findall(r"[a-z]+", text.lower())


def sentences(text: str) -> list[str]:
    """The sentences of a text, each with the mark . ? or ! at its end; what follows the last mark is one without."""
    return [part.strip() for part in re.findall(r"[^.?!]*[.?!]|[^.?!]+$", text) if part.strip()]


def lines(text: str) -> list[str]:
    """The lines that are not blank, without the blanks at their ends."""
    return [line.rstrip() for line in text.split("\n") if line.strip()]


def steps(counts: Sequence[int]) -> set[int]:
    """The differences between neighbours."""
    return {after - before for before, after in pairwise(counts)}


def alliteration(text: str) -> int:
    """The length of the longest stretch of words with one first letter."""
    return max((len(list(run)) for _, run in groupby(word[0] for word in words(text))), default=0)


def ends(text: str) -> tuple[int, int, int]:
    """How many sentences end with . and ? and !"""
    found = Counter(sentence[-1] for sentence in sentences(text))
    return found["."], found["?"], found["!"]


def consecutive(firsts: Sequence[str], first: str) -> bool:
    """Whether letters are those of the alphabet from `first` on, A following Z."""
    start = ALPHABET.index(first)
    return list(firsts) == [ALPHABET[(start + i) % 26] for i in range(len(firsts))]


@dataclass(frozen=True)
class Kind:
    """A kind of rule: its sentence, its check of a text, and the values with which a given text follows it.

    `fit` returns None where the text follows no rule of this kind.
    """

    says: str
    holds: Callable[..., bool]
    fit: Callable[[Rng, str], tuple[str | int, ...] | None]


def _if(found: bool, *values: str | int) -> tuple[str | int, ...] | None:
    return values if found else None


def _pick(rng: Rng, items: Sequence[str]) -> tuple[int, str]:
    """One of the items with its place, counted from 1."""
    place = int(rng.integers(len(items)))
    return place + 1, items[place]


def _absent(rng: Rng, text: str) -> tuple[str | int, ...] | None:
    free = sorted(set("aeilnorst") - set(text.lower()))
    return (_pick(rng, free)[1],) if free else None


def _at(rng: Rng, text: str) -> tuple[str | int, ...]:
    place, sentence = _pick(rng, sentences(text))
    return place, *_pick(rng, words(sentence))


def _same_ends(line: str) -> bool:
    found = words(line)
    return found[:1] == found[-1:] and len(found) > 1


def _lengths(parts: Sequence[str]) -> list[int]:
    return [len(words(part)) for part in parts]


WORDS = {
    "words": Kind("It has exactly {0} words.", lambda t, n: len(words(t)) == n, lambda r, t: (len(words(t)),)),
    "letters": Kind(
        "Its words have exactly {0} letters in all.",
        lambda t, n: sum(map(len, words(t))) == n,
        lambda r, t: (sum(map(len, words(t))),),
    ),
    "alphabet": Kind(
        "The first letters of its words are those of the alphabet in order from {0} on; a follows z.",
        lambda t, a: consecutive([word[0] for word in words(t)], a),
        lambda r, t: _if(consecutive([w[0] for w in words(t)], words(t)[0][0]), words(t)[0][0]),
    ),
    "apart": Kind(
        "No two neighbouring words begin with the same letter.",
        lambda t: alliteration(t) == 1,
        lambda r, t: _if(alliteration(t) == 1),
    ),
    "prime": Kind(
        "The number of letters of every word is prime.",
        lambda t: {len(word) for word in words(t)} <= PRIMES,
        lambda r, t: _if({len(word) for word in words(t)} <= PRIMES),
    ),
    "cluster": Kind(
        "Every word has two consonants side by side (y is one).",
        lambda t: all(map(CLUSTER.search, words(t))),
        lambda r, t: _if(all(map(CLUSTER.search, words(t)))),
    ),
    "without": Kind("The letter {0} does not occur.", lambda t, a: a not in t.lower(), _absent),
    "word": Kind("Word {0} is {1}.", lambda t, n, w: words(t)[n - 1 : n] == [w], lambda r, t: (*_pick(r, words(t)),)),
    "different": Kind(
        "No word occurs twice.",
        lambda t: len(set(words(t))) == len(words(t)),
        lambda r, t: _if(len(set(words(t))) == len(words(t))),
    ),
    "longest": Kind(
        "Its longest word has exactly {0} letters.",
        lambda t, n: max(map(len, words(t)), default=0) == n,
        lambda r, t: (max(map(len, words(t))),),
    ),
}
SENTENCES = {
    "sentences": Kind(
        "It has exactly {0} sentences, each with one of . ? ! at its end and nowhere else.",
        lambda t, n: len(sentences(t)) == n == sum(ends(t)),
        lambda r, t: (len(sentences(t)),),
    ),
    "growing": Kind(
        "Each sentence has exactly {0} more words than the one before.",
        lambda t, n: steps(_lengths(sentences(t))) == {n},
        lambda r, t: _if(len(found := steps(_lengths(sentences(t)))) == 1 and min(found) > 0, *found),
    ),
    "chain": Kind(
        "Each sentence begins with the last word of the one before.",
        lambda t: all(words(a)[-1:] == words(b)[:1] for a, b in pairwise(sentences(t))),
        lambda r, t: _if(all(words(a)[-1:] == words(b)[:1] for a, b in pairwise(sentences(t)))),
    ),
    "order": Kind(
        "The first letters of its sentences are those of the alphabet in order from {0} on; a follows z.",
        lambda t, a: consecutive([(words(s) or [" "])[0][0] for s in sentences(t)], a),
        lambda r, t: _if(consecutive([words(s)[0][0] for s in sentences(t)], words(t)[0][0]), words(t)[0][0]),
    ),
    "placed": Kind(
        "Word {1} of sentence {0} is {2}.",
        lambda t, n, m, w: any(words(s)[m - 1 : m] == [w] for s in sentences(t)[n - 1 : n]),
        _at,
    ),
    "marks": Kind(
        "{0} of its sentences end with a period, {1} with ?, {2} with !",
        lambda t, *n: ends(t) == n,
        lambda r, t: ends(t),
    ),
    "total": Kind("It has exactly {0} words.", lambda t, n: len(words(t)) == n, lambda r, t: (len(words(t)),)),
    "keyword": Kind(
        "The word {0} occurs exactly {1} times.",
        lambda t, w, n: words(t).count(w) == n,
        lambda r, t: ((w := _pick(r, words(t))[1]), words(t).count(w)),
    ),
    "alliteration": Kind(
        "Somewhere {0} words in a row begin with the same letter.",
        lambda t, n: alliteration(t) >= n,
        lambda r, t: _if(alliteration(t) > 1, alliteration(t)),
    ),
    "absent": WORDS["without"],
}
LINES = {
    "lines": Kind("It has exactly {0} lines.", lambda t, n: len(lines(t)) == n, lambda r, t: (len(lines(t)),)),
    "stairs": Kind(
        "The first line is not indented, and each other line by one blank more than the one before.",
        lambda t: [len(a) - len(a.lstrip(" ")) for a in lines(t)] == [*range(len(lines(t)))],
        lambda r, t: _if([len(a) - len(a.lstrip(" ")) for a in lines(t)] == [*range(len(lines(t)))]),
    ),
    "bullets": Kind(
        "Every line begins with {0} and a blank, perhaps after an indentation.",
        lambda t, mark: all(line.lstrip().startswith(f"{mark} ") for line in lines(t)),
        lambda r, t: _if(t[0] in "*-+" and all(a.lstrip().startswith(f"{t[0]} ") for a in lines(t)), t[0]),
    ),
    "longer": Kind(
        "Each line has exactly {0} more words than the one before.",
        lambda t, n: steps(_lengths(lines(t))) == {n},
        lambda r, t: _if(len(found := steps(_lengths(lines(t)))) == 1 and min(found) > 0, *found),
    ),
    "circle": Kind(
        "Every line has two words or more and ends with the word that it begins with.",
        lambda t: all(map(_same_ends, lines(t))),
        lambda r, t: _if(all(map(_same_ends, lines(t)))),
    ),
    "title": Kind(
        "Every word begins with a capital letter.",
        lambda t: all(map(str.isupper, re.findall(r"(?<![A-Za-z])[A-Za-z]", t))),
        lambda r, t: _if(all(map(str.isupper, re.findall(r"(?<![A-Za-z])[A-Za-z]", t)))),
    ),
    "last": Kind(
        "Line {0} ends with the word {1}.",
        lambda t, n, w: any(words(line)[-1:] == [w] for line in lines(t)[n - 1 : n]),
        lambda r, t: ((found := _pick(r, lines(t)))[0], words(found[1])[-1]),
    ),
    "quoted": Kind(
        "Line {0} has double quotation marks around all its words, and no other line has such a mark.",
        lambda t, n: t.count('"') == 2 and any(QUOTED.search(line) for line in lines(t)[n - 1 : n]),
        lambda r, t: next(((i,) for i, a in enumerate(lines(t), 1) if a.count('"') == 2), None),
    ),
    "total": SENTENCES["total"],
    "keyword": SENTENCES["keyword"],
    "absent": WORDS["without"],
}


# -- texts ------------------------------------------------------------------------------------------------------------


def line_of_words(rng: Rng, length: int) -> list[str]:
    """Words that share a property and stand in an order that has another one; or without either."""
    keep = (str.isalpha, lambda word: len(word) in PRIMES, CLUSTER.search)[rng.integers(3)]
    pool, order, start = [word for word in LEXICON if keep(word)], int(rng.integers(3)), int(rng.integers(26))
    line: list[str] = []
    for i in range(length):
        fitting = pool
        if order == 1:
            fitting = [word for word in pool if word[0] == ALPHABET[(start + i) % 26]]
        elif order == 2 and line:
            fitting = [word for word in pool if word[0] != line[-1][0]]
        line.append(_pick(rng, fitting or pool)[1])
    return line


def text_of_sentences(rng: Rng, count: int) -> str:
    """Sentences that may grow, begin where the last one ended, or begin with the letters of the alphabet."""
    grow, link, start, length = (int(rng.integers(n)) for n in (3, 3, 26, 3))
    told: list[list[str]] = []
    for i in range(count):
        found = random_words(rng, 2 + length + i * grow if grow else int(rng.integers(2, 7)))
        if link == 1 and told:
            found[0] = told[-1][-1]
        if link == 2:
            found[0] = _pick(rng, [word for word in LEXICON if word[0] == ALPHABET[(start + i) % 26]])[1]
        told.append(found)
    return " ".join(" ".join(found).capitalize() + ".?!"[rng.integers(3)] for found in told)


def text_of_lines(rng: Rng, count: int) -> str:
    """Lines that may be stairs, bullets or titles, grow, go round in circles, or be quoted."""
    stairs, circle, title, quoted = (int(rng.integers(2)) for _ in range(4))
    grow, mark, place = int(rng.integers(3)), ("", "* ", "- ", "+ ")[rng.integers(4)], int(rng.integers(count))
    told = []
    for i in range(count):
        found = random_words(rng, 2 + i * grow if grow else int(rng.integers(2, 6)))
        if circle:
            found[-1] = found[0]
        line = " ".join(map(str.capitalize, found) if title else found)
        told.append(" " * (i * stairs) + mark + (f'"{line}"' if quoted and i == place else line))
    return "\n".join(told)


def random_words(rng: Rng, count: int) -> list[str]:
    """Words of the lexicon."""
    return [LEXICON[i] for i in rng.integers(len(LEXICON), size=count).tolist()]


# -- problems ---------------------------------------------------------------------------------------------------------


def follows(rng: Rng, text: str, kinds: dict[str, Kind], count: int) -> tuple[Rule, ...]:
    """The first kind of rule, and of the others as many as make `count`, with values that the text follows."""
    first, *others = kinds
    found = [(name, *values) for name in others if (values := kinds[name].fit(rng, text)) is not None]
    chosen = [found[i] for i in rng.permutation(len(found))[: count - 1].tolist()]
    return ((first, *(kinds[first].fit(rng, text) or ())), *chosen)


def said(rules: Sequence[Rule], kinds: dict[str, Kind]) -> str:
    """The rules as a list."""
    return "\n".join(f"- {kinds[str(name)].says.format(*values)}" for name, *values in rules)


def judged(text: str, rules: Sequence[Rule], kinds: dict[str, Kind]) -> Verdict:
    """Right if all rules are followed; else the cube of the share that is, since some are easily followed by chance."""
    broken = [
        kinds[str(name)].says.format(*values) for name, *values in rules if not kinds[str(name)].holds(text, *values)
    ]
    return graded((1 - len(broken) / len(rules)) ** 3, f"not so: {' '.join(broken)}") if broken else CORRECT


@dataclass(frozen=True)
class Reply:
    """A text, judged as it stands; blanks around it do not count."""

    instruction: str = "Write the text between <answer> and </answer>."

    def parse(self, text: str) -> str:
        if not words(text):
            raise ValueError("expected a text with words, found none")
        return text.strip()

    def show(self, answer: str) -> str:
        return answer


@dataclass(frozen=True)
class Text(Task[str], ABC):
    """A text to be written, on whatever one likes, that follows rules; `planted` is one that does."""

    rules: tuple[Rule, ...]
    planted: str = field(compare=False)

    answer = Reply()
    KINDS: ClassVar[dict[str, Kind]]

    class Size(NamedTuple):
        length: int  # of the planted text, in its parts
        rules: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(length=2 + level // 2, rules=2 + level // 2)

    @staticmethod
    @abstractmethod
    def written(rng: Rng, count: int) -> str:
        """A text of so many parts that follows some rules."""

    @classmethod
    def sample(cls, rng: Rng, size: Size) -> Self:
        text = cls.written(rng, size.length)
        return cls(follows(rng, text, cls.KINDS, size.rules), text)

    def statement(self) -> str:
        return f"Write a text, on whatever you like, that follows these rules:\n{said(self.rules, self.KINDS)}"

    def solve(self) -> str:
        return self.planted

    def check(self, answer: str) -> Verdict:
        return judged(answer, self.rules, self.KINDS)
