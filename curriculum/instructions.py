"""Requests with constraints that code can check: IFEval's 25 (arXiv 2311.07911), generated, composed and solvable.

A reply is written first, and constraints are read off it, so however many are combined, there is a reply that meets
all of them. The checks are those that IFEval's own questions are judged with.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from whetstone.envs.benchmarks.question import said
from whetstone.envs.chat.ifeval import CONSTRAINTS, occurrences, sentences, words
from whetstone.envs.core import CORRECT, Task, Verdict, graded, unreadable

if TYPE_CHECKING:
    from numpy.random import Generator as Rng

NOUNS = ["boat", "river", "garden", "teacher", "window", "mountain", "doctor", "village", "bridge", "forest"]
VERBS = ["was", "is", "looks", "seemed", "stays", "became"]
QUALITIES = ["quiet", "old", "large", "bright", "slow", "warm", "empty", "strong", "green", "small"]
ENDINGS = ("That is all.", "Thank you.", "Any other questions?", "The end.")
LETTERS = "aeiorst"


class Reply:
    """The answer is the whole reply, without the reasoning before it."""

    instruction = ""

    def parse(self, text: str) -> str:
        """The reply; raises `ValueError` where there is none."""
        if not (reply := said(text)):
            raise ValueError("expected a reply, found none")
        return reply

    def show(self, answer: str) -> str:
        """The reply as it is."""
        return answer


class Draft(NamedTuple):
    """A reply in the making, and what it is about."""

    noun: str
    text: str

    @property
    def request(self) -> str:
        """What is asked, without the constraints."""
        return f"Write about the {self.noun}."


class Rule(NamedTuple):
    """What a rule makes of a reply, the keywords of its check, and how it is asked for."""

    text: str
    values: dict[str, Any]
    phrase: str


def _sentence(noun: str, rng: Rng) -> str:
    return f"The {noun} {VERBS[rng.integers(len(VERBS))]} {QUALITIES[rng.integers(len(QUALITIES))]}."


def _relation(count: int, rng: Rng) -> tuple[str, int, str]:
    """A relation that the count satisfies: its name, its bound, and both in words."""
    if rng.random() < 0.5 and count > 0:
        return "at least", count, f"at least {count}"
    return "less than", count + 1, f"less than {count + 1}"


# -- rules that write the reply anew, or put something around it ------------------------------------------------------


def _constrained(draft: Draft, rng: Rng) -> Rule:
    answer = ("yes", "no", "maybe")[rng.integers(3)]
    return Rule(
        f"My answer is {answer}.", {}, "Answer with one of: My answer is yes. My answer is no. My answer is maybe."
    )


def _json(draft: Draft, rng: Rng) -> Rule:
    return Rule(json.dumps({"text": draft.text}), {}, "Write the whole reply as JSON.")


def _bullets(draft: Draft, rng: Rng) -> Rule:
    count = int(rng.integers(2, 4))
    text = "\n".join(f"* {_sentence(draft.noun, rng)}" for _ in range(count))
    return Rule(text, {"num_bullets": count}, f"Write exactly {count} bullet points, each begun with *.")


def _paragraphs(draft: Draft, rng: Rng) -> Rule:
    count = int(rng.integers(2, 4))
    text = "\n***\n".join([draft.text, *(_sentence(draft.noun, rng) for _ in range(count - 1))])
    return Rule(text, {"num_paragraphs": count}, f"Write {count} paragraphs, separated by ***.")


def _first_word(draft: Draft, rng: Rng) -> Rule:
    first = QUALITIES[rng.integers(len(QUALITIES))].capitalize()
    values = {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": first.lower()}
    phrase = f"Write 2 paragraphs, separated by a blank line, the second of which begins with {first.lower()}."
    return Rule(f"{draft.text}\n\n{first} days.", values, phrase)


def _sections(draft: Draft, rng: Rng) -> Rule:
    text = f"PART 1\n{draft.text}\nPART 2\n{_sentence(draft.noun, rng)}"
    return Rule(
        text, {"section_spliter": "PART", "num_sections": 2}, "Write 2 sections that begin with PART 1 and PART 2."
    )


def _two(draft: Draft, rng: Rng) -> Rule:
    return Rule(f"{draft.text}\n******\nIt was good.", {}, "Give two different replies, separated by ******.")


def _capitals(draft: Draft, rng: Rng) -> Rule:
    return Rule(draft.text.upper(), {}, "Write in English and in capital letters only.")


def _lowercase(draft: Draft, rng: Rng) -> Rule:
    return Rule(draft.text.lower(), {}, "Write in English and in lowercase letters only.")


def _capital_word(draft: Draft, rng: Rng) -> Rule:
    values = {"capital_frequency": 1, "capital_relation": "at least"}
    return Rule(draft.text.replace(draft.noun, draft.noun.upper(), 1), values, "Write at least 1 word in capitals.")


def _highlight(draft: Draft, rng: Rng) -> Rule:
    return Rule(draft.text.replace(draft.noun, f"*{draft.noun}*", 1), {"num_highlights": 1}, "Highlight 1 part with *.")


def _placeholder(draft: Draft, rng: Rng) -> Rule:
    return Rule(f"{draft.text} [name]", {"num_placeholders": 1}, "Use 1 placeholder in square brackets.")


def _title(draft: Draft, rng: Rng) -> Rule:
    return Rule(f"<<{draft.noun}>>\n{draft.text}", {}, "Give it a title within << and >>.")


def _postscript(draft: Draft, rng: Rng) -> Rule:
    return Rule(
        f"{draft.text}\nP.S. It is so.", {"postscript_marker": "P.S."}, "Add a postscript that begins with P.S."
    )


def _repeat(draft: Draft, rng: Rng) -> Rule:
    values = {"prompt_to_repeat": draft.request}
    return Rule(f"{draft.request} {draft.text}", values, "First repeat the sentence before this one.")


def _ending(draft: Draft, rng: Rng) -> Rule:
    ending = ENDINGS[rng.integers(len(ENDINGS))]
    return Rule(f"{draft.text} {ending}", {"end_phrase": ending}, f"End with: {ending}")


def _quotation(draft: Draft, rng: Rng) -> Rule:
    return Rule(f'"{draft.text}"', {}, "Put the whole reply in double quotation marks.")


# -- rules that say what is so already --------------------------------------------------------------------------------


def _keywords(draft: Draft, rng: Rng) -> Rule:
    found = sorted({word.lower() for word in words(draft.text)})
    word = found[rng.integers(len(found))]
    return Rule(draft.text, {"keywords": [word]}, f"Use the word {word}.")


def _keyword_count(draft: Draft, rng: Rng) -> Rule:
    relation, bound, phrase = _relation(occurrences(draft.text, draft.noun), rng)
    values = {"keyword": draft.noun, "frequency": bound, "relation": relation}
    return Rule(draft.text, values, f"Use the word {draft.noun} {phrase} times.")


def _forbidden(draft: Draft, rng: Rng) -> Rule:
    absent = [word for word in (*QUALITIES, *VERBS) if not occurrences(draft.text, word)]
    word = absent[rng.integers(len(absent))]
    return Rule(draft.text, {"forbidden_words": [word]}, f"Do not use the word {word}.")


def _letters(draft: Draft, rng: Rng) -> Rule:
    letter = LETTERS[rng.integers(len(LETTERS))]
    relation, bound, phrase = _relation(draft.text.lower().count(letter), rng)
    values = {"letter": letter, "let_frequency": bound, "let_relation": relation}
    return Rule(draft.text, values, f"Use the letter {letter} {phrase} times.")


def _sentence_count(draft: Draft, rng: Rng) -> Rule:
    relation, bound, phrase = _relation(len(sentences(draft.text)), rng)
    return Rule(draft.text, {"num_sentences": bound, "relation": relation}, f"Write {phrase} sentences.")


def _word_count(draft: Draft, rng: Rng) -> Rule:
    relation, bound, phrase = _relation(len(words(draft.text)), rng)
    return Rule(draft.text, {"num_words": bound, "relation": relation}, f"Write {phrase} words.")


def _no_comma(draft: Draft, rng: Rng) -> Rule:
    return Rule(draft.text, {}, "Use no comma.")


def _language(draft: Draft, rng: Rng) -> Rule:
    return Rule(draft.text, {"language": "en"}, "Write in English.")


RULES: dict[str, Callable[[Draft, Rng], Rule]] = {  # in the order in which they change the reply
    "detectable_format:constrained_response": _constrained,
    "detectable_format:number_bullet_lists": _bullets,
    "length_constraints:number_paragraphs": _paragraphs,
    "length_constraints:nth_paragraph_first_word": _first_word,
    "detectable_format:multiple_sections": _sections,
    "detectable_format:json_format": _json,
    "combination:two_responses": _two,
    "change_case:english_capital": _capitals,
    "change_case:english_lowercase": _lowercase,
    "change_case:capital_word_frequency": _capital_word,
    "detectable_format:number_highlighted_sections": _highlight,
    "detectable_content:number_placeholders": _placeholder,
    "detectable_format:title": _title,
    "detectable_content:postscript": _postscript,
    "combination:repeat_prompt": _repeat,
    "startend:end_checker": _ending,
    "startend:quotation": _quotation,
    "keywords:existence": _keywords,
    "keywords:frequency": _keyword_count,
    "keywords:forbidden_words": _forbidden,
    "keywords:letter_frequency": _letters,
    "length_constraints:number_sentences": _sentence_count,
    "length_constraints:number_words": _word_count,
    "punctuation:no_comma": _no_comma,
    "language:response_language": _language,
}


@dataclass(frozen=True)
class Instructions(Task[str]):
    """A request and its constraints, all of which a right reply meets; the score is the share of those it meets.

    A constraint is (its id in IFEval, the keywords of its check as JSON, how it is asked for).
    """

    request: str
    constraints: tuple[tuple[str, str, str], ...]
    reply: str = field(compare=False)  # one that meets them

    answer = Reply()

    class Size(NamedTuple):
        """Constraints, and sentences of the reply that they are read off."""

        constraints: int
        sentences: int

        @classmethod
        def at(cls, level: int) -> Self:
            return cls(constraints=min(1 + level, 10), sentences=1 + level // 3)

    @classmethod
    def id(cls) -> str:
        return "chat/instructions"

    @classmethod
    def sample(cls, rng: Rng, size: Any) -> Self:
        noun = NOUNS[rng.integers(len(NOUNS))]
        text = " ".join(_sentence(noun, rng) for _ in range(size.sentences))
        draft, made = Draft(noun, text), []
        names = list(RULES)
        for place in sorted(rng.choice(len(names), size=min(2 * size.constraints, len(names)), replace=False)):
            text, values, phrase = RULES[names[place]](draft, rng)
            new = [*made, (names[place], values, phrase)]
            if all(CONSTRAINTS[name](text, **given) for name, given, _ in new):  # what fits all that was asked so far
                draft, made = Draft(noun, text), new
        kept = [made[i] for i in sorted(rng.permutation(len(made))[: size.constraints])]
        if not kept:
            kept = [("punctuation:no_comma", {}, "Use no comma.")]
        written = tuple((name, json.dumps(values), phrase) for name, values, phrase in kept)
        return cls(draft.request, written, draft.text)

    def statement(self) -> str:
        return " ".join([self.request, *(phrase for _, _, phrase in self.constraints)])

    @property
    def prompt(self) -> str:
        return self.statement()

    @property
    def target(self) -> str:
        return self.reply

    def worked(self) -> str:
        return ""

    def solve(self) -> str:
        return self.reply

    def check(self, answer: str) -> Verdict:
        broken = [name for name, values, _ in self.constraints if not CONSTRAINTS[name](answer, **json.loads(values))]
        if not broken:
            return CORRECT
        return graded(1 - len(broken) / len(self.constraints), f"breaks {', '.join(broken)}")

    def grade(self, completion: str) -> Verdict:
        """Judge the whole reply."""
        try:
            return self.check(self.answer.parse(completion))
        except ValueError as error:
            return unreadable(str(error))
