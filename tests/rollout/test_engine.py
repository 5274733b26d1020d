"""The engine against Transformers and against itself: the same completion, whatever else is in the batch."""

import pytest
import torch
from transformers import ZayaForCausalLM

from whetstone.rollout.engine import Engine
from whetstone.rollout.engine.sampling import Draw
from whetstone.rollout.types import Completion, Request, Sampling

PROMPTS = ["3", "4 5 6 7 8 9 10 11", "12 13 14", "30 31 32 33 34 35 36 37 38 39 3 4 5 6 7", "8 8"]
SHAPES = [
    {},
    {"cca_time0": 1, "cca_time1": 1},
    {"cca_time0": 3, "cca_time1": 2, "attention_bias": True},
    {"layer_types": ["hybrid", "hybrid_sliding"], "sliding_window": 4},
    {"num_experts": 1, "num_attention_heads": 2},
]


def random_prompts(count: int) -> list[str]:
    generator = torch.Generator().manual_seed(count)
    lengths = torch.randint(1, 20, (count,), generator=generator).tolist()
    return [" ".join(map(str, torch.randint(3, 40, (n,), generator=generator).tolist())) for n in lengths]


def requests(prompts: list[str], n: int = 1, **sampling) -> list[Request]:
    return [Request(prompt, Sampling(**sampling), n, seed=17 * i) for i, prompt in enumerate(prompts)]


def same(found: list[list[Completion]], expected: list[list[Completion]]) -> None:
    for a, b in zip([c for group in found for c in group], [c for group in expected for c in group], strict=True):
        assert (a.tokens, a.text, a.finish, a.prompt_tokens) == (b.tokens, b.text, b.finish, b.prompt_tokens)
        assert a.logprobs == pytest.approx(b.logprobs, abs=1e-5)
        assert a.experts is not None and b.experts is not None
        assert a.experts.tolist() == b.experts.tolist()


@pytest.mark.parametrize("changes", SHAPES, ids=str)
def test_greedy_tokens_are_those_of_transformers(changes, make_policy, numbers):
    policy = make_policy(**changes)
    peer = ZayaForCausalLM(policy.config).eval()
    peer.load_state_dict(policy.state_dict())
    asked = requests(PROMPTS, max_tokens=12, temperature=0.0)
    for prompt, (completion,) in zip(PROMPTS, Engine(policy, numbers, stop=2).generate(asked), strict=True):
        ids = torch.tensor([numbers.encode(prompt)])
        mask = torch.ones_like(ids)
        out = peer.generate(ids, attention_mask=mask, max_new_tokens=12, do_sample=False)  # type: ignore[operator]
        assert list(completion.tokens) == out[0, ids.shape[1] :].tolist()


@pytest.mark.parametrize("rows", [4, 64])
def test_a_completion_does_not_depend_on_its_neighbours(rows: int, make_policy, numbers):
    policy = make_policy()
    prompts = [*PROMPTS, *random_prompts(40)]
    asked = [
        Request(prompt, Sampling(max_tokens=1 + 3 * (i % 5), temperature=1.2), 1 + i % 3, seed=i)
        for i, prompt in enumerate(prompts)
    ]
    together = Engine(policy, numbers, stop=2, rows=rows).generate(asked)
    assert {len(c.tokens) for group in together for c in group} >= {1, 4, 7, 13}
    alone = [Engine(policy, numbers, stop=2).generate([request])[0] for request in asked[:8]]
    same(together[:8], alone)


def test_admission_and_compaction_change_nothing(make_policy, numbers):
    policy = make_policy()
    asked = requests(random_prompts(12), n=2, max_tokens=12, temperature=1.5, top_p=0.95)
    wide = Engine(policy, numbers, stop=2, rows=64).generate(asked)
    same(Engine(policy, numbers, stop=2, rows=4).generate(asked), wide)


@pytest.mark.parametrize(
    "sampling",
    [{}, {"temperature": 0.5}, {"top_k": 5}, {"top_p": 0.8}, {"temperature": 1.3, "top_k": 12, "top_p": 0.9}],
    ids=str,
)
@pytest.mark.parametrize("changes", SHAPES[:4], ids=str)
def test_log_probabilities_are_those_of_the_sampled_distribution(changes, sampling, make_policy, numbers):
    policy = make_policy(**changes)
    asked = requests(PROMPTS, max_tokens=10, **sampling)
    settings = asked[0].sampling
    for (completion,) in Engine(policy, numbers, stop=2).generate(asked):
        whole = torch.tensor([*completion.prompt_tokens, *completion.tokens])
        with torch.inference_mode():
            hidden, routes = policy(whole[:-1], policy.packed([len(whole) - 1]))
            scores = policy.logits(hidden[len(completion.prompt_tokens) - 1 :])
        count = len(completion.tokens)
        scores = Draw([settings] * count, [0] * count, [0] * count, scores.device).shaped(scores)
        expected = scores.log_softmax(-1)[torch.arange(count), torch.tensor(completion.tokens)]
        torch.testing.assert_close(torch.tensor(completion.logprobs), expected, atol=1e-5, rtol=0)
        assert completion.experts is not None
        assert completion.experts.tolist() == routes.tolist()


