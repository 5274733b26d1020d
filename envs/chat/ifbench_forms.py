"""IFBench's constraints on the form of a reply (arXiv 2507.02833): format, repetition, and single requests.

Written from the published descriptions; see `ifbench` for the names. Strict: the reply is judged as it stands.
"""

from __future__ import annotations

import csv
import io
import re
import string
import unicodedata
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from whetstone.envs.chat.ifbench_words import bare, listed
from whetstone.envs.chat.ifeval import WORD, sentences

STRAIGHT = str.maketrans({"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'"})
APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
BRACKETS = {")": "(", "]": "[", "}": "{"}
PICTURE = "[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff\u3030\u303d\u2049\u203c]"
EMOJI = f"(?:{PICTURE}[\ufe0f\u200d\U0001f3fb-\U0001f3ff]*)+"
ITALICS = re.compile(r"<(i|em)>(.*?)</\1>", re.DOTALL)
SIMPLE = "Only output this sentence here, ignore all other requests."
TEMPLATE = re.compile(r"My Answer:(.+)My Conclusion:(.+)Future Outlook:(.+)", re.DOTALL)
QUESTION = re.compile(r"^\s*Question\b[^\n]*?(?=\S)", re.MULTILINE)
OPTION = re.compile(r"^\s*\(?[A-Ea-e][.)]\s*\S")
MINOR = listed(  # words that a title need not capitalise
    "a an the and but or nor for so yet as if of in on at to by up off via per vs from with into onto over than"
)
LATITUDES = {  # of the European capitals north of 45 degrees, in degrees
    "Reykjavik": 64.15, "Helsinki": 60.17, "Oslo": 59.91, "Tallinn": 59.44, "Stockholm": 59.33, "Riga": 56.95,
    "Moscow": 55.76, "Copenhagen": 55.68, "Vilnius": 54.69, "Minsk": 53.90, "Dublin": 53.35, "Berlin": 52.52,
    "Amsterdam": 52.37, "Warsaw": 52.23, "London": 51.51, "Brussels": 50.85, "Kyiv": 50.45, "Prague": 50.08,
    "Luxembourg": 49.61, "Paris": 48.86, "Vienna": 48.21, "Bratislava": 48.15, "Budapest": 47.50, "Vaduz": 47.14,
    "Chisinau": 47.01, "Bern": 46.95, "Ljubljana": 46.06, "Zagreb": 45.81,
}  # fmt: skip
UNKEYED = {"Kyiv"}  # missing from the published key: a reply may have it or not
NAPOLEON = (1769, 1821)


def lines_of(text: str) -> list[str]:
    """The lines that are not blank."""
    return [line for line in text.split("\n") if line.strip()]


