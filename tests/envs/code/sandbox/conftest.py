"""Sandboxes for tests: one a tier, kept for the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from whetstone.envs.code.sandbox import Sandbox, Tier
from whetstone.envs.code.sandbox.tiers import CONFINED, available


@pytest.fixture(scope="session", params=CONFINED)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox of each tier that is to be had here."""
    tier: Tier = request.param
    if missing := available(tier):
        pytest.skip(missing)
    with Sandbox(workers=1, tier=tier) as opened:
        yield opened
