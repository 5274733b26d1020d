"""From the text of an answer to its shape: phrases, options, residues, and parts between commas, "and" and "or"."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from whetstone.envs.math.guard import check_shape
from whetstone.envs.math.inequality import solved
from whetstone.envs.math.leaf import ends, leaf
from whetstone.envs.math.matrices import matrix, rows
from whetstone.envs.math.names import NAMES, VARIABLE, canonical, is_name, letters
from whetstone.envs.math.shape import (
    ALL_REALS,
    EMPTY,
    Choice,
    Group,
    Interval,
    Named,
    Region,
    Relation,
    Residue,
    Scalar,
    Shape,
    Words,
)
from whetstone.envs.math.split import bracketed, signed, split, ungrouped
from whetstone.envs.math.syntax import Tree
from whetstone.envs.math.text import TEXT, normalise, words

JOINED = re.compile(r"\\text\s*\{[\s,;]*(and|or)[\s,]*\}|(?<![A-Za-z\\])(and|or)(?![A-Za-z])")
NUMBER_SETS = ("\\Z", "\\N", "\\Q", "\\C")
NOTHING = re.compile(
    r"(?:there (?:is|are|exists?) )?(?:none|no (?:\w+ )?(?:solutions?|roots?|values?|answers?)(?: exists?)?)"
    r"|(?:empty|null) set|\\emptyset|\\ \\"
)
EVERYTHING = re.compile(r"all (?:real numbers?|reals?)(?: [a-z])?|reals|\\r")
ENDLESS = re.compile(r"(?:there are )?infinit(?:e|ely)(?: many)?(?: \w+)?")
MISSING = re.compile(r"(?:it )?(?:does not|doesn t) exist|dne|undefined|not defined")
OPTION = re.compile(r"(?:option|choice|answer) \(?([a-z])\)?")
LEAD = re.compile(
    r"(?:so |thus |therefore |hence )?(?:(?:the |my |our )?(?:final |correct )?answer(?: is|:| =)|answer(?= ))[\s:]*",
    re.IGNORECASE,
)
LETTERED = re.compile(r"\(([A-J])\)\s*(?=[^\s+\-*/=^(),_<>!:|])(.+)|([A-J])[.):]\s+(.+)", re.DOTALL)
MODULO = re.compile(
    r"(.+?)\s*\(?\s*(?:\\pmod|\\bmod|\\text\s*\{\s*\(?\s*mod(?:ulo)?\s*\}|(?<![A-Za-z\\])mod(?:ulo)?(?![A-Za-z]))\s*(.+?)\s*\)?"
)
CONDITION = re.compile(
    rf"(?:\\text\s*\{{\s*(?:for|where|with)[^{{}}]*\}}|(?:for|where|with)\b).*|\\text\s*\{{[^{{}}]*integer[^{{}}]*\}}"
    rf"|{VARIABLE}\s*\\text\s*\{{[^{{}}]*integer[^{{}}]*\}}|{VARIABLE} is an integer"
)
SIGNS = {"=": "=", "<": "<", ">": ">", "\\le": "<=", "\\ge": ">=", "\\ne": "!="}
SET_SIGNS: dict[str, Literal["union", "difference", "intersection"]] = {
    "\\cup": "union",
    "\\setminus": "difference",
    "\\cap": "intersection",
}
BUILDER = re.compile(
    rf"((?:{VARIABLE}|{NAMES.pattern})(?:\s*\\in\s*\\R(?:\s*\^\s*\w)?)?)\s*(?:\\mid|:|\|)\s*(.+)|(.+?)\s*(?:\\mid|:)\s*(.+)",
    re.DOTALL,
)
FRENCH = re.compile(r"([\]\[])([^\[\]]+)([\[\]])")
TRANSPOSED = re.compile(r"(\([^()]*\)|\[[^\[\]]*\])\s*\^\s*(?:T|\{\s*T\s*\}|\\top|\{\s*\\top\s*\})")
WITHOUT = re.compile(r"\\R\s*(?:-|\\setminus|\\)\s*(\\\{.*\\\})")


@lru_cache(maxsize=8192)
def read(text: str) -> Shape:
    """The shape of an answer; raises `ValueError` where it has none and `Limit` beyond the bounds of `guard`.

    >>> read("x = 1, 2").value.bracket
    'list'
    """
    plain = normalise(text)
    check_shape(plain)
    return _read(_unannounced(plain))


def _unannounced(text: str) -> str:
    """Without "the answer is" in front, which may stand in \\text, as other words before a colon may."""
    said = TEXT.match(text)
    if said and said[1].rstrip().endswith(":"):
        return text[said.end() :].strip() or text
    if said and LEAD.match(said[1]):
        text = said[1] + text[said.end() :]
    return LEAD.sub("", text, count=1) if LEAD.match(text) else text


def _read(text: str) -> Shape:
    text = _unwrapped(text)
    if match := LETTERED.fullmatch(text):
        return Choice(match[1] or match[3], _read(match[2] or match[4]))
    if (found := _phrase(text)) is not None:
        return found
    text = JOINED.sub(lambda match: f" \\{match[1] or match[2]} ", text)
    if "mod" in text and (match := MODULO.fullmatch(text)):
        return _residues(*match.groups())
    text = ungrouped(text)
    rows = split(text, (";",))
    if len(rows) > 1 and all(len(split(row, (",",))) > 1 for row in rows):  # p = 1, q = 2; p = 3, q = 4
        return Group("list", tuple(Group("tuple", _items(split(row, (",", "\\and")))) for row in rows))
    alternatives = split(text, ("\\or",))
    if len(alternatives) > 1:
        return _joined([_several(split(part, (",", ";", "\\and"))) for part in alternatives], "union")
    return _several(split(text, (",", ";", "\\and")))


def _unwrapped(text: str) -> str:
    """Without braces around the whole; with a comma in them they are meant to be a set."""
    while (whole := bracketed(text)) and whole[0] == "{":
        text = whole[1]
        if len(split(text, (",",))) > 1:
            return f"\\{{{text}\\}}"
    return text


def _phrase(text: str) -> Shape | None:
    """The shape of an answer that is a phrase of mathematics, or None."""
    plain = words(text)
    if NOTHING.fullmatch(plain):
        return EMPTY
    if EVERYTHING.fullmatch(plain):
        return ALL_REALS
    if ENDLESS.fullmatch(plain):
        return Words("infinitely many")
    if MISSING.fullmatch(plain):
        return Words("does not exist")
    if match := OPTION.fullmatch(plain):
        return Scalar(match[1].upper(), match[1].upper())
    return None


def _residues(values: str, modulus: str) -> Shape:
    """x ≡ 1, 3 (mod 7) is one class for each value."""
    last = split(values, ("=", "\\equiv"))[-1:]
    found = [
        value for each in last for part in split(each, (",", ";", "\\and", "\\or")) for value in _flat(_item(part))
    ]
    if not found:
        raise ValueError("expected a residue before mod, found nothing")
    by = _expression(_relation(_unwrapped(modulus.strip("() "))), modulus)
    classes = tuple(Residue(_expression(value, values), by) for value in found)
    return classes[0] if len(classes) == 1 else Group("list", classes)


def _expression(shape: Shape, text: str) -> Scalar:
    if not isinstance(shape, Scalar):
        raise ValueError(f"expected an expression, found {text[:40]!r}")
    return shape


def _several(parts: list[str]) -> Shape:
    """Parts between commas: conditions on integers are dropped, inequalities hold together, the rest is a list."""
    if not parts:
        raise ValueError("expected an expression, found only separators")
    conditions = [part for part in parts if CONDITION.fullmatch(part) or _domain(part)]
    kept = [part for part in parts if part not in conditions]
    if not kept or not conditions:
        return _joined([_item(part) for part in parts], "listed")
    shape = _joined([_item(part) for part in kept], "listed")
    letters = [name for part in conditions if (name := _domain(part))]
    return _family(shape, letters[0]) if len(letters) == 1 else shape


def _domain(part: str) -> str | None:
    """The letter of which a part only says that it runs through numbers, as k ∈ ℤ does."""
    sides = split(part, ("\\in",))
    if len(sides) == 2 and sides[1].startswith(NUMBER_SETS) and re.fullmatch(VARIABLE, sides[0]):
        return sides[0]
    return None


def _family(shape: Shape, letter: str) -> Shape:
    """`a + bk` with k ∈ ℤ is the residue class of a modulo b."""
    if isinstance(shape, Named):
        return _family(shape.value, letter)
    if isinstance(shape, Group):
        return Group(shape.bracket, tuple(_family(item, letter) for item in shape.items))
    if not isinstance(shape, Scalar) or shape.tree is None:
        return shape
    at_0, at_1 = (_replaced(shape.tree, letter, k) for k in (0, 1))
    return Residue(Scalar(shape.source, at_0), Scalar(shape.source, ("+", at_1, ("neg", at_0))))


def _replaced(tree: Tree, name: str, value: int) -> Tree:
    if tree == name:
        return value
    return (tree[0], *(_replaced(part, name, value) for part in tree[1:])) if isinstance(tree, tuple) else tree


def _joined(shapes: list[Shape], operation: Literal["union", "listed"]) -> Shape:
    """Inequalities on one name make one region of reals; anything else stands in a list."""
    flat = [item for shape in shapes for item in _flat(shape)]
    if len(flat) == 1:
        return flat[0]
    names = {shape.name if isinstance(shape, Named) else "" for shape in flat}
    values = [shape.value if isinstance(shape, Named) else shape for shape in flat]
    regions = [isinstance(value, Interval | Region) for value in values]
    if len(names) == 1 and (all(regions) or (any(regions) and operation == "union" and "" not in names)):
        points = (value if region else Group("set", (value,)) for value, region in zip(values, regions, strict=True))
        region = Region(operation if "" not in names else "union", tuple(points))
        return region if "" in names else Named(names.pop(), region)
    names.discard("")
    if len(names) == 1 and isinstance(flat[0], Named):  # x = 1, 2 and x = 1 or x = 2 are values of x
        return Named(names.pop(), Group("list", tuple(values)))
    return Group("list", tuple(flat))


def _flat(shape: Shape) -> tuple[Shape, ...]:
    if isinstance(shape, Named) and isinstance(shape.value, Group) and shape.value.bracket == "list":
        return tuple(Named(shape.name, item) for item in shape.value.items)
    return shape.items if isinstance(shape, Group) and shape.bracket == "list" else (shape,)


def _item(text: str) -> Shape:
    """One part: with ± it is two, which inside braces belong to the set. What is not ±a is neither."""
    if ("\\pm" not in text and "\\mp" not in text) or "\\{" in text:
        return _relation(text)
    upper, lower = (
        re.sub(r"\\pm(?![A-Za-z])", plus, re.sub(r"\\mp(?![A-Za-z])", minus, text)) for plus, minus in ("+-", "-+")
    )
    return _joined([_relation(upper), _relation(lower)], "listed" if "\\ne" in text else "union")


def _relation(text: str) -> Shape:
    """The shape of one part without separators."""
    text = _exact_side(text)
    sides, signs = signed(text, SIGNS)
    if not signs or len(sides) != len(signs) + 1:
        return _member(text) if not signs or sides[:1] == [text] else _incomplete(sides, signs, text)
    marks = tuple(SIGNS[sign] for sign in signs)
    if set(marks) == {"="}:
        return _equation(sides)
    chain = Relation(tuple(map(_value, sides)), marks)
    return solved(sides, chain) or chain


def _exact_side(text: str) -> str:
    """Of a ≈ b the exact side, which stands first, unless it is only a name."""
    sides = split(text, ("\\approx",))
    if len(sides) < 2:
        return sides[0] if sides else text
    return f"{sides[0]} = {sides[1]}" if is_name(sides[0], sides[1]) else sides[0]


def _incomplete(sides: list[str], signs: list[str], text: str) -> Shape:
    """`= 5` is 5; any other sign with nothing on a side is no relation."""
    if set(signs) == {"="} and len(sides) == 1:
        return _member(sides[0])
    raise ValueError(f"expected something on both sides of {signs[0]}, found {text[:40]!r}")


def _member(text: str) -> Shape:
    sides = split(text, ("\\in",))
    if len(sides) == 2:
        return _value(sides[1])
    sides = split(text, ("\\notin",))
    return Region("difference", (ALL_REALS, _value(sides[1]))) if len(sides) == 2 else _value(text)


def _equation(sides: list[str]) -> Shape:
    if len(sides) == 2 and not is_name(sides[0], sides[1]) and is_name(sides[1], sides[0]):
        sides = sides[::-1]
    if len(sides) < 8 and not letters(sides[-1]):  # S = a + b = 12 and x = y = 5 are names of the last side
        while len(sides) > 2 and is_name(sides[0], " ".join(sides[1:])) and is_name(sides[1], " ".join(sides[2:])):
            sides = [sides[0], *sides[2:]]
    shapes = tuple(map(_value, sides))
    chain = Relation(shapes, ("=",) * (len(sides) - 1))
    if not is_name(sides[0], " ".join(sides[1:])):
        return chain
    rest = shapes[1] if len(sides) == 2 else Relation(shapes[1:], chain.signs[1:])
    return Named(canonical(sides[0]), rest, chain if len(sides) == 2 else None)


def _value(text: str) -> Shape:
    """The shape of one side: operations on sets, then brackets, matrices and ratios, then one expression."""
    if text == "\\R":
        return ALL_REALS
    if match := WITHOUT.fullmatch(text):
        return Region("difference", (ALL_REALS, _value(match[1])))
    for sign, operation in SET_SIGNS.items():
        parts = split(text, (sign,))
        if len(parts) > 1:
            return Region(operation, tuple(map(_value, parts)))
    if match := TRANSPOSED.fullmatch(text):
        text = match[1]
    if found := matrix(text):
        return found
    if whole := bracketed(text):
        return _brackets(text, *whole)
    if match := FRENCH.fullmatch(text):
        return ends(match[2], match[1] == "[", match[3] == "]")
    parts = split(text, (":",))
    if len(parts) > 1:
        return Group("ratio", tuple(map(_value, parts)))
    return leaf(text)


def _brackets(text: str, opening: str, inside: str, closing: str) -> Shape:
    parts = split(inside, (",", ";"))
    if opening == "\\{":
        return _set(inside, parts)
    if (opening, closing) == ("(", ")"):
        return _value(inside) if len(parts) == 1 else Group("tuple", _items(parts))
    if (opening, closing) == ("[", "]") and parts and (len(parts) != 2 or parts[0].startswith("[")):
        if all(part.startswith("[") for part in parts):
            return rows([split(row[1], (",", ";")) for part in parts if (row := bracketed(part))])
        return Group("tuple", _items(parts))
    if opening in "([" and closing in ")]":
        return ends(inside, opening == "[", closing == "]")
    return leaf(text)


def _items(parts: list[str]) -> tuple[Shape, ...]:
    """The items between brackets; one with ± counts as two."""
    found: list[Shape] = []
    for part in parts:
        shape = _item(part)
        found += _flat(shape)
    return tuple(found)


def _set(inside: str, parts: list[str]) -> Shape:
    if match := BUILDER.fullmatch(inside):
        if match[3]:
            return _read(f"{match[3]}, {match[4]}")
        shape = _read(match[2])
        return shape.value if isinstance(shape, Named) else shape
    return Group("set", _items(parts) if inside else ())
