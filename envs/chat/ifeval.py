"""The 25 verifiable constraints of IFEval (arXiv 2311.07911), each a check of a reply.

Written from the definitions in the paper's appendix. Strict: the reply is judged as it stands. The keywords of a check
are the names that the set's column `kwargs` uses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from whetstone.envs.chat.language import language_of

Check = Callable[..., bool]

WORD = re.compile(r"\w+(?:['\u2019-]\w+)*")
ABBREVIATIONS = {"mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "vs", "inc", "ltd", "co", "fig", "approx"}
SENTENCE_END = re.compile(r"[.!?]+[\"'\u201d\u2019)\]]*(?=\s|$)")
LAST_WORD = re.compile(r"[\w.]+$")
INITIALS = re.compile(r"[a-z](?:\.[a-z])*")  # an initial, or letters with points between them, such as e.g.
BULLET = re.compile(r"^\s*(?:\*(?!\*)|-)\s*\S", re.MULTILINE)
HIGHLIGHT = re.compile(r"\*\*([^\n*]+)\*\*|\*([^\n*]+)\*")
PLACEHOLDER = re.compile(r"\[[^\[\]]*\]")
FENCE = re.compile(r"^```(?:json|JSON|Json)?\s*\n?(.*?)\n?```$", re.DOTALL)
TITLE = re.compile(r"<<[^\n]+>>")
ANSWERS = ("My answer is yes.", "My answer is no.", "My answer is maybe.")


def words(text: str) -> list[str]:
    """The words of a text; an apostrophe or a hyphen within one does not end it."""
    return WORD.findall(text)


def sentences(text: str) -> list[str]:
    """The sentences of a text: they end with . ! or ?, but not after an abbreviation or an initial."""
    found, start = [], 0
    for end in SENTENCE_END.finditer(text):
        last = LAST_WORD.search(text, start, end.start())
        word = last[0].lower() if last else ""
        if end[0].startswith(".") and (word in ABBREVIATIONS or INITIALS.fullmatch(word)):
            continue
        if WORD.search(text[start : end.end()]):
            found.append(text[start : end.end()].strip())
        start = end.end()
    return found + ([text[start:].strip()] if WORD.search(text[start:]) else [])


def compared(count: int, relation: str, bound: int) -> bool:
    """`at least` or `less than`, the two relations of the set."""
    if relation not in ("at least", "less than"):
        raise TypeError(f"expected the relation 'at least' or 'less than', got {relation!r}")
    return count >= bound if relation == "at least" else count < bound


def occurrences(text: str, keyword: str) -> int:
    """How often a keyword stands in a text, as whole words, in any case."""
    return len(re.findall(rf"(?<!\w){re.escape(keyword)}(?!\w)", text, re.IGNORECASE))


# -- keywords ---------------------------------------------------------------------------------------------------------


def keywords_exist(reply: str, keywords: Sequence[str]) -> bool:
    """All keywords occur."""
    return all(occurrences(reply, keyword) for keyword in keywords)


def keyword_frequency(reply: str, keyword: str, frequency: int, relation: str) -> bool:
    """A keyword occurs at least, or less than, so many times."""
    return compared(occurrences(reply, keyword), relation, frequency)


def forbidden_words(reply: str, forbidden_words: Sequence[str]) -> bool:
    """None of the words occurs."""
    return not any(occurrences(reply, word) for word in forbidden_words)


def letter_frequency(reply: str, letter: str, let_frequency: int, let_relation: str) -> bool:
    """A letter occurs at least, or less than, so many times, in either case."""
    return compared(reply.lower().count(letter.lower()), let_relation, let_frequency)


# -- language and case ------------------------------------------------------------------------------------------------


def response_language(reply: str, language: str) -> bool:
    """The whole reply is in one language, given by its ISO 639-1 code."""
    return language_of(reply, language) == language


def all_capital(reply: str) -> bool:
    """English, in capital letters only."""
    return any(c.isalpha() for c in reply) and reply == reply.upper() and language_of(reply.lower(), "en") == "en"


def all_lowercase(reply: str) -> bool:
    """English, in lowercase letters only."""
    return any(c.isalpha() for c in reply) and reply == reply.lower() and language_of(reply, "en") == "en"


def capital_word_frequency(reply: str, capital_frequency: int, capital_relation: str) -> bool:
    """So many words are in capital letters throughout."""
    return compared(sum(word.isupper() for word in words(reply)), capital_relation, capital_frequency)


# -- length -----------------------------------------------------------------------------------------------------------


def number_paragraphs(reply: str, num_paragraphs: int) -> bool:
    """So many paragraphs, separated by `***`, none of them empty."""
    parts = [part.strip() for part in re.split(r"\s?\*\*\*\s?", reply)]
    inner = parts[(not parts[0]) : len(parts) - (not parts[-1] and len(parts) > 1)]
    return all(inner) and len(inner) == num_paragraphs


def number_words(reply: str, num_words: int, relation: str) -> bool:
    """At least, or less than, so many words."""
    return compared(len(words(reply)), relation, num_words)


def number_sentences(reply: str, num_sentences: int, relation: str) -> bool:
    """At least, or less than, so many sentences."""
    return compared(len(sentences(reply)), relation, num_sentences)


def nth_paragraph_first_word(reply: str, num_paragraphs: int, nth_paragraph: int, first_word: str) -> bool:
    """So many paragraphs, separated by blank lines, of which the n-th begins with a word."""
    paragraphs = [part.strip() for part in re.split(r"\n\n", reply) if part.strip()]
    if len(paragraphs) != num_paragraphs or not 1 <= nth_paragraph <= num_paragraphs:
        return False
    first = words(paragraphs[nth_paragraph - 1])[:1]
    return [word.lower() for word in first] == [first_word.lower()]


# -- content and format -----------------------------------------------------------------------------------------------


def number_placeholders(reply: str, num_placeholders: int) -> bool:
    """At least so many placeholders such as `[address]`."""
    return len(PLACEHOLDER.findall(reply)) >= num_placeholders


def postscript(reply: str, postscript_marker: str) -> bool:
    """A postscript at the end, begun by a marker such as `P.S.`, whose points and blanks may vary."""
    letters = [re.escape(letter) for letter in postscript_marker if letter.isalpha()]
    return re.search(r"^\s*" + r"\.?\s?".join(letters) + r"\b.*", reply, re.IGNORECASE | re.MULTILINE) is not None


def number_bullets(reply: str, num_bullets: int) -> bool:
    """Exactly so many bullet points, written with `* ` or `- `."""
    return len(BULLET.findall(reply)) == num_bullets


def constrained_response(reply: str) -> bool:
    """One of the three given answers."""
    return any(answer in reply for answer in ANSWERS)


def number_highlights(reply: str, num_highlights: int) -> bool:
    """At least so many sections between `*` or `**`."""
    return sum(bool((bold or plain).strip()) for bold, plain in HIGHLIGHT.findall(reply)) >= num_highlights


def multiple_sections(reply: str, section_spliter: str, num_sections: int) -> bool:
    """At least so many sections, each begun by a word and a number such as `SECTION 2`."""
    return len(re.findall(rf"\s?{re.escape(section_spliter)}\s?\d+\s?", reply)) >= num_sections


def json_format(reply: str) -> bool:
    """The whole reply is JSON, perhaps within a code fence."""
    text = reply.strip()
    fenced = FENCE.match(text)
    try:
        json.loads(fenced[1] if fenced else text)
    except ValueError:
        return False
    return True


def title(reply: str) -> bool:
    """A title in double angular brackets."""
    return any(found.strip("<> ").strip() for found in TITLE.findall(reply))


# -- combinations, beginning and end ----------------------------------------------------------------------------------


def two_responses(reply: str) -> bool:
    """Two different replies, separated by six asterisks."""
    parts = [part.strip() for part in reply.split("******")]
    inner = parts[(not parts[0]) : len(parts) - (not parts[-1] and len(parts) > 1)]
    return len(inner) == 2 and all(inner) and inner[0] != inner[1]


def repeat_prompt(reply: str, prompt_to_repeat: str) -> bool:
    """The request word for word, before the answer."""
    return reply.strip().lower().startswith(prompt_to_repeat.strip().lower())


def end_phrase(reply: str, end_phrase: str) -> bool:
    """The reply ends with a phrase, and nothing follows but a quotation mark."""
    return reply.strip().strip('"').lower().endswith(end_phrase.strip().lower())


def quotation(reply: str) -> bool:
    """The whole reply stands in double quotation marks."""
    text = reply.strip()
    return len(text) > 1 and text[0] == '"' and text[-1] == '"'


def no_comma(reply: str) -> bool:
    """No comma occurs."""
    return "," not in reply


CONSTRAINTS: dict[str, Callable[..., Any]] = {
    "keywords:existence": keywords_exist,
    "keywords:frequency": keyword_frequency,
    "keywords:forbidden_words": forbidden_words,
    "keywords:letter_frequency": letter_frequency,
    "language:response_language": response_language,
    "length_constraints:number_sentences": number_sentences,
    "length_constraints:number_paragraphs": number_paragraphs,
    "length_constraints:number_words": number_words,
    "length_constraints:nth_paragraph_first_word": nth_paragraph_first_word,
    "detectable_content:number_placeholders": number_placeholders,
    "detectable_content:postscript": postscript,
    "detectable_format:number_bullet_lists": number_bullets,
    "detectable_format:constrained_response": constrained_response,
    "detectable_format:number_highlighted_sections": number_highlights,
    "detectable_format:multiple_sections": multiple_sections,
    "detectable_format:json_format": json_format,
    "detectable_format:title": title,
    "combination:two_responses": two_responses,
    "combination:repeat_prompt": repeat_prompt,
    "startend:end_checker": end_phrase,
    "startend:quotation": quotation,
    "change_case:capital_word_frequency": capital_word_frequency,
    "change_case:english_capital": all_capital,
    "change_case:english_lowercase": all_lowercase,
    "punctuation:no_comma": no_comma,
}
