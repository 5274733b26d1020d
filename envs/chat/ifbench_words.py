"""IFBench's constraints on the words and sentences of a reply (arXiv 2507.02833): counts, ratios, words, sentences.

Written from the published descriptions. A word stands between blanks, without its punctuation; what is asked of every
word or sentence is asked of at least one. The keywords of a check are the names that the set's column `kwargs` uses.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence
from itertools import groupby, pairwise

from whetstone.envs.chat.ifeval import occurrences, sentences
from whetstone.envs.chat.ifeval import words as running_words

PUNCTUATION = str.maketrans("", "", string.punctuation + "\u2018\u2019\u201c\u201d\u2026\u2013\u2014")
NUMBER = re.compile(r"\d(?:[^\w\s]*\d)*")  # digits with nothing but punctuation between them are one number
TOKEN = re.compile(r"\w+(?:['\u2019]\w+)?|[^\w\s]")
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
INTERROBANGS = ("?!", "!?", "\u203d")
CLUSTER = re.compile(r"[b-df-hj-np-tv-z]{2}")


def listed(words: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(words.split())


CONJUNCTIONS = {"and", "but", "for", "nor", "or", "so", "yet"}
PRONOUNS = listed(
    "i me we us you he him she her it they them my mine our ours your yours his hers its their theirs myself ourselves "
    "yourself yourselves himself herself itself themselves this that these those who whom whose which what whoever "
    "whomever whatever whichever anybody anyone anything everybody everyone everything nobody nothing somebody someone "
    "something each either neither both all some any none"
)
NAMES = listed(
    "Emma Liam Sophia Jackson Olivia Noah Ava Lucas Isabella Mason Mia Ethan Charlotte Alexander Amelia Benjamin "
    "Harper Leo Zoe Daniel Chloe Samuel Lily Matthew Grace Owen Abigail Gabriel Ella Jacob Scarlett Nathan Victoria "
    "Elijah Layla Nicholas Audrey David Hannah Christopher Penelope Thomas Nora Andrew Aria Joseph Claire Ryan Stella "
    "Jonathan"
)
STOP_WORDS = listed(  # articles, pronouns, auxiliaries, prepositions, conjunctions, adverbs of place, time and degree
    "a an the i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers "
    "herself it its itself they them their theirs themselves what which who whom this that these those am is are was "
    "were be been being have has had having do does did doing will would shall should can could may might must and "
    "but if or because as until while of at by for with about against between into through during before after above "
    "below to from up down in out on off over under again further then once here there when where why how all any "
    "both each few more most other some such no nor not only own same so than too very just now don isn aren wasn "
    "weren hasn haven hadn won wouldn shouldn couldn doesn didn s t d ll m re ve y"
)


def bare(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation.

    >>> bare("It's a well-known 'fact' - yes!")
    ['its', 'a', 'wellknown', 'fact', 'yes']
    """
    return text.lower().translate(PUNCTUATION).split()


def longest_run(items: Sequence[str]) -> int:
    """The length of the longest stretch of equal neighbours."""
    return max((sum(1 for _ in run) for _, run in groupby(items)), default=0)


# -- counts -----------------------------------------------------------------------------------------------------------


def word_count_range(reply: str, min_words: int, max_words: int) -> bool:
    """Between so many and so many words."""
    return min_words <= len(running_words(reply)) <= max_words


def unique_word_count(reply: str, N: int) -> bool:
    """At least N different words."""
    return len(set(bare(reply))) >= N


def conjunctions(reply: str, small_n: int) -> bool:
    """At least so many different coordinating conjunctions."""
    return len(CONJUNCTIONS & set(bare(reply))) >= small_n


def person_names(reply: str, N: int) -> bool:
    """At least N different names of a given list."""
    return sum(re.search(rf"\b{name}\b", reply) is not None for name in NAMES) >= N


def numbers(reply: str, N: int) -> bool:
    """Exactly N numbers, written in digits."""
    return len(NUMBER.findall(reply)) == N


def punctuation(reply: str) -> bool:
    """Every one of . , ! ? ; : and an interrobang besides."""
    found = [mark for mark in INTERROBANGS if mark in reply]
    return bool(found) and set(".,!?;:") <= set(reply.replace(found[0], "", 1))


def japanese_words(reply: str, N: int) -> bool:
    """Every N-th word is written in Japanese; numbers may stand anywhere."""
    places = reply.split()[N - 1 :: N] if N >= 1 else []
    return bool(places) and all(JAPANESE.search(word) or not re.search(r"[^\W\d]", word) for word in places)


def keywords_multiple(reply: str, keyword1: str, keyword2: str, keyword3: str, keyword4: str, keyword5: str) -> bool:
    """The first keyword once, the others twice, three, five and seven times."""
    wanted = zip((keyword1, keyword2, keyword3, keyword4, keyword5), (1, 2, 3, 5, 7), strict=True)
    return all(occurrences(reply, keyword.strip()) == count for keyword, count in wanted)


def pronouns(reply: str, N: int) -> bool:
    """At least N pronouns, repeated ones too."""
    return sum(token.lower() in PRONOUNS for token in TOKEN.findall(reply)) >= N


