"""Prompts in the tokenizer's own chat template, for policies that are asked in chats."""

from __future__ import annotations

from whetstone.policy.tokenizer import TextTokenizer


class Chatting(TextTokenizer):
    """Encodes a prompt as the message of a user, ready for the assistant's."""

    def encode(self, text: str) -> list[int]:
        """The tokens of a chat of one message."""
        messages = [{"role": "user", "content": text}]
        rendered = self.hf.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        return self.encode_rendered(str(rendered))
