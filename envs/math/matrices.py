"""Matrices: what stands in a `matrix` or `array` environment, and the sums, products and powers of those.

Cells are texts until the arithmetic is done, so that a cell may hold LaTeX that only the workers read.
"""

from __future__ import annotations

import re

from whetstone.envs.math.guard import LONGEST, Limit
from whetstone.envs.math.leaf import leaf
from whetstone.envs.math.shape import Matrix, Scalar
from whetstone.envs.math.split import bracketed, marks

BLOCK = re.compile(
    r"[(\[]?\s*\\begin\{(?:(?:[pbB]?|small)matrix\}|array\}(?:\s*\{[lcr|\s]*\})?)(?P<body>(?:(?!\\end\{).)*)"
    r"\\end\{(?:(?:[pbB]?|small)matrix|array)\}\s*[)\]]?"
    r"(?:\s*\^\s*(?:(?P<top>T|\{\s*T\s*\}|\\top|\{\s*\\top\s*\})|\{?\s*(?P<power>\d+)\s*\}?))?",
    re.DOTALL,
)
ROW_END = re.compile(r"\\\\|\\cr(?![A-Za-z])")
POWER = 20  # of a matrix that is multiplied out

Cells = list[list[str]]


def matrix(text: str) -> Matrix | None:
    """The matrix that an expression of matrices makes, or None where there is none in it.

    Raises `ValueError` where the sizes do not fit, and `Limit` where the cells would become long.
    """
    if "\\begin" not in text or not BLOCK.search(text) or (bracketed(text) and not BLOCK.fullmatch(text)):
        return None
    total: Cells | None = None
    for sign, term in _terms(text):
        cells = _scaled(_product(term), sign)
        total = cells if total is None else _sum(total, cells)
    assert total is not None
    return rows(total)


def rows(cells: Cells) -> Matrix:
    """A matrix of cells; raises `ValueError` where the rows differ in length."""
    if not cells or len({len(row) for row in cells}) > 1:
        raise ValueError("expected the rows of a matrix, of one length")
    found = tuple(tuple(leaf(cell) for cell in row) for row in cells)
    if not all(isinstance(cell, Scalar) for row in found for cell in row):
        raise ValueError("expected expressions in a matrix")
    return Matrix(found)  # type: ignore[arg-type]


def _terms(text: str) -> list[tuple[str, str]]:
    """The terms of a sum with their signs."""
    found, start, sign = [], 0, ""
    for left, right, depth in marks(text):
        if depth == 0 and text[left:right] in ("+", "-"):
            if term := text[start:left].strip():
                found.append((sign, term))
            start, sign = right, text[left:right].strip("+")
    return [*found, (sign, text[start:].strip())]


def _product(term: str) -> Cells:
    """The product of the matrices in a term and of the scalars around them."""
    product: Cells | None = None
    scalars, start = "", 0
    for match in BLOCK.finditer(term):
        scalars += _scalar(term[start : match.start()])
        start = match.end()
        factor = _block(match)
        product = factor if product is None else _times(product, factor)
    if product is None:
        raise ValueError(f"expected a matrix, found {term[:40]!r}")
    return _scaled(product, scalars + _scalar(term[start:]))


def _scalar(text: str) -> str:
    text = text.strip(" *")
    return f"(1{text})" if text.startswith("/") else text


def _block(match: re.Match[str]) -> Cells:
    lines = ROW_END.split(match["body"])
    cells = [[cell.strip() for cell in line.split("&")] for line in lines if line.strip()]
    if not cells or len({len(row) for row in cells}) > 1:
        raise ValueError("expected the rows of a matrix, of one length")
    if match["top"]:
        return [list(column) for column in zip(*cells, strict=True)]
    power = int(match["power"] or 1)
    if not 1 <= power <= POWER:
        raise Limit(f"expected powers of matrices from 1 to {POWER}")
    product = cells
    for _ in range(power - 1):
        product = _times(product, cells)
    return product


def _scaled(cells: Cells, factor: str) -> Cells:
    return [[f"{factor}({cell})" for cell in row] for row in cells] if factor else cells


def _sum(a: Cells, b: Cells) -> Cells:
    if len(a) != len(b) or len(a[0]) != len(b[0]):
        raise ValueError("expected matrices of one size in a sum")
    return [[f"({x})+({y})" for x, y in zip(*pair, strict=True)] for pair in zip(a, b, strict=True)]


def _times(a: Cells, b: Cells) -> Cells:
    if len(a[0]) != len(b):
        raise ValueError("expected matrices in a product of which one has as many columns as the next has rows")
    columns = list(zip(*b, strict=True))
    size = sum(len(x) for row in a for x in row) * len(columns) + sum(len(y) for row in b for y in row) * len(a)
    if size > 10 * LONGEST:
        raise Limit(f"expected products of matrices of at most {10 * LONGEST} characters")
    return [["+".join(f"({x})({y})" for x, y in zip(row, column, strict=True)) for column in columns] for row in a]
