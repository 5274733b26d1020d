# ruff: noqa: RUF001 (look-alike characters are what this file is about)
"""One spelling for the many ways in which LaTeX, Unicode and plain notation write the same thing.

`normalise` changes how an answer is written, never what it says: it drops fonts, spacing and sizes, gives every symbol
one name, joins digit groups and writes repeating decimals as fractions. Units, percent and degree signs stay.
"""

from __future__ import annotations

import re
from functools import lru_cache

from whetstone.envs.math.guard import check_text

RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
AREA = re.compile(r"(?<=[\d\s])([kcdm]?m|in|ft|yd|mi)(?=([²³]))")
UNICODE = str.maketrans(
    {
        "−": "-", "–": "-", "—": "-", "×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "∕": "/", "⁄": "/",
        "π": "\\pi ", "√": "\\sqrt ", "∞": "\\infty ", "≤": "\\le ", "≥": "\\ge ", "⩽": "\\le ", "⩾": "\\ge ",
        "≠": "\\ne ", "≈": "\\approx ", "≡": "\\equiv ", "±": "\\pm ", "∓": "\\mp ", "∪": "\\cup ", "∩": "\\cap ",
        "∈": "\\in ", "∉": "\\notin ", "∅": "\\emptyset ", "∖": "\\setminus ", "ℝ": "\\R ", "ℤ": "\\Z ", "ℕ": "\\N ",
        "ℚ": "\\Q ", "ℂ": "\\C ", "α": "\\alpha ", "β": "\\beta ", "γ": "\\gamma ", "θ": "\\theta ", "λ": "\\lambda ",
        "φ": "\\phi ", "ω": "\\omega ", "…": "\\dots ", "°": "°", "º": "°", "℃": "°C", "∠": " ", "½": " 1/2",
        "¼": " 1/4", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3", "“": '"', "”": '"', "’": "'", "′": "'", "€": "\\euro ",
        "£": "\\pound ", "¢": "\\cent ", "µ": "μ", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u200b": "",
        "\ufeff": "", "⟨": "(", "⟩": ")", "，": ",", "（": "(", "）": ")", "。": ".", "：": ":", "；": ";",
    }
)  # fmt: skip
UNICODE |= {ord(wide): chr(ord(wide) - 0xFEE0) for wide in "０１２３４５６７８９"}