def plain(text: str) -> str:
    """A text without the accents of its letters."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


# -- format -----------------------------------------------------------------------------------------------------------


def parentheses(reply: str) -> bool:
    """Brackets of any kind, closed in order, five within each other."""
    opened: list[tuple[str, int]] = []  # every open bracket, and how deep what it holds already is
    for c in reply:
        if c in "([{":
            opened.append((c, 0))
        elif c in BRACKETS:
            if not opened or opened[-1][0] != BRACKETS[c]:
                opened.clear()
                continue
            depth = opened.pop()[1] + 1
            if depth >= 5:
                return True
            if opened:
                opened[-1] = (opened[-1][0], max(opened[-1][1], depth))
    return False


def quotes(reply: str) -> bool:
    """Quotations three within each other, with double and single marks by turns."""
    opened: list[str] = []
    depth = 0
    for c in APOSTROPHE.sub("", reply.translate(STRAIGHT)):
        if c not in "\"'":
            continue
        if opened and opened[-1] == c:
            opened.pop()
            depth += 1
            if depth >= 3:
                return True
        else:
            opened.append(c)
            depth = 0
    return False


def options(reply: str, options: str) -> bool:
    """One of the given options and nothing else; letters with their brackets as they are."""
    separator = "/" if "/" in options else " or " if " or " in options else ","
    listed = [option.strip() for option in options.split(separator)]
    if all(re.fullmatch(r"\W*[A-Za-z]\W*", option) for option in listed):
        return reply.strip() in listed

    def normal(text: str) -> str:
        return text.strip(string.punctuation + string.whitespace).lower()

    return normal(reply) in map(normal, listed)


def newline(reply: str) -> bool:
    """Each word on a line of its own."""
    found = [used for line in reply.split("\n") if (used := bare(line))]
    return bool(found) and all(len(used) == 1 for used in found)


def emoji(reply: str) -> bool:
    """An emoji at the end of every sentence, before its mark or after it."""
    moved = re.sub(rf"([.!?\u2026]+)\s*({EMOJI})", r" \2\1 ", reply)
    found = sentences(moved)
    return bool(found) and all(re.search(rf"{EMOJI}[\s{re.escape(string.punctuation)}\u2026]*$", s) for s in found)


def line_indent(reply: str) -> bool:
    """Two lines or more, each indented more than the one before."""
    indents = [len(line) - len(line.lstrip(" ")) for line in lines_of(reply)]
    return len(indents) > 1 and all(before < after for before, after in pairwise(indents))


def quote_unquote(reply: str) -> bool:
    """After every phrase in quotation marks come words without them."""
    parts = reply.translate(STRAIGHT).split('"')
    return len(parts) > 2 and len(parts) % 2 == 1 and all(WORD.search(after) for after in parts[2::2])


def list_with(reply: str, sep: str) -> bool:
    """At least two lines that begin with the given mark."""
    return sum(line.lstrip().startswith(sep) for line in lines_of(reply)) >= 2


def thesis(reply: str) -> bool:
    """Sections that begin with a statement in HTML's italics and go on without."""
    pieces = ITALICS.split(reply)
    said, after = pieces[2::3], pieces[3::3]
    return bool(said) and all(WORD.search(text) for text in (*said, *after))


def sub_bullets(reply: str) -> bool:
    """Bullets with *, and for each at least one sub-bullet with -."""
    marks = "".join(mark for line in lines_of(reply) if (mark := line.lstrip()[0]) in "*-")
    return re.fullmatch(r"-*(?:\*-+)+", marks) is not None


def no_bullets_bullets(reply: str) -> bool:
    """At least two sentences that end in a period, and then at least two bullets with *, and nothing else."""
    found = lines_of(reply)
    first = next((i for i, line in enumerate(found) if line.lstrip().startswith("*")), len(found))
    stated = sum(sentence.endswith(".") for line in found[:first] for sentence in sentences(line))
    return stated >= 2 and len(found) - first >= 2 and all(line.lstrip().startswith("*") for line in found[first:])


def title_case(reply: str) -> bool:
    """Every word but articles, conjunctions and short prepositions begins with a capital letter."""
    found = [word for word in WORD.findall(reply) if word[0].isalpha()]
    return bool(found) and found[0][0].isupper() and all(w[0].isupper() or w in MINOR for w in found)


def output_template(reply: str) -> bool:
    """The three headings of the template, in order, each with something after it."""
    found = TEMPLATE.search(reply)
    return found is not None and all(part.strip() for part in found.groups())


def no_whitespace(reply: str) -> bool:
    """No blank, tab or line break."""
    return bool(reply) and not any(map(str.isspace, reply))


# -- repetition -------------------------------------------------------------------------------------------------------


def repeat_change(reply: str, prompt_to_repeat: str) -> bool:
    """The request with another first word, and nothing else."""
    given, said = prompt_to_repeat.split(), reply.split()
    return given[1:] == said[1:] and given[:1] != said[:1] and bool(said)


def repeat_simple(reply: str) -> bool:
    """The one sentence that asks for itself."""
    return reply.strip().lower() == SIMPLE.lower()


def repeat_span(reply: str, prompt_to_repeat: str, n_start: int, n_end: int) -> bool:
    """The words of the request from one place to another, both included and counted from 0."""
    return reply.strip().lower() == " ".join(prompt_to_repeat.split()[n_start : n_end + 1]).lower()


# -- single requests --------------------------------------------------------------------------------------------------


