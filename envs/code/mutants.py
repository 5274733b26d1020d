"""Automatic mutants of a Python program: each differs from it in one place, as a slip of the pen would.

The operators are the usual ones of mutation testing (Offutt et al. 1996; mutmut, cosmic-ray): comparison boundaries,
arithmetic and logical operators, constants one up and one down, dropped statements, negated conditions, min and max
exchanged, ranges one shorter at either end. A good suite of tests tells every mutant from the program, unless no input
can.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "bisect_left": "bisect_right"}
NAMES |= {"bisect_right": "bisect_left", "pop": "popleft", "popleft": "pop"}
SHOWN = 48  # characters of an expression in a name
DROPPED = (ast.Assign, ast.AugAssign, ast.Expr, ast.Break, ast.Continue, ast.Return, ast.Delete)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A program that differs from another in one place."""

    name: str
    """`line 7: a < b -> a <= b`, the line being that of the program; stable as long as the program is."""
    source: str


@dataclass(frozen=True, slots=True)
class _Edit:
    """`new` in the place of `old`, which is a field of `parent` or an item of one."""

    parent: ast.AST
    field: str
    index: int | None
    old: ast.AST
    new: ast.AST

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def mutants(source: str) -> list[Mutant]:
    """All mutants of a program, from the top down; no two have the same code. Raises `SyntaxError`."""
    tree = ast.parse(source)
    seen = {ast.unparse(tree)}
    names: dict[str, int] = {}
    found = []
    for edit in _edits(tree):
        line, before = getattr(edit.old, "lineno", 0), _shown(edit)
        edit.put(edit.new)
        after, code = _shown(edit), ast.unparse(tree)
        edit.put(edit.old)
        if code not in seen:
            seen.add(code)
            name = f"line {line}: {before} -> {after if after != 'pass' else 'dropped'}"
            names[name] = names.get(name, 0) + 1
            found.append((line, Mutant(name if names[name] == 1 else f"{name} ({names[name]})", code)))
    return [mutant for _, mutant in sorted(found, key=lambda pair: pair[0])]


def _shown(edit: _Edit) -> str:
    """The changed expression with what is just around it, so that a name tells the place."""
    held = getattr(edit.parent, edit.field)
    node = held if edit.index is None else held[edit.index]
    around = ast.unparse(edit.parent) if isinstance(edit.parent, ast.expr) else ""
    text = around if 0 < len(around) <= SHOWN else ast.unparse(node)
    return " ".join(text.split())[:SHOWN]


def _edits(tree: ast.AST) -> Iterator[_Edit]:
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            nodes = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
            for index, node in nodes:
                if isinstance(node, ast.AST):
                    yield from (_Edit(parent, field, index, node, new) for new in _variants(node, parent, field))


def _variants(node: ast.AST, parent: ast.AST, field: str) -> Iterator[ast.AST]:
    """What may stand in the place of `node`."""
    if isinstance(node, ast.expr) and (field == "test" or (field == "ifs" and isinstance(parent, ast.comprehension))):
        yield ast.UnaryOp(ast.Not(), node)
    match node:
        case ast.Compare(left, ops, comparators):
            for i, op in enumerate(ops):
                yield ast.Compare(left, [*ops[:i], COMPARISONS[type(op)](), *ops[i + 1 :]], comparators)
        case ast.BinOp(left, op, right) if type(op) in OPERATORS:
            yield ast.BinOp(left, OPERATORS[type(op)](), right)
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.And() if isinstance(op, ast.Or) else ast.Or(), values)
        case ast.UnaryOp(ast.USub() | ast.Not(), operand) if not isinstance(operand, ast.Constant):
            yield operand
        case ast.Constant(bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(int(value)):
            yield from (ast.Constant(value + 1), ast.Constant(value - 1))
        case ast.Name(name, context) if name in NAMES:
            yield ast.Name(NAMES[name], context)
        case ast.Attribute(value, name, context) if name in NAMES:
            yield ast.Attribute(value, NAMES[name], context)
        case ast.Call(ast.Name("range"), args, []) if not any(isinstance(arg, ast.Starred) for arg in args):
            yield from (ast.Call(ast.Name("range"), changed, []) for changed in _shorter(args))
    yield from _statements(node)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.AugAssign(target, op, value) if type(op) in OPERATORS:
            yield ast.AugAssign(target, OPERATORS[type(op)](), value)
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()
    if isinstance(node, DROPPED):
        yield ast.Pass()


def _shorter(args: list[ast.expr]) -> Iterator[list[ast.expr]]:
    """The arguments of a range without its first, and without its last number; a negative step counts down."""
    one = ast.Constant(1)
    if len(args) == 1:
        yield [one, *args]
        yield [ast.BinOp(args[0], ast.Sub(), one)]
    elif len(args) == 2 or len(args) == 3:
        down = len(args) == 3 and isinstance(args[2], ast.UnaryOp)
        inward, outward = (ast.Sub(), ast.Add()) if down else (ast.Add(), ast.Sub())
        yield [ast.BinOp(args[0], inward, one), *args[1:]]
        yield [args[0], ast.BinOp(args[1], outward, one), *args[2:]]
