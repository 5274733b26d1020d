"""Agreement of sampler and trainer from sums that add up over parts."""

import math

import numpy as np
import pytest
import torch

from whetstone.policy.mismatch import SUMS, agreement, moments


def test_pearsons_r_and_the_largest_ratio():
    rng = np.random.default_rng(0)
    sampled = -3 * rng.random(50)
    trained = sampled + 0.1 * rng.normal(size=50)
    parts = [moments(torch.tensor(trained[i : i + 20]), torch.tensor(sampled[i : i + 20])) for i in (0, 20, 40)]
    sums = {name: sum(part[name] for part in parts) for name in SUMS}
    found = agreement({"loss": 1.0, "sampler_gap": math.log(2), **sums})
    assert found.pop("sampler_correlation") == pytest.approx(np.corrcoef(np.exp(trained), np.exp(sampled))[0, 1])
    assert found == pytest.approx({"loss": 1.0, "sampler_gap": math.log(2), "sampler_max_ratio": 2.0})


def test_no_correlation_where_nothing_varies():
    assert agreement(moments(torch.full((7,), -0.3), torch.full((7,), -0.3))) == {}
    assert agreement({}) == {}
