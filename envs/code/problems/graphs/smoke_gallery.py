"""Breadth-first search from many cells at once: leave a gallery before the smoke comes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from whetstone.envs.code.blueprint import Blueprint
from whetstone.envs.code.reader import Reader
from whetstone.envs.code.sandbox.types import Limits, Program

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

SIDE = (0, 4, 5, 6, 10, 20, 40, 70, 110, 130, 150)


def text(cells: list[list[str]]) -> str:
    return f"{len(cells)} {len(cells[0])}\n" + "".join("".join(row) + "\n" for row in cells)


def gallery(rng: Rng, side: int, low: int, walls: float, sources: int, doors: int) -> str:
    """A gallery with a closed border but for some doors."""
    rows, columns = rng.integers(low, side, size=2, endpoint=True).tolist()
    cells = [["#" if rng.random() < walls else "." for _ in range(columns)] for _ in range(rows)]
    border = [(r, c) for r in range(rows) for c in range(columns) if r in (0, rows - 1) or c in (0, columns - 1)]
    for r, c in border:
        cells[r][c] = "#"
    for i in rng.integers(len(border), size=doors).tolist():
        cells[border[i][0]][border[i][1]] = "."
    for _ in range(sources):
        cells[rng.integers(rows)][rng.integers(columns)] = "S"
    cells[rng.integers(rows)][rng.integers(columns)] = "V"
    return text(cells)


class SmokeGallery(Blueprint):
    title = "Smoke in the Gallery"
    statement = (
        "A picture gallery is a grid of squares: walls, floor, one visitor, and any number of places where smoke comes "
        "out of the floor at minute 0. In every minute two things happen, in this order. First the visitor stays or "
        "moves to one of the four squares beside his own (up, down, left, right) if it is no wall and holds no smoke; "
        "from a square on the border of the grid he may also step out of the grid, and is then safe. After that the "
        "smoke spreads from every square that holds it to the squares up, down, left and right of it that are no "
        "walls, and it never clears. If the smoke reaches the visitor's square, he is lost; he cannot move any more.\n"
        "In which minute does he step out at the earliest? The first minute is minute 1."
    )
    input_format = (
        "The first line holds the number of rows and the number of columns, each from 1 to 150. Then follow the rows, "
        "each a string with one character a square: '#' a wall, '.' floor, 'V' the visitor (exactly one), 'S' smoke "
        "at minute 0 (any number of squares, maybe none). The visitor and the smoke stand on floor."
    )
    output_format = "The minute in which the visitor steps out at the earliest, or TRAPPED if he cannot get out."
    samples = (
        "4 6\n######\n#.V..#\n#S##.#\n####.#\n",
        "3 5\n#####\n#V.S.\n#####\n",
    )
    limits = Limits(cpu=1.0)
    topics = ("graphs", "breadth-first search", "grids")
    level = 4
    reference = """
import sys


def spread(starts, blocked):
    times = {cell: 0 for cell in starts}
    queue = list(starts)
    for r, c in queue:
        for cell in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
            if cell in floor and cell not in times and not blocked(cell, times[r, c] + 1):
                times[cell] = times[r, c] + 1
                queue.append(cell)
    return times


lines = sys.stdin.read().split()
rows, columns = int(lines[0]), int(lines[1])
floor = {}
for r, line in enumerate(lines[2:]):
    for c, letter in enumerate(line):
        if letter != "#":
            floor[r, c] = letter
smoke = spread([cell for cell in floor if floor[cell] == "S"], lambda cell, time: False)
visitor = spread(
    [cell for cell in floor if floor[cell] == "V"], lambda cell, time: cell in smoke and smoke[cell] <= time
)
exits = [time for (r, c), time in visitor.items() if r in (0, rows - 1) or c in (0, columns - 1)]
print(min(exits) + 1 if exits else "TRAPPED")
"""
    brute = """
rows, columns = map(int, input().split())
grid = [input() for _ in range(rows)]


def cells(letters):
    return {(r, c) for r in range(rows) for c in range(columns) if grid[r][c] in letters}


