"""The cache by hand: what is kept of the last tokens, and whole pages copied."""

import pytest
import torch

from whetstone.policy.config import zaya_config
from whetstone.rollout.engine.cache import Cache, State
from whetstone.rollout.engine.pages import Pages
from whetstone.rollout.engine.step import Chunk, Decode, Mixed


def fresh(count: int = 3, size: int = 6) -> tuple[Cache, Pages]:
    config = zaya_config(vocab_size=8, layers=1, heads=2, kv_heads=1, head_dim=32)
    config.cca_time0, config.cca_time1 = 2, 2
    return Cache(config, count, size, dense=True, device="cpu", dtype=torch.float32), Pages(count, size)


def column(*values: float) -> torch.Tensor:
    """One number a token, in all channels."""
    return torch.tensor(values).float()[:, None].expand(-1, 3)


def first(rows: list[torch.Tensor]) -> list[list[float]]:
    return [row[:, 0].tolist() for row in rows]


def test_history_goes_on_from_chunk_to_chunk_and_to_decoding():
    cache, pages = fresh()
    tables = [[page] for page in pages.all]
    state = State()
    state.arrange([-1, -1], [])
    step = Mixed(Decode.of(cache, state, [], []), [Chunk(0, 0, 3, tables[0], [2]), Chunk(1, 0, 1, tables[1], [])])
    assert step.positions_N.tolist() == [0, 1, 2, 0]
    assert first(step.history(0, "qk", column(1, 2, 3, 4), 2)) == [[0, 1, 2, 0], [0, 0, 1, 0]]
    known = step.finish()
    assert known is not None
    assert known[:, ::3].tolist() == [[2, 1]]  # after two tokens of the first prompt, the newest first

    # The first decodes, the second goes on with its prompt.
    state.arrange([0, 1], [])
    step = Mixed(Decode.of(cache, state, [3], tables[:1]), [Chunk(1, 1, 2, tables[1], [])])
    assert step.positions_N.tolist() == [3, 1, 2]
    assert first(step.history(0, "qk", column(5, 6, 7), 2)) == [[3, 4, 6], [2, 0, 4]]
    step.finish()

    # Both decode, in the other order, beside one that starts from what was known of the first prompt.
    state.arrange([1, 0, -1], [(2, known[0])])
    decode = Decode.of(cache, state, [3, 4, 2], [tables[1], tables[0], tables[2]])
    assert first(decode.history(0, "qk", column(8, 9, 10), 2)) == [[7, 5, 2], [6, 3, 1]]
    decode.advance()
    assert decode.positions_N.tolist() == [4, 5, 3]
    assert first(decode.history(0, "qk", column(0, 0, 0), 2)) == [[8, 9, 10], [7, 5, 2]]


def test_a_sequence_that_is_new_starts_from_zero():
    state = State()
    state.arrange([-1], [])
    cache, pages = fresh()
    decode = Decode.of(cache, state, [0], [[pages.all[0]]])
    assert first(decode.history(0, "value", column(1), 1)) == [[0]]
    state.arrange([0, -1, 0], [])
    assert first(state.parts[0, "value"]) == [[1, 0, 1]]


@pytest.mark.parametrize("window", [None, 2])
def test_prompts_of_one_length_are_attended_side_by_side_as_each_alone(window: int | None):
    config = zaya_config(vocab_size=8, layers=1, heads=4, kv_heads=2, head_dim=32)
    cache = Cache(config, 5, 6, dense=True, device="cpu", dtype=torch.float32)
    state, lengths = State(), [3, 3, 2, 3, 3]
    state.arrange([-1] * 5, [])
    tables = [[page] for page in Pages(5, 6).all]
    step = Mixed(Decode.of(cache, state, [], []), [Chunk(i, 0, n, tables[i], []) for i, n in enumerate(lengths)])
    generator = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(14, heads, 32, generator=generator) for heads in (4, 2, 2))
    found = step.attend(0, q, k, v, window)
    for own, *qkv in zip(found.split(lengths), *(x.split(lengths) for x in (q, k, v)), strict=True):
        q_HnD, k_HnD, v_HnD = (x.transpose(0, 1) for x in (qkv[0], *(x.repeat_interleave(2, 1) for x in qkv[1:])))
        t = torch.arange(len(own))
        seen = (t <= t[:, None]) & (t[:, None] - t < (window or 9))
        expected = torch.nn.functional.scaled_dot_product_attention(q_HnD, k_HnD, v_HnD, attn_mask=seen)
        torch.testing.assert_close(own, expected.transpose(0, 1))


