"""Replies: reasoning, content and tool calls, wherever the text is cut; and prompts with and without a template."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone.rollout.chat import Chat, Reply, ReplyParser, ToolCall, parse_reply, text_of

SEARCH = {
    "type": "function",
    "function": {
        "name": "search",
        "parameters": {"type": "object", "properties": {"query": {"type": "string"}, "limit": {"type": "integer"}}},
    },
}
CALL = """<zyphra_tool_call>
<function=search>
<parameter=query>
42
</parameter>
<parameter=limit>
3
</parameter>
</function>
</zyphra_tool_call>"""
FOUND = ToolCall("search", '{"query": "42", "limit": 3}')


@pytest.mark.parametrize(
    ("text", "thinking", "reply"),
    [
        ("It is 4.", False, Reply(None, "It is 4.")),
        ("<think>\neasy\n</think>\n\nIt is 4.", False, Reply("easy", "It is 4.")),
        ("easy</think>It is 4.", True, Reply("easy", "It is 4.")),
        ("<think>cut off</thi", False, Reply("cut off</thi", "")),
        ("cut off  ", True, Reply("cut off", "")),
        ("<think></think>4", False, Reply(None, "4")),
        ("a < b <think> c", False, Reply(None, "a < b <think> c")),
        ("<thin", False, Reply(None, "<thin")),
        ("", False, Reply(None, "")),
        ("  4  ", False, Reply(None, "4  ")),
    ],
)
def test_reasoning_and_content(text: str, thinking: bool, reply: Reply):
    assert parse_reply(text, thinking) == reply


def test_a_tool_call_has_typed_arguments():
    reply = parse_reply(f"<think>look it up</think>I will search.\n{CALL}\n", tools=[SEARCH])
    assert reply == Reply("look it up", "I will search.", [FOUND])
    assert json.loads(reply.calls[0].arguments) == {"query": "42", "limit": 3}  # a string where the schema says so


def test_two_calls_in_a_row_and_qwens_tag():
    text = f"{CALL}\n{CALL.replace('zyphra_tool_call', 'tool_call')}"
    assert parse_reply(text, tools=[SEARCH]) == Reply(None, "", [FOUND, FOUND])


def test_values_are_json_where_they_read_so():
    values = "<parameter=a>\n[1, 2]\n</parameter><parameter=b>two\nlines</parameter>"
    text = f"<tool_call><function=f>{values}</function></tool_call>"
    (call,) = parse_reply(text, tools=[SEARCH]).calls
    assert json.loads(call.arguments) == {"a": [1, 2], "b": "two\nlines"}


@pytest.mark.parametrize("text", [CALL[:-5], "<tool_call>search(42)</tool_call>", "<zyphra_tool_call>"])
def test_what_is_no_readable_call_is_content(text: str):
    assert parse_reply(text, tools=[SEARCH]) == Reply(None, text)


def test_without_tools_a_call_is_text():
    assert parse_reply(CALL) == Reply(None, CALL)


PARTS = st.sampled_from(
    ["<think>", "</think>", "<zyphra_tool_call>", "</zyphra_tool_call>", CALL, "a<b ", "\n", " x", "é"]
)


@given(st.lists(PARTS, max_size=6).map("".join), st.lists(st.integers(0, 400), max_size=8), st.booleans())
def test_where_a_reply_is_cut_does_not_matter(text: str, cuts: list[int], thinking: bool):
    parser, reply = ReplyParser(thinking, [SEARCH]), Reply()
    ends = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    for start, end in itertools.pairwise(ends):
        reply.add(parser.feed(text[start:end]))
    reply.add(parser.finish())
    assert reply == parse_reply(text, thinking, [SEARCH])


class Templated:
    """A tokenizer whose template writes roles in brackets."""

    chat_template = "yes"

    def apply_chat_template(self, messages, tools, add_generation_prompt, tokenize, enable_thinking=True):
        assert add_generation_prompt and not tokenize
        said = "".join(f"[{m['role']}]{m['content']}" for m in messages)
        return f"{said}{len(tools or ())}[assistant]" + ("<think>\n" if enable_thinking else "")

    def encode(self, text: str, add_special_tokens: bool = True) -> list[int]:
        assert not add_special_tokens  # the template has written them
        return list(map(ord, text))


def test_the_template_writes_the_prompt():
    messages = [{"role": "user", "content": "2+2?"}]
    prompt, thinking = Chat(Templated()).prompt(messages, [SEARCH])
    assert ("".join(map(chr, prompt)), thinking) == ("[user]2+2?1[assistant]<think>\n", True)  # type: ignore[arg-type]
    assert Chat(Templated()).prompt(messages, options={"enable_thinking": False})[1] is False


def test_an_option_that_the_template_lacks_is_refused():
    with pytest.raises(ValueError, match="the chat template refuses them"):
        Chat(Templated()).prompt([{"role": "user", "content": ""}], options={"depth": 2})


def test_without_a_template_the_texts_are_joined():
    parts = [{"type": "text", "text": "2+"}, {"type": "text", "text": "2?"}]
    messages = [{"role": "system", "content": "Add."}, {"role": "user", "content": parts}]
    assert Chat(object()).prompt(messages) == ("Add.\n2+2?", False)


@pytest.mark.parametrize(
    ("messages", "tools", "message"),
    [
        ([{"role": "assistant", "content": "4"}], [], "cannot read assistant"),
        ([{"role": "user", "content": "4"}], [SEARCH], "cannot call tools"),
        ([{"role": "user", "content": [{"type": "image_url"}]}], [], "only text can be read here, not image_url"),
    ],
)
def test_what_a_bare_policy_cannot_read_is_refused(messages, tools, message: str):
    with pytest.raises(ValueError, match=message):
        Chat(object()).prompt(messages, tools)


def test_a_message_without_content_is_empty():
    assert text_of({"role": "user", "content": None}) == ""
