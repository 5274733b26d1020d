"""Counting strings and numbers by their digits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import reduce
from itertools import accumulate

import numpy as np


def spaced_words(first: int, last: int, length: int) -> int:
    """The binary words of this length >= 1, without neighbouring ones, that may follow `first` and end with `last`.

    >>> spaced_words(0, 0, length=3)  # 000 010 100
    3
    """
    before, fibonacci = 1, 0
    for _ in range(length + 1 - first - last):
        before, fibonacci = fibonacci, before + fibonacci
    return fibonacci


def rising_tails(digits: Iterable[int]) -> int:
    """The last digits, as bits, of the best rising subsequences of digits of length 1, 2, 3, ...; leading zeros apart.

    >>> rising_tails([2, 5, 3])  # 2, and 2 3
    12
    """
    return reduce(with_digit, digits, 0)


def with_digit(tails: int, digit: int) -> int:
    """The rising tails when one more digit follows: it replaces the least tail that is not below it."""
    if not tails and not digit:
        return 0
    higher = tails >> digit
    return tails & ~((higher & -higher) << digit) | 1 << digit


def by_tails(low: int, high: int) -> Counter[int]:
    """How many of the integers from low to high have each set of rising tails, where low > 0.

    >>> by_tails(19, 21) == {2**1 + 2**9: 1, 2**0: 1, 2**1: 1}
    True
    """
    n = len(str(high)) + 1
    below = Counter[int]()  # the beginnings that are less than that of high + 1, but not less than that of low
    for i in range(n):
        after = Counter[int]()
        for tails, count in below.items():
            for digit in range(10):
                after[with_digit(tails, digit)] += count
        for limit, sign in ((high + 1, 1), (low, -1)):
            *same, last = map(int, str(limit).zfill(n)[: i + 1])
            for digit in range(last):
                after[with_digit(rising_tails(same), digit)] += sign
        below = after
    return +below  # without the zeros


def matrix_powers(matrix: np.ndarray, modulus: int) -> list[np.ndarray]:
    """The powers of a matrix of integers, from the 0th to the 10th, modulo a small number."""
    one = np.eye(len(matrix), dtype=np.int64)
    return list(accumulate([matrix] * 10, lambda power, factor: power @ factor % modulus, initial=one))


def sum_over_cuts(digits: str, matrix: np.ndarray, modulus: int) -> np.ndarray:
    """The sum of a matrix to the power of s, over all ways to cut the digits into numbers, which add up to s."""
    powers = matrix_powers(matrix, modulus)
    sums = powers[:1]  # for the first 0, 1, 2, ... digits
    for i in range(len(digits)):
        total, piece, shifted = np.zeros_like(matrix), powers[0], powers
        for j in reversed(range(i + 1)):  # the last piece begins with digit j, which is worth 10 ** (i - j)
            piece = piece @ shifted[int(digits[j])] % modulus
            total = (total + sums[j] @ piece) % modulus
            shifted = matrix_powers(shifted[10], modulus)
        sums.append(total)
    return sums[-1]


def recurrence_matrix(depth: int) -> np.ndarray:
    """The step of a sequence each of whose numbers is the sum of the `depth` before it."""
    matrix = np.eye(depth, k=-1, dtype=np.int64)
    matrix[0] = 1
    return matrix


def matched_after(pattern: str) -> list[list[int]]:
    """How much of a binary pattern's start a string ends with, by how much it ended with before, and the next digit.

    >>> matched_after("00")  # then 0, then 1
    [[1, 0], [2, 0]]
    """
    starts = [pattern[:n] for n in range(len(pattern) + 1)]
    strings = [[start + digit for digit in "01"] for start in starts[:-1]]
    return [[max(n for n, start in enumerate(starts) if each.endswith(start)) for each in pair] for pair in strings]


def palindrome_free(limit: int) -> int:
    """How many integers from 0 to limit - 1 have no palindrome of two or more digits among their digits.

    >>> palindrome_free(13)
    12
    """
    digits = str(limit)
    size = len(digits)
    # Each digit differs from the two before it, and so does each number of fewer digits.
    count = sum(9 if n == 1 else 81 * 8 ** (n - 2) for n in range(1, size)) + (size > 1)
    for i, last in enumerate(digits):
        before = digits[max(0, i - 2) : i]
        smaller = sum(str(d) not in before for d in range(size > 1 and i == 0, int(last)))
        count += smaller * (9 * 8 ** (size - 2) if i == 0 and size > 1 else 8 ** (size - 1 - i))
        if last in before:
            break
    return count
