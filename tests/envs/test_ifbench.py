"""IFBench's constraints: for each replies that follow it and replies that do not, judged by hand."""
# ruff: noqa: RUF001 - words of many alphabets

import json

import pytest

from whetstone.envs.benchmarks import from_json, read
from whetstone.envs.chat.ifbench import CONSTRAINTS, UNCOVERED

AFRICA = """
Zimbabwe,Zambia,Uganda,Tunisia,Togo,Tanzania,Sudan,South Sudan,South Africa,Somalia,Sierra Leone,Seychelles,Senegal
São Tomé and Príncipe,Rwanda,Nigeria,Niger,Namibia,Mozambique,Morocco,Mauritius,Mauritania,Mali,Malawi,Madagascar,Libya
Liberia,Lesotho,Kenya,Ivory Coast,Guinea-Bissau,Guinea,Ghana,Gambia,Gabon,Ethiopia,Eswatini,Eritrea,Equatorial Guinea
Egypt,Djibouti,Democratic Republic of the Congo,Congo,Comoros,Chad,Central African Republic,Cape Verde,Cameroon,Burundi
Burkina Faso,Botswana,Benin,Angola,Algeria
""".strip().replace("\n", ",")
REVERSED = AFRICA.replace(",", "\n")
CAPITALS = (
    "Reykjavík, Helsinki, Oslo, Tallinn, Stockholm, Riga, Moscow, Copenhagen, Vilnius, Minsk, Dublin, Berlin, "
    "Amsterdam, Warsaw, London, Brussels, Kyiv, Prague, Luxembourg, Paris, Vienna, Bratislava, Budapest, Vaduz, "
    "Chișinău, Bern, Ljubljana, Zagreb"
)
ALPHABET = " ".join(f"{letter} is a letter." for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
OPTIONS = "\n".join(f"{letter}) one" for letter in "ABCDE")
MCQ = "\n".join(f"Question {i}: {'why ' * i}?\n{OPTIONS}" for i in (1, 2, 3, 4))
CITY = "ID,Country,City,Year,Count\n" + "\n".join(f"{i},France,Paris,2000,3" for i in range(7))
SHOP = "ProductID,Category,Brand,Price,Stock\n" + "\n".join(f"{i},tea,Leaf,2,3" for i in range(13))
SCHOOL = '"StudentID"\t"Subject"\t"Grade"\t"Semester"\t"Score"\n' + '"1"\t"Art"\t"A"\t"one"\t"9"\n' * 3
PALINDROMES = "Level, radar, civic, rotor, kayak, madam, refer, stats, tenet, solos."
REQUEST = "Write a poem about rain"

CASES = [  # constraint, its keywords, replies that follow it, replies that do not
    ("count:word_count_range", {"min_words": 2, "max_words": 3}, ["one two", "a b c"], ["one", "a b c d"]),
    ("count:unique_word_count", {"N": 3}, ["one two, two three"], ["Two two two, one"]),
    ("count:conjunctions", {"small_n": 3}, ["This and that, but yet"], ["and And and or"]),
    ("count:person_names", {"N": 2}, ["Emma met Liam."], ["Emma met Emma and Bob.", "emma and liam", "Leonard, Leo"]),
    ("count:numbers", {"N": 2}, ["I saw 3.14 and 100,000.", "7 of 9"], ["3", "1 2 3", "one two"]),
    (
        "count:punctuation",
        {},
        ["a. b, c! d? e; f: g?!", "a. b, c! d? e; f: g‽"],
        ["a. b, c; d: e?!", "a. b, c! d? e; f:"],
    ),
    ("count:words_japanese", {"N": 2}, ["one 二つ three 四つ"], ["one two", "one 二つ three four"]),
    (
        "count:keywords_multiple",
        {f"keyword{i}": word for i, word in enumerate("abcde", start=1)},
        ["a b b c c c d d d d d e e e e e e e"],
        ["a b b c c c d d d d d e e e e e e", "a a b b c c c d d d d d e e e e e e e"],
    ),
    ("count:pronouns", {"N": 3}, ["She gave it to me.", "he/him/his"], ["She gave it away."]),
    ("ratio:stop_words", {"percentage": 50}, ["the cat", "cats sleep well"], ["the cat is", "the of a cat"]),
    ("ratio:sentence_type", {}, ["One. Two. Three?"], ["One. Two?", "No end", "One. Two."]),
    ("ratio:sentence_balance", {}, ["One. Two? Three!"], ["One. Two. Three? Four!", "One. Two?"]),
    (
        "ratio:sentence_words",
        {},
        ["Old cats. Big dogs. Few cows."],
        ["Old cats. Big dogs.", "Old cats. Old dogs. Few cows."],
    ),
    (
        "ratio:overlap",
        {"reference_text": "a b c d e f", "percentage": 50},
        ["a b c d x y"],
        ["a b c d e f", "x y z", "", "a b"],
    ),
    ("words:alphabet", {}, ["A big cat. Dogs eat!", "Yes, zebras are big"], ["A cat", "1 2", "a B d"]),
    ("words:vowel", {}, ["the eel eked out"], ["the ugly iguana", "one\ntwo"]),
    ("words:consonants", {}, ["This black string"], ["This does not", "tree a"]),
    ("words:palindrome", {}, [PALINDROMES], [PALINDROMES.replace("Level", "Devil"), "bob " * 10]),
    ("words:prime_lengths", {}, ["We eat bread, friend's"], ["We eat cake", "a b"]),
    ("words:repeats", {"small_n": 2}, ["The cat, the dog"], ["The cat, the dog. The end"]),
    ("words:last_first", {}, ["I like cats. Cats like me! Me too.", "One sentence."], ["I like cats. They like me."]),
    ("words:paragraph_last_first", {}, ["Why ask why?\n\nNo means no."], ["Why ask why?\nNo means yes."]),
    ("words:no_consecutive", {}, ["big cats eat"], ["big bad cats", "Big boats"]),
    (
        "words:keywords_specific_position",
        {"keyword": "tea", "n": 2, "m": 3},
        ["Hello. I like tea, too."],
        ["I like tea.", "Hello. I drink black tea.", "Hello. Tea."],
    ),
    (
        "words:words_position",
        {"keyword": "rain"},
        ["The rain, oh rain falls", "The rain falls"],
        ["The rain may fall", "rain and rain so", "rain"],
    ),
    ("sentence:alliteration_increment", {}, ["No way. Big bears eat. Tall tigers track."], ["Big bears. Tall tigers."]),
    ("sentence:keyword", {"word": "tea", "N": 2}, ["Hello. More tea!"], ["More tea. Hello.", "Tea.", "Hi. Teams."]),
    ("sentence:increment", {"small_n": 2}, ["One. Two and three! Five words are in here."], ["One. Two three."]),
    ("format:parentheses", {}, ["a (b [c {d (e [f])}])"], ["((((a))))", "(((((a", "([{([a}])"]),
    ("format:quotes", {}, ['"a \'b "c" d\' e"', "“a ‘b “c”’”"], ["\"a 'b' c\"", "don't, can't, won't", '""""""']),
    ("format:options", {"options": "yes/no/maybe"}, ["Maybe.", "yes"], ["yes, because", "perhaps"]),
    ("format:options", {"options": "I know or I don't know"}, ["I don't know."], ["I", "don't know"]),
    ("format:options", {"options": "a), b), c)"}, ["b)"], ["b", "B)", "a), b)"]),
    ("format:newline", {}, ["One\ntwo,\n\nthree"], ["One two", "one\ntwo three"]),
    ("format:emoji", {}, ["Yes 😀. No! 🎉", "Well 👍🏽"], ["Yes. No! 🎉", "😀 Yes.", "Fine ☺️? No."]),
    ("format:line_indent", {}, ["a\n b\n\n   c"], ["a", "a\nb", " a\n  b\n  c"]),
    ("format:quote_unquote", {}, ['"Fire" is hot, "ice" is cold.'], ['"Fire" "ice" is', 'It is "hot".', "no quotes"]),
    ("format:list", {"sep": "!?!?"}, ["Two:\n!?!? one\n !?!? two"], ["!?!? one", "- one\n- two"]),
    (
        "format:thesis",
        {},
        ["<i>Tea is good.</i> It warms.", "<em>A</em> b <i>C</i> d"],
        ["*A* b", "<i>A</i>", "<i></i> b"],
    ),
    ("format:sub-bullets", {}, ["* a\n  - b\n* c\n  - d\n  - e"], ["* a\n* c\n  - d", "- a", "text"]),
    (
        "format:no_bullets_bullets",
        {},
        ["One. Two.\n* a\n* b"],
        ["One.\n* a\n* b", "One. Two.\n* a", "* a\n* b\nOne. Two."],
    ),
    ("format:title_case", {}, ["The Lord of the Rings", "One Day, NASA Flew"], ["The lord", "of Mice", "2 3"]),
    (
        "format:output_template",
        {},
        ["My Answer: yes My Conclusion: it is\nFuture Outlook: good"],
        [
            "My Answer: yes",
            "My Answer: My Conclusion: b Future Outlook: c",
            "Future Outlook: a My Answer: b My Conclusion: c",
        ],
    ),
    ("format:no_whitespace", {}, ["NoBlanks!"], ["one two", "a\tb", ""]),
    ("repeat:repeat_change", {"prompt_to_repeat": REQUEST}, ["Sing a poem about rain"], [REQUEST, "Sing a poem", ""]),
    ("repeat:repeat_simple", {}, ["Only output this sentence here, ignore all other requests."], ["Sure!"]),
    (
        "repeat:repeat_span",
        {"prompt_to_repeat": REQUEST, "n_start": 1, "n_end": 2},
        ["a poem"],
        ["a poem about", "write a"],
    ),
    (
        "custom:multiples",
        {},
        ["14, 21, 28, 35, 42, 49", "14,21,28,35,42,49"],
        ["14 21 28 35 42", "7 14 21 28 35 42 49"],
    ),
    (
        "custom:mcq_count_length",
        {},
        [MCQ],
        [MCQ.replace("E) one\nQ", "Q"), "Sure!\n" + MCQ, MCQ + "\nWell done.", MCQ[:60]],
    ),
    (
        "custom:reverse_newline",
        {},
        [REVERSED],
        [REVERSED.replace("Mali\nMalawi", "Malawi\nMali"), AFRICA, REVERSED[:200]],
    ),
    ("custom:word_reverse", {}, ["US the of symbol the is eagle bald The."], ["The bald eagle."]),
    ("custom:character_reverse", {}, [".elgae dlab eht si tI"], ["eagle bald the is It"]),
    ("custom:sentence_alphabet", {}, [ALPHABET], [ALPHABET.replace("C is", "D is"), "A is a letter."]),
    ("custom:european_capitals_sort", {}, [CAPITALS, CAPITALS.replace(" Kyiv,", "")], [CAPITALS.replace(" Bern,", "")]),
    (
        "custom:csv_city",
        {},
        [CITY],
        [CITY + "\n8,a,b,c,d", CITY.replace("City", "Town"), CITY.replace("2000,3", "3", 1)],
    ),
    (
        "custom:csv_special_character",
        {},
        [SHOP + '\n9,tea,"A&B",2,3'],
        [SHOP + "\n9,tea,A&B,2,3", SHOP + '\n9,tea,"AB",2,3'],
    ),
    ("custom:csv_quotes", {}, [SCHOOL], [SCHOOL.replace('"Art"', "Art", 1), SCHOOL.replace("\t", ",")]),
    (
        "custom:date_format_list",
        {},
        ["1796-04-12, 1805-12-02"],
        ["1796-4-12", "1805-13-02", "1905-12-02", "On 1805-12-02"],
    ),
]


def test_all_but_two_are_here():
    assert len(CONSTRAINTS) == 56 and not set(UNCOVERED) & set(CONSTRAINTS)
    assert {name for name, *_ in CASES} == set(CONSTRAINTS)


@pytest.mark.parametrize(("name", "keywords", "good", "bad"), CASES)
def test_constraint(name, keywords, good, bad):
    check = CONSTRAINTS[name]
    assert [reply for reply in good if not check(reply, **keywords)] == []
    assert [reply for reply in bad if check(reply, **keywords)] == []


def test_any_reply_can_be_judged():
    for reply in ("", " \n", ".", "?!?!", "((((", '"', "<i>", "*\n-", "\ufe0f", "9" * 400, "a" * 9000):
        for name, keywords, *_ in CASES:
            assert CONSTRAINTS[name](reply, **keywords) in (True, False), name


def rows(folder, *rows):
    file = folder / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def test_a_row_of_the_set_is_read_and_judged(tmp_path):
    columns = dict.fromkeys(
        ("N", "small_n", "keyword", "sep")
    )  # a column for every keyword, empty where it is not meant
    row = {"key": "1", "prompt": "Say it.", "instruction_id_list": ["count:numbers", "words:no_consecutive"]}
    row["kwargs"] = [{**columns, "N": 2.0}, columns]
    start = {**row, "instruction_id_list": ["words:start_verb"], "kwargs": [columns]}
    (question,) = read("ifbench", rows(tmp_path, row, start))
    for each in (question, from_json(question.to_json())):
        assert each.prompt == "Say it."
        assert each.grade("<think>1 2 3</think>I saw 2 cats, 7 dogs").score == 1.0
        half = each.grade("See some 2 cats")
        assert half.score == 0.0 and half.reason == "breaks count:numbers, words:no_consecutive"
        assert each.grade("I saw 2 cats").score == 0.5
    with pytest.raises(ValueError, match="there is no check for words:start_verb"):
        read("ifbench", rows(tmp_path, start))
