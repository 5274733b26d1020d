"""Chats: from messages to a prompt, and from the text of a reply to reasoning, content and tool calls.

Reasoning stands between `<think>` and `</think>`, as Qwen3 and ZAYA1 write it. Tool calls are ZAYA1's XML:

    <zyphra_tool_call>
    <function=search>
    <parameter=query>
    compressed convolutional attention
    </parameter>
    </function>
    </zyphra_tool_call>

`<tool_call>` around the same is read too (Qwen3-Coder). `ReplyParser` takes the text in pieces cut anywhere, and what
it says does not depend on where they were cut.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

THINK, UNTHINK = "<think>", "</think>"
CALLS = {"<zyphra_tool_call>": "</zyphra_tool_call>", "<tool_call>": "</tool_call>"}
FUNCTION = re.compile(r"\s*<function=([^>\n]+)>(.*)</function>\s*", re.DOTALL)
PARAMETER = re.compile(r"<parameter=([^>\n]+)>\n?(.*?)\n?</parameter>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function's name and its arguments as the text of a JSON object."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a reply: text of its reasoning or its content, or a whole tool call."""

    kind: Literal["reasoning", "content", "tool_call"]
    text: str = ""
    call: ToolCall | None = None


@dataclass(slots=True)
class Reply:
    """A whole reply; `reasoning` is None where there was none."""

    reasoning: str | None = None
    content: str = ""
    calls: list[ToolCall] = field(default_factory=list)

    def add(self, pieces: Sequence[Piece]) -> None:
        """Append what a parser said."""
        for piece in pieces:
            if piece.kind == "reasoning":
                self.reasoning = (self.reasoning or "") + piece.text
            elif piece.kind == "content":
                self.content += piece.text
            elif piece.call is not None:
                self.calls.append(piece.call)


class ReplyParser:
    """Reads a reply piece by piece: `feed` its text as it comes, then `finish`.

    `thinking` says that the prompt ended within an open `<think>`. `tools` are the schemas of a request (in OpenAI's
    form); without any, tool calls are text. White space around reasoning and calls, and before content, is left out.
    Reasoning that is never closed is reasoning to the end; an unreadable tool call is content, as it was written.
    """

    def __init__(self, thinking: bool = False, tools: Sequence[Mapping[str, Any]] = ()) -> None:
        self.schemas = {tool["function"]["name"]: tool["function"].get("parameters") or {} for tool in tools}
        self.state: Literal["start", "reasoning", "content", "call"] = "reasoning" if thinking else "start"
        self.rest, self.opening = "", ""
        self.fresh = True  # nothing of this stretch was said yet: white space at its start is dropped

    def feed(self, text: str) -> list[Piece]:
        """What has become certain with `text`."""
        self.rest += text
        pieces: list[Piece] = []
        while self._advance(pieces):
            pass
        return pieces

    def finish(self) -> list[Piece]:
        """What was still uncertain at the end of the reply."""
        if self.state == "reasoning":
            pieces = self._say("reasoning", self.rest.rstrip())
        else:
            pieces = self._say("content", self.opening + self.rest)
        self.rest = self.opening = ""
        return pieces

    def _say(self, kind: Literal["reasoning", "content"], text: str) -> list[Piece]:
        text = text.lstrip() if self.fresh else text
        self.fresh = self.fresh and not text
        return [Piece(kind, text)] if text else []

    def _advance(self, pieces: list[Piece]) -> bool:
        """One step; whether there may be another one."""
        if self.state == "start":
            return self._begin()
        if self.state == "reasoning":
            return self._reason(pieces)
        return self._call(pieces) if self.state == "call" else self._content(pieces)

    def _begin(self) -> bool:
        seen = self.rest.lstrip()
        if THINK.startswith(seen) and seen != THINK:
            return False
        if seen.startswith(THINK):
            self.state, self.rest = "reasoning", seen.removeprefix(THINK)
        else:
            self.state = "content"
        return True

    def _reason(self, pieces: list[Piece]) -> bool:
        before, closed, after = self.rest.partition(UNTHINK)
        if closed:
            pieces += self._say("reasoning", before.rstrip())
            self.state, self.rest, self.fresh = "content", after, True
            return True
        certain = len(self.rest) - _begun(self.rest, (UNTHINK,))
        certain = len(self.rest[:certain].rstrip())
        pieces += self._say("reasoning", self.rest[:certain])
        self.rest = self.rest[certain:]
        return False

    def _content(self, pieces: list[Piece]) -> bool:
        openings = tuple(CALLS) if self.schemas else ()
        at, opening = min(((self.rest.find(o), o) for o in openings if o in self.rest), default=(-1, ""))
        if opening:
            pieces += self._say("content", self.rest[:at].rstrip())
            self.state, self.opening, self.rest = "call", opening, self.rest[at + len(opening) :]
            return True
        certain = len(self.rest) - _begun(self.rest, openings)
        if openings:  # white space before a call belongs to the call
            certain = len(self.rest[:certain].rstrip())
        pieces += self._say("content", self.rest[:certain])
        self.rest = self.rest[certain:]
        return False

    def _call(self, pieces: list[Piece]) -> bool:
        inside, closed, after = self.rest.partition(CALLS[self.opening])
        if not closed:
            return False
        call = self._read(inside)
        if call is None:
            pieces += self._say("content", f"{self.opening}{inside}{closed}")
        else:
            pieces.append(Piece("tool_call", call=call))
            self.fresh = True
        self.state, self.opening, self.rest = "content", "", after
        return True

    def _read(self, text: str) -> ToolCall | None:
        found = FUNCTION.fullmatch(text)
        if found is None:
            return None
        name = found[1].strip()
        properties = self.schemas.get(name, {}).get("properties", {})
        values = {
            key.strip(): _value(value, properties.get(key.strip(), {}).get("type"))
            for key, value in PARAMETER.findall(found[2])
        }
        return ToolCall(name, json.dumps(values, ensure_ascii=False))


