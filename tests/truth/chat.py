"""Rules on texts, checked letter by letter, on texts near one that follows them and on that one."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from whetstone.envs.truth import truth

VOWELS = "aeiou"


def split(text: str) -> list[str]:
    """The stretches of a to z, in lower case."""
    kept = "".join(c.lower() if "a" <= c.lower() <= "z" and c.isascii() else " " for c in text)
    return kept.split()


def pieces(text: str) -> list[str]:
    """What stands between the marks of sentences; with the mark, where there is one."""
    found, piece = [], ""
    for c in text:
        piece += c
        if c in ".?!":
            found, piece = [*found, piece], ""
    return [each for each in [*found, piece] if each.strip()]


def rows(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def in_order(words: list[str], first: str) -> bool:
    return all((ord(word[0]) - ord(first) - i) % 26 == 0 for i, word in enumerate(words))


def grows(parts: list[str], by: int) -> bool:
    counts = [len(split(part)) for part in parts]
    return len(counts) > 1 and all(counts[i + 1] == counts[i] + by for i in range(len(counts) - 1))


def prime(n: int) -> bool:
    return [d for d in range(1, n + 1) if n % d == 0] == [1, n] if n > 1 else False


def cluster(word: str) -> bool:
    return any(a not in VOWELS and b not in VOWELS for a, b in pairwise(word))


def longest_alliteration(words: list[str]) -> int:
    return max(
        (
            j - i
            for i in range(len(words))
            for j in range(i + 1, len(words) + 1)
            if len({w[0] for w in words[i:j]}) == 1
        ),
        default=0,
    )


def indent(line: str) -> int:
    return next(i for i, c in enumerate(line) if c != " ")


def in_quotes(line: str) -> bool:
    first, last = line.find('"'), line.rstrip().rfind('"')
    return 0 <= first < last == len(line.rstrip()) - 1 and line.count('"') == 2 and not split(line[:first])


RULES: dict[str, Callable[..., bool]] = {
    "words": lambda t, n: len(split(t)) == n,
    "total": lambda t, n: len(split(t)) == n,
    "letters": lambda t, n: len("".join(split(t))) == n,
    "alphabet": lambda t, a: in_order(split(t), a),
    "apart": lambda t: longest_alliteration(split(t)) == 1,
    "prime": lambda t: all(prime(len(word)) for word in split(t)),
    "cluster": lambda t: all(cluster(word) for word in split(t)),
    "without": lambda t, a: t.lower().count(a) == 0,
    "absent": lambda t, a: t.lower().count(a) == 0,
    "word": lambda t, n, w: len(split(t)) >= n and split(t)[n - 1] == w,
    "different": lambda t: all(split(t).count(word) == 1 for word in split(t)),
    "longest": lambda t, n: sorted(len(word) for word in split(t))[-1] == n,
    "sentences": lambda t, n: len(pieces(t)) == n and all(piece[-1] in ".?!" for piece in pieces(t.rstrip())),
    "growing": lambda t, n: grows(pieces(t), n),
    "chain": lambda t: all(split(a)[-1:] == split(b)[:1] for a, b in pairwise(pieces(t))),
    "order": lambda t, a: all(split(p) for p in pieces(t)) and in_order([split(p)[0] for p in pieces(t)], a),
    "placed": lambda t, n, m, w: len(pieces(t)) >= n and [*split(pieces(t)[n - 1]), *[""] * m][m - 1] == w,
    "marks": lambda t, a, b, c: [sum(p[-1] == mark for p in pieces(t)) for mark in ".?!"] == [a, b, c],
    "keyword": lambda t, w, n: sum(word == w for word in split(t)) == n,
    "alliteration": lambda t, n: longest_alliteration(split(t)) >= n,
    "lines": lambda t, n: len(rows(t)) == n,
    "stairs": lambda t: all(indent(line) == i for i, line in enumerate(rows(t))),
    "bullets": lambda t, mark: all(line.lstrip()[:2] == mark + " " for line in rows(t)),
    "longer": lambda t, n: grows(rows(t), n),
    "circle": lambda t: all(len(split(a)) > 1 and split(a)[0] == split(a)[-1] for a in rows(t)),
    "title": lambda t: all(not c.islower() or (i > 0 and t[i - 1].isalpha()) for i, c in enumerate(t)),
    "last": lambda t, n, w: len(rows(t)) >= n and split(rows(t)[n - 1])[-1:] == [w],
    "quoted": lambda t, n: t.count('"') == 2 and len(rows(t)) >= n and in_quotes(rows(t)[n - 1]),
}


def near(text: str, choice: random.Random) -> str:
    """A text with one change: of a word, a mark, a line break, a blank or a letter."""
    at = choice.randrange(len(text) + 1)
    words = text.split(" ")
    i, j = (choice.randrange(len(words)) for _ in range(2))
    match choice.randrange(7):
        case 0:
            return " ".join(words[:i] + words[i + 1 :])
        case 1:
            return " ".join([*words[: i + 1], *words[i:]])
        case 2:
            words[i], words[j] = words[j], words[i]
            return " ".join(words)
        case 3:
            return " ".join([*words[:i], words[i].swapcase(), *words[i + 1 :]])
        case 4:
            return text[:at] + choice.choice('.?! \n"-ae') + text[at:]
        case 5:
            return text[:at] + text[at + 1 :]
        case _:
            return text.replace(*choice.choice([(".", "!"), ("\n", "\n\n"), ("!", "?"), ('"', ""), ("\n ", "\n")]))


def agrees(problem: Any) -> None:
    """The task and the rules above think alike of the solution and of texts near it."""
    choice = random.Random(problem.to_json())
    text = problem.solution
    for _ in range(30):
        if split(text):
            given = set(split(text)) <= set(getattr(problem, "given", split(text)))
            right = given and all(RULES[name](text.strip(), *values) for name, *values in problem.rules)
            assert problem.check(text.strip()).correct == right, (text, problem.rules)
        text = near(problem.solution if choice.random() < 0.7 else text, choice)


words = truth("chat/words", levels=(0, 3, 8), seeds=30)(agrees)
sentences = truth("chat/sentences", levels=(0, 3, 8), seeds=30)(agrees)
lines = truth("chat/lines", levels=(0, 3, 8), seeds=30)(agrees)
