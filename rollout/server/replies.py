"""What the server says: choices, usage, errors and events, in OpenAI's form."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from whetstone.rollout.chat import Piece as Said
from whetstone.rollout.chat import Reply, ReplyParser, ToolCall
from whetstone.rollout.server.bridge import Piece
from whetstone.rollout.server.requests import Wish
from whetstone.rollout.types import Completion

Kind = Literal["chat.completion", "text_completion"]
Decode = Callable[[Sequence[int]], str]
DONE = b"data: [DONE]\n\n"


def event(data: Mapping[str, Any]) -> bytes:
    """One server-sent event."""
    return b"data: " + json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


def error_body(message: str, status: int, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    """An error in OpenAI's form."""
    kind = "invalid_request_error" if 400 <= status < 500 and status != 429 else "server_error"
    kind = "rate_limit_exceeded" if status == 429 else kind
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def usage(prompt_tokens: int, completion_tokens: int) -> dict[str, int]:
    """Tokens of the prompts, each counted once, and of all samples that were drawn for the answer."""
    total = prompt_tokens + completion_tokens
    return {"prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens, "total_tokens": total}


class Replies:
    """Turns pieces and completions of one request into its JSON.

    `parser` makes a `ReplyParser` for a choice of a chat; it is None for plain completions. `prompts` are the prompts
    in token ids, `n` choices each.
    """

    def __init__(
        self,
        model: str,
        wish: Wish,
        prompts: Sequence[tuple[int, ...]],
        decode: Decode,
        parser: Callable[[], ReplyParser] | None,
    ) -> None:
        self.wish, self.prompts, self.decode, self.parser = wish, prompts, decode, parser
        self.kind: Kind = "chat.completion" if parser else "text_completion"
        prefix = "chatcmpl" if parser else "cmpl"
        self.head = {
            "id": f"{prefix}-{secrets.token_hex(12)}",
            "object": self.kind,
            "created": int(time.time()),
            "model": model,
        }
        self._parsers: dict[int, ReplyParser] = {}
        self._called: dict[int, int] = {}  # choice -> tool calls so far

    # -- at once ------------------------------------------------------------------------------------------------------

    def whole(self, choices: Sequence[Completion], spent: Mapping[str, int]) -> dict[str, Any]:
        """The answer to a request that is not streamed."""
        body = {**self.head, "choices": [self._choice(i, done) for i, done in enumerate(choices)], "usage": dict(spent)}
        if self.parser and self.wish.token_ids:
            body["prompt_token_ids"] = self.prompts[0]
        return body

    def _choice(self, index: int, done: Completion) -> dict[str, Any]:
        if self.parser is None:
            return {"index": index, "text": done.text, **self._ending(index, done, called=False)}
        parser, reply = self.parser(), Reply()
        reply.add(parser.feed(done.text))
        reply.add(parser.finish())
        message: dict[str, Any] = {
            "role": "assistant",
            "content": reply.content or None if reply.calls else reply.content,
        }
        if reply.reasoning is not None:
            message["reasoning_content"] = reply.reasoning
        if reply.calls:
            message["tool_calls"] = [self._call(call) for call in reply.calls]
        return {"index": index, "message": message, **self._ending(index, done, bool(reply.calls))}

    @staticmethod
    def _call(call: ToolCall) -> dict[str, Any]:
        function = {"name": call.name, "arguments": call.arguments}
        return {"id": f"call_{secrets.token_hex(12)}", "type": "function", "function": function}

    def _ending(self, index: int, done: Completion, called: bool) -> dict[str, Any]:
        """What is known of a choice when it has ended."""
        ending: dict[str, Any] = {"logprobs": self._logprobs(done) if self.wish.logprobs else None}
        ending["finish_reason"] = "tool_calls" if called and done.finish == "stop" else done.finish
        if self.wish.token_ids:
            ending["token_ids"] = done.tokens
            if self.parser is None:
                ending["prompt_token_ids"] = self.prompts[index // self.wish.n]
        return ending

    def _logprobs(self, done: Completion) -> dict[str, Any]:
        spelled = [self.decode([token]) for token in done.tokens]
        pairs = list(zip(spelled, done.logprobs, strict=True))
        likely = [[(self.decode([token]), logprob) for token, logprob in place] for place in done.alternatives]
        likely = likely or [[] for _ in pairs]
        if self.parser is None:
            offsets = [sum(map(len, spelled[:i])) for i in range(len(spelled))]
            return {
                "tokens": spelled,
                "token_logprobs": done.logprobs,
                "top_logprobs": [dict(place) for place in likely] if done.alternatives else None,
                "text_offset": offsets,
            }
        entries = [
            {**_entry(*pair), "top_logprobs": [_entry(*p) for p in place]}
            for pair, place in zip(pairs, likely, strict=True)
        ]
        return {"content": entries}

    # -- streamed -----------------------------------------------------------------------------------------------------

    def opening(self) -> list[bytes]:
        """What a stream begins with."""
        if self.parser is None:
            return []
        choices = range(self.wish.n * len(self.prompts))
        return [self._delta(i, {"role": "assistant", "content": ""}) for i in choices]

    def piece(self, index: int, piece: Piece) -> list[bytes]:
        """The events of a choice's new text, and of its end."""
        done = piece.completion
        if self.parser is None:
            if done is None and not piece.text:
                return []
            ending = self._ending(index, done, called=False) if done else {"logprobs": None, "finish_reason": None}
            return [event({**self.head, "choices": [{"index": index, "text": piece.text, **ending}]})]
        parser = self._parsers.setdefault(index, self.parser())
        said = parser.feed(piece.text) + (parser.finish() if done else [])
        events = [self._delta(index, self._said(index, part)) for part in said]
        if done:
            events.append(self._delta(index, {}, self._ending(index, done, bool(self._called.get(index)))))
        return events

    def closing(self, spent: Mapping[str, int]) -> list[bytes]:
        """What a stream ends with."""
        last = [event({**self._stream_head, "choices": [], "usage": dict(spent)})] if self.wish.usage else []
        return [*last, DONE]

    @property
    def _stream_head(self) -> dict[str, Any]:
        return {**self.head, "object": "chat.completion.chunk"} if self.parser else self.head

    def _said(self, index: int, said: Said) -> dict[str, Any]:
        if said.call is None:
            return {"reasoning_content" if said.kind == "reasoning" else "content": said.text}
        number = self._called[index] = self._called.get(index, 0) + 1
        return {"tool_calls": [{"index": number - 1, **self._call(said.call)}]}

    def _delta(self, index: int, delta: Mapping[str, Any], ending: Mapping[str, Any] | None = None) -> bytes:
        ending = ending or {"logprobs": None, "finish_reason": None}
        return event({**self._stream_head, "choices": [{"index": index, "delta": delta, **ending}]})


def _entry(text: str, logprob: float) -> dict[str, Any]:
    return {"token": text, "logprob": logprob, "bytes": list(text.encode())}