COMMANDS = {
    "dfrac": "\\frac", "tfrac": "\\frac", "cfrac": "\\frac", "dbinom": "\\binom", "tbinom": "\\binom",
    "leq": "\\le", "leqslant": "\\le", "leqq": "\\le", "geq": "\\ge", "geqslant": "\\ge", "geqq": "\\ge",
    "neq": "\\ne", "lt": "<", "gt": ">", "simeq": "\\approx", "thickapprox": "\\approx", "coloneqq": "=",
    "cdot": "*", "times": "*", "ast": "*", "bullet": "*", "div": "/", "colon": ":", "to": "\\to", "rightarrow": "\\to",
    "lbrace": "\\{", "rbrace": "\\}", "lbrack": "[", "rbrack": "]", "lvert": "|", "rvert": "|", "vert": "|",
    "lparen": "(", "rparen": ")", "langle": "(", "rangle": ")", "degree": "°", "degrees": "°", "deg": "°",
    "varnothing": "\\emptyset", "empty": "\\emptyset", "O": "\\emptyset", "reals": "\\R", "Reals": "\\R",
    "naturals": "\\N", "integers": "\\Z", "land": "\\text{and}", "wedge": "\\text{and}", "lor": "\\text{or}",
    "vee": "\\text{or}", "ldots": "\\dots", "cdots": "\\dots", "dotsc": "\\dots", "dotsb": "\\dots", "vdots": "\\dots",
    "backslash": "\\setminus", "smallsetminus": "\\setminus", "bigcup": "\\cup", "arcsec": "\\arcsec",
    "arctg": "\\arctan", "tg": "\\tan", "ctg": "\\cot", "varphi": "\\phi", "varepsilon": "\\epsilon", "lg": "\\log",
    "displaystyle": " ", "textstyle": " ", "scriptstyle": " ", "limits": " ", "nolimits": " ", "thinspace": " ",
    "enspace": " ", "left": " ", "right": " ", "middle": " ", "big": " ", "Big": " ",
    "bigg": " ", "Bigg": " ", "bigl": " ", "bigr": " ", "Bigl": " ", "Bigr": " ", "biggl": " ", "biggr": " ",
    "Biggl": " ", "Biggr": " ", "angle": " ", "triangle": " ", "cents": "\\cent", "therefore": " ", "rm": " ",
    "bf": " ", "it": " ", "euro": "\\euro", "pounds": "\\pound", "nobreakspace": " ", "mod": "\\bmod",
}  # fmt: skip
COMMAND = re.compile(r"\\([A-Za-z]+)")
FONT = re.compile(
    r"\\(?:math(?:bf|it|cal|sf|tt|frak|scr|ds)|boldsymbol|bm|vec|hat|widehat|underline|(?<![\d.]\\)bar|overrightarrow|phantom)"
    r"\s*(?=\{)"
)
ROMAN = re.compile(
    r"\\(?:mathrm|textbf|textit|textrm|textsf|texttt|textnormal|text|mbox|hbox|operatorname\*?|emph)\s*\{"
)
BLACKBOARD = re.compile(r"\\(?:mathbb|Bbb|mathbf)\s*(?:\{\s*([RZNQC])\s*\}|([RZNQC])\b)")
TEXT = re.compile(r"\\text\{([^{}]*)\}")
UNWRAPPED = re.compile(r"\\text\{\s*(\([A-Za-z]\)|[-+(\[$]?\d[^{}]*)\s*\}")
DOUBLED = re.compile(r"\\\\(?=[A-Za-z{}(\[])")
NEGATIVE_SPACE = re.compile(r"(?<!\\)\\!\s*")
SPACES = re.compile(r"\\q?quad|(?<!\\)\\[,;:> \n]|~|\\hspace\*?\{[^{}]*\}|\\v?skip")
DELIMITERS = re.compile(r"\\[()]|(?<!\\)\\\[|\\\]|(?<!\\)\$+")
ROW_GAP = re.compile(r"\\\\\[[\d.]+[a-z]{2}\]")
DEGREE = re.compile(
    r"\^\s*(?:\{\s*\\circ\s*\}|\\circ(?![A-Za-z]))|(?<=[\d\s}])\s*(?:\\text\{\s*)?\bdeg(?:ree)?s?\b(?:\s*\})?"
)
PERCENT = re.compile(
    r"\\%|(?:\\text\{\s*)?\b(?:percent(?:age)?|per cent|pct)\b(?:\s+points?)?(?:\s*\})?|\\text\{\s*%\s*\}"
)
EMPHASIS = re.compile(r"^(?:\*\*(.+)\*\*|`([^`]+)`)$", re.DOTALL)
SCRIPTED = re.compile(r"\\text\{(?:[^{}]|\^\{\s*-?\d\s*\})*\}")
MINUTES = re.compile(r"(\d+)\s*°\s*(\d+)\s*(?:'|\^\s*\{?\\prime\s*\}?)(?!['\w])")
EMPTY = re.compile(r"\\text\{[\s.]*\}")
DOTS = re.compile(r"\.{3,}|\\text\{\s*\.\.\.\s*\}")
GROUPED = re.compile(r"(?<![\d.])\d{1,3}(?:(?:\s*\{\s*,\s*\}\s*|\s)\d{3})+(?![\d])")
TIMES_X = re.compile(r"(?<=[\d}])\s*x\s*(?=10\s*\^)")
RECURRING = re.compile(
    r"(?P<whole>\d*)\.(?P<fixed>\d*)(?:\\(?:overline|bar|dot)\s*(?:\{(?P<a>\d+)\}|(?P<b>\d))(?:(?P<mid>\d*)\\dot\s*(?:\{(?P<c>\d)\}|(?P<d>\d)))?"
    r"|\((?P<e>\d+)\))(?:\s*\\dots(?![A-Za-z]))?"
)
REPEATED = re.compile(
    r"(?<![\d.])(?P<whole>\d{1,30})\.(?P<fixed>\d{0,20}?)(?P<cycle>\d{1,20})(?P=cycle){2,20}\s*\\dots(?![A-Za-z])"
)
INFINITY = re.compile(r"(?<![A-Za-z\\])(?:infinity|inf|oo)(?![A-Za-z])|\+\s*\\infty(?![A-Za-z])")
DOLLAR_FIRST = re.compile(r"^\s*(-?)\s*\$\s*(?=[\d.])")


