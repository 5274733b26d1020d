"""Games against players that try everything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from itertools import combinations, product
from typing import Any

from whetstone.envs.truth import truth


def subsets(things: tuple) -> list[tuple]:
    return [chosen for size in range(len(things) + 1) for chosen in combinations(things, size)]


@cache
def wins_nim(heaps: tuple[int, ...]) -> bool:
    """Whether the player to move takes the last match, by trying all moves."""
    return any(
        not wins_nim(tuple(sorted((*heaps[:i], left, *heaps[i + 1 :]))))
        for i in range(len(heaps))
        for left in range(heaps[i])
    )


@truth("games/new_nim_game", levels=(0, 1, 2), seeds=25)
def new_nim_game(problem: Any) -> None:
    numbers = tuple(range(1, len(problem.heaps) + 1))

    def heaps(kept: set[int]) -> tuple[int, ...]:
        return tuple(sorted(problem.heaps[i - 1] for i in kept))

    winning = {}
    for removed in subsets(numbers)[:-1]:
        left = tuple(i for i in numbers if i not in removed)
        if all(wins_nim(heaps(set(left) - set(reply))) for reply in subsets(left)[:-1]):
            winning[removed] = sum(problem.heaps[i - 1] for i in removed)
    for removed in subsets(numbers)[:-1]:
        verdict = problem.check(list(removed))
        assert (verdict.score > 0) == (removed in winning)
        assert verdict.correct == (winning.get(removed) == min(winning.values()))


def wins(position: Any, moves: Callable[[Any], Iterable[Any]], known: dict[Any, bool]) -> bool:
    """Whether the player to move wins, where whoever cannot move loses."""
    if position not in known:
        known[position] = any(not wins(after, moves, known) for after in moves(position))
    return known[position]


@truth("games/coin_square_game", levels=(0, 1, 2, 4), seeds=20)
def coin_square_game(problem: Any) -> None:
    def best(coins: tuple[int, ...], limit: int) -> tuple[int, int]:
        """What the player to move gets, and what the other one does."""
        results = [(0, 0)]
        for take in range(1, min(limit, len(coins)) + 1):
            other, own = best(coins[take:], 2 * take)
            results.append((own + sum(coins[:take]), other))
        return max(results[1:] or results)

    assert problem.solution == best(problem.coins, 2)[0]


KNOWN_PILES: dict[Any, bool] = {}


@truth("games/delta_nim_game", sizes=[(2, 2), (2, 3), (3, 2), (4, 1)], seeds=40)
def delta_nim_game(problem: Any) -> None:
    def moves(piles: tuple[int, ...]) -> Iterable[tuple[int, ...]]:
        for i, pile in enumerate(piles):
            for left in range(pile):
                after = (*piles[:i], left, *piles[i + 1 :])
                if list(after) == sorted(after):
                    yield after

    assert problem.solution == ("Alice" if wins(problem.piles, moves, KNOWN_PILES) else "Bob")


KNOWN_PAIRS: dict[Any, bool] = {}


@truth("games/euclid_game", levels=(0, 1, 2, 3), seeds=20)
def euclid_game(problem: Any) -> None:
    def moves(pair: tuple[int, int]) -> Iterable[tuple[int, int]]:
        a, b = pair
        if a and b:  # at a number 0 the game is over, and who should move has lost
            yield from ((left, b) for left in range(a - b, -1, -b))
            yield from ((a, left) for left in range(b - a, -1, -a))

    stan = wins((problem.first, problem.second), moves, KNOWN_PAIRS)
    assert problem.solution == ("Stan" if stan else "Ollie")


@truth("games/gra_minima_game", sizes=[(3, 10), (4, 9), (5, 9)], seeds=20)
def gra_minima_game(problem: Any) -> None:
    @cache
    def lead(numbers: tuple[int, ...]) -> int:
        options = []
        for kept in range(2 ** len(numbers) - 1):
            taken = [number for i, number in enumerate(numbers) if not kept >> i & 1]
            options.append(min(taken) - lead(tuple(number for i, number in enumerate(numbers) if kept >> i & 1)))
        return max(options, default=0)

    assert problem.solution == lead(tuple(sorted(problem.numbers)))


@truth("games/las", levels=(0, 1, 3), seeds=20)
def las(problem: Any) -> None:
    n = len(problem.calories)

    def gets(meals: list[int], person: int) -> float:
        return problem.calories[meals[person] - 1] / meals.count(meals[person])

    for choices in product((0, 1), repeat=n):
        meals = [(person + choice) % n + 1 for person, choice in enumerate(choices)]
        content = 0
        for person, choice in enumerate(choices):
            changed = [*meals[:person], (person + 1 - choice) % n + 1, *meals[person + 1 :]]
            content += gets(changed, person) <= gets(meals, person)
        verdict = problem.check(meals)
        assert verdict.correct == (content == n)
        assert abs(verdict.score - (content / n) ** 5) < 1e-9
    assert problem.check(problem.solution[1:]).kind == problem.check([3, *problem.solution[1:]]).kind == "invalid"


KNOWN_CELLS: dict[Any, bool] = {}


@truth("games/multiple_flipping_game", sizes=[(4,), (5,), (6,), (7,)], seeds=30)
def multiple_flipping_game(problem: Any) -> None:
    def moves(position: tuple[int, frozenset[int]]) -> Iterable[tuple[int, frozenset[int]]]:
        n, white = position
        for x in white:
            for k in range(1, n // x + 1):
                yield n, white ^ {x * i for i in range(1, k + 1)}

    first = wins((problem.cells, frozenset(problem.white)), moves, KNOWN_CELLS)
    assert problem.solution == ("Yes" if first else "No")


KNOWN_BEANS: dict[Any, bool] = {}


@truth("games/splitting_game", sizes=[(3, 4), (4, 2)], seeds=50)
def splitting_game(problem: Any) -> None:
    def moves(beans: tuple[int, ...]) -> Iterable[tuple[int, ...]]:
        n = len(beans)
        for i, j, k in product(range(n), repeat=3):
            if beans[i] and i < j <= k:
                yield tuple(bean - (place == i) + (place == j) + (place == k) for place, bean in enumerate(beans))

    assert problem.solution == ("Alice" if wins(problem.beans, moves, KNOWN_BEANS) else "Bob")


@truth("games/stone_game", sizes=[(1, 9), (2, 7), (3, 6)], seeds=25)
def stone_game(problem: Any) -> None:
    def moves(heaps: tuple[int, ...]) -> Iterable[tuple[int, ...]]:
        for i, heap in enumerate(heaps):
            for parts in range(2, heap + 1) if heap >= problem.least else ():
                new = [0] * parts
                for stone in range(heap):
                    new[stone % parts] += 1
                yield tuple(sorted((*heaps[:i], *new, *heaps[i + 1 :])))

    assert problem.solution == ("Stan" if wins(tuple(sorted(problem.heaps)), moves, {}) else "Ollie")


@truth("games/stone_intervals_game", sizes=[(4, 9), (6, 9), (7, 5), (8, 9), (9, 4)], seeds=25)
def stone_intervals_game(problem: Any) -> None:
    @cache
    def best(piles: tuple[int, ...]) -> int:
        """What the player to move gets."""
        options = [0]
        for i, pile in enumerate(piles):
            if pile and 0 in (piles[max(0, i - 1)], piles[min(i + 1, len(piles) - 1)]):
                after = (*piles[:i], 0, *piles[i + 1 :])
                options.append(sum(piles) - best(after))
        return max(options)

    assert problem.solution == best(problem.piles)


@truth("games/taking_prime_game", levels=(0, 1, 2, 3), seeds=40)
def taking_prime_game(problem: Any) -> None:
    @cache
    def play(stones: int) -> tuple[bool, int]:
        """Whether the player to move wins, and after how many moves the game is over."""
        takes = [p for p in range(2, problem.largest + 1) if p <= stones and all(p % d for d in range(2, p))]
        results = [play(stones - p) for p in takes]
        winning = [moves for other_wins, moves in results if not other_wins]
        if winning:
            return True, min(winning) + 1
        return False, max((moves + 1 for _, moves in results), default=0)

    won, moves = play(problem.stones)
    assert problem.solution == (moves if won else -1)


@truth("games/triumphal_arch", sizes=[(4,), (5,), (6,), (7,)], seeds=25)
def triumphal_arch(problem: Any) -> None:
    near = [{u ^ v ^ x for u, v in problem.edges if x in (u, v)} for x in range(problem.vertices)]

    def alice_wins(k: int) -> bool:
        @cache
        def from_here(bob: int, white: frozenset[int]) -> bool:
            if not white:
                return True
            for chosen in combinations(white, min(k, len(white))):  # to blacken fewer never helps
                left = white - set(chosen)
                if all(to not in left and from_here(to, left) for to in near[bob]):
                    return True
            return False

        return from_here(0, frozenset(range(1, problem.vertices)))

    assert alice_wins(problem.solution)
    assert problem.solution == 1 or not alice_wins(problem.solution - 1)
