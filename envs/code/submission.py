"""What a completion submits: a program, or a text. Read as data only, with caps before anything else looks at it.

A program stands in a fenced code block, the last one with a tag of its language, or between <answer> and </answer>; a
text stands between the tags. Each of the two formats below is instruction, parser and printer in one object; parsers
raise `ValueError` alone, whatever they are given, and take time linear in its length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from whetstone.envs.code.sandbox.types import Language, Program

SOURCE = 64 << 10  # bytes of a program
TEXT = 16 << 10  # bytes of an input or an output
LINES = 5000  # of either

FENCE = re.compile(r"^ {0,3}```[ \t]*([\w+#.-]*)[^\n`]*$", re.MULTILINE)
INCLUDE = re.compile(r"^[ \t]*#[ \t]*include\b", re.MULTILINE)
TAGS: dict[str, Language] = {
    "python": "python",
    "python3": "python",
    "py": "python",
    "cpp": "cpp",
    "c++": "cpp",
    "cc": "cpp",
    "cxx": "cpp",
    "cpp17": "cpp",
}
OPEN, CLOSE = "<answer>", "</answer>"


def tagged(completion: str) -> str | None:
    """What the last `<answer>…</answer>` holds, as `core.ANSWER` finds it, in linear time; None if there is none."""
    start = completion.rfind(OPEN, 0, max(completion.rfind(CLOSE), 0))
    return None if start < 0 else completion[start + len(OPEN) : completion.index(CLOSE, start)]


def blocks(text: str) -> list[tuple[str, str]]:
    """The fenced blocks that are closed: (tag in lower case, content).

    A fence with a tag opens a block even inside another one, which then was never closed.
    """
    found: list[tuple[str, str]] = []
    opened: tuple[str, int] | None = None
    for fence in FENCE.finditer(text):
        tag = fence[1].lower()
        if opened is None or tag:
            opened = tag, fence.end() + 1
        else:
            found.append((opened[0], text[opened[1] : fence.start()]))
            opened = None
    return found


def capped(text: str, size: int, what: str) -> str:
    """`text`, if it has at most `size` bytes of UTF-8 and `LINES` lines; raises `ValueError` otherwise."""
    if len(text) <= size:  # encoding is left until there is a bound on it
        try:
            length = len(text.encode())
        except UnicodeEncodeError as error:
            raise ValueError(f"expected {what} in valid Unicode, found half a surrogate pair") from error
    else:
        length = len(text)
    if length > size:
        raise ValueError(f"expected {what} of at most {size} bytes, found {length} or more")
    if text.count("\n") > LINES:
        raise ValueError(f"expected {what} of at most {LINES} lines, found {text.count(chr(10))}")
    return text


@dataclass(frozen=True)
class ProgramAnswer:
    """A program in Python 3 or C++17.

    >>> ProgramAnswer().parse("Like this:\\n```python\\nprint(1)\\n```")
    Program(language='python', source='print(1)\\n')
    """

    instruction: str = (
        "Write the program in Python 3 or C++17, as one fenced code block that begins with ```python or ```cpp. "
        f"The last such block counts. It may have at most {SOURCE >> 10} KiB."
    )

    def parse(self, text: str) -> Program:
        """The program in a completion; without tags it must stand in a fenced block."""
        inside = tagged(text)
        found = blocks(text if inside is None else inside)
        known = [block for block in found if block[0] in TAGS] or [block for block in found if not block[0]]
        if known:
            tag, source = known[-1]
        elif inside is not None and not found:
            tag, source = "", inside
        else:
            raise ValueError(
                "expected a program in a fenced code block that begins with ```python or ```cpp, found none"
            )
        if not source.strip():
            raise ValueError("expected a program, found an empty one")
        capped(source, SOURCE, "a program")
        return Program(TAGS[tag] if tag else "cpp" if INCLUDE.search(source) else "python", source)

    def show(self, answer: Program) -> str:
        """The program in its block."""
        end = "" if answer.source.endswith("\n") else "\n"
        return f"```{answer.language}\n{answer.source}{end}```"


@dataclass(frozen=True)
class TextAnswer:
    """An input or an output, as it stands, between <answer> and </answer>.

    A line break directly after <answer> is no part of it, and a missing one at its end is added.

    >>> TextAnswer("input").parse("\\n2\\n10 20")
    '2\\n10 20\\n'
    """

    what: str

    @property
    def instruction(self) -> str:
        """The form, and what is done to the text before it is used."""
        return (
            f"Write the {self.what} between <answer> and </answer>, as plain text and not as code. A line break right "
            f"after <answer> is dropped, and the last line may lack its line break. At most {TEXT >> 10} KiB."
        )

    def parse(self, text: str) -> str:
        capped(text, TEXT, f"an {self.what}")
        text = text.removeprefix("\r\n") if text.startswith("\r") else text.removeprefix("\n")
        if not text:
            raise ValueError(f"expected an {self.what}, found nothing")
        return text if text.endswith("\n") else text + "\n"

    def show(self, answer: str) -> str:
        return f"\n{answer}"
