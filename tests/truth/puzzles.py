"""Puzzles against all ways to fill the grid, and against what one changed element does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, pairwise, permutations, product
from random import Random
from typing import Any, TypeVar

from whetstone.envs.truth import truth

Numbers = Sequence[Sequence[int]]
T = TypeVar("T")


MANY = 80


def some(ways: Iterable[T]) -> list[T]:
    """All of them, or as many as one has time for."""
    listed = list(ways)
    return listed if len(listed) <= MANY else Random(0).sample(listed, MANY)


def fillings(problem: Any, values: Sequence[int], once: bool = False) -> list[list[list[int]]]:
    """Ways to fill the blanks with `values`, or with those that are not given yet, each once.

    Among them are those next to the solution: one cell changed, or two exchanged.
    """
    width = len(problem.grid[0])
    cells = [entry for row in problem.grid for entry in row]
    right = [entry for row in problem.solution for entry in row]
    blanks = [at for at, entry in enumerate(cells) if entry == -1]
    ways = some(permutations(set(values) - set(cells)) if once else product(values, repeat=len(blanks)))
    filled = [replaced(cells, dict(zip(blanks, chosen, strict=True))) for chosen in ways]
    if once:
        filled += [replaced(right, {a: right[b], b: right[a]}) for a, b in combinations(blanks, 2)]
    else:
        filled += [replaced(right, {at: value}) for at in blanks for value in values]
    return [[grid[i : i + width] for i in range(0, len(grid), width)] for grid in filled]


def replaced(entries: Sequence[T], new: dict[int, T]) -> list[T]:
    return [new.get(at, entry) for at, entry in enumerate(entries)]


def refuses_changes(problem: Any) -> bool:
    """Whether a changed given, a missing row and a short row are all invalid."""
    i, j = next((i, j) for i, row in enumerate(problem.grid) for j, entry in enumerate(row) if entry != -1)
    changed = [list(row) for row in problem.planted]
    changed[i][j] += 1
    short = [*problem.solution[:-1], problem.solution[-1][:-1]]
    return {problem.check(grid).kind for grid in (changed, problem.solution[1:], short)} == {"invalid"}


def refuses_shapes(problem: Any) -> bool:
    """Whether a missing row, a surplus row, a short row and nothing at all are invalid."""
    rows = problem.solution
    answers = rows[1:], [*rows, rows[0]], [row[1:] for row in rows], []
    return all(problem.check(answer).kind == "invalid" for answer in answers)


def drawings(problem: Any, rows: Sequence[str], open_: str, marks: str) -> list[list[str]]:
    """Ways to replace the characters `open_` of a grid by marks, among them those next to the solution."""
    text, right = ("\n".join(grid) for grid in (rows, problem.solution))
    places = [at for at, c in enumerate(text) if c == open_]
    ways = some(product(marks, repeat=len(places)))
    drawn = [replaced(text, dict(zip(places, chosen, strict=True))) for chosen in ways]
    drawn += [replaced(right, {at: mark}) for at in places for mark in marks]
    return ["".join(grid).split("\n") for grid in drawn]


def at(grid: Sequence[Sequence[Any]], i: int, j: int) -> Any:
    """The content of a cell, None outside."""
    return grid[i][j] if 0 <= i < len(grid) and 0 <= j < len(grid[0]) else None


def beside(i: int, j: int) -> list[tuple[int, int]]:
    return [(i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)]


def cells(grid: Sequence[Sequence[Any]]) -> Iterator[tuple[int, int]]:
    return iter(product(range(len(grid)), range(len(grid[0]))))


def column(grid: Sequence[Sequence[Any]], j: int) -> list[Any]:
    return [row[j] for row in grid]


def columns(grid: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [column(grid, j) for j in range(len(grid[0]))]


def numbers_after(statement: str, words: str) -> list[int]:
    """The numbers that follow some words of a statement."""
    rest, found = statement.split(words, 1)[1].split(), []
    while rest and rest[0].strip(".,").isdecimal():
        found.append(int(rest.pop(0).strip(".,")))
    return found


@truth("puzzles/kakurasu", levels=(0, 1, 2), seeds=25)
def kakurasu(problem: Any) -> None:
    def sums(grid: Numbers) -> tuple[list[int], list[int]]:
        rows = [sum(j * row[j - 1] for j in range(1, len(row) + 1)) for row in grid]
        return rows, [sum(i * grid[i - 1][j] for i in range(1, len(grid) + 1)) for j in range(len(grid[0]))]

    height, width = len(problem.planted), len(problem.planted[0])
    target = numbers_after(problem.statement(), "top:"), numbers_after(problem.statement(), "left:")
    assert sums([[int(digit) for digit in row] for row in problem.planted]) == target
    for bits in some(product((0, 1), repeat=height * width)):
        grid = [list(bits[i * width : (i + 1) * width]) for i in range(height)]
        assert problem.check(["".join(map(str, row)) for row in grid]).correct == (sums(grid) == target)
    assert refuses_shapes(problem)


@truth("puzzles/sudoku", levels=(0, 2, 4, 12, 27), seeds=18)
def sudoku(problem: Any) -> None:
    size, h, w = len(problem.grid), problem.height, problem.width
    assert h * w == size and refuses_changes(problem)
    if size > 4:  # too many ways to fill it: one changed cell
        near = [row[:] for row in problem.solution]
        i, j = next((i, j) for i, row in enumerate(problem.grid) for j, entry in enumerate(row) if entry == -1)
        near[i][j] = near[i][j] % size + 1
        assert problem.check(near).score == 0
        return
    everywhere = list(product(range(4), repeat=2))
    peers = [
        ((i, j), (k, m))
        for (i, j), (k, m) in combinations(everywhere, 2)
        if i == k or j == m or (i // 2, j // 2) == (k // 2, m // 2)
    ]
    for grid in fillings(problem, range(1, 5)):
        assert problem.check(grid).correct == all(grid[i][j] != grid[k][m] for (i, j), (k, m) in peers)


@truth("puzzles/magic_square_puzzle", levels=(0, 2, 5, 11, 30), seeds=18)
def magic_square_puzzle(problem: Any) -> None:
    assert refuses_changes(problem)
    if len(problem.grid) > 3:
        assert len(problem.grid) in (4, 8)
        return
    for grid in fillings(problem, range(1, 10), once=True):
        (a, b, c), (d, e, f), (g, h, i) = grid
        sums = (a + b + c, d + e + f, g + h + i, a + d + g, b + e + h, c + f + i, a + e + i, c + e + g)
        assert problem.check(grid).score == sums.count(15) / 8


@truth("puzzles/numbrix", levels=(0, 3, 5), seeds=25)
def numbrix(problem: Any) -> None:
    for grid in fillings(problem, range(9), once=True):
        place = {entry: (i, j) for i, row in enumerate(grid) for j, entry in enumerate(row)}
        path = all(place[b] in beside(*place[a]) for a, b in pairwise(range(9)))
        assert problem.check(grid).correct == path
    assert refuses_changes(problem)


@truth("puzzles/binario_no_adjacency_requirement", levels=(0, 4, 7), seeds=25)
def binario_no_adjacency_requirement(problem: Any) -> None:
    for grid in fillings(problem, (0, 1)):
        balanced = all(line.count(1) == 2 for line in [*grid, *columns(grid)])
        assert problem.check(grid).correct == balanced
    assert refuses_changes(problem)


@truth("puzzles/binario", levels=(0, 2, 3), seeds=30)
def binario(problem: Any) -> None:
    rows, sums = (numbers_after(problem.statement(), f"in the {words}") for words in ("rows are", "columns"))
    for grid in fillings(problem, (0, 1)):
        alike = any(
            at(grid, i, j) == at(grid, i + a, j + b) == at(grid, i + 2 * a, j + 2 * b)
            for i, j in cells(grid)
            for a, b in ((0, 1), (1, 0))
        )
        right = [*map(sum, grid)] == rows and [*map(sum, columns(grid))] == sums and not alike
        assert problem.check(grid).correct == right
    assert refuses_changes(problem)


@truth("puzzles/campsite_puzzle", levels=(0, 1, 2), seeds=25)
def campsite_puzzle(problem: Any) -> None:
    rows, sums = (numbers_after(problem.statement(), f"in the {words}") for words in ("rows are", "columns"))
    for grid in fillings(problem, (0, 1)):
        pairs = any(grid[i][j] == 1 == at(grid, y, x) for i, j in cells(grid) for y, x in beside(i, j))
        right = [*map(sum, grid)] == rows and [*map(sum, columns(grid))] == sums and not pairs
        assert problem.check(grid).correct == right
    assert refuses_changes(problem)


@truth("puzzles/cryptarithmetic", levels=(0, 2, 4), seeds=25)
def cryptarithmetic(problem: Any) -> None:
    base = problem.base
    for values in some(permutations(range(base))):
        numbers = []
        for word in problem.words:
            number = 0
            for x in word:
                number = number * base + values["ABCDEFGH".index(x)]
            numbers.append(number)
        assert problem.check(list(values)).correct == (numbers[0] + numbers[1] == numbers[2])
    assert problem.check([0] * base).kind == problem.check(list(range(base + 1))).kind == "invalid"


@truth("puzzles/futoshiki_puzzle", sizes=[(3, 5, 4), (3, 7, 3), (4, 6, 6)], seeds=20)
def futoshiki_puzzle(problem: Any) -> None:
    order = len(problem.grid)
    assert all(abs(i - k) + abs(j - m) == 1 for i, j, k, m in problem.smaller)
    for grid in fillings(problem, range(order)):
        latin = all(set(line) == set(range(order)) for line in [*grid, *columns(grid)])
        smaller = all(grid[i][j] < grid[k][m] for i, j, k, m in problem.smaller)
        assert problem.check(grid).correct == (latin and smaller)
    assert refuses_changes(problem)


@truth("puzzles/hitori_puzzle", sizes=[(3, 3), (3, 4)], seeds=40)
def hitori_puzzle(problem: Any) -> None:
    numbers = problem.numbers
    for grid in drawings(problem, ["?" * len(row) for row in numbers], "?", ".*"):
        left = {(i, j) for i, j in cells(grid) if grid[i][j] == "."}
        alike = any(
            numbers[i][j] == numbers[k][m] for (i, j), (k, m) in combinations(sorted(left), 2) if i == k or j == m
        )
        pairs = any(grid[i][j] == "*" == at(grid, y, x) for i, j in cells(grid) for y, x in beside(i, j))
        reached = set(list(left)[:1])
        for _ in left:
            reached |= {cell for i, j in reached for cell in beside(i, j) if cell in left}
        verdict = problem.check(grid)
        assert verdict.correct == (not alike and not pairs and reached == left)
        assert (verdict.kind == "invalid") == (pairs or reached != left)
    assert refuses_shapes(problem)


@truth("puzzles/light_up_puzzle", sizes=[(3, 3), (3, 4)], seeds=35)
def light_up_puzzle(problem: Any) -> None:
    def lit(grid: Sequence[str], i: int, j: int) -> bool:
        """Whether a bulb stands in a line of white cells that begins beside this one."""
        for down, right in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            y, x = i + down, j + right
            while at(grid, y, x) in ("W", "L"):
                if grid[y][x] == "L":
                    return True
                y, x = y + down, x + right
        return False

    for grid in drawings(problem, problem.grid, "W", "WL"):
        right = all(lit(grid, i, j) == (grid[i][j] == "W") for i, j in cells(grid) if grid[i][j] in "WL")
        for i, j in cells(grid):
            if grid[i][j].isdecimal():
                right = right and sum(at(grid, y, x) == "L" for y, x in beside(i, j)) == int(grid[i][j])
        assert problem.check(grid).correct == right
    assert refuses_shapes(problem)


@truth("puzzles/minesweeping", sizes=[(3, 3), (3, 4)], seeds=40)
def minesweeping(problem: Any) -> None:
    numbers = ["".join("?" if clue < 0 else "." for clue in row) for row in problem.clues]
    for grid in drawings(problem, numbers, "?", ".*"):
        right = all(
            sum(at(grid, y, x) == "*" for y in (i - 1, i, i + 1) for x in (j - 1, j, j + 1)) == problem.clues[i][j]
            for i, j in cells(grid)
            if problem.clues[i][j] >= 0
        )
        assert problem.check(grid).correct == right
    i, j = next((i, j) for i, j in cells(numbers) if numbers[i][j] == ".")
    mined = [row[:j] + "*" + row[j + 1 :] if k == i else row for k, row in enumerate(problem.solution)]
    assert problem.check(mined).kind == "invalid" and refuses_shapes(problem)


@truth("puzzles/queen_placement", levels=(0, 1, 2, 3), seeds=25)
def queen_placement(problem: Any) -> None:
    free = [(i, j) for i, j in cells(problem.board) if problem.board[i][j] == "."]
    old = [(i, j) for i, j in cells(problem.board) if problem.board[i][j] == "Q"]
    for added in some(combinations(free, problem.missing)):
        board = [list(row) for row in problem.board]
        for i, j in added:
            board[i][j] = "Q"
        apart = all(
            i != k and j != m and i + j != k + m and i - j != k - m
            for (i, j), (k, m) in combinations([*old, *added], 2)
        )
        assert problem.check(["".join(row) for row in board]).correct == apart
    assert problem.check(list(problem.board)).kind == "invalid" and refuses_shapes(problem)
    if old:
        i, j = old[0]
        moved = [row[:j] + "." + row[j + 1 :] if k == i else row for k, row in enumerate(problem.solution)]
        assert problem.check(moved).kind == "invalid"


def latin_squares(order: int) -> list[list[list[int]]]:
    rows = [list(row) for row in permutations(range(order))]
    squares: list[list[list[int]]] = [[]]
    for _ in range(order):
        squares = [
            [*square, row]
            for square in squares
            for row in rows
            if all(a != b for above in square for a, b in zip(above, row, strict=True))
        ]
    return squares


SQUARES = {order: latin_squares(order) for order in (3, 4)}


def seen(line: Sequence[int]) -> list[int]:
    return [height for i, height in enumerate(line) if not any(before > height for before in line[:i])]


def skyscrapers(problem: Any, measure: Callable[[list[int]], int]) -> None:
    """Just the Latin squares with all the numbers of the statement are right."""
    words = ("rows from the left", "rows from the right", "columns from the top", "columns from the bottom")
    asked = [numbers_after(problem.statement().split(side)[1], "first:") for side in words]
    for square in SQUARES[len(problem.planted)][:: 1 if len(problem.planted) == 3 else 29]:
        found = [[measure(seen(line[::step])) for line in x] for x in (square, columns(square)) for step in (1, -1)]
        assert problem.check(square).correct == (found == asked)
    near = [row[:] for row in problem.solution]
    near[0] = near[1]
    assert problem.check(near).kind == "invalid" and refuses_shapes(problem)


@truth("puzzles/skyscraper_puzzle", sizes=[(3,), (4,)], seeds=50)
def skyscraper_puzzle(problem: Any) -> None:
    skyscrapers(problem, len)


@truth("puzzles/skyscraper_sum_puzzle", sizes=[(3,), (4,)], seeds=50)
def skyscraper_sum_puzzle(problem: Any) -> None:
    skyscrapers(problem, sum)


@truth("puzzles/star_battle", levels=(0, 1, 2), seeds=25)
def star_battle(problem: Any) -> None:
    grid = problem.grid
    choices = [[j for j, cell in enumerate(row) if cell == "."] for row in grid]
    for stars in some(product(*choices)):
        answer = [row[:j] + "*" + row[j + 1 :] for row, j in zip(grid, stars, strict=True)]
        apart = all(
            j != m and max(abs(i - k), abs(j - m)) > 1 for (i, j), (k, m) in combinations(list(enumerate(stars)), 2)
        )
        assert problem.check(answer).correct == apart
    assert not problem.check([grid[0], *problem.solution[1:]]).correct
    i, j = next((i, j) for i, j in cells(grid) if problem.solution[i][j] == ".")
    two = [row[:j] + "*" + row[j + 1 :] if k == i else row for k, row in enumerate(problem.solution)]
    assert not problem.check(two).correct
    assert refuses_shapes(problem)


@truth("puzzles/survo_puzzle", levels=(0, 1, 2), seeds=20)
def survo_puzzle(problem: Any) -> None:
    rows, sums = (numbers_after(problem.statement(), f"of the {words} are") for words in ("rows", "columns"))
    for grid in fillings(problem, range(sum(map(len, problem.grid))), once=True):
        right = [*map(sum, grid)] == rows and [*map(sum, columns(grid))] == sums
        assert problem.check(grid).correct == right
    assert refuses_changes(problem)
