"""Puzzles in which the cells of a grid are moved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from whetstone.envs.answers import Integers
from whetstone.envs.core import Rng
from whetstone.envs.tasks.puzzles.lib import STEPS, Grid


def tiles(rng: Rng, height: int, width: int) -> Grid:
    """The numbers 0, 1, 2, ... in a grid in random order."""
    return tuple(map(tuple, rng.permutation(height * width).reshape(height, width).tolist()))


def progress(start: Sequence[Sequence[int]], reached: Sequence[Sequence[int]], goal: Sequence[Sequence[int]]) -> float:
    """The share of the cells wrong at the start that have been put right, less those put wrong; 1 only at the goal."""
    wrong = [
        sum(a != b for row, target in zip(grid, goal, strict=True) for a, b in zip(row, target, strict=True))
        for grid in (start, reached)
    ]
    return max(0.0, 1 - wrong[1] / max(1, wrong[0]))


Shift = tuple[str, int, int]  # row or column, which one, how far


@dataclass(frozen=True)
class Shifts:
    """Lines of `row` or `column` and two integers.

    >>> Shifts().parse("row 0 1\\ncolumn 2 -1")
    [('row', 0, 1), ('column', 2, -1)]
    """

    instruction: str = "Write it as <answer>one operation a line, like: row 0 1</answer>."

    def parse(self, text: str) -> list[Shift]:
        shifts = []
        for line in filter(None, map(str.strip, text.splitlines())):
            word, *rest = line.split(maxsplit=1)
            if word not in ("row", "column"):
                raise ValueError(f"expected a line that begins with row or column, found {line[:40]!r}")
            i, by = Integers(count=2).parse(" ".join(rest))
            shifts.append((word, i, by))
        return shifts

    def show(self, answer: list[Shift]) -> str:
        return "\n".join(" ".join(map(str, shift)) for shift in answer)


def random_moves(rng: Rng, grid: Grid, count: int) -> str:
    """A way of 0 over the board that never turns straight back and changes the board."""
    i, j = next((i, row.index(0)) for i, row in enumerate(grid) if 0 in row)
    moves = ""
    for chance in rng.random(count).tolist():
        back = "DURL"["UDLR".index(moves[-1])] if moves else ""
        inside = [
            c for c, (y, x) in STEPS.items() if 0 <= i + y < len(grid) and 0 <= j + x < len(grid[0]) and c != back
        ]
        moves += inside[int(chance * len(inside))]
        i, j = i + STEPS[moves[-1]][0], j + STEPS[moves[-1]][1]
    return moves if moved(grid, moves) != grid else moves[:-1]


def moved(grid: Grid, moves: str) -> Grid | None:
    """The board after 0 has moved so, each time changing places with a neighbour; None when it would leave."""
    rows = list(map(list, grid))
    i, j = next((i, row.index(0)) for i, row in enumerate(rows) if 0 in row)
    for move in moves:
        y, x = i + STEPS[move][0], j + STEPS[move][1]
        if not (0 <= y < len(rows) and 0 <= x < len(rows[0])):
            return None
        rows[i][j], rows[y][x] = rows[y][x], rows[i][j]
        i, j = y, x
    return tuple(map(tuple, rows))


def random_shifts(rng: Rng, grid: Grid, limits: tuple[int, int], count: int) -> tuple[Shift, ...]:
    """Shifts of random rows by up to the first limit, of columns by up to the second, that change the grid.

    Rows and columns take turns: two shifts of rows, one after the other, could undo each other.
    """
    shifts, kinds = [], [("row", len(grid), limits[0]), ("column", len(grid[0]), limits[1])]
    first = int(rng.integers(2))
    for turn, (line, chance) in enumerate(rng.random((count, 2)).tolist(), first):
        word, lines, limit = kinds[turn % 2]
        by = int(2 * limit * chance) - limit
        shifts.append((word, int(lines * line), by + (by >= 0)))
    return tuple(shifts if shifted(grid, shifts) != grid else shifts[:-1])


def shifted(grid: Grid, shifts: Iterable[Shift]) -> Grid:
    """The grid after rows have been turned round to the right, columns down."""
    cells = np.array(grid)
    for word, i, by in shifts:
        line = cells[i] if word == "row" else cells[:, i]
        line[:] = np.roll(line, by)
    return tuple(map(tuple, cells.tolist()))


def random_corners(rng: Rng, grid: Grid, side: int, count: int) -> Grid:
    """The top left corners of random squares whose rotations change the grid."""
    pairs = rng.integers((len(grid) - side + 1, len(grid[0]) - side + 1), size=(count, 2)).tolist()
    corners = tuple(map(tuple, pairs))
    return corners if rotated(grid, corners, side) != grid else corners[:-1]


def rotated(grid: Grid, corners: Iterable[Sequence[int]], side: int) -> Grid:
    """The grid after the squares with these top left corners have been rotated counterclockwise."""
    cells = np.array(grid)
    for i, j in corners:
        cells[i : i + side, j : j + side] = np.rot90(cells[i : i + side, j : j + side].copy())
    return tuple(map(tuple, cells.tolist()))
