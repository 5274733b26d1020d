"""Math-Verify's LaTeX parser and sympy, for sums, integrals, limits and the rest that `syntax` does not read.

Used in the workers only: both may take any time and memory. What sympy evaluates comes back as a tree, so that there is
one way to compare expressions.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

import sympy
from latex2sympy2_extended import latex2sympy
from latex2sympy2_extended.latex2sympy2 import ConversionConfig

from whetstone.envs.math.guard import Limit, check_latex
from whetstone.envs.math.syntax import FUNCTIONS, GREEK, Tree

UNBRACED = re.compile(r"(\\(?:frac|binom|sqrt))\s*([\dA-Za-z])")
UNBRACED_UNDER = re.compile(r"(\\(?:frac|binom)\s*\{[^{}]*\})\s*([\dA-Za-z])")
READING = ConversionConfig(lowercase_symbols=False)
CONSTANTS: dict[sympy.Basic, Tree] = {
    sympy.pi: "\\pi",
    sympy.E: "e",
    sympy.I: "i",
    sympy.oo: "\\infty",
    -sympy.oo: ("neg", "\\infty"),
}
NAMES = {
    "log": "ln", "Abs": "abs", "ceiling": "ceil", "factorial": "!", "factorial2": "!!", "binomial": "binom",
    "Max": "max", "Min": "min", "Si": "si", "Ci": "ci", "Ei": "ei",
    **{"a" + name: "arc" + name for name in ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth")},
    **{name: name for name in (*FUNCTIONS, "gamma", "erf", "erfc", "erfi", "zeta", "li")},
}  # fmt: skip


@lru_cache(maxsize=2048)
def tree(source: str) -> Tree:
    """The tree of a LaTeX expression; raises `ValueError` where the parser or sympy cannot make one."""
    check_latex(source)
    braced = UNBRACED_UNDER.sub(r"\1{\2}", UNBRACED.sub(r"\1{\2}", source))
    try:
        found = latex2sympy(braced, is_real=None, normalization_config=None, conversion_config=READING)
    except (RecursionError, MemoryError) as error:
        raise Limit(f"expected a simpler expression than {source[:40]!r}") from error
    except Exception as error:  # a supervisor: the parser raises bare Exception, and whatever sympy raises
        raise ValueError(f"expected an expression, found {source[:60]!r}") from error
    if not isinstance(found, sympy.Expr):
        raise ValueError(f"expected an expression, found {type(found).__name__}")
    return _tree(found.doit())


def _tree(found: sympy.Basic) -> Tree:
    if found in CONSTANTS:
        return CONSTANTS[found]
    if isinstance(found, sympy.Integer):
        return int(found)
    if isinstance(found, sympy.Rational):
        return Fraction(int(found.p), int(found.q))
    if isinstance(found, sympy.Float):
        return Fraction(str(found))
    if isinstance(found, sympy.Symbol):
        return "\\" + found.name if found.name in GREEK else found.name
    if isinstance(found, sympy.UnevaluatedExpr):
        return _tree(found.args[0])
    if isinstance(found, sympy.exp):
        return ("^", "e", _tree(found.args[0]))
    if isinstance(found, sympy.Pow):
        return ("^", *map(_tree, found.args))
    if isinstance(found, sympy.Add | sympy.Mul):
        return ("+" if isinstance(found, sympy.Add) else "*", *map(_tree, found.args))
    name = NAMES.get(type(found).__name__)
    if name is None:
        raise ValueError(f"expected an expression that sympy evaluates, found {type(found).__name__}")
    if name == "ln" and len(found.args) == 2:
        name = "log"
    return (name, *map(_tree, found.args))