def step(places):
    return places | {(r + a, c + b) for r, c in places for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0))}


smoke, visitor, walls = cells("S"), cells("V"), cells("#")
inside = cells("#.SV")
minute = 0
while True:
    minute += 1
    moved = step(visitor) - walls - smoke
    if moved - inside:
        print(minute)
        break
    spread = (step(smoke) & inside) - walls
    moved -= spread
    if (moved, spread) == (visitor, smoke) or not moved:
        print("TRAPPED")
        break
    visitor, smoke = moved, spread
"""
    right = {
        "one queue, smoke first": Program(
            "python",
            """
from collections import deque

rows, columns = map(int, input().split())
grid = [list(input()) for _ in range(rows)]
queue = deque()
for kind in "SV":
    for r in range(rows):
        for c in range(columns):
            if grid[r][c] == kind:
                queue.append((r, c, kind, 0))
answer = "TRAPPED"
while queue:
    r, c, kind, time = queue.popleft()
    for nr, nc in (r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1):
        if 0 <= nr < rows and 0 <= nc < columns:
            if grid[nr][nc] == "." or grid[nr][nc] == "V" and kind == "S":
                grid[nr][nc] = kind
                queue.append((nr, nc, kind, time + 1))
        elif kind == "V":
            answer = time + 1
            queue.clear()
            break
print(answer)
""",
        ),
        "C++": Program(
            "cpp",
            """
#include <bits/stdc++.h>
using namespace std;

int main() {
    int rows, columns;
    cin >> rows >> columns;
    vector<string> grid(rows);
    for (auto& line : grid) cin >> line;
    const int never = 1 << 29;
    auto search = [&](char kind, const vector<int>& limit) {
        vector<int> time(rows * columns, never);
        queue<int> todo;
        for (int i = 0; i < rows * columns; i++)
            if (grid[i / columns][i % columns] == kind) time[i] = 0, todo.push(i);
        while (!todo.empty()) {
            int i = todo.front(), r = i / columns, c = i % columns;
            todo.pop();
            const int dr[] = {0, 0, 1, -1}, dc[] = {1, -1, 0, 0};
            for (int k = 0; k < 4; k++) {
                int a = r + dr[k], b = c + dc[k], j = a * columns + b;
                if (a < 0 || b < 0 || a == rows || b == columns || grid[a][b] == '#') continue;
                if (time[j] != never || time[i] + 1 >= limit[j]) continue;
                time[j] = time[i] + 1;
                todo.push(j);
            }
        }
        return time;
    };
    auto smoke = search('S', vector<int>(rows * columns, never));
    auto visitor = search('V', smoke);
    int best = never;
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++)
            if (r == 0 || c == 0 || r == rows - 1 || c == columns - 1) best = min(best, visitor[r * columns + c]);
    if (best == never) cout << "TRAPPED\\n";
    else cout << best + 1 << "\\n";
}
""",
        ),
    }
    wrong = {
        "enters as the smoke does": reference.replace("<= time", "< time"),
        "ignores the smoke": reference.replace("cell in smoke and smoke[cell] <= time", "False"),
        "only starts clear of smoke": reference.replace("cell in smoke and smoke[cell] <= time", 'floor[cell] == "S"'),
        "does not count stepping out": reference.replace("min(exits) + 1", "min(exits)"),
        "smoke goes through walls": """
from collections import deque

rows, columns = map(int, input().split())
grid = [input() for _ in range(rows)]
sources = [(r, c) for r in range(rows) for c in range(columns) if grid[r][c] == "S"]
start = next((r, c) for r in range(rows) for c in range(columns) if grid[r][c] == "V")
queue = deque([(start, 0)])
seen = {start}
answer = "TRAPPED"
while queue:
    (r, c), time = queue.popleft()
    if r in (0, rows - 1) or c in (0, columns - 1):
        answer = time + 1
        break
    for cell in (r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1):
        if grid[cell[0]][cell[1]] == "." and cell not in seen:
            if all(abs(cell[0] - a) + abs(cell[1] - b) > time + 1 for a, b in sources):
                seen.add(cell)
                queue.append((cell, time + 1))
