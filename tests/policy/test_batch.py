"""Packed rows by hand, and the scorer against the sampler that wrote them."""

import numpy as np
import pytest
import torch

from whetstone.policy.batch import MicroBatch, Row, Scorer, micro_batches
from whetstone.rollout.engine import Engine
from whetstone.rollout.types import Request, Sampling


def test_layout_by_hand():
    #  place      0  1  2  3   4  5  6
    #  token      5  6 10 11   7  8 20      (12 and 21 are predicted, never run)
    #  scored        1  2  3      5  6
    #  target       10 11 12     20 21
    rows = [Row((5, 6), (10, 11, 12)), Row((7, 8), (20, 21))]
    batch = MicroBatch.of(rows)
    assert batch.tokens_N.tolist() == [5, 6, 10, 11, 7, 8, 20]
    assert [len(row) for row in rows] == [4, 3]
    assert batch.context.positions_N.tolist() == [0, 1, 2, 3, 0, 1, 2]
    assert batch.scored_R.tolist() == [1, 2, 3, 5, 6]
    assert batch.targets_R.tolist() == [10, 11, 12, 20, 21]
    assert batch.completion_lengths.tolist() == [3, 2]
    assert batch.replay_NX is None


def test_equal_prompts_are_run_once():
    #  place      0  1  2   3  4   5
    #  token      5  6 10  11  7  20      (12 and 13 follow 11, 6; 21 follows 20)
    rows = [Row((5, 6), (10, 11, 12)), Row((7,), (20, 21)), Row((5, 6), (13,))]
    batch = MicroBatch.of(rows)
    assert batch.tokens_N.tolist() == [5, 6, 10, 11, 7, 20]
    assert batch.rows == [rows[0], rows[2], rows[1]]
    assert batch.scored_R.tolist() == [1, 2, 3, 1, 4, 5]
    assert batch.targets_R.tolist() == [10, 11, 12, 13, 20, 21]
    assert batch.context.positions_N.tolist() == [0, 1, 2, 3, 0, 1]


@pytest.mark.parametrize("layers", [["hybrid"] * 2, ["hybrid", "hybrid_sliding"]])
def test_a_shared_prompt_gives_the_same_scores_and_gradients(layers: list[str], make_policy):
    policy = make_policy(5, layer_types=layers, sliding_window=3)
    scorer = Scorer(policy)
    rows = [
        Row((5, 6, 7, 8), (9, 3, 4, 5)),
        Row((4, 4), (7,)),
        Row((5, 6, 7, 8), (3,)),
        Row((5, 6, 7, 8), (9, 9, 9, 9, 9, 1)),
        Row((4, 4), (8, 1, 1)),
        Row((3,), (3, 3)),
    ]
    batch = MicroBatch.of(rows)
    logprob_R, entropy_R, _ = scorer(batch)
    (logprob_R.sum() + entropy_R.square().sum()).backward()
    shared = {name: parameter.grad.clone() for name, parameter in policy.named_parameters()}
    policy.zero_grad()
    alone = [scorer(MicroBatch.of([row]))[:2] for row in batch.rows]
    torch.stack([logprob.sum() + entropy.square().sum() for logprob, entropy in alone]).sum().backward()
    torch.testing.assert_close(logprob_R, torch.cat([logprob for logprob, _ in alone]), atol=1e-5, rtol=0)
    for name, parameter in policy.named_parameters():
        torch.testing.assert_close(shared[name], parameter.grad, atol=1e-4, rtol=1e-4)


def test_a_completion_of_one_token_is_scored_at_the_end_of_its_prompt():
    batch = MicroBatch.of([Row((5,), (9,)), Row((5, 6, 7), (9,))])
    assert batch.tokens_N.tolist() == [5, 5, 6, 7]
    assert batch.scored_R.tolist() == [0, 3]


def test_routes_are_replayed_when_every_row_has_them():
    routed = Row((5, 6), (10, 11), experts=np.array([[0, 1], [2, 3], [4, 0]], dtype=np.int16))
    other = Row((5,), (10,), experts=np.array([[3, 3]], dtype=np.int16))
    replay = MicroBatch.of([routed, other]).replay_NX
    assert replay is not None
    assert replay.dtype == torch.long
    assert replay.tolist() == [[0, 1], [2, 3], [4, 0], [3, 3]]
    assert MicroBatch.of([routed, Row((5,), (10,))]).replay_NX is None


def test_micro_batches_keep_every_row_within_the_budget():
    rows = [Row((i,) * size, (2,)) for i, size in enumerate((7, 3, 12, 3, 5, 1))]
    batches = list(micro_batches(rows, tokens=10))
    assert [[len(row) for row in batch.rows] for batch in batches] == [[1, 3, 3], [5], [7], [12]]
    assert {id(row) for batch in batches for row in batch.rows} == {id(row) for row in rows}
    assert list(micro_batches([], tokens=10)) == []


@pytest.mark.parametrize("temperature", [1.0, 0.6])
def test_the_scorer_agrees_with_the_sampler(temperature: float, make_policy):
    class Numbers:
        """Text is numbers between blanks."""

        def encode(self, text: str) -> list[int]:
            return [int(word) for word in text.split()]

        def decode(self, tokens) -> str:
            return " ".join(map(str, tokens))

    policy = make_policy(6, lm_head_bias=True)
    requests = [
        Request(prompt, Sampling(max_tokens=9, temperature=temperature), 3, seed)
        for seed, prompt in enumerate(["3 4 5", "9", "8 8 8 8 7 6"])
    ]
    completions = [c for group in Engine(policy, Numbers(), stop=2).generate(requests) for c in group]
    rows = [Row(c.prompt_tokens, c.tokens, 1.0, c.logprobs, c.experts) for c in completions]
    batch = MicroBatch.of(rows)
    assert batch.replay_NX is not None
    logprob_R, entropy_R, routes_NX = Scorer(policy)(batch, temperature)
    sampled = torch.tensor([x for c in completions for x in c.logprobs])
    torch.testing.assert_close(logprob_R, sampled, atol=1e-5, rtol=0)
    assert torch.equal(routes_NX, batch.replay_NX)
    hidden, _ = policy(batch.tokens_N, batch.context, batch.replay_NX)
    scores = policy.logits(hidden[batch.scored_R]) / temperature
    expected = torch.distributions.Categorical(logits=scores).entropy()
    torch.testing.assert_close(entropy_R, expected, atol=1e-5, rtol=0)
