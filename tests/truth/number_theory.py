"""Number theory by counting up: divisors, digits, powers and combinations."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import combinations, count, product
from math import factorial, gcd, prod
from typing import Any

import numpy as np

from whetstone.envs.truth import truth


def only(problem: Any, right: int) -> None:
    """The answer is this number, and its neighbours, its negative and 0 are not."""
    assert problem.solution == right
    assert [x for x in sorted({0, -right, *range(right - 3, right + 4)}) if problem.check(x).correct] == [right]


def divisor_count(n: int) -> int:
    return sum(n % d == 0 for d in range(1, n + 1))


def is_prime(n: int) -> bool:
    return divisor_count(n) == 2


def remainder_cycle(base: int, start: int, modulus: int) -> tuple[list[int], int]:
    """The remainders of start, start * base, start * base^2, ... until one repeats, and the place it repeats."""
    seen, value = [], start % modulus
    while value not in seen:
        seen.append(value)
        value = value * base % modulus
    return seen, seen.index(value)


@truth("number_theory/congruent_equation", levels=(0, 1, 2, 3), seeds=25)
def congruent_equation(problem: Any) -> None:
    smallest = next(x for x in range(1, problem.modulus) if (problem.a * x - 1) % problem.modulus == 0)
    assert [x for x in range(-problem.modulus, 3 * problem.modulus) if problem.check(x).correct] == [smallest]


@truth("number_theory/crt", levels=(0, 2, 4), seeds=25)
def crt(problem: Any) -> None:
    for x in range(min(200, prod(problem.moduli))):
        held = [x % m == r for m, r in zip(problem.moduli, problem.remainders, strict=True)]
        assert problem.check(x).score == sum(held) / len(held)
        assert all(held) <= (x >= problem.solution)
    assert problem.check(problem.solution - prod(problem.moduli)).kind == "invalid"


@truth("number_theory/add_multiple_divisible_counting", levels=(0, 1, 2, 3), seeds=40)
def add_multiple_divisible_counting(problem: Any) -> None:
    only(problem, sum(a * b % (a + b) == 0 for a, b in combinations(range(1, problem.n + 1), 2)))


@truth("number_theory/bezout_identity", levels=(0, 1, 4, 5), seeds=20)
def bezout_identity(problem: Any) -> None:
    best = max(d for d in range(1, abs(problem.numbers[0]) + 1) if all(x % d == 0 for x in problem.numbers))
    for answer in product(range(-3, 4), repeat=len(problem.numbers)):
        total = sum(a * b for a, b in zip(problem.numbers, answer, strict=True))
        verdict = problem.check(list(answer))
        assert verdict.score == (best / total if total > 0 else 0)
        assert (verdict.kind == "graded") == (total > 0)
    assert problem.check(problem.solution[1:]).kind == problem.check([*problem.solution, 0]).kind == "invalid"


@truth("number_theory/binary_linear_equation_solution_counting", levels=(0, 1, 2), seeds=25)
def binary_linear_equation_solution_counting(problem: Any) -> None:
    (x1, x2), (y1, y2) = problem.xs, problem.ys
    box = product(range(x1, x2 + 1), range(y1, y2 + 1))
    only(problem, sum(problem.a * x + problem.b * y + problem.c == 0 for x, y in box))


@truth("number_theory/box_scheduling", sizes=[(3,), (4,), (5,)], seeds=30)
def box_scheduling(problem: Any) -> None:
    n = problem.positions

    def placed() -> list[int]:
        """The first choice of all, in the order of the statement; more than n - 1 of X or Y leads nowhere new."""
        for y in product(range(n), repeat=n - 1):
            for x in product(range(n), repeat=n - 1):
                at = [(c + problem.step * a + b) % n for c, a, b in zip(problem.starts, x, y, strict=True)]
                if len({problem.taken, *at}) == n:
                    return at
        raise AssertionError("no choice is possible")

    at = placed()
    for i in range(n - 1):
        wrong = [*at[:i], at[i] + 1, *at[i + 1 :]]
        assert problem.check(wrong).score == (n - 2) / (n - 1)
    assert problem.check(at).correct


@truth("number_theory/capital_city_effect", levels=(0, 1), seeds=40)
def capital_city_effect(problem: Any) -> None:
    def score(x: int) -> int:
        word, total = str(x), 0
        while word:
            rest = word.lstrip(word[0])
            total += int(word[0]) * (len(word) - len(rest)) ** 2
            word = rest
        return total

    only(problem, sum(map(score, range(problem.low, problem.high + 1))))


@truth("number_theory/circulating_decimal_counting", levels=(0, 1, 2), seeds=25)
def circulating_decimal_counting(problem: Any) -> None:
    def periodic(x: int, y: int) -> bool:
        """In long division, the remainder with which the digits begin comes again."""
        return remainder_cycle(problem.base, x, y)[1] == 0

    pairs = product(range(1, problem.n + 1), range(1, problem.m + 1))
    only(problem, len({(x // gcd(x, y), y // gcd(x, y)) for x, y in pairs if periodic(x, y)}))


@truth("number_theory/discrete_logarithm", levels=(0, 1, 2, 3), seeds=20)
def discrete_logarithm(problem: Any) -> None:
    only(problem, min(y for y in range(problem.modulus) if problem.base**y % problem.modulus == problem.power))


@truth("number_theory/factorial_trailing_zero_count", levels=(0, 1, 2), seeds=25)
def factorial_trailing_zero_count(problem: Any) -> None:
    value, zeros = factorial(problem.n), 0
    while value % problem.base == 0:
        value, zeros = value // problem.base, zeros + 1
    only(problem, zeros)


@truth("number_theory/fibonacci_containing_counting", levels=(0, 1, 2, 3), seeds=30)
def fibonacci_containing_counting(problem: Any) -> None:
    def hits(a: int, b: int) -> bool:
        a, b = b, a + b
        while b < problem.n:
            a, b = b, a + b
        return b == problem.n

    only(problem, sum(hits(a, b) for a, b in product(range(1, problem.n), repeat=2)))


@truth("number_theory/gold_washing", levels=(0, 1, 2), seeds=35)
def gold_washing(problem: Any) -> None:
    digit_products = [prod(map(int, str(x))) for x in range(1, problem.n + 1)]
    classes = Counter(pair for pair in product(digit_products, repeat=2) if min(pair) >= 1)
    only(problem, sum(sorted(classes.values(), reverse=True)[: problem.k]))


@truth("number_theory/integer_factorization_counting", levels=(0, 3, 6, 9, 10), seeds=30)
def integer_factorization_counting(problem: Any) -> None:
    def ways(rest: int, least: int) -> int:
        """To write `rest` as a product of different factors from `least` on, the empty product included."""
        return (rest == 1) + sum(ways(rest // d, d + 1) for d in range(least, rest + 1) if rest % d == 0)

    only(problem, ways(problem.n, 2) - 1)


@truth("number_theory/lcm", levels=(0, 1, 2), seeds=30)
def lcm(problem: Any) -> None:
    only(problem, next(x for x in count(1) if x % problem.a == x % problem.b == 0))


@truth("number_theory/max_multiplication_fixed_sum", levels=(2, 3, 4, 5), seeds=40)
def max_multiplication_fixed_sum(problem: Any) -> None:
    best = [1]  # of each sum, by its first part
    for total in range(1, problem.n + 1):
        best.append(max(part * best[total - part] for part in range(1, total + 1)))
    only(problem, best[problem.n])


@cache
def least_with_divisors(limit: int) -> dict[int, int]:
    """The smallest number up to `limit` with each number of divisors."""
    counts = np.zeros(limit + 1, dtype=int)
    for d in range(1, limit + 1):  # pairs of divisors d <= other
        if d * d > limit:
            break
        counts[d * d] += 1
        counts[d * (d + 1) :: d] += 2
    first: dict[int, int] = {}
    for n, k in enumerate(counts.tolist()[1:], 1):
        first.setdefault(k, n)
    return first


@truth("number_theory/min_kdivisor_number", sizes=[(20,), (60,), (110,)], seeds=60)
def min_kdivisor_number(problem: Any) -> None:
    limit = 10**6
    smallest = least_with_divisors(limit).get(problem.k)
    if smallest:
        only(problem, smallest)
    else:  # too large to be found by trying: at least it is no smaller than that, and has k divisors
        rest, divisors = problem.solution, 1
        for p in (2, 3, 5, 7, 11):
            exponent = next(e for e in count() if rest % p ** (e + 1))
            rest, divisors = rest // p**exponent, divisors * (exponent + 1)
        assert rest == 1 and divisors == problem.k and problem.solution > limit
        only(problem, problem.solution)


@truth("number_theory/min_no_solution_linear_diophantine_equation", levels=(0, 1, 2, 3), seeds=20)
def min_no_solution_linear_diophantine_equation(problem: Any) -> None:
    a, b = problem.a, problem.b
    reached = {a * x + b * y for x in range(b + 1) for y in range(a + 1)}
    missed = [n for n in range(a * b + 1) if n not in reached]
    assert all(n in reached for n in range(missed[-1] + 1, missed[-1] + 1 + a))  # and so all that follow
    only(problem, missed[-1])


@cache
def signed_fibonacci_counts(bound: int) -> list[int]:
    """The fewest terms that make each number of 0..bound, over all sums that stay within -3 * bound..3 * bound."""
    terms = [1, 2]
    while terms[-1] < 2 * bound:
        terms.append(terms[-1] + terms[-2])
    reached = np.zeros(6 * bound + 1, dtype=bool)
    reached[3 * bound] = True
    fewest = np.zeros(6 * bound + 1, dtype=int)
    for terms_used in range(1, 12):
        wider = reached.copy()
        for term in terms:
            wider[term:] |= reached[:-term]
            wider[:-term] |= reached[term:]
        fewest[wider & ~reached] = terms_used
        reached = wider
    return fewest[3 * bound : 4 * bound + 1].tolist()


@truth("number_theory/minimum_fibonacci_representation", sizes=[(2,), (3,)], seeds=80)
def minimum_fibonacci_representation(problem: Any) -> None:
    only(problem, signed_fibonacci_counts(16000)[problem.k])


@truth("number_theory/odl_distance", sizes=[(3, 20), (4, 30), (5, 40), (8, 46)], seeds=20)
def odl_distance(problem: Any) -> None:
    primes, top = [p for p in range(2, 48) if is_prime(p)], max(problem.numbers)

    def distances(start: int) -> dict[int, int]:
        """From a number to all up to `top`; dividing before multiplying, a shortest way stays below."""
        found, front = {start: 0}, [start]
        while front:
            steps = [(a, b) for a in front for p in primes for b in (a * p, a // p) if b == a * p or a % p == 0]
            front = []
            for a, b in steps:
                if b <= top and b not in found:
                    found[b] = found[a] + 1
                    front.append(b)
        return found

    right = []
    for i, number in enumerate(problem.numbers):
        found = distances(number)
        right.append(min((found[other], j) for j, other in enumerate(problem.numbers) if j != i)[1])
    assert problem.solution == right
    assert problem.check([right[0] + 1, *right[1:]]).score == (len(right) - 1) / len(right)


@truth("number_theory/pan_solar_panels", levels=(0, 1, 2, 3), seeds=20)
def pan_solar_panels(problem: Any) -> None:
    (x1, x2), (y1, y2) = problem.xs, problem.ys
    pairs = list(product(range(x1, x2 + 1), range(y1, y2 + 1)))
    best = max(gcd(*pair) for pair in pairs)
    assert gcd(*problem.solution) == best and tuple(problem.solution) in pairs
    for pair in pairs:
        assert problem.check(list(pair)).score == gcd(*pair) / best
    for pair in ([x1 - 1, y1], [x2 + 1, y1], [x1, y1 - 1], [x1, y2 + 1]):
        assert problem.check(pair).kind == "invalid"


@truth("number_theory/power_cycle", sizes=[(2,), (3,)], seeds=60)
def power_cycle(problem: Any) -> None:
    endings, again = remainder_cycle(problem.n, problem.n, 10**problem.digits)
    assert again == 0, "the cycle must begin with the first power"
    only(problem, len(endings))


@truth("number_theory/prefix_concatenation", levels=(0, 1, 2, 3), seeds=20)
def prefix_concatenation(problem: Any) -> None:
    only(problem, int("".join(map(str, range(1, problem.n + 1)))) % problem.modulus)


@truth("number_theory/self_power_sequence_mod", levels=(0, 1, 2, 3), seeds=40)
def self_power_sequence_mod(problem: Any) -> None:
    def tower(height: int, modulus: int) -> int:
        """The remainder of a(height), by walking the powers of two to the exponent's place in their cycle."""
        if height <= 4:
            return (1, 2, 4, 16, 65536)[height] % modulus
        powers, start = remainder_cycle(2, 1, modulus)
        period = len(powers) - start  # the exponent is at least 65536 and far beyond the start of the cycle
        return powers[start + (tower(height - 1, period) - start) % period]

    late = {tower(height, problem.n) for height in range(20, 26)}
    assert len(late) == 1
    only(problem, late.pop())


@truth("number_theory/smallest_binary_multiple", sizes=[(20,), (45,), (90,)], seeds=60)
def smallest_binary_multiple(problem: Any) -> None:
    only(problem, next(x for n in count(1) if (x := int(f"{n:b}")) % problem.n == 0) // problem.n)


@truth("number_theory/subset_sum_sequence", levels=(0, 1, 2, 3), seeds=40)
def subset_sum_sequence(problem: Any) -> None:
    powers = [problem.base**i for i in range(8)]
    sums = sorted(sum(chosen) for size in range(1, 9) for chosen in combinations(powers, size))
    only(problem, sums[problem.n - 1])