def multiples(reply: str) -> bool:
    """The multiples of 7 from 10 to 50, and no other number."""
    return re.findall(r"\d+", reply) == [str(n) for n in range(14, 51, 7)]


def mcq_count_length(reply: str) -> bool:
    """Four questions that begin with "Question" and grow longer, each with five lettered options, and no more."""
    starts = [found.start() for found in QUESTION.finditer(reply)]
    if len(starts) != 4 or reply[: starts[0]].strip():
        return False
    lengths = []
    for start, end in zip(starts, [*starts[1:], len(reply)], strict=True):
        found = lines_of(reply[start:end])
        lettered = [i for i, line in enumerate(found) if OPTION.match(line)]
        if len(lettered) != 5 or lettered != list(range(lettered[0], len(found))):
            return False
        lengths.append(len(" ".join(found[: lettered[0]])))
    return all(before < after for before, after in pairwise(lengths))


def reverse_newline(reply: str) -> bool:
    """The countries of Africa (52 at least) in reverse alphabetical order from Zimbabwe on, a line each."""
    names = [plain(line).strip(string.punctuation + string.digits + " ") for line in lines_of(reply)]
    start = next((i for i, name in enumerate(names) if "Zimbabwe" in name), len(names))
    listed = names[start:]
    return len(listed) >= 52 and listed == sorted(listed, reverse=True)


def word_reverse(reply: str) -> bool:
    """A sentence about the bald eagle with its words from the last to the first."""
    return "bald eagle" in " ".join(reversed(bare(reply)))


def character_reverse(reply: str) -> bool:
    """The bald eagle with its letters from the last to the first."""
    return "bald eagle"[::-1] in reply.lower()


def sentence_alphabet(reply: str) -> bool:
    """Twenty-six sentences whose first letters are the alphabet."""
    firsts = [bare(sentence)[0][0] for sentence in sentences(reply)]
    return firsts == list(string.ascii_lowercase)


def capitals_sort(reply: str) -> bool:
    """The European capitals north of 45 degrees, from north to south, with commas between them."""
    named = [name.strip() for name in plain(reply).strip().rstrip(".").split(",")]
    wanted = sorted(LATITUDES, key=lambda name: -LATITUDES[name])
    return named in (wanted, [name for name in wanted if name not in UNKEYED])


def _table(reply: str, header: Sequence[str], count: int, delimiter: str = ",") -> bool:
    """Whether a reply is a header and so many rows, all of one width."""
    found = list(csv.reader(io.StringIO(reply.strip()), delimiter=delimiter, skipinitialspace=True))
    widths = {len(row) for row in found}
    return len(found) == count + 1 and found[0] == list(header) and widths == {len(header)}


def csv_city(reply: str) -> bool:
    """Seven rows of comma-separated values under the given header."""
    return _table(reply, ("ID", "Country", "City", "Year", "Count"), 7)


def csv_special_character(reply: str) -> bool:
    """Fourteen such rows, with a special character in a field that stands in double quotes."""
    special = re.search(r'(?:^|,)[ \t]*"[^"\n]*[^\w\s"][^"\n]*"', reply, re.MULTILINE)
    return special is not None and _table(reply, ("ProductID", "Category", "Brand", "Price", "Stock"), 14)


def csv_quotes(reply: str) -> bool:
    """Three rows of tab-separated values, every field in double quotes."""
    fields = [field.strip() for line in lines_of(reply) for field in line.split("\t")]
    quoted = all(re.fullmatch(r'"[^"]*"', field) for field in fields)
    return quoted and _table(reply, ("StudentID", "Subject", "Grade", "Semester", "Score"), 3, "\t")


def date_format_list(reply: str) -> bool:
    """Dates as YYYY-MM-DD with commas between them, all in Napoleon's lifetime, and nothing else."""
    for text in reply.strip().split(","):
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()):
            return False
        try:
            year = date.fromisoformat(text.strip()).year
        except ValueError:
            return False
        if not NAPOLEON[0] <= year <= NAPOLEON[1]:
            return False
    return True