def parse_reply(text: str, thinking: bool = False, tools: Sequence[Mapping[str, Any]] = ()) -> Reply:
    """A whole reply at once.

    >>> parse_reply("<think>easy</think>It is 4.")
    Reply(reasoning='easy', content='It is 4.', calls=[])
    """
    parser, reply = ReplyParser(thinking, tools), Reply()
    reply.add(parser.feed(text))
    reply.add(parser.finish())
    return reply


def _begun(text: str, tags: Sequence[str]) -> int:
    """The length of the longest end of `text` that may go on to become one of `tags`."""
    longest = max(map(len, tags), default=0)
    ends = range(min(len(text), longest - 1), 0, -1)
    return next((n for n in ends if any(len(tag) > n and tag.startswith(text[-n:]) for tag in tags)), 0)


def _value(text: str, kind: Any) -> Any:
    """A parameter as JSON where it reads so; where the schema wants a string, a string."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if kind == "string" and not isinstance(value, str) else value


# -- prompts ----------------------------------------------------------------------------------------------------------


class Chat:
    """Turns messages into a prompt, by the tokenizer's chat template where it has one.

    `tokenizer` is a Transformers tokenizer, or holds one as `hf`. Without a template the policy was trained on bare
    prompts: the texts of the messages are joined by line breaks, and only `system` and `user` may speak.
    """

    def __init__(self, tokenizer: Any) -> None:
        self.hf = getattr(tokenizer, "hf", tokenizer)
        self.has_template = bool(getattr(self.hf, "chat_template", None))

    def prompt(
        self,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]] = (),
        options: Mapping[str, Any] | None = None,
    ) -> tuple[str | tuple[int, ...], bool]:
        """The prompt, and whether it ends within an open `<think>`.

        `options` are variables of the template, such as `enable_thinking`. Raises `ValueError` for messages that the
        template refuses, or that need one where there is none.
        """
        if not self.has_template:
            return self._bare(messages, tools), False
        from jinja2 import TemplateError

        try:
            text = self.hf.apply_chat_template(
                list(messages),
                tools=list(tools) or None,
                add_generation_prompt=True,
                tokenize=False,
                **(options or {}),
            )
        except (TemplateError, TypeError, KeyError) as error:
            raise ValueError(f"messages: the chat template refuses them: {error}") from error
        thinking = text.rstrip().endswith(THINK)
        return tuple(self.hf.encode(text, add_special_tokens=False)), thinking

    @staticmethod
    def _bare(messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]) -> str:
        others = {str(message["role"]) for message in messages} - {"system", "user"}
        if others:
            raise ValueError(
                f"messages: this policy has no chat template, so it cannot read {', '.join(sorted(others))}"
            )
        if tools:
            raise ValueError("tools: this policy has no chat template, so it cannot call tools")
        return "\n".join(text_of(message) for message in messages)


def text_of(message: Mapping[str, Any]) -> str:
    """The text of a message whose content is text or a list of text parts; raises `ValueError` for other parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    if content is None:
        return ""
    kinds = {part.get("type") for part in content} - {"text"}
    if kinds:
        raise ValueError(f"messages: only text can be read here, not {', '.join(sorted(map(str, kinds)))}")
    return "".join(part["text"] for part in content)
