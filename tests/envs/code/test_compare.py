"""What counts as the same output, held against a plain oracle and against outputs written to fool a judge."""

from __future__ import annotations

import re
import tracemalloc
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone.envs.code.compare import BLOCK, compare, readable, show, tokens
from whetstone.envs.code.problem import Comparison

TOKENS = Comparison()
FLOATS = Comparison("floats", absolute=1e-6, relative=1e-6)

printable = st.binary(min_size=1, max_size=6).filter(lambda token: token.split() == [token])
blanks = st.text(" \t\n\r\x0b\x0c", min_size=1, max_size=3).map(str.encode)


def same(output: bytes | str, answer: str, comparison: Comparison = TOKENS) -> bool:
    return compare(comparison, "", output.encode() if isinstance(output, str) else output, answer) is None


@given(st.lists(printable), st.data())
def test_blanks_of_any_kind_and_number_part_tokens(words: list[bytes], data: st.DataObject) -> None:
    answer = " ".join(word.decode("latin-1") for word in words).encode().decode()
    output = b"".join(data.draw(blanks) + word.decode("latin-1").encode() for word in words) + data.draw(blanks)
    assert same(output, answer)
    assert same(output, answer, FLOATS)


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_exact_comparison_is_equality_of_the_token_lists(output: bytes, answer: bytes) -> None:
    text = answer.decode("latin-1")
    assert same(output, text) == (output.split() == text.encode().split())


