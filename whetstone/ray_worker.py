"""What runs inside a judge's actor: whatever it is given, one thing at a time. It imports little, so it is up soon."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

Result = TypeVar("Result")
Name = Hashable
"""Names a job, in a run."""


class Worker:
    """Does what it is given."""

    def ready(self) -> None:
        """Answer once the actor is up."""

    def run(self, work: Callable[[], Result]) -> Result:
        """Do it here."""
        return work()
