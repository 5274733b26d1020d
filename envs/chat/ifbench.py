"""IFBench's constraints by name (arXiv 2507.02833): 56 of its 58.

`words:start_verb` needs a tagger of parts of speech and `words:odd_even_syllables` a dictionary of syllables; a list
or a rule in their place would judge too many replies wrongly, so questions with either of them are left out.

Where a description and the published checker differ, the description counts: a statement and its question are needed
for a ratio of the two, a stretch of alliterating words is the longest one, and minor words may stay small in a title.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from whetstone.envs.chat import ifbench_forms as forms
from whetstone.envs.chat import ifbench_words as words

UNCOVERED = ("words:start_verb", "words:odd_even_syllables")
CONSTRAINTS: dict[str, Callable[..., Any]] = {
    "count:word_count_range": words.word_count_range,
    "count:unique_word_count": words.unique_word_count,
    "count:conjunctions": words.conjunctions,
    "count:person_names": words.person_names,
    "count:numbers": words.numbers,
    "count:punctuation": words.punctuation,
    "count:words_japanese": words.japanese_words,
    "count:keywords_multiple": words.keywords_multiple,
    "count:pronouns": words.pronouns,
    "ratio:stop_words": words.stop_words,
    "ratio:sentence_type": words.sentence_type,
    "ratio:sentence_balance": words.sentence_balance,
    "ratio:sentence_words": words.sentence_words,
    "ratio:overlap": words.overlap,
    "words:alphabet": words.alphabet,
    "words:vowel": words.vowel,
    "words:consonants": words.consonants,
    "words:palindrome": words.palindrome,
    "words:prime_lengths": words.prime_lengths,
    "words:repeats": words.repeats,
    "words:last_first": words.last_first,
    "words:paragraph_last_first": words.paragraph_last_first,
    "words:no_consecutive": words.no_consecutive,
    "words:keywords_specific_position": words.keyword_at,
    "words:words_position": words.words_position,
    "sentence:alliteration_increment": words.alliteration_increment,
    "sentence:keyword": words.sentence_keyword,
    "sentence:increment": words.increment,
    "format:parentheses": forms.parentheses,
    "format:quotes": forms.quotes,
    "format:options": forms.options,
    "format:newline": forms.newline,
    "format:emoji": forms.emoji,
    "format:line_indent": forms.line_indent,
    "format:quote_unquote": forms.quote_unquote,
    "format:list": forms.list_with,
    "format:thesis": forms.thesis,
    "format:sub-bullets": forms.sub_bullets,
    "format:no_bullets_bullets": forms.no_bullets_bullets,
    "format:title_case": forms.title_case,
    "format:output_template": forms.output_template,
    "format:no_whitespace": forms.no_whitespace,
    "repeat:repeat_change": forms.repeat_change,
    "repeat:repeat_simple": forms.repeat_simple,
    "repeat:repeat_span": forms.repeat_span,
    "custom:multiples": forms.multiples,
    "custom:mcq_count_length": forms.mcq_count_length,
    "custom:reverse_newline": forms.reverse_newline,
    "custom:word_reverse": forms.word_reverse,
    "custom:character_reverse": forms.character_reverse,
    "custom:sentence_alphabet": forms.sentence_alphabet,
    "custom:european_capitals_sort": forms.capitals_sort,
    "custom:csv_city": forms.csv_city,
    "custom:csv_special_character": forms.csv_special_character,
    "custom:csv_quotes": forms.csv_quotes,
    "custom:date_format_list": forms.date_format_list,
}