@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """The one spelling of an answer; raises `ValueError` where `check_text` does.

    >>> normalise(r"\\left(\\dfrac{1}{2}, 1\\,234\\right).")
    '(\\\\frac {1}{2}, 1234 )'
    """
    text = EMPHASIS.sub(r"\1\2", text.strip())
    check_text(text)
    text = _characters(text)
    if "\\begin" not in text:
        text = DOUBLED.sub(r"\\", text)
    text = NEGATIVE_SPACE.sub("", ROW_GAP.sub(r"\\\\", text))
    if text.count("$") % 2:
        text = DOLLAR_FIRST.sub(r"\1\\dollar ", text)
    text = text.replace("\\$", "\\dollar ")
    text = DELIMITERS.sub(" ", text)
    text = SPACES.sub(" ", text)
    text = BLACKBOARD.sub(lambda match: f"\\{match[1] or match[2]} ", text)
    text = ROMAN.sub(r"\\text{", FONT.sub(" ", text))
    text = SCRIPTED.sub(lambda match: re.sub(r"\^\{\s*(-?\d)\s*\}", r"^\1", match[0]), text)
    text = COMMAND.sub(_command, text)
    text = EMPTY.sub(" ", DOTS.sub(r"\\dots ", text))
    text = PERCENT.sub("%", MINUTES.sub(r"(\1+\2/60)°", DEGREE.sub("°", text)))
    text = text.replace("**", "^").replace(":=", "=")
    text = text.replace("<=", "\\le ").replace(">=", "\\ge ").replace("!=", "\\ne ").replace("==", "=")
    text = text.replace("\\not=", "\\ne ").replace("\\not =", "\\ne ")
    text = UNWRAPPED.sub(r" \1 ", text)
    text = GROUPED.sub(lambda match: re.sub(r"\D", "", match[0]), text)
    text = INFINITY.sub(r"\\infty ", TIMES_X.sub("*", text))
    text = REPEATED.sub(_repeating, RECURRING.sub(_recurring, text))
    return " ".join(text.split()).rstrip(" .,;:").strip() or text.strip()


def _characters(text: str) -> str:
    if text.isascii():
        return text
    text = AREA.sub(r"\\text{ \1}", text)
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda match: "^{" + "".join(RAISED[c] for c in match[0]) + "}", text)
    text = re.sub("[₀₁₂₃₄₅₆₇₈₉]+", lambda match: "_{" + "".join(LOWERED[c] for c in match[0]) + "}", text)
    return text.translate(UNICODE)


def _command(match: re.Match[str]) -> str:
    other = COMMANDS.get(match[1])
    return match[0] if other is None else other + " " if other[-1].isalpha() else other


def _recurring(match: re.Match[str]) -> str:
    cycle = match["a"] or match["b"] or match["e"]
    if last := match["c"] or match["d"]:
        cycle += match["mid"] + last
    return _fraction(match["whole"] or "0", match["fixed"], cycle)


def _repeating(match: re.Match[str]) -> str:
    return _fraction(match["whole"], match["fixed"], match["cycle"])


def _fraction(whole: str, fixed: str, cycle: str) -> str:
    under = (10 ** len(cycle) - 1) * 10 ** len(fixed)
    top = int(whole + fixed + cycle) - int(whole + fixed)
    return f"\\frac{{{top}}}{{{under}}}"


def words(text: str) -> str:
    """The text of words, in lower case and without fonts, quotes, articles and stops.

    >>> words(r"\\\\text{No  Solution.}")
    'no solution'
    """
    plain = re.sub(r"[\"'`.!?{}$]|\\(?=\s)", " ", TEXT.sub(r" \1 ", text)).casefold()
    return re.sub(r"^(?:the|a|an)\s+", "", " ".join(plain.split())).strip(" ,;:")
