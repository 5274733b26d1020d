"""A `Sampler` over any causal language model of Transformers: `generate`, in batches, with seeds and log-probabilities.

Unusual here: `generate` runs greedily over logits to which this module has added Gumbel noise of each sequence's own
generator. The token with the largest sum is an exact sample of the softmax (Gumbel 1954; Maddison et al. 2014), so that
a completion is a function of its seed, whatever else is in the batch, and its log-probability is that of the
distribution that was sampled.

B sequences of a batch, V tokens of the vocabulary, T new tokens.
"""

from __future__ import annotations

import importlib.util
import json
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    LogitsProcessor,
    LogitsProcessorList,
    MinPLogitsWarper,
    StoppingCriteria,
    StoppingCriteriaList,
    TopKLogitsWarper,
    TopPLogitsWarper,
)
from transformers.utils.hub import cached_file
from transformers.utils.peft_utils import find_adapter_config_file

from whetstone.rollout.strategies.plan import keyed
from whetstone.rollout.types import Completion, Finish, Request, Sampling

BATCH = 32  # sequences of a `generate` call


class Tokens:
    """A Transformers tokenizer as strategies want it; prompts are chats where the model has a template for them."""

    def __init__(self, tokenizer: Any) -> None:
        self.hf = tokenizer

    def encode(self, text: str) -> list[int]:
        return self.hf.encode(text, add_special_tokens=False)

    def decode(self, tokens: Sequence[int]) -> str:
        return self.hf.decode(list(tokens), skip_special_tokens=True)

    def prompt(self, text: str) -> list[int]:
        """The tokens that ask the model for an answer to `text`."""
        if self.hf.chat_template is None:
            return self.hf.encode(text)
        chat = [{"role": "user", "content": text}]
        rendered = self.hf.apply_chat_template(chat, add_generation_prompt=True, tokenize=False)
        return self.hf.encode(rendered, add_special_tokens=False)


def four_bits() -> BitsAndBytesConfig:
    """How `from_pretrained` is told to hold linear layers in 4 bits: NF4, scales quantized too, products in bf16.

    These are QLoRA's (arXiv 2305.14314, section 3): 4.13 bits a weight. What is no linear layer stays as it is; of Zaya
    that is the stacks of experts, nine tenths of it, for which there is `policy.quantized`. A CPU holds and runs them
    too, but slowly. Raises `ModuleNotFoundError` without the package bitsandbytes.
    """
    if importlib.util.find_spec("bitsandbytes") is None:
        raise ModuleNotFoundError("4-bit weights need the package bitsandbytes", name="bitsandbytes")
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def read_tokenizer(name: str) -> Any:
    """The tokenizer of a model by Transformers; an adapter that was saved without one has that of its base."""
    adapter = find_adapter_config_file(name)
    own = adapter and cached_file(name, "tokenizer_config.json", _raise_exceptions_for_missing_entries=False)
    if adapter and not own:
        name = json.loads(Path(adapter).read_text(encoding="utf-8"))["base_model_name_or_path"]
    return AutoTokenizer.from_pretrained(name, padding_side="left")


