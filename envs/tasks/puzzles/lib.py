"""What the puzzles share: grids of integers of which some cells are given and the others blank."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate, pairwise
from string import ascii_lowercase, ascii_uppercase
from typing import TypeVar

import numpy as np

from whetstone.envs.core import Rng

Grid = tuple[tuple[int, ...], ...]
BLANK = -1
NEIGHBOURS = ((0, 1), (1, 0), (0, -1), (-1, 0))
STEPS = {"U": (-1, 0), "D": (1, 0), "L": (0, -1), "R": (0, 1)}
BLACK = "B01234"
LETTERS = ascii_uppercase + ascii_lowercase
T = TypeVar("T")


def blanked(rng: Rng, planted: Grid, blanks: int) -> Grid:
    """`planted` with this many random cells made blank."""
    width = len(planted[0])
    chosen = set(rng.permutation(len(planted) * width)[:blanks].tolist())
    return tuple(
        tuple(BLANK if i * width + j in chosen else entry for j, entry in enumerate(row))
        for i, row in enumerate(planted)
    )


def shown(grid: Grid) -> str:
    """One line a row, entries separated by blanks, "." for a blank cell."""
    return "\n".join(" ".join("." if entry == BLANK else str(entry) for entry in row) for row in grid)


def completes(answer: Sequence[Sequence[int]], grid: Grid) -> bool:
    """Whether `answer` has the shape of `grid` and its given entries."""
    return list(map(len, answer)) == list(map(len, grid)) and all(
        given in (BLANK, entry)
        for row, givens in zip(answer, grid, strict=True)
        for entry, given in zip(row, givens, strict=True)
    )


def boxes(grid: Sequence[Sequence[int]], height: int, width: int) -> list[list[int]]:
    """The entries of each box of `height` x `width` cells."""
    tops, lefts = range(0, len(grid), height), range(0, len(grid[0]), width)
    return [[entry for row in grid[i : i + height] for entry in row[j : j + width]] for i in tops for j in lefts]


def sudoku_grid(rng: Rng, h: int, w: int) -> Grid:
    """A filled sudoku with boxes of `h` x `w` cells: the shifted pattern with rows, columns and symbols shuffled."""
    rows = [h * i + j for i in rng.permutation(w).tolist() for j in rng.permutation(h).tolist()]
    columns = [w * i + j for i in rng.permutation(h).tolist() for j in rng.permutation(w).tolist()]
    symbols = (rng.permutation(h * w) + 1).tolist()
    return tuple(tuple(symbols[(w * (i % h) + i // h + j) % (h * w)] for j in columns) for i in rows)


def magic_square(rng: Rng, order: int) -> Grid:
    """A magic square of order 3 or a multiple of 4, rotated and reflected at random."""
    if order == 3:
        square = np.array([[2, 7, 6], [9, 5, 1], [4, 3, 8]])
    else:  # count up, but from the end on the diagonals of every 4x4 block
        i, j = np.indices((order, order))
        square = order * i + j + 1
        square = np.where((i % 4 == j % 4) | ((i + j) % 4 == 3), order**2 + 1 - square, square)
    square = np.rot90(square, int(rng.integers(4)))
    return tuple(map(tuple, (square.T if rng.integers(2) else square).tolist()))


def hamiltonian_path(rng: Rng, height: int, width: int) -> list[tuple[int, int]]:
    """A random path of neighbours through all cells of a grid, a snake shuffled by backbite moves."""
    path = [(i, j if i % 2 == 0 else width - 1 - j) for i in range(height) for j in range(width)]
    for _ in range(10 * len(path)):
        if rng.integers(2):
            path.reverse()
        (i, j), (down, right) = path[-1], NEIGHBOURS[rng.integers(4)]
        if (i + down, j + right) in path:  # join the end to this neighbour and leave the neighbour's old successor
            at = path.index((i + down, j + right)) + 1
            path[at:] = path[at:][::-1]
    return path


def lines(grid: Sequence[Sequence[T]]) -> list[Sequence[T]]:
    """Its rows and then its columns."""
    return [*grid, *zip(*grid, strict=True)]


def ones(grid: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """The sums of the rows and then of the columns."""
    return tuple(map(sum, lines(grid)))


def drawn(cells: Collection[tuple[int, int]], marks: str, height: int, width: int) -> tuple[str, ...]:
    """A grid with the second mark in these cells and the first one in all others."""
    return tuple("".join(marks[(i, j) in cells] for j in range(width)) for i in range(height))


def marked(grid: Sequence[str], mark: str) -> set[tuple[int, int]]:
    """The cells of a grid with this mark."""
    return {(i, j) for i, row in enumerate(grid) for j, cell in enumerate(row) if cell == mark}


def spelled(number: int, length: int, values: Sequence[int]) -> str:
    """A number in base `len(values)` as letters with these values."""
    base = len(values)
    return "".join(LETTERS[values.index(number // base**i % base)] for i in reversed(range(length)))


def meaning(word: str, values: Sequence[int]) -> int:
    """The number that is spelled so."""
    return sum(values[LETTERS.index(x)] * len(values) ** i for i, x in enumerate(reversed(word)))


def by_side(sums: Sequence[int], height: int) -> tuple[str, str]:
    """The sums of the rows and those of the columns, as they stand in a statement."""
    return " ".join(map(str, sums[:height])), " ".join(map(str, sums[height:]))


def latin_square(rng: Rng, order: int) -> Grid:
    """The numbers 0 to `order` - 1, each once in every row and column: the shifted pattern, shuffled."""
    rows, columns, symbols = (rng.permutation(order) for _ in range(3))
    return tuple(map(tuple, symbols[(rows[:, None] + columns) % order].tolist()))


def without_triples(rng: Rng, height: int, width: int) -> Grid:
    """Random bits without three alike side by side or one above the other."""
    bits = rng.integers(2, size=(height, width)).tolist()
    for i, row in enumerate(bits):
        for j in range(width):
            banned = {
                line[0]
                for line in (row[max(0, j - 2) : j], [r[j] for r in bits[max(0, i - 2) : i]])
                if len(line) == 2 and line[0] == line[1]
            }
            if len(banned) == 2:  # a dead end: the opposite of the row above always fits
                row[:] = [1 - bit for bit in bits[i - 1]]
                break
            row[j] = 1 - banned.pop() if banned else row[j]
    return tuple(map(tuple, bits))


def isolated(rng: Rng, height: int, width: int) -> Grid:
    """Random bits of which no two ones are side by side or one above the other."""
    taken: set[tuple[int, int]] = set()
    for i, j in (divmod(at, width) for at in rng.permutation(height * width)[: 2 * height * width // 3].tolist()):
        if not any((i + down, j + right) in taken for down, right in NEIGHBOURS):
            taken.add((i, j))
    return tuple(tuple(int((i, j) in taken) for j in range(width)) for i in range(height))


def scattered(rng: Rng, height: int, width: int, tries: int) -> set[tuple[int, int]]:
    """Random cells, no two side by side, that do not cut the rest of the grid into parts."""
    wall: dict[tuple[int, int], int] = {}  # cells that touch at corners are one wall; the one at the border is 0
    for at in rng.permutation(height * width)[:tries].tolist():
        i, j = divmod(at, width)
        if any((i + a, j + b) in wall for a, b in NEIGHBOURS):
            continue
        touched = [wall[i + a, j + b] for a in (-1, 1) for b in (-1, 1) if (i + a, j + b) in wall]
        touched += [0] * (i in (0, height - 1) or j in (0, width - 1))
        if len(touched) == len(set(touched)):  # else the wall would be closed
            name = min(touched, default=at + 1)
            wall = {cell: name if old in touched else old for cell, old in wall.items()} | {(i, j): name}
    return set(wall)


def repeating(rng: Rng, blacks: Sequence[str]) -> Grid:
    """Numbers from 1 that differ within every row and column but for the black cells *, which repeat one of theirs."""
    height, width = len(blacks), len(blacks[0])
    numbers = [[number + 1 for number in row[:width]] for row in latin_square(rng, max(height, width))[:height]]
    chances = rng.random((height, width)).tolist()
    for i, j in ((i, j) for i, row in enumerate(blacks) for j, cell in enumerate(row) if cell == "*"):
        stay = [numbers[i][x] for x in range(width) if blacks[i][x] == "."]
        stay += [numbers[y][j] for y in range(height) if blacks[y][j] == "."]
        numbers[i][j] = stay[int(chances[i][j] * len(stay))]
    return tuple(map(tuple, numbers))


def minefield(rng: Rng, height: int, width: int) -> tuple[tuple[str, ...], Grid]:
    """Mines * under a quarter of the cells, and the numbers of mines around half of all cells, -1 elsewhere."""
    order = rng.permutation(height * width)
    mined, clued = order[: 1 + len(order) // 4], order[1 + len(order) // 4 :][: len(order) // 2]
    mines = np.zeros((height + 2, width + 2), dtype=int)
    mines[1 + mined // width, 1 + mined % width] = 1
    around = np.zeros((height, width), dtype=int)
    for y, x in np.ndindex(3, 3):
        around += mines[y : y + height, x : x + width]
    clues = np.full(height * width, BLANK)
    clues[clued] = around.ravel()[clued]
    planted = tuple("".join(".*"[mine] for mine in row) for row in mines[1:-1, 1:-1].tolist())
    return planted, tuple(map(tuple, clues.reshape(height, width).tolist()))


def peaceful_queens(rng: Rng, order: int) -> list[tuple[int, int]]:
    """Random queens that do not attack each other, row by row in random order, where there is room."""
    queens: list[tuple[int, int]] = []
    for row, chance in zip(rng.permutation(order).tolist(), rng.random(order).tolist(), strict=True):
        free = [x for x in range(order) if all(abs(x - c) not in (0, abs(row - r)) for r, c in queens)]
        if free:
            queens.append((row, free[int(chance * len(free))]))
    return queens


def stars_apart(rng: Rng, height: int, width: int) -> list[int]:
    """A different column for each row, neighbouring rows at least two columns apart, by random exchanges."""
    stars = [*range(1, width, 2), *range(0, width, 2)]  # those beyond the last row are spare
    for a, b in rng.integers(width, size=(3 * width, 2)).tolist():
        stars[a], stars[b] = stars[b], stars[a]
        if any(abs(x - y) < 2 for x, y in pairwise(stars[:height])):
            stars[a], stars[b] = stars[b], stars[a]
    return [width - 1 - star for star in stars[:height]] if rng.integers(2) else stars[:height]


def bulbs(rng: Rng, height: int, width: int) -> tuple[str, ...]:
    """A grid of white cells W, black ones B or with the number of bulbs beside them, and bulbs L that light it all."""
    order = [divmod(at, width) for at in rng.permutation(height * width).tolist()]
    black, white = order[: len(order) // 4], order[len(order) // 4 :]
    board = [["B" if (i, j) in black else "W" for j in range(width)] for i in range(height)]
    lit: set[tuple[int, int]] = set()
    for i, j in white:
        if (i, j) not in lit:
            board[i][j] = "L"
            lit.update(rays(board, i, j))
    for i, j in black[: 1 + len(order) // 8]:
        board[i][j] = str(bulbs_beside(board, i, j))
    return tuple(map("".join, board))


def visible(grid: Sequence[Sequence[int]]) -> list[set[int]]:
    """The buildings seen along each row from the left and from the right, each column from the top and the bottom."""
    both = [(line, line[::-1]) for line in lines(grid)]
    return [set(accumulate(line, max)) for pair in both for line in pair]


def rays(grid: Sequence[Sequence[str]], i: int, j: int) -> Iterator[tuple[int, int]]:
    """The cells that are seen from a cell in four directions, up to the first black one."""
    for down, right in NEIGHBOURS:
        y, x = i + down, j + right
        while 0 <= y < len(grid) and 0 <= x < len(grid[0]) and grid[y][x] not in BLACK:
            yield y, x
            y, x = y + down, x + right


def bulbs_beside(grid: Sequence[Sequence[str]], i: int, j: int) -> int:
    """The number of bulbs L among the up to four neighbours of a cell."""
    cells = ((i + down, j + right) for down, right in NEIGHBOURS)
    return sum(0 <= y < len(grid) and 0 <= x < len(grid[0]) and grid[y][x] == "L" for y, x in cells)


def connected(grid: Sequence[str]) -> bool:
    """Whether one can go from any "." to any other by steps to neighbours."""
    left = {(i, j) for i, row in enumerate(grid) for j, cell in enumerate(row) if cell == "."}
    stack = [left.pop()] if left else []
    while stack:
        i, j = stack.pop()
        near = left & {(i + down, j + right) for down, right in NEIGHBOURS}
        left -= near
        stack += near
    return not left


def latin(grid: Sequence[Sequence[int]], order: int) -> bool:
    """Whether this is a square with each of 0 to `order` - 1 once in every row and column."""
    square = list(map(len, grid)) == [order] * order
    return square and all(sorted(line) == list(range(order)) for line in lines(grid))


def sides(seen: Sequence[int]) -> str:
    """What `visible` says of each line, as it stands in a statement."""
    half = len(seen) // 2
    return (
        f"rows from the left, top row first: {' '.join(map(str, seen[:half:2]))}\n"
        f"rows from the right, top row first: {' '.join(map(str, seen[1:half:2]))}\n"
        f"columns from the top, left column first: {' '.join(map(str, seen[half::2]))}\n"
        f"columns from the bottom, left column first: {' '.join(map(str, seen[half + 1 :: 2]))}"
    )
