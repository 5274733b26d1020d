"""Strings by listing all candidates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, groupby, pairwise, permutations, product
from typing import Any

from whetstone.envs.truth import truth


def holds(
    problem: Any, candidates: Iterable[Sequence], value: Callable[[Any], float | None], best: Callable = max
) -> None:
    """Among all candidates, those without a value are invalid, and the ones of the best value alone are correct."""
    values = [(each if isinstance(each, str) else list(each), value(each)) for each in candidates]
    optimum = best(each for _, each in values if each is not None)
    for answer, each in values:
        verdict = problem.check(answer)
        assert verdict.kind == ("invalid" if each is None else "graded"), answer
        assert verdict.correct == (each == optimum), answer


def words(alphabet: str, length: int) -> list[str]:
    return ["".join(letters) for letters in product(alphabet, repeat=length)]


def substrings(text: str) -> list[str]:
    return [text[i:j] for i, j in combinations(range(len(text) + 1), 2)]


def subsequences(text: str) -> set[str]:
    found = {""}
    for letter in text:
        found |= {each + letter for each in found}
    return found - {""}


def palindrome(text: str) -> bool:
    return all(text[i] == text[-1 - i] for i in range(len(text)))


def times(text: str, part: str) -> int:
    return sum(text[i : i + len(part)] == part for i in range(len(text)))


def length_before_difference(first: str, second: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a != b), len(first))


@truth("strings/minimal_cyclic_shift", levels=(0, 1, 2), seeds=60)
def minimal_cyclic_shift(problem: Any) -> None:
    size = len(problem.word)
    rotations = {"".join(problem.word[(i + j) % size] for j in range(size)) for i in range(size)}
    for word in words("01", size):
        smallest = word in rotations and all(word <= other for other in rotations)
        assert problem.check(word).correct == smallest


@truth("strings/anti_palindromic_substring_counting", levels=(1, 3, 5))
def anti_palindromic_substring_counting(problem: Any) -> None:
    other = {"0": "1", "1": "0"}
    assert problem.solution == sum(part[::-1] == "".join(other[c] for c in part) for part in substrings(problem.word))


@truth("strings/cho_hamsters", sizes=[(1, 5), (2, 6), (4, 8)], seeds=25)
def cho_hamsters(problem: Any) -> None:
    """All strings letter by letter; of those that end alike (as far as a pattern reaches) the one with the most."""
    assert not any(a in b for a, b in permutations(problem.patterns, 2))
    reach = max(map(len, problem.patterns)) - 1
    most = {"": 0}
    length = 0
    while max(most.values()) < problem.times:
        length += 1
        longer: dict[str, int] = {}
        for end, found in most.items():
            for letter in "ab":
                text = end + letter
                count = found + sum(text.endswith(pattern) for pattern in problem.patterns)
                end_now = text[max(0, len(text) - reach) :]
                longer[end_now] = max(count, longer.get(end_now, 0))
        most = longer
    assert problem.solution == length


@truth("strings/double_palindromic_string_counting", sizes=[(12, 3), (5, 5), (2, 9)], seeds=30)
def double_palindromic_string_counting(problem: Any) -> None:
    alphabet = "abcdefghijkl"[: problem.letters]
    halves = {n: [w for w in words(alphabet, n) if palindrome(w)] for n in range(1, problem.longest)}
    pairs = ((a, b) for a, b in product(halves, repeat=2) if problem.shortest <= a + b <= problem.longest)
    assert problem.solution == len({x + y for a, b in pairs for x in halves[a] for y in halves[b]})


@truth("strings/kth_semi_balanced_bracket_sequence", sizes=[(5,), (7,), (9,)], seeds=40)
def kth_semi_balanced_bracket_sequence(problem: Any) -> None:
    def balanced(text: str) -> bool:
        while "[]" in text:
            text = text.replace("[]", "")
        return not text

    good = [
        text
        for text in words("[]", problem.length)
        if abs(text.count("[") - text.count("]")) == 1
        and any(balanced(text[:i] + text[i + 1 :]) for i in range(len(text)))
    ]
    assert good == sorted(good) and problem.solution == good[problem.rank - 1]
    for other in good[:20]:
        assert problem.check(other).score == length_before_difference(other, problem.solution) / problem.length
    assert problem.check(problem.solution[1:]).kind == problem.check("").kind == "invalid"


@truth("strings/kth_subsequence", levels=(1, 3, 5))
def kth_subsequence(problem: Any) -> None:
    assert problem.solution == sorted(subsequences(problem.word))[problem.rank - 1]


@truth("strings/kur", levels=(0, 1, 3), seeds=25)
def kur(problem: Any) -> None:
    values = [(problem.step * i + problem.offset) % problem.length for i in range(problem.length)]
    assert sorted(values) == list(range(problem.length))
    assert problem.solution == times("".join("01"[value >= problem.limit] for value in values), problem.pattern)


@truth("strings/longest_double_palindrome", levels=(0, 1, 2), seeds=30)
def longest_double_palindrome(problem: Any) -> None:
    def value(cut: tuple) -> int | None:
        a, b, c = cut
        ordered = 0 <= a < b < c <= len(problem.word)
        return c - a if ordered and palindrome(problem.word[a:b]) and palindrome(problem.word[b:c]) else None

    holds(problem, product(range(-1, len(problem.word) + 2), repeat=3), value)


@truth("strings/longest_repeated_palindrome", levels=(1, 2, 3), seeds=30)
def longest_repeated_palindrome(problem: Any) -> None:
    halves = [x for size in range(1, len(problem.word) // 4 + 1) for x in words("01", size)]
    forms = [text for text in (2 * (x + x[::-1]) for x in halves) if text in problem.word]
    holds(problem, [*forms, "", "0", "0101", "0000011111", "0" * 40], lambda t: len(t) if t in forms else None)
    assert problem.check(problem.solution[:-1]).kind == "invalid"


@truth("strings/max_weight_palindromic_substring", levels=(0, 2, 4), seeds=40)
def max_weight_palindromic_substring(problem: Any) -> None:
    short = [word for size in range(1, 6) for word in words("ab", size)]

    def value(text: str) -> int | None:
        return len(text) * times(problem.word, text) if palindrome(text) else None

    holds(problem, dict.fromkeys(short + substrings(problem.word)), value)
    assert problem.check("").score == 0


@truth("strings/min_nonsubstring", levels=(2, 4, 6), seeds=25)
def min_nonsubstring(problem: Any) -> None:
    absent = [word for size in range(1, 7) for word in words("ab", size) if not times(problem.word, word)]
    assert problem.solution == min(absent, key=lambda word: (len(word), word))


@truth("strings/palindrome_partition_counting", levels=(1, 3, 5))
def palindrome_partition_counting(problem: Any) -> None:
    size = len(problem.word)
    count = 0
    for chosen in product((False, True), repeat=size - 1):
        places = [0, *(i for i, cut in enumerate(chosen, 1) if cut), size]
        count += all(palindrome(problem.word[i:j]) for i, j in pairwise(places))
    assert problem.solution == count


@truth("strings/pcp_permutation", levels=(0, 1, 2))
def pcp_permutation(problem: Any) -> None:
    def value(order: tuple) -> float:
        first, second = ("".join(words[i] for i in order) for words in (problem.first, problem.second))
        return length_before_difference(first, second) / len(first)

    for order in permutations(range(len(problem.first))):
        assert problem.check(list(order)).score == value(order)
    assert value(problem.solution) == 1
    assert problem.check(problem.solution[1:]).kind == problem.check([0] * len(problem.first)).kind == "invalid"


@truth("strings/prefixuffix", levels=(1, 3, 6), seeds=25)
def prefixuffix(problem: Any) -> None:
    text = problem.word
    lengths = [0]
    for size in range(1, len(text) // 2 + 1):
        start = text[:size]
        if text[-size:] in {start[i:] + start[:i] for i in range(size)}:
            lengths.append(size)
    assert problem.solution == max(lengths)


@truth("strings/salad_bar", levels=(1, 2, 4), seeds=25)
def salad_bar(problem: Any) -> None:
    def value(pair: tuple) -> int | None:
        first, last = pair
        if not 0 <= first <= last < len(problem.word):
            return None
        part = problem.word[first : last + 1]
        ends = [part[:i] for i in range(len(part) + 1)] + [part[i:] for i in range(len(part))]
        return len(part) if all(end.count("p") >= end.count("j") for end in ends) else None

    holds(problem, product(range(-1, len(problem.word) + 1), repeat=2), value)


@truth("strings/secret_cow_code", levels=(0, 3, 6))
def secret_cow_code(problem: Any) -> None:
    text = problem.word
    while len(text) < problem.place:
        text += text[-1] + text[:-1]
    assert problem.solution == text[problem.place - 1]


@truth("strings/shared_substring_counting", levels=(1, 3, 6), seeds=25)
def shared_substring_counting(problem: Any) -> None:
    assert problem.solution == sum(a == b for a, b in product(substrings(problem.first), substrings(problem.second)))


@truth("strings/shortest_unicolor_substring", levels=(0, 1, 2), seeds=30)
def shortest_unicolor_substring(problem: Any) -> None:
    def value(text: str) -> int | None:
        changes = sum(a != b for a, b in zip(problem.word, text, strict=True))
        return max(len(list(run)) for _, run in groupby(text)) if changes <= problem.flips else None

    holds(problem, words("01", len(problem.word)), value, best=min)
    assert problem.check(problem.word + "0").kind == problem.check("").kind == "invalid"


@truth("strings/string_partition_shuffle", levels=(0, 1, 2), seeds=30)
def string_partition_shuffle(problem: Any) -> None:
    size, count = len(problem.before), len(problem.solution)
    for cut in combinations(range(1, size), count - 1):
        pieces = zip((0, *cut), (*cut, size), strict=True)
        for order in permutations(map(list, pieces)):
            text = "".join(problem.before[i:j] for i, j in order)
            verdict = problem.check(list(order))
            assert verdict.score == length_before_difference(text, problem.after) / size
            assert problem.check([[order[0][0], order[0][1] - 1], *order[1:]]).kind == "invalid"
    right = problem.solution
    for wrong in (right[1:], [*right, [0, 0]], [[0, size]] * count, [[-1, size], *right[1:]], []):
        assert problem.check(wrong).kind == "invalid"


@truth("strings/string_reversal_construction", levels=(0, 1, 2), seeds=30)
def string_reversal_construction(problem: Any) -> None:
    size = len(problem.before)

    def after(moves: Iterable[int]) -> str:
        text = problem.before
        for move in moves:
            text = "".join(reversed(text[size - move :])) + text[: size - move]
        return text

    assert after(problem.solution) == problem.after and len(problem.solution) <= 3 * size
    for moves in (m for count in range(3) for m in product(range(size + 1), repeat=count)):
        assert problem.check(list(moves)).correct == (after(moves) == problem.after)
    for i, move in enumerate(problem.solution):
        changed = [*problem.solution[:i], (move + 1) % (size + 1), *problem.solution[i + 1 :]]
        assert problem.check(changed).correct == (after(changed) == problem.after)
    assert problem.check([0] * (3 * size + 1)).kind == problem.check([size + 1]).kind == "invalid"
    assert problem.check([-1]).kind == "invalid" and not problem.check([]).correct


@truth("strings/three_string_common_subsequence_counting", levels=(1, 3, 5))
def three_string_common_subsequence_counting(problem: Any) -> None:
    assert problem.solution == len(set.intersection(*map(subsequences, problem.words)))


@truth("strings/virus_synthesis", sizes=[(8,), (10,), (12,)], seeds=25)
def virus_synthesis(problem: Any) -> None:
    """From the empty string forwards, step by step, to all strings that occur in the wanted one, either way round."""
    useful = {*substrings(problem.word), *substrings(problem.word[::-1])}
    reached, steps = {""}, 0
    while problem.word not in reached:
        grown = {text for t in reached for text in (t + "0", t + "1", "0" + t, "1" + t, t + t[::-1], t[::-1] + t)}
        reached, steps = (reached | grown) & useful, steps + 1
    assert problem.solution == steps


@truth("strings/zero_prefix_subset_counting", levels=(0, 2, 4))
def zero_prefix_subset_counting(problem: Any) -> None:
    count = 0
    for size in range(1, len(problem.words) + 1):
        for chosen in combinations(problem.words, size):
            count += not any(b[: len(a)] == a for a, b in permutations(chosen, 2))
    assert problem.solution == count and len(set(problem.words)) == len(problem.words)
