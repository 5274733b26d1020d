"""What a completion submits (`whetstone.envs.code.submission`)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whetstone.envs.code.sandbox.types import Program
from whetstone.envs.code.submission import LINES, SOURCE, TEXT, ProgramAnswer, TextAnswer, blocks, tagged

PYTHON, CPP = Program("python", "print(1)\n"), Program("cpp", "int main() {}\n")


@pytest.mark.parametrize(
    ("completion", "program"),
    [
        ("```python\nprint(1)\n```", PYTHON),
        ("First\n```py\nprint(0)\n```\nno:\n``` Python3 title=x\nprint(1)\n```\nDone.", PYTHON),
        ("```cpp\nint main() {}\n```", CPP),
        ("```C++\nint main() {}\n```", CPP),
        (
            "```python\nprint(1)\n```\nprints\n```\n1\n```",
            PYTHON,
        ),  # an untagged block is no program beside a tagged one
        ("```python\nprint(1)\n```\n```text\n1\n```\n```json\n{}\n```", PYTHON),
        ("```\nprint(1)\n```", PYTHON),
        ("```\n#include <x>\nint main() {}\n```", Program("cpp", "#include <x>\nint main() {}\n")),
        ("```python\nprint(0)\n```\n<answer>```python\nprint(1)\n```</answer>", PYTHON),
        ("<answer>\n```cpp\nint main() {}\n```\n</answer> ```python\nx\n```", CPP),
        ("<answer>print(1)\n</answer>", PYTHON),
        ("```python\nprint(0)\n```python\nprint(1)\n```", PYTHON),  # the first block was never closed
        ("   ```python\nprint(1)\n   ```  ", PYTHON),
    ],
)
def test_the_last_program_counts(completion: str, program: Program) -> None:
    assert ProgramAnswer().parse(completion) == program


@pytest.mark.parametrize(
    ("completion", "reason"),
    [
        ("print(1)", "found none"),
        ("```python\nprint(1)\n", "found none"),
        ("```rust\nfn main() {}\n```", "found none"),
        ("<answer>```text\nprint(1)\n```</answer>", "found none"),
        ("```python\n \n```", "empty"),
        ("<answer> </answer>", "empty"),
        (f"```python\n{'x' * SOURCE}\n```", "at most 65536 bytes"),
        (f"```python\n{'é' * (SOURCE // 2)}\n```", "at most 65536 bytes"),
        ("```python\n" + "\n" * LINES + "x\n```", "at most 5000 lines"),
        ("```python\nx = '\ud800'\n```", "Unicode"),
    ],
)
def test_what_is_no_program(completion: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        ProgramAnswer().parse(completion)


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("1 2", "1 2\n"),
        ("1 2\n", "1 2\n"),
        ("\n1 2\n", "1 2\n"),
        ("\n0\n\n", "0\n\n"),
        ("\n\n0", "\n0\n"),
        (" 1", " 1\n"),
    ],
)
def test_texts_stay_as_they_are(inside: str, text: str) -> None:
    assert TextAnswer("input").parse(inside) == text


@pytest.mark.parametrize("inside", ["", "\n", "x" * (TEXT + 1), "1\n" * (LINES + 1), "[" * 10_000_000, "\udcff"])
def test_what_is_no_text(inside: str) -> None:
    with pytest.raises(ValueError, match="expected an output"):
        TextAnswer("output").parse(inside)


@pytest.mark.parametrize(
    ("completion", "inside"),
    [
        ("<answer>1</answer>", "1"),
        ("<answer>1</answer> or <answer>2</answer>", "2"),
        ("<answer>1</answer> and </answer>", "1"),
        ("<answer>1</answer> and <answer>", "1"),
        ("<answer>0 <answer>1</answer>", "1"),
        ("<answer>1", None),
        ("</answer><answer>", None),
        ("", None),
    ],
)
def test_the_last_answer_counts(completion: str, inside: str | None) -> None:
    assert tagged(completion) == inside


@pytest.mark.parametrize("hostile", ["```a\n" * 200_000, "<answer>" * 200_000, "`" * 1_000_000, "\n" * 1_000_000])
def test_floods_are_read_in_linear_time(hostile: str) -> None:
    with pytest.raises(ValueError, match="found none"):
        ProgramAnswer().parse(hostile)
    with pytest.raises(ValueError, match=r"found none|empty|at most"):
        ProgramAnswer().parse(f"{hostile}<answer>{hostile}</answer>")


@settings(max_examples=200, deadline=None, database=None)
@given(st.text(alphabet=st.sampled_from("`\n a<>/pythoncpp#"), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for parse in (ProgramAnswer().parse, TextAnswer("input").parse):
        try:
            parse(text)
        except ValueError as error:
            assert str(error)


@given(st.text(max_size=80).filter(lambda text: text.strip() and "```" not in text and "answer>" not in text))
@settings(max_examples=100, deadline=None, database=None)
def test_what_is_printed_is_read_back(source: str) -> None:
    source = source.replace("\r", "") + "\n"
    if source.strip():
        program = Program("cpp", source)
        assert ProgramAnswer().parse(ProgramAnswer().show(program)) == program
    assert TextAnswer("output").parse(TextAnswer("output").show(source)) == source
    assert blocks(f"```x\n{source}```") == [("x", source)]
