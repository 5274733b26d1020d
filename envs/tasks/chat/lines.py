"""Lines: write lines that follow every rule."""

from __future__ import annotations

from dataclasses import dataclass

from whetstone.envs.tasks.chat.lib import LINES, Text, text_of_lines


@dataclass(frozen=True)
class Lines(Text):
    """
    >>> text = Lines((("lines", 2), ("bullets", "-"), ("longer", 1)), "- one\\n- two words")
    >>> text.grade("<answer>- Hello\\n - my friend</answer>").score
    1.0
    """

    KINDS = LINES
    written = staticmethod(text_of_lines)