def filled(cache: Cache) -> None:
    generator = torch.Generator().manual_seed(0)
    for x in (cache.keys, cache.values):
        x.copy_(torch.randn(x.shape, generator=generator))
    cache.routes.copy_(torch.arange(cache.routes.numel()).view(cache.routes.shape))


def test_a_copy_is_whole_and_apart():
    cache, pages = fresh()
    filled(cache)
    before = cache.keys.clone()
    a, b, _ = pages.all
    cache.copy(a, b, 4)
    assert b.filled == 4
    assert torch.equal(cache.keys[:, 1, :, :4], before[:, 0, :, :4])
    assert torch.equal(cache.keys[:, 1, :, 4:], before[:, 1, :, 4:])
    assert torch.equal(cache.experts([b], 4), cache.experts([a], 4))
    cache.keys[:, 0] = 0
    assert torch.equal(cache.keys[:, 1, :, :4], before[:, 0, :, :4])


@pytest.mark.parametrize("filled_a", [0, 2, 5])
@pytest.mark.parametrize("filled_b", [0, 3])
def test_pages_change_places_with_what_they_hold(filled_a: int, filled_b: int):
    cache, pages = fresh()
    filled(cache)
    keys, routes = cache.keys.clone(), cache.routes.clone()
    a, b, _ = pages.all
    a.filled, b.filled = filled_a, filled_b
    cache.swap(a, b)
    pages.exchange(a, b)
    assert (a.place, b.place, pages.all[0], pages.all[1]) == (1, 0, b, a)
    assert (a.filled, b.filled) == (filled_a, filled_b)
    assert torch.equal(cache.keys[:, 1, :, :filled_a], keys[:, 0, :, :filled_a])
    assert torch.equal(cache.keys[:, 0, :, :filled_b], keys[:, 1, :, :filled_b])
    assert torch.equal(cache.routes[1, :filled_a], routes[0, :filled_a])


def test_a_larger_cache_holds_the_same():
    cache, _ = fresh()
    filled(cache)
    keys, routes = cache.keys.clone(), cache.routes.clone()
    cache.grow(5, 8)
    assert (cache.count, cache.size) == (5, 8)
    assert torch.equal(cache.keys[:, :3, :, :6], keys)
    assert torch.equal(cache.routes[:3, :6], routes)
    assert not cache.keys[:, 3:].any()
    assert cache.bytes == 40 * Cache.bytes_per_position(cache.config, torch.float32) == 40 * (2 * 32 * 4 + 2)


def test_the_state_of_a_sequence_by_arithmetic():
    cache, _ = fresh()
    # 2 rows of 3 heads x 32 numbers, and half a value head: (2 x 96 + 16) x 4 bytes
    assert Cache.bytes_per_state(cache.config, torch.float32) == 832


def test_what_weights_alone_decide_is_made_once_a_layer():
    cache, _ = fresh()
    calls = []
    for layer, name in ((0, "a"), (1, "a"), (0, "b"), (0, "a"), (1, "a"), (0, "b")):
        made = cache.once(layer, name, lambda key=(layer, name): calls.append(key) or key)
        assert made == (layer, name)
    assert calls == [(0, "a"), (1, "a"), (0, "b")]
    cache.renew()
    cache.once(0, "a", lambda: calls.append("again"))
    assert calls[-1] == "again"
