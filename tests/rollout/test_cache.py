"""The cache by hand: what is kept of the last tokens, whole rows copied."""

import torch

from whetstone.policy.config import zaya_config
from whetstone.policy.context import Packed
from whetstone.rollout.engine.cache import Cache, Decode, Prefill


def fresh(rows: int = 3, length: int = 5) -> Cache:
    config = zaya_config(vocab_size=8, layers=1, heads=2, kv_heads=1, head_dim=2)
    config.cca_time0, config.cca_time1 = 2, 2
    return Cache(config, rows, length, "cpu", torch.float32)


def column(*values: float) -> torch.Tensor:
    """One number a token, in all of the six query and key channels."""
    return torch.tensor(values).float()[:, None].expand(-1, 6)


def test_history_goes_on_from_prefill_to_decode():
    cache = fresh()
    prompts = Prefill(cache, Packed([3, 1]), torch.tensor([0, 1]))
    prompts.history(0, "qk", column(1, 2, 3, 4), 2)
    one, two = Decode(cache, 2).history(0, "qk", column(5, 6), 2)
    assert one[:, 0].tolist() == [3, 4]
    assert two[:, 0].tolist() == [2, 0]
    one, two = Decode(cache, 2).history(0, "qk", column(7, 8), 2)
    assert one[:, 0].tolist() == [5, 6]
    assert two[:, 0].tolist() == [3, 4]
    assert cache.lengths_S.tolist() == [5, 3, 0]


def test_positions_of_a_step_are_the_lengths_before_it():
    cache = fresh()
    Prefill(cache, Packed([3, 1]), torch.tensor([0, 1]))
    assert Decode(cache, 2).positions_N.tolist() == [3, 1]
    assert Decode(cache, 1).positions_N.tolist() == [4]


def test_a_copied_row_is_whole_and_apart():
    cache = fresh()
    for x in (cache.keys, cache.values, *cache.states.values()):
        x.copy_(torch.randn(x.shape))
    cache.routes.copy_(torch.arange(15).view(3, 5, 1))
    cache.lengths_S.copy_(torch.tensor([2, 4, 5]))
    cache.copy(torch.tensor([1]), torch.tensor([0]))
    assert cache.lengths_S.tolist() == [4, 4, 5]
    for x in (cache.keys, cache.values):
        assert torch.equal(x[:, 0, :, :4], x[:, 1, :, :4])
    assert all(torch.equal(x[:, 0], x[:, 1]) for x in cache.states.values())
    assert cache.routes[0, :4].flatten().tolist() == [5, 6, 7, 8]
    cache.keys[:, 1] = 0
    assert cache.keys[:, 0].abs().sum() > 0


def test_what_weights_alone_decide_is_made_once_a_layer():
    cache, calls = fresh(), []
    for layer, name in ((0, "a"), (1, "a"), (0, "b"), (0, "a"), (1, "a"), (0, "b")):
        made = cache.once(layer, name, lambda key=(layer, name): calls.append(key) or key)
        assert made == (layer, name)
    assert calls == [(0, "a"), (1, "a"), (0, "b")]