print(answer)
""",
        "too slow: a search from every source": """
rows, columns = map(int, input().split())
grid = [input() for _ in range(rows)]


def walk(start):
    times = {start: 0}
    queue = [start]
    for r, c in queue:
        for a, b in (r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1):
            if 0 <= a < rows and 0 <= b < columns and grid[a][b] != "#" and (a, b) not in times:
                times[a, b] = times[r, c] + 1
                queue.append((a, b))
    return times


smoke = {}
for r in range(rows):
    for c in range(columns):
        if grid[r][c] == "S":
            for cell, time in walk((r, c)).items():
                smoke[cell] = min(smoke.get(cell, time), time)
        elif grid[r][c] == "V":
            start = r, c
best = None
for (r, c), time in walk(start).items():
    if (r in (0, rows - 1) or c in (0, columns - 1)) and time < smoke.get((r, c), 10**9):
        if best is None or time < best:
            best = time
print("TRAPPED" if best is None else best + 1)
""",
    }

    @classmethod
    def validate(cls, text: str) -> None:
        reader = Reader(text)
        rows, columns = reader.integers(2, 1, 150, "size")
        reader.line()
        visitors = 0
        for r in range(rows):
            visitors += reader.word(columns, columns, f"row {r + 1}", "#.VS").count("V")
            reader.line()
        reader.end()
        if visitors != 1:
            raise ValueError(f"expected exactly one V, found {visitors}")

    @classmethod
    def small(cls) -> Iterator[str]:
        yield "1 1\nV\n"
        for row in product("#.SV", repeat=3):
            if row.count("V") == 1:
                yield text([list("####"), ["#", *row], list("####")])
                yield text([list("#####"), [*row, "#", "."], list("#####")])
        for a, b, c, d in product("#.S", repeat=4):
            yield text([list("#####"), ["#", "V", a, b, "#"], ["#", ".", c, d, "."], list("#####")])

    @classmethod
    def random(cls, rng: Rng, size: int) -> str:
        side = SIDE[size]
        sources = int(rng.choice([0, 1, 1, 2, max(2, side // 8)]))
        doors = int(rng.choice([1, 2, 3, side]))
        return gallery(rng, side, max(1, side * 3 // 4), float(rng.choice([0.0, 0.2, 0.3])), sources, doors)

    @classmethod
    def worst(cls, rng: Rng) -> Iterator[str]:
        hall = [["."] * 150 for _ in range(150)]
        hall[120][120] = "V"
        for i in range(75):
            for j in range(20):
                hall[i][j] = "S"
        yield text(hall)
        for walls, doors in (0.0, 1), (0.05, 2), (0.2, 3):
            yield gallery(rng, 150, 150, walls, 1500, doors)
        snake = [["."] * 150 if r % 2 else ["#"] * 150 for r in range(150)]
        for r in range(150):
            snake[r][0] = snake[r][149] = "#"
        for r in range(2, 148, 2):
            snake[r][148 if r % 4 else 1] = "."
        snake[1][1] = "V"
        snake[149][148] = "."
        yield text(snake)

    @classmethod
    def hack(cls, rng: Rng, idea: str) -> str:
        if idea.startswith("too slow"):
            return gallery(rng, 150, 150, 0.05, 1500, 2)
        length = int(rng.integers(3, 30))
        wall = ["#"] * (2 * length + 1)
        if idea == "smoke goes through walls":
            return text([wall, [*wall[2:], "S", "#"], wall, ["#", "V", *"." * (2 * length - 1)], wall])
        if idea == "does not count stepping out":
            return gallery(rng, 12, 6, 0.1, 0, 6)
        door = length if idea == "enters as the smoke does" else length + 1
        hall = ["#", "V", *"." * (2 * length - 3), "S", "#"]  # the visitor is as far from the middle as the smoke
        return text([wall, hall, [*wall[:door], ".", *wall[door + 1 :]]])