def test_some_completions_stop_and_others_run_out(make_policy, numbers):
    asked = requests(["5 6 7"], n=200, max_tokens=20, temperature=1.5)
    (completions,) = Engine(make_policy(), numbers, stop=2).generate(asked)
    assert {completion.finish for completion in completions} == {"stop", "length"}
    for completion in completions:
        stopped = completion.finish == "stop"
        assert (completion.tokens[-1] == 2) is stopped
        assert 2 not in completion.tokens[:-1]
        assert stopped or len(completion.tokens) == 20
        assert completion.text == numbers.decode(completion.tokens)
        assert len(completion.logprobs) == len(completion.tokens)


def test_samples_of_one_request_differ_and_seeds_decide(make_policy, numbers):
    engine = Engine(make_policy(), numbers, stop=2, rows=3)
    (first,) = engine.generate([Request("5 6 7", Sampling(max_tokens=12), 8, seed=1)])
    (again,) = engine.generate([Request("5 6 7", Sampling(max_tokens=12), 8, seed=1)])
    (other,) = engine.generate([Request("5 6 7", Sampling(max_tokens=12), 8, seed=2)])
    (fewer,) = engine.generate([Request("5 6 7", Sampling(max_tokens=12), 3, seed=1)])
    tokens = [completion.tokens for completion in first]
    assert len(set(tokens)) == 8
    assert tokens == [completion.tokens for completion in again]
    assert not set(tokens) & {completion.tokens for completion in other}
    assert tokens[:3] == [completion.tokens for completion in fewer]


def test_every_request_has_its_own_settings(make_policy, numbers):
    asked = [
        Request("5 6", Sampling(max_tokens=3, temperature=0.0), 2),
        Request("7", Sampling(max_tokens=9, top_k=1), 1),
        Request("7", Sampling(max_tokens=1), 1),
        Request("7", Sampling(max_tokens=9, temperature=0.0), 1),
    ]
    greedy, narrow, single, reference = Engine(make_policy(), numbers, stop=39).generate(asked)
    assert greedy[0].tokens == greedy[1].tokens
    assert len(single[0].tokens) == 1
    assert narrow[0].tokens == reference[0].tokens
    assert narrow[0].logprobs == pytest.approx([0.0] * len(narrow[0].tokens))


def test_a_request_that_does_not_fit_errs_with_its_numbers_and_the_others_do_not(make_policy, numbers):
    engine = Engine(make_policy(max_position_embeddings=10), numbers, stop=2)
    asked = [*requests(["3", "3 4 5 6", ""], n=2, max_tokens=7), *requests(["3 4 5 6"], max_tokens=6)]
    fine, long, empty, full = engine.generate(asked)
    assert all(c.finish in ("stop", "length") and not c.error for c in (*fine, *full))
    for completion in long:
        assert (completion.finish, completion.tokens, completion.text) == ("error", (), "")
        assert "4 tokens and max_tokens=7 need 11 positions; this policy has 10" in completion.error
    assert all(c.finish == "error" and "prompt is empty" in c.error for c in empty)


def test_nothing_asked_nothing_answered(make_policy, numbers):
    assert Engine(make_policy(), numbers, stop=2).generate([]) == []


@pytest.mark.parametrize("training", [True, False])
def test_the_mode_of_the_policy_is_restored(training: bool, make_policy, numbers):
    policy = make_policy().train(training)
    Engine(policy, numbers, stop=2).generate(requests(["3"], max_tokens=2))
    assert policy.training is training

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Engine(policy, numbers, stop=2).generate(requests(["3"], max_tokens=2), on_done=fail)
    assert policy.training is training


def test_each_completion_is_reported_once_with_its_request_and_version(make_policy, numbers):
    engine = Engine(make_policy(), numbers, stop=2, rows=4)
    engine.version = 7
    heard: list[tuple[int, Completion]] = []
    results = engine.generate(requests(PROMPTS, n=2, max_tokens=6), lambda i, c: heard.append((i, c)))
    assert sorted(id(c) for _, c in heard) == sorted(id(c) for group in results for c in group)
    for index, completion in heard:
        assert any(completion is c for c in results[index])
        assert completion.versions == (7,) * len(completion.tokens)
        assert completion.seconds > 0


def test_the_trained_policy_can_be_sampled_between_steps(make_policy, numbers):
    policy = make_policy().train()
    engine = Engine(policy, numbers, stop=2)
    before = engine.generate(requests(PROMPTS, max_tokens=8, temperature=0.0))
    policy.logits(policy(torch.arange(3, 9), policy.packed([6]))[0]).square().sum().backward()
    with torch.no_grad():
        for parameter in policy.parameters():
            assert parameter.grad is not None
            parameter -= 0.1 * parameter.grad
    assert engine.generate(requests(PROMPTS, max_tokens=8, temperature=0.0)) != before
