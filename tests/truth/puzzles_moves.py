"""Puzzles of moves against a board on which they are played."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from random import Random
from typing import Any

from whetstone.envs.truth import truth

Numbers = Sequence[Sequence[int]]
MANY = 80  # sequences of operations that a problem has time for


def reaches_just_the_goal(problem: Any, play: Callable[[Any], Numbers | None], answers: list[Any]) -> None:
    """Each sequence of operations is correct where it leads to the goal, and invalid where it cannot be played."""
    assert play(problem.solution) == [list(row) for row in problem.goal]
    for answer in Random(0).sample(answers, min(MANY, len(answers))):
        reached, verdict = play(answer), problem.check(answer)
        assert verdict.correct == (reached == [list(row) for row in problem.goal])
        assert (verdict.kind == "invalid") == (reached is None)
    assert problem.check(problem.solution[:0]).score == 0


@truth("puzzles/eight_digit_puzzle", levels=(0, 2, 6), seeds=20)
def eight_digit_puzzle(problem: Any) -> None:
    def play(moves: str) -> Numbers | None:
        board = [list(row) for row in problem.start]
        for move in moves:
            i, j = next((i, j) for i, j in product(range(len(board)), range(len(board[0]))) if board[i][j] == 0)
            y, x = {"U": (i - 1, j), "D": (i + 1, j), "L": (i, j - 1), "R": (i, j + 1)}[move]
            if y not in range(len(board)) or x not in range(len(board[0])):
                return None
            board[i][j], board[y][x] = board[y][x], 0
        return board

    short = ["".join(moves) for n in (1, 2, 3, 4) for moves in product("UDLR", repeat=n)]
    near = [problem.solution[:i] + c + problem.solution[i + 1 :] for i in range(len(problem.solution)) for c in "UDLR"]
    reaches_just_the_goal(problem, play, short + near)


@truth("puzzles/nine_puzzle", levels=(0, 2, 5), seeds=20)
def nine_puzzle(problem: Any) -> None:
    height, width = len(problem.start), len(problem.start[0])

    def play(shifts: list[tuple[str, int, int]]) -> Numbers | None:
        grid = [list(row) for row in problem.start]
        for word, i, by in shifts:
            size, limit = (height, problem.limits[0]) if word == "row" else (width, problem.limits[1])
            if i not in range(size) or not -limit <= by <= limit:
                return None
            old = [row[:] for row in grid]
            for y, x in product(range(height), range(width)):
                if word == "row" and y == i:
                    grid[y][(x + by) % width] = old[y][x]
                elif word == "column" and x == i:
                    grid[(y + by) % height][x] = old[y][x]
        return grid

    single = [[(word, i, by)] for word in ("row", "column") for i in range(-1, 5) for by in range(-4, 5)]
    near = [[*problem.solution[:-1], *one] for one in single]
    reaches_just_the_goal(problem, play, single + near)


@truth("puzzles/twiddle_puzzle", levels=(0, 2, 5), seeds=20)
def twiddle_puzzle(problem: Any) -> None:
    height, width, side = len(problem.start), len(problem.start[0]), problem.side

    def play(corners: list[list[int]]) -> Numbers | None:
        grid = [list(row) for row in problem.start]
        for i, j in corners:
            if i not in range(height - side + 1) or j not in range(width - side + 1):
                return None
            old = [row[:] for row in grid]
            for y, x in product(range(side), repeat=2):  # the top row, from the left, becomes the left column, upwards
                grid[i + side - 1 - x][j + y] = old[i + y][j + x]
        return grid

    single = [[[i, j]] for i in range(-1, 4) for j in range(-1, 4)]
    near = [[*problem.solution[:-1], *one] for one in single] + [one * 3 for one in single]
    reaches_just_the_goal(problem, play, single + near)
