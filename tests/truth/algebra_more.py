"""Powers, roots, polynomials and unusual notations, from their definitions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from whetstone.envs.truth import truth


def value(coefficients: Sequence[int], x: int | Fraction) -> int | Fraction:
    return sum(c * x**i for i, c in enumerate(coefficients))


def nearly(answer: list[int]) -> list[list[int]]:
    """The answer with one of its numbers one larger, and one smaller."""
    return [[*answer[:i], answer[i] + step, *answer[i + 1 :]] for i in range(len(answer)) for step in (-1, 1)]


@truth("algebra/matrix_binary_exponentiation", levels=(0, 1, 3, 5), seeds=20)
def matrix_binary_exponentiation(problem: Any) -> None:
    n = len(problem.matrix)
    power = problem.matrix
    for _ in range(problem.exponent - 1):
        power = [[sum(power[i][k] * problem.matrix[k][j] for k in range(n)) for j in range(n)] for i in range(n)]
    right = [[entry % 10000 for entry in row] for row in power]
    assert problem.solution == right
    for i, j in product(range(n), repeat=2):
        wrong = [row.copy() for row in right]
        wrong[i][j] += 10000
        assert problem.check(wrong).score == (n * n - 1) / (n * n)
    for wrong in (right[1:], [*right, right[0]], [[*row, 0] for row in right], [right[0][1:], *right[1:]], []):
        assert problem.check(wrong).kind == "invalid"


@truth("algebra/negative_base", levels=(0, 1, 2), seeds=40)
def negative_base(problem: Any) -> None:
    r, found = problem.radix, []
    for length in range(1, 10 if r == 2 else 7):
        for digits in product(range(r), repeat=length):
            if digits[0] and sum(d * (-r) ** i for i, d in enumerate(reversed(digits))) == problem.number:
                found.append(list(digits))
    assert found == [problem.solution]
    for wrong in nearly(found[0]):
        verdict = problem.check(wrong)
        allowed = wrong[0] > 0 and all(0 <= digit < r for digit in wrong)
        assert (verdict.kind == "graded") == allowed and verdict.score < 1
    for wrong in ([], [0], [0, *found[0]], [-digit for digit in found[0]]):
        assert problem.check(wrong).kind == "invalid"
    assert not problem.check(found[0] * 2).correct


@truth("algebra/polynomial_factorization", levels=(0, 3, 5), seeds=25)
def polynomial_factorization(problem: Any) -> None:
    roots, degree = [], len(problem.coefficients) - 1
    for r in range(-40, 41):
        derivative = list(problem.coefficients)
        while value(derivative, r) == 0:  # a root of as many derivatives as it is a root
            roots.append(r)
            derivative = [i * c for i, c in enumerate(derivative)][1:]
    assert roots == problem.solution and len(roots) == degree
    assert problem.check(roots[::-1]).correct
    for wrong in nearly(roots):
        assert problem.check(wrong).score == (len(roots) - 1) / len(roots)
    assert not problem.check(roots[1:]).correct and not problem.check([*roots, roots[0]]).correct


@truth("algebra/polynomial_interpolation", sizes=[(1, 3), (2, 2)], seeds=30)
def polynomial_interpolation(problem: Any) -> None:
    bound, n = 3, len(problem.points)
    fits = [
        list(coefficients)
        for coefficients in product(range(-bound, bound + 1), repeat=n)
        if all(value(coefficients, x) == y for x, y in problem.points)
    ]
    assert fits == [problem.solution]
    for wrong in nearly(fits[0]):
        assert problem.check(wrong).score == (n - 1) / n
    assert not problem.check([*fits[0], 0]).correct and not problem.check(fits[0][:-1]).correct


@truth("algebra/polynomial_minimum", levels=(0, 1, 2, 4), seeds=16)
def polynomial_minimum(problem: Any) -> None:
    best, near = problem.solution, Fraction(1, 1000)
    lowest = value(problem.coefficients, best)
    for x in [Fraction(k, 2) for k in range(-20, 21)] + [best + side * step for side in (-2, 2) for step in (near, 1)]:
        height = value(problem.coefficients, x)
        assert height > lowest or abs(x - best) <= near
        verdict = problem.check(x)
        assert verdict.correct == (abs(x - best) <= near)
        assert verdict.correct or abs(verdict.score - float(lowest / height) ** 2) < 1e-12
    millionth = Fraction(1, 10**5)  # the bottom lies between points as near as that
    assert value(problem.coefficients, best - millionth) > lowest < value(problem.coefficients, best + millionth)
    assert problem.check(best + near).correct and problem.check(best - near).correct


@truth("algebra/polynomial_remainder", levels=(0, 1, 3, 5), seeds=20)
def polynomial_remainder(problem: Any) -> None:
    x = 10**6  # so large that the remainder is smaller than the divisor there
    right, m = problem.solution, len(problem.divisor) - 1
    assert len(right) == m

    def divides(remainder: list[int]) -> bool:
        rest = value(problem.dividend, x) - value(remainder, x)
        return rest % value(problem.divisor, x) == 0

    assert divides(right) and max(map(abs, right)) < 100
    for wrong in nearly(right):
        assert not divides(wrong)
        assert problem.check(wrong).score == (m - 1) / m
    assert not problem.check([*right, 0]).correct and not problem.check(right[:-1]).correct


@truth("algebra/powernest", levels=(0, 1, 2, 3), seeds=30)
def powernest(problem: Any) -> None:
    def read(text: str) -> int:
        """The value of an expression, if it follows the rules."""
        depth, terms = 0, [""]
        for c in text:
            depth += (c == "(") - (c == ")")
            if c == "+" and depth == 0:
                terms.append("")
            else:
                terms[-1] += c
        powers = []
        for term in terms:
            assert term == "2" or (term.startswith("2(") and term.endswith(")"))
            powers.append(2 if term == "2" else 1 if term == "2(0)" else 2 ** read(term[2:-1]))
            assert term == "2" or powers[-1] != 2, "2^1 is written 2"
        assert powers == sorted(set(powers), reverse=True), "different powers, the largest first"
        return sum(powers)

    right = problem.solution
    assert read(right) == problem.n  # the only such expression: binary notation is unique
    for i in range(len(right)):
        for c in "02+()":
            wrong = right[:i] + c + right[i + 1 :]
            assert problem.check(wrong).correct == (wrong == right)
    for wrong in ("", right + "+2", right[:-1], "+".join(reversed(right.split("+"))) + "+"):
        assert not problem.check(wrong).correct


@truth("algebra/recursive_function", sizes=[(2, 8), (3, 12), (7, 6)], seeds=40)
def recursive_function(problem: Any) -> None:
    """Rewrites pending calls and sums on a stack, one at a time, keeping the values found."""
    found: dict[tuple[int, int], int] = {}

    def arguments(m: int, n: int) -> list[tuple[int, int]]:
        """The calls whose values f(m, n) needs; [] when it is found, the next ones as far as they are known."""
        if m == 0:
            found[m, n] = n + 1
            return []
        if n == 0:
            if (m - 1, 1) in found:
                found[m, n] = found[m - 1, 1]
                return []
            return [(m - 1, 1)]
        half, sums = m // 2, []
        for inner in ((half, n // 2), (half, n - 1)):
            if inner not in found:
                return [inner]
            outer = (half, found[inner])
            if outer not in found:
                return [outer]
            sums.append(found[outer])
        found[m, n] = sum(sums)
        return []

    stack = [(problem.m, problem.n)]
    while stack:
        needed = arguments(*stack[-1])
        stack = stack + needed if needed else stack[:-1]
    right = found[problem.m, problem.n]
    assert problem.solution == right
    assert [x for x in (0, right - 1, right, right + 1) if problem.check(x).correct] == [right]


@truth("algebra/root_extraction", levels=(0, 1, 3, 6), seeds=25)
def root_extraction(problem: Any) -> None:
    n, k, unit = problem.n, problem.k, 10**7
    low, high = 0, n * unit
    while high - low > 1:  # (low / unit)^k <= n < (high / unit)^k
        middle = (low + high) // 2
        low, high = (middle, high) if middle**k <= n * unit**k else (low, middle)
    root = Fraction(low, unit)
    assert abs(problem.solution - root) <= Fraction(6, 10**6)
    for far, right in ((50, True), (99, True), (102, False), (5000, False), (10**6, False)):
        for side in (-1, 1):
            answer = root + Fraction(side * far, 10**6)
            verdict = problem.check(answer)
            assert verdict.correct == right
            if not right:
                ratio = min(answer, root) / max(answer, root) if answer > 0 else 0
                assert abs(verdict.score - float(ratio) ** 10) < 1e-4
    assert problem.check(-root).kind == "invalid"
