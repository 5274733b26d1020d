"""A tokenizer trained on the tasks' own text, so that prompts are short.

Digits, brackets and words of one character (the cells of a list or a grid) stay apart, each with the blank before it,
so numbers are read digit by digit and cells keep their distance; everything between them may merge across blanks, so
a constant phrase of a statement becomes a token or two. Bytes are the fallback: every text can be encoded, and
decodes to itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

PAD, BOS, EOS = "<|pad|>", "<|begin|>", "<|end|>"
CELL = r" ?[0-9]| \S(?=\s|$)|(?<=\n)\S(?=\s|$)"  # a digit, or a word of one character
MARK = r" ?</?(?:answer|think)>|[()\[\]{}<]|\n"
PIECES = Regex(rf"{MARK}|{CELL}|[^0-9\n]+?(?={MARK}|{CELL}|$)")


class TextTokenizer:
    """Encodes a prompt as the begin token + text, ready for a completion that ends with the end token.

    Any fast tokenizer of Transformers that names these two will do; one without padding takes the end token for it.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerFast) -> None:
        bos, eos, pad = tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id
        if not isinstance(bos, int) or not isinstance(eos, int):
            raise ValueError(f"expected a tokenizer with a begin and an end token, got {bos} and {eos}")
        self.hf = tokenizer
        self.pad, self.bos, self.eos = pad if isinstance(pad, int) else eos, bos, eos

    def __len__(self) -> int:
        return len(self.hf)

    def encode(self, text: str) -> list[int]:
        """The tokens of a prompt, with the begin token and a closing line break."""
        return [self.bos, *self._spelled(f"{text}\n")]

    def encode_completion(self, text: str) -> list[int]:
        """The tokens of a completion, with the end token."""
        return [*self._spelled(text), self.eos]

    def encode_rendered(self, text: str) -> list[int]:
        """The tokens of text that a chat template wrote, in which special tokens stand for themselves."""
        return self.hf.encode(text, add_special_tokens=False)

    def _spelled(self, text: str) -> list[int]:
        """The tokens of the text itself: `<|end|>` written in it is seven characters, never the end token."""
        return self.hf.encode(text, add_special_tokens=False, split_special_tokens=True)

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens; special tokens are left out and invalid UTF-8 becomes U+FFFD."""
        return str(self.hf.decode(list(tokens), skip_special_tokens=True))

    def save(self, folder: Path) -> None:
        """Write Transformers' tokenizer files."""
        self.hf.save_pretrained(str(folder))

    @classmethod
    def load(cls, folder: Path) -> TextTokenizer:
        """Read what `save` wrote."""
        return cls(PreTrainedTokenizerFast.from_pretrained(str(folder)))

    @classmethod
    def train(cls, texts: Iterable[str], vocab_size: int) -> TextTokenizer:
        """Byte-level BPE over `texts`, with at most `vocab_size` entries."""
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(PIECES, behavior="isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
        tokenizer.decoder = decoders.ByteLevel()
        tokenizer.train_from_iterator(
            texts,
            trainers.BpeTrainer(
                vocab_size=vocab_size,
                special_tokens=[PAD, BOS, EOS],
                initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
                show_progress=False,
                max_token_length=64,
            ),
        )
        wrapped = PreTrainedTokenizerFast(
            tokenizer_object=tokenizer, pad_token=PAD, bos_token=BOS, eos_token=EOS, clean_up_tokenization_spaces=False
        )
        return cls(wrapped)
