"""vLLM itself, in child processes: the plugin's model against our engine and Transformers, and the backend's promises.

A random policy has near-ties, in its router and in its head. A token may differ only where Transformers' own two best
logits are closer than `TIE`, and a log-probability only behind a token whose router's two best classes are.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from torch import Tensor
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM, ZayaForCausalLM

from whetstone.policy.checkpoint import load_policy, save_policy
from whetstone.policy.config import zaya_config
from whetstone.policy.model import ZayaPolicy, initialise
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.rollout.engine import Engine
from whetstone.rollout.types import Completion, Request, Sampling
from whetstone.rollout.vllm.backend import VLLM, Options, StartError

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(900)]

TIE = 1e-5  # fp32 differences of summation order, seen up to 2e-6, times five
EAGER = Options(dtype="float32", positions=640, sequences=16, step_tokens=64, cache_gib=0.25, eager=True, stream=True)


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    return TextTokenizer.train(["Sort these numbers: 3 1 2", "What is 17 + 4?", "a b c d e f"], 300)


def random_policy(seed: int, **changes: Any) -> ZayaPolicy:
    """Every parameter matters, some tokens skip the experts, and what is written is not what was last read."""
    config = zaya_config(vocab_size=320, hidden_size=64, layers=3, experts=4, expert_size=64, router_size=16)
    policy = initialise(ZayaPolicy(type(config).from_dict(config.to_dict() | changes)), seed)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in policy.parameters():
            if parameter.dim() == 1:
                parameter += 0.2 * torch.randn(parameter.shape, generator=generator)
        # Little of the embedding in the residual stream and much of the layers, or a tied head repeats the last token.
        policy.model.input_hidden_states_scale.mul_(0.3)
        policy.model.input_hidden_states_bias.zero_()
        for name, parameter in policy.named_parameters():
            if "residual_scale." in name:
                parameter *= 5 if name.endswith("hidden_states_scale") else 0.1 if name.endswith("_bias") else 1
        for router in policy.routers:
            router.router_mlp.out_proj.weight *= 10
            router.balancing_biases.normal_(0.0, 0.05, generator=generator)
            router.balancing_biases[-1] += 0.5  # skip
    return policy


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tokenizer: TextTokenizer) -> Path:
    folder = tmp_path_factory.mktemp("policy")
    save_policy(random_policy(1), tokenizer, folder)
    return folder


@pytest.fixture(scope="module")
def engine(folder: Path) -> Engine:
    policy, tokenizer = load_policy(folder)
    return Engine(policy, tokenizer, stop=tokenizer.eos)


@pytest.fixture(scope="module")
def vllm(folder: Path, tokenizer: TextTokenizer) -> Iterator[VLLM]:
    with VLLM(folder, tokenizer, EAGER) as sampler:
        yield sampler


def prompts() -> list[tuple[int, ...]]:
    """Of 1 to 400 tokens: 40 at random, and 20 that begin with one of two prefixes of 300 tokens."""
    generator = np.random.default_rng(0)
    lengths = [1, 2, 3, 63, 64, 65, 127, 128, 129, 400, *generator.integers(1, 400, 30)]
    mixed = [tuple(generator.integers(3, 300, n).tolist()) for n in lengths]
    prefixes = [generator.integers(3, 300, 300).tolist() for _ in range(2)]
    return mixed + [(*prefixes[i % 2], *generator.integers(3, 300, 1 + i).tolist()) for i in range(20)]


def greedy(limit: int = 24) -> list[Request]:
    return [Request(prompt, Sampling(max_tokens=limit, temperature=0)) for prompt in prompts()]


def flat(groups: Sequence[Sequence[Completion]]) -> list[Completion]:
    return [completion for group in groups for completion in group]


def worst(ours: Completion, theirs: Completion) -> float:
    return max(abs(a - b) for a, b in zip(ours.logprobs, theirs.logprobs, strict=True))


def assert_same(ours: Completion, theirs: Completion) -> None:
    assert ours.tokens == theirs.tokens
    assert (ours.text, ours.finish, ours.prompt_tokens) == (theirs.text, theirs.finish, theirs.prompt_tokens)
    assert worst(ours, theirs) < TIE
    assert ours.experts is not None and theirs.experts is not None
    np.testing.assert_array_equal(ours.experts, theirs.experts)


# -- the plugin -------------------------------------------------------------------------------------------------------


def test_greedy_tokens_log_probs_and_routes_are_the_engines(engine: Engine, vllm: VLLM) -> None:
    """60 prompts of mixed length, prefilled in chunks of at most 64 tokens; the second time from the prefix cache."""
    expected = flat(engine.generate(greedy()))
    for cached in (False, True):
        before = vllm.cached
        for ours, theirs in zip(expected, flat(vllm.generate(greedy())), strict=True):
            assert_same(ours, theirs)
        # Blocks hold 128 tokens. The second time all whole blocks are found, but for a prompt's last token.
        whole = sum((len(prompt) - 1) // 128 * 128 for prompt in prompts())
        assert vllm.cached - before == whole if cached else vllm.cached - before < whole
    assert {int(expert) for c in expected if c.experts is not None for expert in np.unique(c.experts)} == set(range(5))
    assert sum(len(set(completion.tokens)) for completion in expected) > 6 * len(expected)  # of 16 each


def test_greedy_tokens_and_log_probs_are_transformers(folder: Path, vllm: VLLM, capsys: pytest.CaptureFixture) -> None:
    model = transformers(folder)
    ties, routes, tokens, furthest = 0, 0, 0, 0.0
    for completion in flat(vllm.generate(greedy())):
        logits_TV, choices_TL, gaps_TL = run(model, [*completion.prompt_tokens, *completion.tokens])
        assert completion.experts is not None
        start = len(completion.prompt_tokens) - 1
        differs_T = (choices_TL[:-1] != torch.from_numpy(completion.experts)).any(1)
        if differs_T.any():  # the first difference must be a tie; what follows it has seen another expert
            first = int(differs_T.nonzero()[0])
            assert gaps_TL[first].min() < TIE
            routes += 1
            continue
        for i, (token, logprob) in enumerate(zip(completion.tokens, completion.logprobs, strict=True)):
            best = logits_TV[start + i].topk(2)
            tie = bool(best.values[0] - best.values[1] < TIE)
            assert token == best.indices[0] or (tie and token == best.indices[1])
            ties += tie
            furthest = max(furthest, abs(float(logits_TV[start + i].log_softmax(-1)[token]) - logprob))
            tokens += 1
    with capsys.disabled():
        print(f"\n{tokens} tokens as Transformers', log-probs within {furthest:.1e}; {ties} ties, {routes} routes tied")
    assert furthest < TIE
    assert len(prompts()) - routes >= 50 and tokens > 500


def transformers(folder: Path) -> Any:
    """Transformers' model. Its loader (5.19) sets the bias of skip back to -1 after it has read the checkpoint."""
    model: Any = ZayaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    with safe_open(folder / "model.safetensors", framework="pt") as stored:
        for i, layer in enumerate(model.model.layers):
            layer.mlp.gate.balancing_biases.copy_(stored.get_tensor(f"model.layers.{i}.mlp.gate.balancing_biases"))
    return model


