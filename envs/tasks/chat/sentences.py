"""Sentences: write sentences that follow every rule."""

from __future__ import annotations

from dataclasses import dataclass

from whetstone.envs.tasks.chat.lib import SENTENCES, Text, text_of_sentences


@dataclass(frozen=True)
class Sentences(Text):
    """
    >>> text = Sentences((("sentences", 2), ("growing", 1), ("marks", 1, 1, 0)), "Up. Up north?")
    >>> text.grade("<answer>Hello? It rains.</answer>").score
    1.0
    """

    KINDS = SENTENCES
    written = staticmethod(text_of_sentences)
