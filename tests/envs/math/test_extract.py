from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone.envs.math import extract, judge


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("<answer>7</answer>", "7"),
        ("<answer>6</answer> no, <answer> 7 </answer> done", "7"),
        (r"<answer>$\boxed{7}$</answer>", "7"),
        (r"\boxed{6} but <answer>7</answer>", "7"),
        (r"#### 5 \boxed{7}", "7"),
        (r"\boxed{\frac{1}{\sqrt{2}}}", r"\frac{1}{\sqrt{2}}"),
        (r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
        (r"\boxed{\left\{x : x > 1\right\}}", r"\left\{x : x > 1\right\}"),
        (r"\boxed {7}", "7"),
        (r"\fbox{7}", "7"),
        (r"\boxed{\boxed{7}}", "7"),
        (r"first \boxed{6}, so the answer is \boxed{7}", "7"),
        (r"\boxed{6}, \boxed{7}", "6, 7"),
        (r"$\boxed{6}$ and $\boxed{7}$", "6, 7"),
        (r"\boxed{6} \text{ or } \boxed{7}", "6, 7"),
        (r"\boxed{7}, \boxed{7}", "7"),
        (r"\boxed{7} and then \boxed{8", "7"),
        ("work\n#### 1,234", "1,234"),
        ("#### 5\n#### 6", "6"),
        ("The final answer is 42.", "42"),
        ("The final answer is: $x = 2$. I hope so.", "$x = 2$"),
        ("The final answer is $f(x)=2$ where $x$ is real.", "$f(x)=2$ where $x$ is real"),
        ("Final Answer: 7\nbecause", "7"),
        ("**Final Answer**\n**7**", "7"),
        ("Final answer: the volume of $ABCD$ is 120. I hope so.", "120"),
        ("Final answer: Jane started growing it 3 hours ago.", "3"),
        ("Final answer: the roots are 3 and 4.5.", "3 and 4.5"),
        ("The final answer is yes.<|im_end|>", "yes"),
        ("The final answer", None),
        ("nothing here", None),
        ("", None),
        ("<answer>7", None),
        ("7</answer>", None),
        (r"\boxed{7", None),
        (r"\boxed 7", None),
    ],
)
def test_extract(response: str, answer: str | None) -> None:
    assert extract(response) == answer


def test_two_boxes_side_by_side_are_a_hedge_and_far_apart_the_last_counts() -> None:
    assert judge("2", r"\boxed{1}, \boxed{2}").kind == "wrong"
    assert judge("2", r"Not \boxed{1}. Checking again gives \boxed{2}.").kind == "correct"


def test_no_answer_is_unreadable() -> None:
    assert judge("2", "I do not know.").kind == "unreadable"
    assert judge("2", "<answer></answer>").kind == "unreadable"


@given(st.text(alphabet=r"\boxedf{}answr</> #12", max_size=60))
def test_any_text_has_one_answer_or_none(text: str) -> None:
    found = extract(text)
    assert found is None or found in text or "," in found


@given(
    st.recursive(
        st.sampled_from(["1", "x"]), lambda inner: inner.map(lambda text: f"\\frac{{{text}}}{{{text}}}"), max_leaves=4
    )
)
def test_nested_braces_come_out_whole(content: str) -> None:
    assert extract(f"a }} b {{ \\boxed{{{content}}} }}") == content
