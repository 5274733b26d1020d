"""What is left behind is seen, by whoever watches."""

from __future__ import annotations

import subprocess
import sys

# In a process of its own: the sandboxes of other tests are below this one, and some of another user.
WATCHING = """
import os, signal, subprocess, tempfile
from whetstone.envs.code import residue

residue.PATIENCE = 0.0

def orphan():
    shell = ["sh", "-c", "sleep 60 > /dev/null & echo $!"]
    return int(subprocess.run(shell, stdout=subprocess.PIPE, check=True).stdout)

def seen(watch, pid):
    found = [thing for thing in watch.left() if str(pid) in thing]
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)  # it is this one's child by now
    return found == [f"process {pid} (sleep)"]
"""


def watch(program: str) -> None:
    subprocess.run([sys.executable, "-c", WATCHING + program], check=True)


def test_files_and_processes_are_found() -> None:
    watch("""
with residue.Watch() as watch, tempfile.NamedTemporaryFile(dir="/tmp", prefix="own_watch") as file:
    assert [thing for thing in watch.left() if "own_watch" in thing] == [f"file {file.name}"]
    assert seen(watch, orphan())
""")


def test_an_inner_watch_leaves_the_outer_one_its_orphans() -> None:
    watch("""
with residue.Watch() as watch:
    with residue.Watch():
        pass
    assert seen(watch, orphan())
""")
