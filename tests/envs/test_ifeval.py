"""IFEval's constraints: for each a reply that follows it and one that does not."""
# ruff: noqa: RUF001 - words of many alphabets

import pytest

from whetstone.envs.chat.ifeval import CONSTRAINTS, sentences, words
from whetstone.envs.chat.language import language_of

ENGLISH = "this is a text that is written in the language of the people who are here"
CASES = [  # constraint, its keywords, replies that follow it, replies that do not
    ("keywords:existence", {"keywords": ["cat", "big dog"]}, ["A Cat and a big dog."], ["cats and a big dog"]),
    ("keywords:frequency", {"keyword": "a", "frequency": 2, "relation": "at least"}, ["A cat, a dog"], ["a banana"]),
    ("keywords:frequency", {"keyword": "a", "frequency": 2, "relation": "less than"}, ["a banana"], ["a b a"]),
    ("keywords:forbidden_words", {"forbidden_words": ["no"]}, ["know nothing"], ["No!"]),
    ("keywords:letter_frequency", {"letter": "e", "let_frequency": 3, "let_relation": "at least"}, ["eEe"], ["ee"]),
    ("language:response_language", {"language": "de"}, ["Das ist nicht die Antwort, die wir suchen."], [ENGLISH]),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 2, "relation": "less than"},
        ["Mr. Fox runs."],
        ["One. Two!"],
    ),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, ["one\n***\ntwo"], ["one", "one\n***\n***\ntwo"]),
    ("length_constraints:number_words", {"num_words": 3, "relation": "at least"}, ["it's a well-known"], ["two words"]),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "well"},
        ["First.\n\nWell, then."],
        ["First.\n\nThen well.", "Well.", "a\n\nb\n\nwell"],
    ),
    ("detectable_content:number_placeholders", {"num_placeholders": 2}, ["[name] at [place]"], ["[name]"]),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, ["Bye.\nP.P.S. more"], ["Bye. PS more"]),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}, ["* a\n- b"], ["* a", "* a\n* b\n* c", "**a**\nb"]),
    ("detectable_format:constrained_response", {}, ["My answer is no."], ["No."]),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 2}, ["*a* and **b**"], ["*a*", "**  **"]),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "SECTION", "num_sections": 2},
        ["SECTION 1\na\nSECTION 2\nb"],
        ["SECTION 1\na"],
    ),
    ("detectable_format:json_format", {}, ['{"a": 1}', '```json\n{"a": 1}\n```'], ["a: 1", 'Here: {"a": 1}']),
    ("detectable_format:title", {}, ["<<A title>>\ntext"], ["A title", "<< >>"]),
    ("combination:two_responses", {}, ["one\n******\ntwo"], ["one", "one******one", "a******b******c"]),
    ("combination:repeat_prompt", {"prompt_to_repeat": "What is it?"}, ["what is it? A cat."], ["A cat."]),
    ("startend:end_checker", {"end_phrase": "That is all."}, ['So. That is all."'], ["That is all. Bye"]),
    ("startend:quotation", {}, ['"All of it"'], ['"', 'All of "it"']),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 2, "capital_relation": "at least"},
        ["A BIG cat"],
        ["BIG"],
    ),
    ("change_case:english_capital", {}, [ENGLISH.upper()], [ENGLISH]),
    ("change_case:english_lowercase", {}, [ENGLISH], [ENGLISH.capitalize()]),
    ("punctuation:no_comma", {}, ["a b"], ["a, b"]),
]


def test_all_twenty_five_are_here():
    assert len(CONSTRAINTS) == 25 and {name for name, *_ in CASES} == set(CONSTRAINTS)


@pytest.mark.parametrize(("name", "keywords", "good", "bad"), CASES)
def test_constraint(name, keywords, good, bad):
    check = CONSTRAINTS[name]
    assert [reply for reply in good if not check(reply, **keywords)] == []
    assert [reply for reply in bad if check(reply, **keywords)] == []
    if "relation" in "".join(keywords):
        wrong = {key: "about" if key.endswith("relation") else value for key, value in keywords.items()}
        with pytest.raises(TypeError, match="'at least' or 'less than'"):
            check("", **wrong)


def test_words_and_sentences():
    assert words("It's a well-known fact: 3.5 is odd.") == ["It's", "a", "well-known", "fact", "3", "5", "is", "odd"]
    assert sentences("Dr. Who met J. Fox at 3.30. Really?! Yes… (No.) e.g. this") == [
        "Dr. Who met J. Fox at 3.30.",
        "Really?!",
        "Yes… (No.)",
        "e.g. this",
    ]
    assert sentences("") == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("это не то, что я искал", "ru"),
        ("това е много добре и не се знае", "bg"),
        ("यह एक किताब है और वह भी", "hi"),
        ("ಇದು ಒಂದು ಪುಸ್ತಕ", "kn"),
        ("これは本です", "ja"),
        ("这是一本书", "zh"),
        ("هذا كتاب في اللغة على", "ar"),
        ("این کتاب را به من می دهد که", "fa"),
        ("das ist nicht der Weg, den wir mit dem Auto", "de"),
        ("le chat est dans la maison et il ne sait pas", "fr"),
        ("ต้นไม้", "th"),
        (ENGLISH, "en"),
    ],
)
def test_languages(text, language):
    assert language_of(text, "xx") == language
    assert language_of("12", "sw") == "sw"