# -- ratios -----------------------------------------------------------------------------------------------------------


def stop_words(reply: str, percentage: float) -> bool:
    """At most so many percent of the words are stop words."""
    found = re.findall(r"\w+", reply.lower())
    return bool(found) and 100 * sum(word in STOP_WORDS for word in found) <= percentage * len(found)


def endings(reply: str) -> Counter[str]:
    """How many sentences end with each mark."""
    return Counter(sentence.rstrip("\"'\u201d\u2019)]")[-1:] for sentence in sentences(reply))


def sentence_type(reply: str) -> bool:
    """Two statements for every question."""
    ends = endings(reply)
    return ends["."] == 2 * ends["?"] > 0


def sentence_balance(reply: str) -> bool:
    """As many statements as questions as exclamations."""
    ends = endings(reply)
    return ends["."] == ends["?"] == ends["!"] > 0


def overlap(reply: str, reference_text: str, percentage: float) -> bool:
    """So many percent of the reply's trigrams are in the reference, give or take two."""

    def trigrams(text: str) -> set[tuple[str, ...]]:
        tokens = TOKEN.findall(text)
        return set(zip(tokens, tokens[1:], tokens[2:], strict=False))

    found = trigrams(reply)
    return bool(found) and abs(100 * len(found & trigrams(reference_text)) / len(found) - percentage) <= 2


def sentence_words(reply: str) -> bool:
    """Three sentences of equally many characters, in which no word occurs twice."""
    found = sentences(reply)
    used = bare(reply)
    return len(found) == 3 and len({len(sentence) for sentence in found}) == 1 and len(set(used)) == len(used)


# -- words ------------------------------------------------------------------------------------------------------------


def alphabet(reply: str) -> bool:
    """Each word begins with the letter after that of the word before, and A follows Z."""
    firsts = [ord(word[0]) - ord("a") for word in bare(reply)]
    inside = all(0 <= first < 26 for first in firsts)
    return bool(firsts) and inside and all((a + 1) % 26 == b for a, b in pairwise(firsts))


def vowel(reply: str) -> bool:
    """One paragraph with at most three of the five vowels."""
    return "\n" not in reply.strip() and bool(bare(reply)) and len(set("aeiou") & set(reply.lower())) <= 3


def consonants(reply: str) -> bool:
    """Two consonants stand together in every word."""
    found = bare(reply)
    return bool(found) and all(CLUSTER.search(word) for word in found)


def palindrome(reply: str) -> bool:
    """At least ten palindromes of five letters or more."""
    return sum(len(word) >= 5 and word == word[::-1] for word in bare(reply)) >= 10


def prime_lengths(reply: str) -> bool:
    """The length of every word is prime."""
    lengths = {len(word) for word in bare(reply)}
    return bool(lengths) and all(n > 1 and all(n % d for d in range(2, n)) for n in lengths)


def repeats(reply: str, small_n: int) -> bool:
    """No word occurs more often than this."""
    return max(Counter(bare(reply)).values(), default=0) <= small_n


def last_first(reply: str) -> bool:
    """Each sentence begins with the last word of the one before."""
    found = [used for sentence in sentences(reply) if (used := bare(sentence))]
    return bool(found) and all(before[-1] == after[0] for before, after in pairwise(found))


def paragraph_last_first(reply: str) -> bool:
    """Each paragraph, a line of its own, ends with the word that it begins with."""
    found = [used for line in reply.split("\n") if (used := bare(line))]
    return bool(found) and all(used[0] == used[-1] for used in found)


def no_consecutive(reply: str) -> bool:
    """No two neighbouring words begin with the same letter."""
    firsts = [word[0] for word in bare(reply)]
    return bool(firsts) and longest_run(firsts) == 1


def keyword_at(reply: str, keyword: str, n: int, m: int) -> bool:
    """The m-th word of the n-th sentence is the keyword."""
    found = sentences(reply)
    used = bare(found[n - 1]) if 1 <= n <= len(found) else []
    return 1 <= m <= len(used) and [used[m - 1]] == bare(keyword)


def words_position(reply: str, keyword: str) -> bool:
    """The second word and the second to last are the keyword."""
    used = bare(reply)
    return len(used) > 1 and [used[1]] == [used[-2]] == bare(keyword)


# -- sentences --------------------------------------------------------------------------------------------------------


def alliteration_increment(reply: str) -> bool:
    """The longest stretch of words with one first letter is longer in each sentence than in the one before."""
    runs = [longest_run([word[0] for word in bare(sentence)]) for sentence in sentences(reply)]
    return bool(runs) and all(before < after for before, after in pairwise(runs))


def sentence_keyword(reply: str, word: str, N: int) -> bool:
    """The N-th sentence has the keyword."""
    found = sentences(reply)
    return 1 <= N <= len(found) and occurrences(found[N - 1], word) > 0


def increment(reply: str, small_n: int) -> bool:
    """Each sentence has so many words more than the one before."""
    lengths = [len(bare(sentence)) for sentence in sentences(reply)]
    return bool(lengths) and all(after - before == small_n for before, after in pairwise(lengths))
