"""Chat templates: what is rendered, letter by letter, and what of it is learnt."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from whetstone.policy.chat import CHAT_TEMPLATE, conversation, turns, use_chat
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.rollout.chat import Chat, parse_reply

BOS, EOS = "<|begin|>", "<|end|>"
SYSTEM = {"role": "system", "content": "Be brief."}
ASK = {"role": "user", "content": "2 + 2?"}
ANSWER = {"role": "assistant", "content": "4", "reasoning_content": "Two and two."}
AGAIN = {"role": "user", "content": "Sure?"}
PLAIN = {"role": "assistant", "content": "Yes."}


@pytest.fixture
def tokenizer() -> TextTokenizer:
    return use_chat(TextTokenizer.train(["<think>\n2 + 2?\n</think>\n\n4"] * 3, 300))


def test_a_conversation_letter_by_letter(tokenizer: TextTokenizer):
    assert conversation(tokenizer, [SYSTEM, ASK, ANSWER]) == (
        f"{BOS}system\nBe brief.{EOS}\n{BOS}user\n2 + 2?{EOS}\n"
        f"{BOS}assistant\n<think>\nTwo and two.\n</think>\n\n4{EOS}"
    )


def test_each_answer_is_learnt_after_the_prompt_that_asks_for_it(tokenizer: TextTokenizer):
    first, second = turns(tokenizer, [ASK, ANSWER, AGAIN, PLAIN])
    asked = f"{BOS}user\n2 + 2?{EOS}\n{BOS}assistant\n"
    assert first == (asked, f"<think>\nTwo and two.\n</think>\n\n4{EOS}")
    # the first answer's reasoning is gone, and the second has none: the prompt says so by an empty block
    assert second == (f"{asked}4{EOS}\n{BOS}user\nSure?{EOS}\n{BOS}assistant\n<think>\n\n</think>\n\n", f"Yes.{EOS}")
    assert list(turns(tokenizer, [ASK, ANSWER, AGAIN, PLAIN], first=2)) == [second]


def test_reasoning_may_stand_in_the_content(tokenizer: TextTokenizer):
    inline = {"role": "assistant", "content": "<think>\nTwo and two.\n</think>\n\n4"}
    assert list(turns(tokenizer, [ASK, inline])) == list(turns(tokenizer, [ASK, ANSWER]))
    assert list(turns(tokenizer, [ASK, inline, AGAIN, PLAIN])) == list(turns(tokenizer, [ASK, ANSWER, AGAIN, PLAIN]))
    absent = {**PLAIN, "reasoning_content": None}  # as a table fills it in
    assert list(turns(tokenizer, [ASK, absent])) == list(turns(tokenizer, [ASK, PLAIN]))


def test_the_tokens_are_those_that_the_sampler_is_given(tokenizer: TextTokenizer):
    ((prompt, completion),) = turns(tokenizer, [SYSTEM, ASK, ANSWER])
    tokens, thinking = Chat(tokenizer).prompt([SYSTEM, ASK])
    assert (tuple(tokenizer.encode_rendered(prompt)), thinking) == (tokens, False)
    learnt = tokenizer.encode_rendered(completion)
    assert learnt[-1] == tokenizer.eos
    assert learnt.count(tokenizer.eos) == 1
    reply = parse_reply(tokenizer.decode(learnt))
    assert (reply.reasoning, reply.content) == ("Two and two.", "4")


def test_tags_are_single_tokens_and_text_decodes(tokenizer: TextTokenizer):
    learnt = tokenizer.encode_rendered("<think>\nso\n</think>\n\n4")
    assert tokenizer.decode(learnt) == "<think>\nso\n</think>\n\n4"
    assert [tokenizer.decode([token]) for token in learnt if "think" in tokenizer.decode([token])] == [
        "<think>",
        "</think>",
    ]


def test_the_template_is_saved_with_the_tokenizer(tokenizer: TextTokenizer, tmp_path: Path):
    tokenizer.save(tmp_path)
    loaded = TextTokenizer.load(tmp_path)
    assert loaded.hf.chat_template == CHAT_TEMPLATE
    assert conversation(loaded, [ASK, ANSWER]) == conversation(tokenizer, [ASK, ANSWER])
    loaded.hf.chat_template = "{{ messages[0].content }}"
    assert use_chat(loaded).hf.chat_template == "{{ messages[0].content }}"


def test_the_assistants_tokens_are_marked_for_trainers_that_mask(tokenizer: TextTokenizer):
    found: Any = tokenizer.hf.apply_chat_template(
        [ASK, ANSWER], return_assistant_tokens_mask=True, return_dict=True, tokenize=True
    )
    marked = [token for token, mark in zip(found["input_ids"], found["assistant_masks"], strict=True) if mark]
    ((_, completion),) = turns(tokenizer, [ASK, ANSWER])
    assert marked == tokenizer.encode_rendered(completion)


def test_qwens_template_is_read_alike(tokenizer: TextTokenizer):
    tokenizer.hf.chat_template = (files("trl") / "chat_templates" / "qwen3.jinja").read_text(encoding="utf-8")
    first, second = turns(tokenizer, [ASK, ANSWER, AGAIN, PLAIN])
    asked = "<|im_start|>user\n2 + 2?<|im_end|>\n<|im_start|>assistant\n"
    assert first == (asked, "<think>\nTwo and two.\n</think>\n\n4<|im_end|>")
    empty = "<|im_start|>user\nSure?<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
    assert second == (f"{asked}4<|im_end|>\n{empty}", "Yes.<|im_end|>")


@pytest.mark.parametrize(
    ("messages", "sentence"),
    [
        ("hello", "expected a list of messages, got str"),
        ([], "no message is the assistant's"),
        ([ASK], "no message is the assistant's"),
        ([{"role": "bot", "content": "x"}, ANSWER], "message 0: expected a role of system, user, assistant, tool"),
        ([ASK, "hello", ANSWER], "message 1: expected a role of system, user, assistant, tool, got 'hello'"),
        ([{"role": "user"}, ANSWER], "message 0: expected text as content, got NoneType"),
        ([ASK, {**ANSWER, "reasoning_content": 3}], "message 1: expected text as reasoning_content, got int"),
        ([{"role": "user", "content": f"a{EOS}b"}, ANSWER], f"message 0: its content holds the special token {EOS}"),
        ([ASK, {**ANSWER, "reasoning_content": BOS}], f"its reasoning_content holds the special token {BOS}"),
    ],
)
def test_what_is_no_conversation_gets_a_sentence(messages: Any, sentence: str, tokenizer: TextTokenizer):
    for read in (lambda: list(turns(tokenizer, messages)), lambda: conversation(tokenizer, messages)):
        with pytest.raises(ValueError) as error:
            read()
        assert sentence.replace("\\", "") in str(error.value)


def test_templates_that_do_not_fit_get_a_sentence(tokenizer: TextTokenizer):
    tokenizer.hf.chat_template = None
    with pytest.raises(ValueError, match="has no chat template"):
        list(turns(tokenizer, [ASK, ANSWER]))
    tokenizer.hf.chat_template = "{{ raise_exception('only one question') }}"
    with pytest.raises(ValueError, match="the chat template refuses the messages: only one question"):
        list(turns(tokenizer, [ASK, ANSWER]))
    tokenizer.hf.chat_template = "{{ messages | length }}{{ add_generation_prompt }}"
    with pytest.raises(ValueError, match="message 1: the chat template does not write it after the prompt"):
        list(turns(tokenizer, [ASK, ANSWER]))
