"""From the text of one expression to a tree.

A tree is an `int`, a `Fraction`, a name (`"x"`, `"\\pi"`, `"e"`, `"i"`, `"\\infty"`, `"x_1"`) or a tuple of an operator
and its trees: `("+", a, b, …)`, `("*", a, b, …)`, `("/", a, b)`, `("^", a, b)`, `("neg", a)`, `("root", a, n)`,
`("!", a)`, `("deg", a)`, `("percent", a)`, `("log", a, base)`, `("sin", a)` and the other functions of `FUNCTIONS`.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TypeAlias

from whetstone.envs.math.guard import DEEPEST, Limit

Tree: TypeAlias = "int | Fraction | str | tuple"


class Unsupported(ValueError):
    """The text is no expression of this grammar; the LaTeX parser in the workers may still read it."""


FUNCTIONS = frozenset(
    ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "arcsin", "arccos", "arctan", "arccot",
     "arcsec", "arccsc", "arcsinh", "arccosh", "arctanh", "ln", "log", "exp", "sqrt", "cbrt", "abs", "floor", "ceil",
     "max", "min", "gcd", "lcm")
)  # fmt: skip
INVERSE = {name: "arc" + name for name in ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh")}
ALIASES = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
}
GREEK = frozenset(
    ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
     "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "ell", "Gamma", "Delta", "Theta", "Lambda", "Xi",
     "Sigma", "Phi", "Psi", "Omega", "infty", "pi", "R", "Z", "N", "Q", "C", "emptyset")
)  # fmt: skip
TOKEN = re.compile(
    r"\\begin\{[A-Za-z]+\*?\}(?:\{[lcr|]*\})?|\\end\{[A-Za-z]+\*?\}|\\text\{[^{}]*\}|\\[A-Za-z]+|\\."
    r"|\d[\dA-F]*[A-F][\dA-F]*(?=\s*_\s*\{?\s*16(?!\d))|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+(?![\d.]))?|[A-Za-z]+|\S"
)
NUMBER = re.compile(r"\d+\.?\d*|\.\d+")
E_NOTATION = re.compile(r"(\d+\.\d*|\.\d+|1)[eE]([+-]?\d{1,4})|(\d+)[eE](\d{1,4}|[+-]\d{2,4})")
RUN = re.compile("|".join(sorted({*FUNCTIONS, *ALIASES, "pi"}, key=len, reverse=True)) + "|[A-Za-z]")
CLOSING = {"(": ")", "[": "]", "{": "}", "\\{": "\\}", "\\lfloor": "\\rfloor", "\\lceil": "\\rceil"}
ENDS = frozenset(["\\}", "\\rfloor", "\\rceil", "\\to", "\\choose", "\\bmod", *")]}+-*/,;=<>&:!^_°%'"])


def tokens(text: str) -> list[str]:
    """The tokens of a normalised expression, with runs of letters taken apart into functions and names."""
    found: list[str] = []
    for token in TOKEN.findall(text):
        if token[0].isalpha():
            found += [_word(part) for part in RUN.findall(token)]
        elif token.startswith("\\text{"):
            found += _text(token[6:-1].strip())
        elif token[0].isdigit() and token[-1].isdigit() and ("e" in token or "E" in token):
            found += _exponential(token)
        else:
            found.append(token)
    return found


def _word(part: str) -> str:
    return part if len(part) == 1 else "\\" + ALIASES.get(part, part)


def _text(content: str) -> list[str]:
    if content in FUNCTIONS or content in ALIASES or content == "cis":
        return [_word(content)]
    if len(content) == 1 and content.isalpha():
        return [content]
    if not content:
        return []
    raise Unsupported(f"expected an expression, found the words {content[:40]!r}")


def _exponential(token: str) -> list[str]:
    """`6.02e23` is one number; `2e-3` is two e less three."""
    if E_NOTATION.fullmatch(token):
        return [token]
    return [part for part in re.split(r"([eE+-])", token) if part]


def parse(text: str) -> Tree:
    """The tree of a normalised expression; raises `Unsupported` where it is none, `Limit` where it nests too deep.

    >>> parse("3x^2")
    ('*', 3, ('^', 'x', 2))
    """
    parser = Parser(tokens(text))
    tree = parser.inside()
    if parser.here is not None:
        raise Unsupported(f"expected the end of the expression, found {parser.here!r}")
    return tree


class Parser:
    """Recursive descent over tokens; `depth` bounds the recursion."""

    def __init__(self, found: list[str]):
        self.tokens = found
        self.at = 0
        self.depth = 0
        self.bars = 0  # absolute values that are open

    @property
    def here(self) -> str | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, wanted: str | None = None) -> str:
        token = self.here
        if token is None or (wanted is not None and token != wanted):
            raise Unsupported(f"expected {wanted or 'more'}, found {token or 'the end'}")
        self.at += 1
        return token

    def inside(self) -> Tree:
        """What stands inside braces: a sum, or two with `\\choose` between them."""
        tree = self.sum()
        if self.here == "\\choose":
            self.take()
            return ("binom", tree, self.sum())
        return tree

    def sum(self) -> Tree:
        terms: list[Tree] = [self.product()]
        while self.here in ("+", "-"):
            sign = self.take()
            right = self.product()
            terms.append(right if sign == "+" else ("neg", right))
        return joined("+", terms)

    def product(self) -> Tree:
        if self.here in ("+", "-"):
            return self._signed(self.product)
        factors: list[Tree] = [self.power()]
        while self.here in ("*", "/") or self._starts():
            if self.here not in ("*", "/"):
                self._beside(factors)
                continue
            operator = self.take()
            right = self._signed(self.power) if self.here in ("+", "-") else self.power()
            factors.append(right if operator == "*" else ("/", 1, right))
            if operator == "/" and len(factors) == 2 and factors[0] != 1:
                factors = [("/", factors[0], right)]
        return joined("*", factors)

    def _signed(self, operand) -> Tree:
        self._deeper()
        sign = self.take()
        tree = operand()
        self.depth -= 1
        if sign == "+":
            return tree
        return -tree if isinstance(tree, int | Fraction) else ("neg", tree)

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > 2 * DEEPEST:
            raise Limit(f"expected at most {DEEPEST} operators inside each other")

    def _starts(self) -> bool:
        """Whether a factor begins here, so that it multiplies what stands before it."""
        token = self.here
        return token is not None and token not in ENDS and (token != "|" or not self.bars)

    def _beside(self, factors: list[Tree]) -> None:
        """A factor right after another one: the part of a mixed number such as 3 1/2, or one more factor."""
        token = self.here or ""
        whole = self.tokens[self.at - 1].isdigit() and isinstance(factors[-1], int)
        if NUMBER.fullmatch(token):
            rest = self.tokens[self.at : self.at + 3]
            if not (whole and len(rest) == 3 and rest[1] == "/" and rest[0].isdigit() and rest[2].isdigit()):
                raise Unsupported(f"expected an operator before {token}")
            self.at += 3
            factors[-1] = self._postfix(("+", factors[-1], ("/", int(rest[0]), int(rest[2]))))
            return
        part = self.atom()
        if whole and token == "\\frac" and _proper(part):
            factors[-1] = self._postfix(("+", factors[-1], part))
        else:
            factors.append(self.power(part))

    def power(self, base: Tree | None = None) -> Tree:
        """A factor with the marks and the exponent behind it; `base` is the factor where it has been read."""
        tree = self._postfix(self.atom() if base is None else base)
        if self.here == "^":
            self.take()
            tree = self._postfix(("^", tree, self.script()))
        if self.here == "^":
            raise Unsupported("expected braces around a power of a power")
        return tree

    def _postfix(self, tree: Tree) -> Tree:
        while self.here in ("!", "°", "%"):
            self._deeper()
            mark = self.take()
            if mark == "!" and self.here == "!":
                self.take()
                mark = "!!"
            tree = ({"°": "deg", "%": "percent"}.get(mark, mark), tree)
        return tree

    def script(self) -> Tree:
        """What stands in an exponent: a group in braces, or one signed factor."""
        if self.here in ("+", "-"):
            return self._signed(self.script)
        self._deeper()
        tree = self.atom()
        if self.here == "^" and self.tokens[self.at - 1] != "}":
            self.take()
            tree = ("^", tree, self.script())
        if self.here == "!":
            tree = self._postfix(tree)
        self.depth -= 1
        return tree

    def atom(self) -> Tree:
        self._deeper()
        token = self.take()
        if token[0] in "0123456789.":
            tree = self._number(token)
        elif token in CLOSING:
            tree = self._group(token)
        elif token == "|":
            self.bars += 1
            tree = ("abs", self.sum())
            self.bars -= 1
            self.take("|")
        elif len(token) == 1 and token.isalpha():
            tree = self._name(token)
        elif token[0] == "\\":
            tree = self._command(token[1:])
        else:
            raise Unsupported(f"expected an expression, found {token!r}")
        self.depth -= 1
        return tree

    def _number(self, token: str) -> Tree:
        if self.here == "_":
            return self._in_base(token)
        try:
            value = Fraction(token)
        except ValueError as error:
            raise Unsupported(f"expected a number, found {token!r}") from error
        return int(value) if value.denominator == 1 and token.isdigit() else value

    def _in_base(self, digits: str) -> Tree:
        """`1011_2`: a number in another base."""
        self.take("_")
        base = self.script()
        if not isinstance(base, int) or not 2 <= base <= 36:
            raise Unsupported(f"expected a base from 2 to 36, found {base!r}")
        try:
            return int(digits, base)
        except ValueError as error:
            raise Unsupported(f"expected digits of base {base}, found {digits!r}") from error

    def _group(self, opening: str) -> Tree:
        bars, self.bars = self.bars, 0
        tree = self.inside()
        self.bars = bars
        self.take(CLOSING[opening])
        return {"\\lfloor": ("floor", tree), "\\lceil": ("ceil", tree)}.get(opening, tree)

    def _name(self, name: str) -> Tree:
        if self.here == "_":
            self.take()
            start = self.at
            self.script()
            name += "_" + "".join(token for token in self.tokens[start : self.at] if token not in "{}")
        while self.here == "'":
            name += self.take()
        return name

    def _command(self, name: str) -> Tree:
        if name == "frac":
            return self._fraction()
        if name == "binom":
            return ("binom", self.argument(), self.argument())
        if name == "sqrt":
            return self._root()
        if name in FUNCTIONS or name == "cis":
            return self._function(name)
        if name in GREEK:
            return self._name("\\" + name)
        raise Unsupported(f"expected an expression, found \\{name}")

    def _fraction(self) -> Tree:
        top, under = self.argument(), self.argument()
        if top in ("d", ("^", "d", 2)) and isinstance(under, tuple) and under[:2] == ("*", "d"):
            raise Unsupported("expected a fraction, found a derivative")
        return ("/", top, under)

    def argument(self) -> Tree:
        """The argument of a command: a group in braces, or one digit, letter or command."""
        token = self.here
        if token is not None and token.isdigit() and len(token) > 1:
            self.tokens[self.at : self.at + 1] = [token[0], token[1:]]
        return self.atom()

    def _root(self) -> Tree:
        degree: Tree = 2
        if self.here == "[":
            self.take()
            degree = self.sum()
            self.take("]")
        return ("root", self.atom(), degree)

    def _function(self, name: str) -> Tree:
        base: Tree = 10
        power: Tree | None = None
        while self.here in ("_", "^"):
            if self.take() == "_":
                base = self.script() if name == "log" else self._refuse(name)
            else:
                power = self.script()
        if power == -1 and name in INVERSE:
            name, power = INVERSE[name], None
        tree = self._applied(name, base)
        return tree if power is None else ("^", tree, power)

    def _refuse(self, name: str) -> Tree:
        raise Unsupported(f"expected \\{name} without an index")

    def _applied(self, name: str, base: Tree) -> Tree:
        if name in ("max", "min", "gcd", "lcm"):
            return (name, *self._arguments())
        argument = self._operand()
        if name == "log":
            return ("log", argument, base)
        others: dict[str, Tree] = {
            "sqrt": ("root", argument, 2),
            "cbrt": ("root", argument, 3),
            "exp": ("^", "e", argument),
            "cis": ("^", "e", ("*", "i", argument)),
        }
        return others.get(name, (name, argument))

    def _arguments(self) -> list[Tree]:
        opening = self.take()
        if opening not in ("(", "\\{"):
            raise Unsupported("expected arguments in brackets")
        found = [self.sum()]
        while self.here == ",":
            self.take()
            found.append(self.sum())
        self.take(CLOSING[opening])
        return found

    def _operand(self) -> Tree:
        """`\\sin(x) y` applies to x alone, `\\sin 2x` to the product before the next function or sign."""
        if self.here in CLOSING or self.here == "|":
            tree = self.atom()
            return self._postfix(tree) if self.here == "°" else tree
        factors: list[Tree] = [self._powered()]
        while self._starts() and (self.here or "")[1:] not in FUNCTIONS and self.here not in CLOSING:
            factors.append(self._powered())
        if self.here == "/" and factors[-1] == "\\pi":  # sin π/6 is the sine of π/6
            self.take()
            factors.append(("/", 1, self._powered()))
        return joined("*", factors)

    def _powered(self) -> Tree:
        return self._signed(self._powered) if self.here == "-" else self.power()


def joined(operator: str, parts: list[Tree]) -> Tree:
    """The sum or the product of parts, in one node however many they are."""
    return parts[0] if len(parts) == 1 else (operator, *parts)


def _proper(tree: Tree) -> bool:
    """Whether a tree is a fraction of two integers between 0 and 1."""
    match tree:
        case ("/", int(top), int(under)):
            return 0 < top < under
    return False
