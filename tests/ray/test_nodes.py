"""A node that is lost: what ran on it runs on the one that comes in its place."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from whetstone.ray_judges import workers
from whetstone.ray_settings import RaySettings

pytestmark = [pytest.mark.slow, pytest.mark.soak, pytest.mark.timeout(600)]


@pytest.fixture
def cluster() -> Iterator[Any]:
    """A head that has no CPUs to give; nodes are added."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    ray.init(address=made.address, log_to_driver=False)
    yield made
    ray.shutdown()
    made.shutdown()


def add(cluster: Any, attempts: int = 3) -> Any:
    """A node with room for two judges; Ray waits half a minute for one to come up."""
    for left in reversed(range(attempts)):
        try:
            return cluster.add_node(num_cpus=2, object_store_memory=80 << 20)
        except Exception as error:
            if not left or "timed out during startup" not in str(error):
                raise
    raise AssertionError


def test_what_ran_on_a_lost_node_runs_on_the_next(cluster: Any) -> None:
    first = add(cluster)
    fleet = workers(RaySettings(judges=2))
    try:
        while any(member.born is not None for member in fleet.members):
            fleet.poll(1.0)
        fleet.submit({number: slow(number) for number in range(6)})
        found = dict(fleet.poll(0.1))
        cluster.remove_node(first, allow_graceful=False)
        add(cluster)
        while fleet.unfinished:
            ended = fleet.poll(1.0)
            assert not found.keys() & dict(ended).keys()
            found |= dict(ended)
    finally:
        fleet.close()
    assert found == {number: number for number in range(6)}
    assert fleet.lost >= 2 and fleet.again >= 1


def slow(number: int) -> Callable[[], int]:
    """A job of a while, which travels by value."""

    def work(number: int) -> int:
        time.sleep(0.5)
        return number

    return partial(work, number)
