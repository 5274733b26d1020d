"""The sampler over Transformers: seeds decide, whatever the batch, and log-probabilities are those of the model."""

from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from typer.testing import CliRunner

from whetstone.cli import app
from whetstone.huggingface import HuggingFace
from whetstone.policies import Chats, open_policy, parse_policy
from whetstone.rollout.types import Request, Sampling

WORDS = ["<pad>", "<eos>", *"abcdefghij"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    words = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<pad>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()  # type: ignore[assignment]
    PreTrainedTokenizerFast(tokenizer_object=words, pad_token="<pad>", eos_token="<eos>").save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(WORDS), hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
        num_key_value_heads=2, max_position_embeddings=64, eos_token_id=1, pad_token_id=0, bos_token_id=None,
        initializer_range=0.4,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def sampler(folder: Path) -> HuggingFace:
    return HuggingFace(str(folder), device="cpu", batch=4)


def test_a_completion_is_a_function_of_its_seed_and_not_of_the_batch(sampler: HuggingFace):
    sampling = Sampling(max_tokens=6)
    alone = sampler.generate([Request("a b c", sampling, 3, 7)])[0]
    others = [Request("d " * i + "e", sampling, 2, i) for i in range(1, 5)]
    together = sampler.generate([*others, Request("a b c", sampling, 3, 7)])[-1]
    assert [c.tokens for c in alone] == [c.tokens for c in together]
    assert len({c.tokens for c in alone}) == 3
    for a, b in zip(alone, together, strict=True):
        assert a.logprobs == pytest.approx(b.logprobs, abs=1e-4)


@pytest.mark.parametrize("sampling", [Sampling(5), Sampling(5, 0.7), Sampling(5, 0.0), Sampling(5, 1.0, top_k=3)])
def test_logprobs_are_those_of_the_distribution_that_was_sampled(
    sampler: HuggingFace, folder: Path, sampling: Sampling
):
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    (done,) = sampler.generate([Request("a b c", sampling, 1, 3)])[0]
    tokens = torch.tensor([[*done.prompt_tokens, *done.tokens]])
    with torch.inference_mode():
        logits_TV = model(tokens).logits[0, len(done.prompt_tokens) - 1 : -1]
    logits_TV = logits_TV / (sampling.temperature or 1.0)
    if sampling.top_k:
        kept_TV = logits_TV >= logits_TV.topk(sampling.top_k).values[:, -1:]
        logits_TV = logits_TV.masked_fill(~kept_TV, -torch.inf)
    logprobs_TV = logits_TV.log_softmax(dim=-1)
    assert done.logprobs == pytest.approx([float(logprobs_TV[i, t]) for i, t in enumerate(done.tokens)], abs=1e-4)
    if sampling.temperature == 0:
        assert list(done.tokens) == logprobs_TV.argmax(dim=-1).tolist()


def test_samples_follow_the_distribution(sampler: HuggingFace, folder: Path):
    sampler.batch = 500
    drawn = sampler.generate([Request("a", Sampling(1), 500, 0)])[0]
    sampler.batch = 4
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    with torch.inference_mode():
        wanted_V = model(torch.tensor([[2]])).logits[0, -1].softmax(dim=-1)
    counts_V = torch.bincount(torch.tensor([c.tokens[0] for c in drawn]), minlength=len(WORDS))
    # each count lies within five standard deviations of its mean
    assert (counts_V - 500 * wanted_V).abs().lt(5 * (500 * wanted_V * (1 - wanted_V)).sqrt() + 1).all()


def test_how_completions_end(sampler: HuggingFace):
    many = sampler.generate([Request("a", Sampling(8), 40, 0)])[0]
    assert {c.finish for c in many} == {"stop", "length"}
    for c in many:
        assert (c.tokens[-1] == 1) == (c.finish == "stop") and 1 not in c.tokens[:-1]
        assert len(c.logprobs) == len(c.tokens) <= 8 and "<eos>" not in c.text
    word = many[0].text.split()[0]
    stopped = sampler.generate([Request("a", Sampling(8, stop=(word,)), 40, 0)])[0][0]
    assert (stopped.finish, stopped.text, len(stopped.tokens)) == ("stop", "", 1)


def test_a_chat_template_is_used_where_there_is_one(sampler: HuggingFace, monkeypatch: pytest.MonkeyPatch):
    template = "{% for m in messages %}a {{ m.content }} {% endfor %}{% if add_generation_prompt %}b{% endif %}"
    monkeypatch.setattr(sampler.tokenizer.hf, "chat_template", template)
    assert sampler.tokenizer.prompt("c d") == [2, 4, 5, 3]
    asked = []

    class Listens:
        def generate(self, requests):
            asked.extend(request.prompt for request in requests)
            return []

    Chats(Listens(), sampler.tokenizer).generate([Request("c"), Request((9, 9))])
    assert asked == [(2, 4, 3), (9, 9)]


# -- adapters and 4 bits ----------------------------------------------------------------------------------------------


def test_an_adapter_is_sampled_on_the_model_that_it_names(sampler: HuggingFace, folder: Path, tmp_path: Path):
    base = LlamaForCausalLM.from_pretrained(folder)
    config = LoraConfig(r=2, target_modules=["q_proj", "v_proj"], init_lora_weights=False, task_type="CAUSAL_LM")
    torch.manual_seed(1)
    model = get_peft_model(base, config)  # type: ignore[arg-type]
    model.save_pretrained(str(tmp_path))
    adapted = HuggingFace(str(tmp_path), device="cpu")
    request = Request("a b c", Sampling(6), 2, 7)
    ((first, _),), ((without, _),) = adapted.generate([request]), sampler.generate([request])
    tokens = torch.tensor([[*first.prompt_tokens, *first.tokens]])
    with torch.inference_mode():
        logprobs_TV = model.eval()(tokens).logits[0, len(first.prompt_tokens) - 1 : -1].log_softmax(dim=-1)
    assert first.logprobs == pytest.approx([float(logprobs_TV[i, t]) for i, t in enumerate(first.tokens)], abs=1e-4)
    assert first.logprobs[0] != pytest.approx(without.logprobs[0], abs=1e-3)


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package bitsandbytes seems to be there."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: ModuleSpec(name, None))


@pytest.mark.usefixtures("package")
def test_four_bits_are_asked_of_transformers(folder: Path, monkeypatch: pytest.MonkeyPatch):
    asked: dict[str, Any] = {}

    def from_pretrained(name: str, **options: Any) -> LlamaForCausalLM:
        asked.update(options, name=name)
        return LlamaForCausalLM.from_pretrained(folder)

    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.get_device_name", lambda: "a GPU")
    monkeypatch.setattr("whetstone.huggingface.AutoModelForCausalLM.from_pretrained", from_pretrained)
    (spec,) = parse_policy(f"hf-4bit:{folder}")
    open_policy(spec, [])
    assert (asked["name"], asked["dtype"], asked["device_map"]) == (str(folder), "auto", torch.device("cuda"))
    config = asked["quantization_config"]
    assert config.quantization_method() == "nf4" and config.bnb_4bit_use_double_quant
    assert config.bnb_4bit_compute_dtype == torch.bfloat16
    asked.clear()
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    HuggingFace(str(folder))
    assert set(asked) == {"name", "dtype"}


def test_four_bits_need_a_package(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    command = ["eval", f"hf-4bit:{folder}", "--suite", "sequences/sorting", "--levels", "0", "--problems", "1"]
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    said = CliRunner().invoke(app, command)
    assert said.exit_code == 1 and "pip install 'whetstone[quantized]'" in " ".join(said.output.split())
