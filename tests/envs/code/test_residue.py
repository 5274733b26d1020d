"""What is left behind is seen, by whoever watches."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from whetstone.envs.code import residue


def test_an_inner_watch_leaves_the_outer_one_its_orphans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(residue, "PATIENCE", 0.2)
    with residue.Watch() as watch:
        with residue.Watch():
            pass
        orphan = subprocess.run(
            ["sh", "-c", "sleep 60 > /dev/null & echo $!"], stdout=subprocess.PIPE, text=True, check=True
        )
        try:
            assert f"process {orphan.stdout.strip()} (sleep)" in watch.left()
        finally:
            os.kill(int(orphan.stdout), signal.SIGKILL)
            os.waitpid(int(orphan.stdout), 0)