class HuggingFace:
    """The model of a folder or of a name on the Hugging Face hub, or PEFT's adapter on the model that it names.

    With `quantize` its linear layers are held in 4 bits, see `four_bits`. Raises `OSError` where there is no such
    model.
    """

    def __init__(self, name: str, device: str | None = None, batch: int = BATCH, quantize: bool = False) -> None:
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        loading = {"quantization_config": four_bits(), "device_map": self.device} if quantize else {}
        self.tokenizer = Tokens(read_tokenizer(name))
        model: Any = AutoModelForCausalLM.from_pretrained(name, dtype="auto", **loading)
        self.model = (model if quantize else model.to(self.device)).eval()  # quantized weights stay where they are made
        self.batch = batch
        config = self.model.generation_config
        ends = config.eos_token_id if config.eos_token_id is not None else self.tokenizer.hf.eos_token_id
        self.ends = tuple(ends) if isinstance(ends, list) else () if ends is None else (int(ends),)

    def generate(self, requests: Sequence[Request]) -> list[list[Completion]]:
        """`n` completions for each request, in order; requests with one `Sampling` share batches."""
        prompts = [self._prompt(request) for request in requests]
        order = sorted(range(len(requests)), key=lambda i: len(prompts[i]))  # little padding
        done: list[list[Completion]] = [[] for _ in requests]
        for sampling in dict.fromkeys(request.sampling for request in requests):
            wanted = ((i, k) for i in order if requests[i].sampling == sampling for k in range(requests[i].n))
            while chunk := list(islice(wanted, self.batch)):
                seeds = [keyed(requests[i].seed, k) for i, k in chunk]
                written = self._batch([prompts[i] for i, _ in chunk], sampling, seeds)
                for (i, _), completion in zip(chunk, written, strict=True):
                    done[i].append(completion)
        return done

    def _prompt(self, request: Request) -> list[int]:
        if isinstance(request.prompt, str):
            return self.tokenizer.prompt(request.prompt)
        return list(request.prompt)

    @torch.inference_mode()
    def _batch(
        self, prompts: Sequence[Sequence[int]], sampling: Sampling, seeds: Sequence[int]
    ) -> Iterator[Completion]:
        started, width = time.perf_counter(), max(map(len, prompts))
        pad = self.tokenizer.hf.pad_token_id
        pad = pad if pad is not None else (self.ends[0] if self.ends else 0)
        ids_BT = torch.tensor([[pad] * (width - len(p)) + list(p) for p in prompts], device=self.device)
        mask_BT = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts], device=self.device)
        draw = Draw(sampling, seeds, self.device)
        ends = (*self.ends, *sampling.stop_tokens)
        output = self.model.generate(
            ids_BT,
            attention_mask=mask_BT,
            do_sample=False,
            num_beams=1,
            max_new_tokens=sampling.max_tokens,
            eos_token_id=list(ends) or None,
            pad_token_id=pad,
            logits_processor=LogitsProcessorList([*_warpers(sampling), draw]),
            stopping_criteria=StoppingCriteriaList([SaysStop(self.tokenizer, sampling.stop, width)]),
        )
        logprobs_BT = torch.stack(draw.logprobs, dim=1).tolist() if draw.logprobs else [[] for _ in prompts]
        new_BT = output[:, width:].tolist()
        seconds = (time.perf_counter() - started) / len(prompts)
        for prompt, new, logprobs in zip(prompts, new_BT, logprobs_BT, strict=True):
            yield self._completion(prompt, new, logprobs, sampling, ends, seconds)

    def _completion(
        self,
        prompt: Sequence[int],
        new: Sequence[int],
        logprobs: Sequence[float],
        sampling: Sampling,
        ends: Sequence[int],
        seconds: float,
    ) -> Completion:
        finish: Finish = "length"
        length = len(new)
        for i, token in enumerate(new):
            if token in ends:
                finish, length = "stop", i + 1
                break
        text = self.tokenizer.decode(new[: length - (finish == "stop")])
        said = [found for stop in sampling.stop if (found := text.find(stop)) >= 0]
        if said:
            finish, text = "stop", text[: min(said)]
            length = next(i for i in range(1, length + 1) if _holds(self.tokenizer.decode(new[:i]), sampling.stop))
        return Completion(text, tuple(new[:length]), tuple(logprobs[:length]), finish, tuple(prompt), seconds=seconds)


class Draw(LogitsProcessor):
    """Adds to each sequence's logits the noise that makes the largest sum a sample; keeps what it drew."""

    def __init__(self, sampling: Sampling, seeds: Sequence[int], device: torch.device) -> None:
        self.temperature = sampling.temperature
        self.generators = [torch.Generator(device).manual_seed(seed) for seed in seeds]
        self.logprobs: list[Tensor] = []

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:  # type: ignore[override]
        logprobs_BV = scores.float().log_softmax(dim=-1)
        chosen_B = self._noisy(logprobs_BV).argmax(dim=-1)
        self.logprobs.append(logprobs_BV.gather(1, chosen_B[:, None])[:, 0].cpu())
        return torch.full_like(scores, -torch.inf).scatter(1, chosen_B[:, None], 0.0)

    def _noisy(self, logprobs_BV: Tensor) -> Tensor:
        if not self.temperature:
            return logprobs_BV
        waits_BV = torch.stack(
            [
                torch.empty_like(row_V).exponential_(generator=g)
                for row_V, g in zip(logprobs_BV, self.generators, strict=True)
            ]
        )
        return logprobs_BV - waits_BV.log()  # minus the log of an exponential is a Gumbel variable


class SaysStop(StoppingCriteria):
    """Ends a sequence whose new text holds one of the stop strings; `width` tokens are the prompt's."""

    def __init__(self, tokenizer: Tokens, stop: Sequence[str], width: int) -> None:
        self.tokenizer, self.stop, self.width = tokenizer, stop, width

    def __call__(self, input_ids: Tensor, scores: Any, **_: Any) -> Tensor:  # type: ignore[override]
        if not self.stop:
            return torch.zeros(len(input_ids), dtype=torch.bool, device=input_ids.device)
        ends = [_holds(self.tokenizer.decode(row[self.width :]), self.stop) for row in input_ids.tolist()]
        return torch.tensor(ends, device=input_ids.device)


class Temperature(LogitsProcessor):
    """Divides the logits."""

    def __init__(self, temperature: float) -> None:
        self.temperature = temperature

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:  # type: ignore[override]
        return scores.float() / self.temperature


def _warpers(sampling: Sampling) -> Iterator[LogitsProcessor]:
    """What cuts the distribution before it is sampled; greedy decoding cuts nothing."""
    if not sampling.temperature:
        return
    if sampling.temperature != 1:
        yield Temperature(sampling.temperature)
    if sampling.top_k:
        yield TopKLogitsWarper(sampling.top_k)
    if sampling.top_p < 1:
        yield TopPLogitsWarper(sampling.top_p)
    if sampling.min_p > 0:
        yield MinPLogitsWarper(sampling.min_p)


def _holds(text: str, stop: Sequence[str]) -> bool:
    return any(each in text for each in stop)
