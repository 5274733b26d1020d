"""Where the final answer stands in a response.

The policy, in this order: the last `<answer>…</answer>`; the last `\\boxed{…}` (or `\\fbox`); the last `#### …`; the
last "final answer is …", of whose sentence the answer is what follows "is". Boxes with nothing but a comma, "and" or
"or" between them are one answer of several values, so that a response cannot hedge; of boxes further apart the last one
counts. Only the last `TAIL` characters are read, and all that takes linear time.
"""

from __future__ import annotations

import re

from whetstone.envs.math.guard import LONGEST

BRACES = re.compile(r"\\{1,2}(?:boxed|fbox)\s*\{|\\.|[{}]", re.DOTALL)
BETWEEN = re.compile(r"(?:[\s$,;&]|\\[()\[\],;: ]|\\q?quad|\\text\s*\{[\s,]*(?:and|or)?[\s,]*\}|and|or)*")
FINAL = re.compile(r"final answer(?:\s+is)?[\s:*]*", re.IGNORECASE)
SENTENCE_END = re.compile(r"\.?\s*(?:\n|<\||$)|\.\s+(?=[A-Z])")
VERB = re.compile(r"(?<=[\w$)])\s+(?:is|are|equals)\s*:?\s+")
FORMULA = re.compile(r"\$[^$]*\$|\\\(.*?\\\)|\\text\s*\{[^{}]*\}", re.DOTALL)
NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:/\d+)?%?")
VALUE_FIRST = re.compile(r"\$[^$]*[=\d]|\d")
WORD = re.compile(r"[A-Za-z]{2,}")
TAIL = 100_000  # characters at the end of a response in which its answer is looked for
BETWEEN_MAX = 60  # characters that may stand between two boxes of one answer


def extract(response: str) -> str | None:
    """The text of the final answer in a response, or None where none is marked.

    >>> extract("So 6, wait: <answer>7</answer>")
    '7'
    >>> extract(r"Then $\\boxed{\\frac{1}{2}}$.")
    '\\\\frac{1}{2}'
    >>> extract("#### 1,200")
    '1,200'
    """
    response = response[-TAIL:]
    found = _tagged(response)
    if found is None:
        return boxed(response) if "\\boxed" in response or "\\fbox" in response else _stated(response)
    return boxed(found) or found


def boxed(text: str) -> str | None:
    """The contents of the last box, joined with those of boxes right before it; None where no box is closed."""
    if "\\boxed" not in text and "\\fbox" not in text:
        return None
    boxes = _boxes(text)
    if not boxes:
        return None
    start, left, right = boxes.pop()
    contents = [text[left:right]]
    while boxes:
        earlier, inside, end = boxes.pop()
        if end > start:  # nested in the box already taken
            continue
        gap = text[end + 1 : start]
        if len(gap) > BETWEEN_MAX or not BETWEEN.fullmatch(gap):
            break
        start = earlier
        contents.append(text[inside:end])
    different = list(dict.fromkeys(content.strip() for content in reversed(contents)))
    joined = ", ".join(different)
    return boxed(joined) or joined


def _boxes(text: str) -> list[tuple[int, int, int]]:
    """Every closed box as (start of the command, start of its contents, end of its contents), in order of closing."""
    closed = []
    opened: list[tuple[int, int] | None] = []  # None for a brace that is no box
    for match in BRACES.finditer(text):
        mark = match.group()
        if mark == "{":
            opened.append(None)
        elif mark == "}":
            if opened and (box := opened.pop()):
                closed.append((*box, match.start()))
        elif mark[-1] == "{" and len(mark) > 2:
            opened.append(match.span())
    return closed


def _tagged(response: str) -> str | None:
    end = response.rfind("</answer>")
    start = response.rfind("<answer>", 0, max(end, 0))
    return None if start < 0 else response[start + 8 : end].strip()


def _stated(response: str) -> str | None:
    start = response.rfind("####")
    if start >= 0:
        return response[start + 4 :].strip().partition("\n")[0].strip()
    ends = [match.end() for match in FINAL.finditer(response)]
    if not ends:
        return None
    said = response[ends[-1] : ends[-1] + LONGEST]
    return _said(SENTENCE_END.split(said, maxsplit=1)[0]) or None


def _said(sentence: str) -> str:
    """What a sentence says is the answer: what follows its last verb, or else its only number, or all of it."""
    sentence = sentence.strip().strip("*")
    if VALUE_FIRST.match(sentence):
        return sentence
    said = VERB.split(FORMULA.sub(_hidden, sentence))[-1]
    if len(said) < len(sentence):
        return sentence[len(sentence) - len(said) :].strip()
    numbers = NUMBER.findall(sentence)
    return numbers[0] if len(numbers) == 1 and len(WORD.findall(FORMULA.sub(" ", sentence))) > 3 else sentence


def _hidden(formula: re.Match[str]) -> str:
    return "_" * len(formula.group())