@given(st.binary(max_size=40))
def test_tokens_are_those_of_a_whole_split(text: bytes) -> None:
    for pad in (b"", b"x" * (BLOCK - 3), b" " * (BLOCK - 3), b"ab " * (BLOCK // 3)):
        assert list(tokens(pad + text + pad)) == (pad + text + pad).split()


@pytest.mark.parametrize(
    "output",
    [
        *("+6", "6.0", "6.", "06", "006", "0_6", "6_", "-6", "6e0", "0x6", "0b110", "0o6", "6,", "6;", "'6'", "[6]"),
        *(
            "",
            " ",
            "6 6",
            "6\n6",
            "6 \x1f",
            "6\x00",
            "\x006",
            "\ufeff6",
            "\u20036",
            "6\u00a0",
            "6\u2028",
            "\uff16",
            "٦",
            "६",
        ),
        *("⑥", "6\u200b", "6\u0301", "VI", "six", "True", "None", "nan", "inf", "6j", "6L", "6/1", "12/2", "\x1b[31m6"),
        *("6\x08", "7\x086", "AC", "6 AC", "answer: 6", "{'verdict': 'AC'}", "quitf(_ok)", "6\x85", "\ud7ff6"),
    ],
)
def test_an_integer_has_one_spelling(output: str) -> None:
    assert not same(output, "6\n")
    assert not same(output, "6\n", FLOATS)


@pytest.mark.parametrize("output", ["6", "6\n", "6 \n\n", "6\r\n", "  6", "\n6", "6\t", "6\x0b\x0c", "6" + " " * 100])
def test_white_space_around_tokens_does_not_matter(output: str) -> None:
    assert same(output, "6\n")
    assert same(output, "6\r\n", FLOATS)


@pytest.mark.parametrize(
    "output", [b"\xff\xfe", b"\xc3", b"6\xa0", b"\x80" * 9, bytes(range(128, 256)), b"\xed\xa0\x80"]
)
def test_bytes_that_are_no_text_are_wrong(output: bytes) -> None:
    reason = compare(TOKENS, "", output, "6")
    assert reason is not None and reason.isascii() and reason.isprintable()


def test_text_outside_ascii_is_compared_byte_by_byte() -> None:
    assert same("naïve", "naïve")
    assert not same("nai\u0308ve", "naïve")
    assert same(b"\xed\xa0\x80", "\ud800")


@pytest.mark.parametrize(
    ("output", "answer"), [("-0", "0"), ("0", "-0"), ("1e3", "1000"), ("1000", "1e3"), ("YES", "Yes")]
)
def test_exact_tokens_know_no_numbers(output: str, answer: str) -> None:
    assert not same(output, answer)


@pytest.mark.parametrize(
    ("output", "answer"),
    [
        ("1000000006", "1000000000"),
        ("3000000000.0", "3000000000"),
        ("7", "6"),
        ("9007199254740993", "9007199254740992"),
    ],
)
def test_integers_are_never_compared_as_floats(output: str, answer: str) -> None:
    assert not same(output, answer, FLOATS)
    assert not same(f"0.5 {output}", f"0.5 {answer}", Comparison("floats", absolute=100, relative=1))


@pytest.mark.parametrize(
    ("output", "answer", "right"),
    [
        ("0.333333", "0.3333333333", True),
        ("0.33333", "0.3333333333", False),
        ("1.000001", "1.0", True),  # 1e-6 apart, to the last digit: as doubles they are farther
        ("1.0000010000000000000000001", "1.0", False),
        ("1000001", "1000000.0", True),  # relative
        ("1000001.0000001", "1000000.0", False),
        ("0.000001", "0.0", True),  # absolute
        ("0.0000010001", "0.0", False),
        ("-0.0", "0.0", True),
        ("0", "0.0", True),
        ("2", "2.0", True),
        (".5", "0.5", True),
        ("5.", "5.0", True),
        ("5e-1", "0.5", True),
        ("5E-1", "0.5", True),
        ("00.5", "0.5", True),
        ("1e-400", "0.0", True),
        ("123456789012345678.25", "123456789012345678.0", True),
        ("-0.5", "0.5", False),
        ("1e400", "1.0", False),
        ("1e400", "1e400", True),
        ("1e-9999", "1.0", False),
    ],
)
def test_floats_may_differ_by_either_tolerance(output: str, answer: str, right: bool) -> None:
    assert same(output, answer, FLOATS) == right
    assert same(f"1 {output} x", f"1 {answer} x", FLOATS) == right
    assert not same(output, f"{answer} {answer}", FLOATS)
    assert not same(f"{output} {output}", answer, FLOATS)


@pytest.mark.parametrize("apart", [2**53 + 1, 10**18 + 100])
def test_large_floats_are_not_rounded_to_doubles(apart: int) -> None:
    assert not same(f"{apart}.0", f"{apart - 1}.0", Comparison("floats", absolute=0.5))
    assert same(f"{apart}.5", f"{apart}.0", Comparison("floats", absolute=0.5))


@pytest.mark.parametrize(
    "output",
    [
        *(
            "nan",
            "NaN",
            "-nan",
            "inf",
            "-inf",
            "Infinity",
            "1e",
            "e5",
            ".",
            "-",
            "--1.0",
            "+1.0",
            "1.0.0",
            "1,0",
            "1_0.0",
        ),
        *(
            "0x1.8p0",
            "1.0f",
            "1.0d",
            "1.0L",
            "1.0\x00",
            "\ufeff1.0",
            "\uff11.0",
            "1e1_0",
            "1e+",
            "1e99999999999999999999",
        ),
        *(
            "1e-99999999999999999999",
            "1" * 1001 + ".0",
            "1." + "0" * 1000,
            "snan",
            "1.0e",
            "1 .0",
            "1. 0",
            "None",
            "1.0%",
        ),
    ],
)
def test_what_is_no_plain_decimal_is_no_float(output: str) -> None:
    assert not same(output, "1.0", Comparison("floats", absolute=1e300, relative=1e300))


@pytest.mark.parametrize("word", ["nan", "inf", "-inf", "NaN"])
def test_nan_and_infinity_are_right_only_where_the_reference_writes_the_same_word(word: str) -> None:
    assert same(word, word, FLOATS)
    for other in ("nan", "inf", "-inf", "NaN", "0.0", "1e999"):
        assert same(other, word, FLOATS) == (other == word)


decimals = st.decimals(-1000, 1000, allow_nan=False, places=3).map(lambda number: f"{number:f}")


@given(decimals, decimals, st.sampled_from([0.0, 0.001, 0.5, 10.0]), st.sampled_from([0.0, 1e-3, 0.25]))
def test_floats_agree_with_exact_arithmetic(output: str, answer: str, absolute: float, relative: float) -> None:
    x, y = Fraction(output), Fraction(answer)
    near = abs(x - y) <= max(Fraction(repr(absolute)), Fraction(repr(relative)) * abs(y))
    assert same(output, answer, Comparison("floats", absolute, relative)) == (near or output == answer)


@given(st.text("0123456789.eE+-xn_ \n", max_size=12), st.text("0123456789.eE+- \n", max_size=12))
def test_any_text_gets_a_verdict_and_what_is_accepted_is_near(output: str, answer: str) -> None:
    if same(output, answer, FLOATS):
        for found, wanted in zip(output.split(), answer.split(), strict=True):
            assert found == wanted or abs(float(found) - float(wanted)) <= 1.01e-6 * max(1.0, abs(float(wanted)))


def test_a_reason_names_the_place_and_not_the_answer() -> None:
    assert compare(TOKENS, "", b"1 2 4", "1 2 31337") == "token 3 is '4', which is wrong"
    assert compare(TOKENS, "", b"1 2", "1 2 31337") == "the output ends after 2 tokens: more are expected"
    assert compare(TOKENS, "", b"1 2 3 4", "1 2 3") == "the output goes on after the end of the answer: token 4 is '4'"
    assert compare(FLOATS, "", b"4.5", "3.25") == "token 1 is '4.5', which is too far off"
    assert compare(FLOATS, "", b"nan", "3.25") == "token 1 is 'nan', which is no plain decimal number"
    assert show(b"\xff\n" + b"x" * 99) == ascii("\\xff\n" + "x" * 38) + "..."


@pytest.mark.parametrize(
    "output",
    [
        b"1" * (16 << 20),
        b"1 " * (8 << 20),
        b" " * (16 << 20),
        b"." * (16 << 20),
        b"1." + b"0" * (16 << 20),
        b"1e" + b"9" * (16 << 20),
        b"x" * (16 << 20),
        b"\x00" * (16 << 20),
    ],
    ids=["digits", "tokens", "blanks", "points", "fraction", "exponent", "letters", "zeros"],
)
def test_sixteen_megabytes_take_little_memory(output: bytes) -> None:
    answer = "1 " * (1 << 18) + "2.5"
    tracemalloc.start()
    assert not same(output, answer, FLOATS)
    assert not same(output, answer)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * len(output)


def test_a_checker_needs_a_sandbox() -> None:
    with pytest.raises(ValueError, match="sandbox"):
        compare(Comparison("checker", checker="def check(*texts): pass"), "", b"", "")


@given(st.binary(max_size=20))
def test_a_checker_reads_nothing_but_ascii(output: bytes) -> None:
    if re.fullmatch(rb"[\t\n\r -~]*", output):
        assert readable(output).encode() == output
    else:
        with pytest.raises(ValueError, match="expected ASCII text"):
            readable(output)