@torch.no_grad()
def run(model: Any, tokens: list[int]) -> tuple[Tensor, Tensor, Tensor]:
    """Logits, the classes chosen, and by how much each choice was ahead of the next."""
    output = model(torch.tensor([tokens]), output_router_logits=True, use_cache=False)
    choices, gaps = [], []
    for layer, logits in zip(model.model.layers, output.router_logits, strict=True):
        scores_TE = logits.softmax(-1) + layer.mlp.gate.balancing_biases
        best = scores_TE.topk(2)
        choices.append(best.indices[:, 0])
        gaps.append(best.values[:, 0] - best.values[:, 1])
    return output.logits[0], torch.stack(choices, 1), torch.stack(gaps, 1)


GENERIC = """
import json, sys
from vllm import LLM, SamplingParams
if __name__ == "__main__":
    llm = LLM(sys.argv[1], dtype="float32", max_model_len=256, enforce_eager=True, kv_cache_memory_bytes=1 << 28,
              max_num_seqs=1)
    name = type(llm.llm_engine.model_executor.driver_worker.model_runner.model).__name__
    prompts = [{"prompt_token_ids": prompt} for prompt in json.loads(sys.argv[2])]
    params = SamplingParams(temperature=0, max_tokens=8, ignore_eos=True, detokenize=False, logprobs=0)
    written = [output.outputs[0] for output in llm.generate(prompts, params, use_tqdm=False)]
    found = [[(t, best[t].logprob) for t, best in zip(w.token_ids, w.logprobs, strict=True)] for w in written]
    print("RESULT", json.dumps([name, found]))
"""


