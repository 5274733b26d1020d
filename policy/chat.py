"""Conversations as text: a chat template with thinking tags, and what of a conversation is to be learnt.

Unusual here: every assistant message is a row of its own, after the very prompt that the policy sees when it is asked
for it. Templates of reasoning models drop the reasoning of earlier turns, so one rendering of the whole conversation
with a mask would train the later turns on a context that never occurs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jinja2 import TemplateError

from whetstone.policy.tokenizer import TextTokenizer

THINK, UNTHINK = "<think>", "</think>"
ROLES = ("system", "user", "assistant", "tool")
Message = Mapping[str, Any]

# ChatML with the tokenizer's own begin and end tokens, so that no token is added and the end of a turn ends a sample.
# As in Qwen3: reasoning (`reasoning_content`, or within the content) is shown after the last question only, a message
# without any has an empty block there, and `enable_thinking=False` asks for such a one.
CHAT_TEMPLATE = """\
{%- set last = namespace(question=-1) -%}
{%- for message in messages -%}
  {%- if message.role not in ['system', 'user', 'assistant', 'tool'] -%}
    {{- raise_exception('expected the role system, user, assistant or tool, got ' ~ message.role) -}}
  {%- endif -%}
  {%- if message.role == 'user' -%}{%- set last.question = loop.index0 -%}{%- endif -%}
{%- endfor -%}
{%- for message in messages -%}
  {{- bos_token + message.role + '\\n' -}}
  {%- if message.role != 'assistant' -%}
    {{- message.content + eos_token -}}
  {%- else -%}
    {%- set answer = message.content.split('</think>')[-1].lstrip('\\n') -%}
    {%- set thought = message.reasoning_content or '' -%}
    {%- if not thought and '</think>' in message.content -%}
      {%- set thought = message.content.split('</think>')[0].split('<think>')[-1] -%}
    {%- endif -%}
    {%- generation -%}
      {%- if loop.index0 > last.question -%}
        {{- '<think>\\n' + thought.strip('\\n') + '\\n</think>\\n\\n' -}}
      {%- endif -%}
      {{- answer + eos_token -}}
    {%- endgeneration -%}
  {%- endif -%}
  {{- '\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
  {{- bos_token + 'assistant\\n' -}}
  {%- if enable_thinking is defined and not enable_thinking -%}{{- '<think>\\n\\n</think>\\n\\n' -}}{%- endif -%}
{%- endif -%}
"""


def use_chat(tokenizer: TextTokenizer) -> TextTokenizer:
    """Give the tokenizer our chat template unless it has one; it is saved and served with the policy."""
    if not tokenizer.hf.chat_template:
        tokenizer.hf.chat_template = CHAT_TEMPLATE
    return tokenizer


def turns(tokenizer: TextTokenizer, messages: Sequence[Message], first: int = 0) -> Iterator[tuple[str, str]]:
    """(prompt, completion) as text for every assistant message from the `first` on.

    A message without reasoning follows the prompt that asks for none. Raises `ValueError` for messages that are none.
    """
    _require_messages(tokenizer, messages)
    for index, message in enumerate(messages):
        if message["role"] == "assistant" and index >= first:
            thinking = bool(message.get("reasoning_content")) or UNTHINK in message["content"]
            prompt = _render(tokenizer, messages[:index], add_generation_prompt=True, enable_thinking=thinking)
            whole = _render(tokenizer, messages[: index + 1])
            if not whole.startswith(prompt):
                raise ValueError(
                    f"message {index}: the chat template does not write it after the prompt that asks for it"
                )
            yield prompt, whole[len(prompt) :].rstrip("\n")


def parts(tokenizer: TextTokenizer, prompt: str, completion: str) -> tuple[tuple[int, ...], ...]:
    """The tokens of what was asked, of the opening tag, the reasoning, the closing tag, and the answer.

    They are the fields of a `curriculum.traces.Turn`; without reasoning the middle three are empty.
    """
    thought, closing, answer = completion.partition(UNTHINK)
    opening, inside = (thought[: len(THINK)], thought[len(THINK) :]) if thought.startswith(THINK) else ("", thought)
    texts = (prompt, opening, inside, closing, answer) if closing else (prompt, "", "", "", completion)
    return tuple(tuple(tokenizer.encode_rendered(text)) for text in texts)


def conversation(tokenizer: TextTokenizer, messages: Sequence[Message]) -> str:
    """All messages as one text."""
    _require_messages(tokenizer, messages)
    return _render(tokenizer, messages).rstrip("\n")


def _render(tokenizer: TextTokenizer, messages: Sequence[Message], **options: Any) -> str:
    plain = [{key: value for key, value in message.items() if value is not None} for message in messages]
    try:
        return str(tokenizer.hf.apply_chat_template(plain, tokenize=False, **options))
    except (TemplateError, TypeError, KeyError) as error:
        raise ValueError(f"the chat template refuses the messages: {error}") from error


def _require_messages(tokenizer: TextTokenizer, messages: Sequence[Message]) -> None:
    if not tokenizer.hf.chat_template:
        raise ValueError("the tokenizer has no chat template; `policy.chat.use_chat` gives it one")
    if not isinstance(messages, Sequence) or isinstance(messages, str):
        raise ValueError(f"expected a list of messages, got {type(messages).__name__}")
    if not any(isinstance(message, Mapping) and message.get("role") == "assistant" for message in messages):
        raise ValueError("no message is the assistant's, so there is nothing to learn")
    special = tokenizer.hf.all_special_tokens
    for index, message in enumerate(messages):
        if not isinstance(message, Mapping) or message.get("role") not in ROLES:
            raise ValueError(f"message {index}: expected a role of {', '.join(ROLES)}, got {str(message)[:80]!r}")
        for field in ("content", "reasoning_content"):
            text = message.get(field)
            if not isinstance(text, str) and (field == "content" or text is not None):
                raise ValueError(f"message {index}: expected text as {field}, got {type(text).__name__}")
            found = [token for token in special if text and token in text]
            if found:  # it would become the token itself: an answer that ends early, a turn that nobody took
                raise ValueError(f"message {index}: its {field} holds the special token {found[0]}")