def test_vllms_generic_backend_is_silently_wrong_and_refused(folder: Path, engine: Engine, tmp_path: Path) -> None:
    """Without the plugin vLLM runs the model all the same: it passes no state, so all after the first token is off."""
    some = [list(prompt) for prompt in prompts() if 8 < len(prompt) < 200][:8]
    environment = os.environ | {"VLLM_ENABLE_V1_MULTIPROCESSING": "0", "TORCHDYNAMO_DISABLE": "1", "VLLM_PLUGINS": ""}
    (tmp_path / "generic.py").write_text(GENERIC)
    command = [sys.executable, str(tmp_path / "generic.py"), str(folder), json.dumps(some)]
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    name, found = json.loads(output.partition("RESULT ")[2])
    assert name.startswith("Transformers")
    model = transformers(folder)
    for prompt, written in zip(some, found, strict=True):
        logits_TV, _, _ = run(model, [*prompt, *(token for token, _ in written)])
        right_TV = logits_TV.log_softmax(-1)[len(prompt) - 1 :]
        off = [abs(float(right_TV[i, token]) - logprob) for i, (token, logprob) in enumerate(written)]
        assert off[0] < TIE
        assert all(error > 100 * TIE for error in off[1:])
    with pytest.raises(StartError, match="drops ZAYA1's state"):
        VLLM(folder, engine.tokenizer, replace(EAGER, more={"model_impl": "transformers"}))


def test_other_shapes_run_compiled(tmp_path: Path, tokenizer: TextTokenizer) -> None:
    """Sliding and full layers, biases, a head of its own, a longer convolution; torch.compile instead of eager."""
    policy = random_policy(
        2,
        num_hidden_layers=4,
        layer_types=["hybrid_sliding", "hybrid"] * 2,
        sliding_window=40,
        attention_bias=True,
        tie_word_embeddings=False,
        lm_head_bias=True,
        cca_time0=3,
        moe_intermediate_size=32,
    )
    save_policy(policy, tokenizer, tmp_path)
    engine = Engine(policy, tokenizer, stop=tokenizer.eos)
    options = Options(dtype="float32", positions=640, sequences=16, step_tokens=64, cache_gib=0.25)
    with VLLM(tmp_path, tokenizer, options) as sampler:
        for _ in range(2):
            for ours, theirs in zip(engine.generate(greedy(12)), sampler.generate(greedy(12)), strict=True):
                assert_same(ours[0], theirs[0])


def test_widths_that_vllms_kernel_does_not_take_are_refused(tmp_path: Path, tokenizer: TextTokenizer) -> None:
    save_policy(random_policy(1, moe_intermediate_size=48), tokenizer, tmp_path)
    with pytest.raises(StartError, match=r"multiples of 32.*moe_intermediate_size=48"):
        VLLM(tmp_path, tokenizer, EAGER)


# -- the backend ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(max_tokens=16),
        Sampling(max_tokens=16, temperature=0.7, top_k=5, alternatives=3),
        Sampling(max_tokens=16, top_p=0.8, min_p=0.02),
        Sampling(max_tokens=40, stop_tokens=tuple(range(3, 12))),
    ],
)
def test_seeds_mean_what_they_mean_in_the_engine(engine: Engine, vllm: VLLM, sampling: Sampling) -> None:
    requests = [Request(prompt, sampling, n=2, seed=seed) for seed, prompt in enumerate(prompts()[::4])]
    for ours, theirs in zip(flat(engine.generate(requests)), flat(vllm.generate(requests)), strict=True):
        assert_same(ours, theirs)
        assert [[t for t, _ in best] for best in ours.alternatives] == [[t for t, _ in b] for b in theirs.alternatives]
        for one, other in zip(ours.alternatives, theirs.alternatives, strict=True):
            assert [x for _, x in one] == pytest.approx([x for _, x in other], abs=TIE)


def test_a_stop_string_across_tokens_ends_the_text_before_it(engine: Engine, vllm: VLLM) -> None:
    several = flat(vllm.generate([Request(prompt, Sampling(max_tokens=40), seed=5) for prompt in prompts()]))
    whole, stop = next(
        (completion, completion.text[at : at + 3])
        for completion in several
        for at in range(12, len(completion.text) - 3)
        if "\ufffd" not in completion.text[at : at + 3]
        and not any(completion.text[at : at + 3] in vllm.tokenizer.decode([token]) for token in completion.tokens)
    )
    prompt = whole.prompt_tokens
    request = Request(prompt, Sampling(max_tokens=40, stop=(stop,)), seed=5)
    (cut,) = vllm.generate([request])[0]
    assert cut.finish == "stop"
    assert cut.text == whole.text[: whole.text.index(stop)]
    assert cut.tokens == whole.tokens[: len(cut.tokens)] and len(cut.tokens) < len(whole.tokens)
    assert_same(engine.generate([request])[0][0], cut)


def test_new_weights_are_exact_and_stamped(folder: Path, tokenizer: TextTokenizer, vllm: VLLM) -> None:
    """A request under way goes on with the new weights; one that comes after is answered by them alone."""
    version, policy = vllm.version, random_policy(7)
    after = Engine(policy, tokenizer, stop=tokenizer.eos)
    name = vllm.add(Request(prompts()[0], Sampling(max_tokens=200, stop_tokens=()), seed=1))
    early = vllm.step()
    vllm.update(policy.state_dict())
    assert vllm.version == version + 1
    pieces = [piece for _, piece in early]
    while not any(piece.completion for piece in pieces):
        pieces += [piece for at, piece in vllm.step() if at == name]
    between = pieces[-1].completion
    assert between is not None
    assert between.versions == tuple(sorted(between.versions))
    assert set(between.versions) == {version, version + 1}
    requests = [Request(prompt, Sampling(max_tokens=16), n=2, seed=3) for prompt in prompts()[::3]]
    for ours, theirs in zip(flat(after.generate(requests)), flat(vllm.generate(requests)), strict=True):
        assert_same(ours, theirs)
        assert set(theirs.versions) == {version + 1}
    vllm.update(folder)  # and back


def test_a_killed_vllm_is_restarted_and_its_requests_retried_once(engine: Engine, vllm: VLLM) -> None:
    requests = [Request(prompt, Sampling(max_tokens=32), n=2, seed=4) for prompt in prompts()[:10]]
    names = [vllm.add(request) for request in requests]
    done: dict[tuple[int, int], Completion] = {}
    killed = False
    while len(done) < 20:
        for name, piece in vllm.step():
            if piece.completion is not None:
                done[name, piece.sample] = piece.completion
        if not killed:
            os.kill(vllm.pid, 9)
            killed = True
    assert (vllm.restarts, vllm.lost) == (1, 0)
    assert 0 < vllm.retried <= 20
    for name, ours in zip(names, engine.generate(requests), strict=True):
        for sample, completion in enumerate(ours):
            assert_same(completion, done[name, sample])


def test_logits_that_are_not_numbers_are_named_and_cost_only_their_requests(
    folder: Path, tokenizer: TextTokenizer, vllm: VLLM
) -> None:
    policy = random_policy(1)
    with torch.no_grad():
        policy.model.embed_tokens.weight[50] = math.nan  # in a tied head, every logit of token 50
    vllm.update(policy.state_dict())
    (broken,) = vllm.generate([Request(prompts()[0], Sampling(max_tokens=4))])[0]
    assert broken.finish == "error" and broken.tokens == ()
    assert "the logits of token 0 of this completion are not numbers" in broken.error
    vllm.update(folder)
    (fine,) = vllm.generate([Request(prompts()[0], Sampling(max_tokens=4))])[0]
    assert fine.finish in ("stop", "length")


def test_any_model_that_vllm_knows_takes_new_weights(tmp_path: Path, tokenizer: TextTokenizer) -> None:
    """A tied head: the CPU build multiplies by a packed copy of it, which a reload alone leaves as it was."""
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=320,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos,
    )
    first, second = Qwen2ForCausalLM(config).eval(), Qwen2ForCausalLM(config).eval()
    with torch.no_grad():
        for parameter in [*first.parameters(), *second.parameters()]:
            if parameter.dim() == 2:
                parameter *= 5
    first.save_pretrained(tmp_path)
    hf: PreTrainedTokenizerFast = tokenizer.hf
    hf.save_pretrained(str(tmp_path))
    requests = [Request(prompt, Sampling(max_tokens=12), n=2, seed=2) for prompt in prompts()[:12]]
    with VLLM(tmp_path, None, EAGER) as sampler:
        assert sampler.generate([Request("What is 17 + 4?", Sampling(max_tokens=2))])[0][0].prompt_tokens
        for model in (first, second):
            if model is second:
                sampler.update(
                    {name: tensor for name, tensor in second.state_dict().items() if name != "lm_head.weight"}
                )
            for completion in flat(sampler.generate(requests)):
                tokens = torch.tensor([[*completion.prompt_tokens, *completion.tokens]])
                with torch.no_grad():
                    logprobs_TV = model(tokens).logits[0].log_softmax(-1)
                start = len(completion.prompt_tokens) - 1
                expected = [float(logprobs_TV[start + i, t]) for i, t in enumerate(completion.tokens)]
                assert completion.logprobs == pytest.approx(expected, abs=TIE)
                assert completion.experts is None
