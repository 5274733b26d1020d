"""Workers that die, callers that fork, threads that share a sandbox, two programs that talk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from whetstone.envs.code.sandbox import Limits, Program, Sandbox, SandboxError
from whetstone.envs.code.sandbox.language import Command, Image
from whetstone.envs.code.sandbox.tiers import available

ECHO = Program("python", "print(input())")


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return b") Z" not in Path(f"/proc/{pid}/stat").read_bytes()
    except FileNotFoundError:
        return False


def gone(pid: int, seconds: float = 20.0) -> bool:
    """Wait for a process's end."""
    end = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return not alive(pid)


def computed(pid: int) -> float:
    """The CPU time of a process, in seconds."""
    return time.clock_gettime(~pid << 3 | 2)


def descendants(pid: int) -> list[int]:
    """The processes below a process, each before its own children: numbers say nothing, for they wrap around."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            found += [child, *descendants(child)]
    return found


def test_many_threads_share_workers() -> None:
    with Sandbox(workers=2) as sandbox, ThreadPoolExecutor(8) as threads:
        inputs = [str(value).encode() for value in range(60)]
        outputs = threads.map(lambda data: sandbox.run(ECHO, data).stdout, inputs)
        assert list(outputs) == [data + b"\n" for data in inputs]
        assert len(sandbox._runs.workers) <= 2


def test_killed_workers_lose_nothing(sandbox: Sandbox) -> None:
    """The server, or at tier A the server's stub, killed between requests and amidst them."""
    sandbox.run(ECHO, b"x")
    (worker,) = sandbox._runs.workers
    worker.process.kill()
    worker.process.wait()
    assert sandbox.run(ECHO, b"after").stdout == b"after\n"

    slow = Program("python", "import time\nwhile time.process_time() < 0.3: pass\nprint(input())")
    killed = []

    def kill() -> None:
        (worker,) = sandbox._runs.workers
        while not (below := descendants(worker.process.pid)):
            time.sleep(0.001)
        killed.extend(below)
        worker.process.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    done = sandbox.run(slow, b"amidst")
    killer.join()
    assert (done.outcome, done.stdout) == ("ok", b"amidst\n")
    assert killed and all(gone(pid) for pid in killed)


def test_killed_child_is_the_programs_end(sandbox: Sandbox) -> None:
    """Only the kernel, or someone on this machine, can do so: it is reported as it is."""
    result = []
    spin = partial(sandbox.run, Program("python", "while True: pass"), limits=Limits(cpu=60))
    runner = threading.Thread(target=lambda: result.append(spin()))
    sandbox.run(ECHO, b"x")
    (worker,) = sandbox._runs.workers
    runner.start()
    depth = 2 if sandbox.tier == "A" else 1
    # Killed while it is still being confined, it would be started again: wait until it is the program that computes.
    while len(below := descendants(worker.process.pid)) < depth or computed(below[-1]) < 0.3:
        time.sleep(0.001)
    os.kill(below[-1], signal.SIGTERM)
    runner.join()
    assert (result[0].outcome, result[0].signal) == ("signal", signal.SIGTERM)


def test_closing_ends_everything(sandbox: Sandbox) -> None:
    with Sandbox(workers=1, tier=sandbox.tier) as short:
        short.run(ECHO, b"x")
        (worker,) = short._runs.workers
        processes = [worker.process.pid, *descendants(worker.process.pid)]
    assert all(gone(pid) for pid in processes)
    with pytest.raises(SandboxError, match="closed"):
        short.run(ECHO, b"x")


DYING = """
import os, sys
from whetstone.envs.code.sandbox import Sandbox, Program
sandbox = Sandbox(workers=1, tier=sys.argv[1])
sandbox.run(Program("python", ""))
print(next(iter(sandbox._runs.workers)).process.pid, flush=True)
sandbox.run(Program("python", "while True: pass"))
"""


def test_servers_end_with_their_client(sandbox: Sandbox) -> None:
    client = subprocess.Popen([sys.executable, "-c", DYING, sandbox.tier], stdout=subprocess.PIPE, text=True)
    assert client.stdout is not None
    server = int(client.stdout.readline())
    while len(below := descendants(server)) < (2 if sandbox.tier == "A" else 1):
        time.sleep(0.001)
    client.kill()
    client.wait()
    client.stdout.close()
    assert all(gone(pid) for pid in [*below, server])


def test_a_forked_caller_has_its_own_workers(sandbox: Sandbox) -> None:
    assert sandbox.run(ECHO, b"x").stdout == b"x\n"
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writing, sandbox.run(ECHO, b"child").stdout)
            sandbox.close()
        finally:
            os._exit(0)
    os.close(writing)
    assert os.waitpid(child, 0)[1] == 0
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b"child\n"
    assert sandbox.run(ECHO, b"y").stdout == b"y\n"


def test_descriptors_do_not_leak(sandbox: Sandbox) -> None:
    sandbox.run(ECHO, b"x")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        sandbox.run(ECHO, b"x")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


# -- two programs that talk -------------------------------------------------------------------------------------------

INTERACTOR = """
import os, sys
secret = int(os.read(3, 99))
for turn in range(12):
    guess = int(input())
    print("lower" if guess > secret else "higher" if guess < secret else "right", flush=True)
    if guess == secret:
        sys.exit(0)
sys.exit(1)
"""
BISECTION = """
low, high = 1, 1000
while True:
    middle = (low + high) // 2
    print(middle, flush=True)
    said = input()
    if said == "right": break
    if said == "lower": high = middle - 1
    else: low = middle + 1
"""


def test_interaction(sandbox: Sandbox) -> None:
    one, two = sandbox.interact(Program("python", BISECTION), Program("python", INTERACTOR), b"617\n")
    assert (one.outcome, two.outcome, two.status) == ("ok", "ok", 0), (one, two)
    guess = "for i in range(12):\n    print(i, flush=True)\n    input()\n"
    one, two = sandbox.interact(Program("python", guess), Program("python", INTERACTOR), b"617\n")
    assert (two.outcome, two.status) == ("exit", 1)


def test_interaction_without_flush_ends(sandbox: Sandbox) -> None:
    stuck = "import sys\n" + BISECTION.replace(", flush=True", "").replace("input()", "sys.stdin.readline().strip()")
    short = Limits(wall=0.5)
    one, two = sandbox.interact(Program("python", stuck), Program("python", INTERACTOR), b"617\n", short)
    assert (one.outcome, two.outcome) == ("wall", "wall"), (one, two)


@pytest.mark.parametrize(
    "thief",
    [
        "import os\nprint(os.read(3, 9))",
        "import os\nfor fd in range(2, 99):\n    try: print(fd, os.pread(fd, 9, 0))\n    except OSError: pass",
        "import os\nfor p in range(1, 9):\n    print(open(f'/proc/{os.getpid() + p}/fd/3').read())",
        "import os\nfor p in range(1, 9):\n    os.kill(os.getpid() + p, 9)",
    ],
)
def test_the_secret_is_out_of_reach(sandbox: Sandbox, thief: str) -> None:
    repeat = "import sys\ntext = sys.stdin.read()\nsys.stderr.write(text)\nsys.exit('617' in text)"
    _, two = sandbox.interact(Program("python", thief), Program("python", repeat), b"617\n")
    assert (two.outcome, two.status) == ("ok", 0), two


# -- commands ---------------------------------------------------------------------------------------------------------

SHELL = ("/bin", "/usr/bin", "/lib", "/lib64", "/usr/lib", "/etc/ld.so.cache")


def shell(text: str, **options: object) -> Command:
    return Command(["/bin/sh", "-c", text], readable=SHELL, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module", params=["A", "B"])
def builder(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox of each tier that runs commands."""
    if missing := available(request.param):
        pytest.skip(missing)
    with Sandbox(workers=1, tier=request.param) as sandbox:
        yield sandbox


def test_no_command_without_a_wall_around_files() -> None:
    with Sandbox(workers=1, tier="C") as sandbox, pytest.raises(SandboxError, match="tier C"):
        sandbox.command(shell("true"))


def test_command(builder: Sandbox) -> None:
    text = "cat in | tr a-z A-Z > out; echo said >&2; echo told; ls; pwd > /dev/null"
    done, files = builder.command(shell(text, files={"in": b"abc"}, results=["out", "missing"]))
    assert (done.outcome, done.stdout, done.stderr) == ("ok", b"told\nin\nout\n", b"said\n"), done
    assert files == {"out": b"ABC"}


@pytest.mark.parametrize(
    "text",
    [
        "cat /etc/passwd",
        "ls /tmp",
        "ls / | grep .",
        "echo x > /tmp/whetstone-escape",
        "cat /proc/1/environ",
        "kill -9 $PPID",
        "kill -9 -1",
        "ln -s /etc/passwd out",
        "mkfifo out",
        "unshare -r true",
        "ulimit -f 100000000",
    ],
)
def test_command_is_confined(builder: Sandbox, text: str) -> None:
    done, files = builder.command(shell(f"({text}) 2>/dev/null", results=["out"]))
    assert done.outcome == "exit" and done.stdout == b"" and files == {}, done
    assert not Path("/tmp/whetstone-escape").exists()


def test_command_leaves_no_process(builder: Sandbox) -> None:
    done, _ = builder.command(shell("sleep 1000 & sleep 1000 & echo $!"))
    assert done.outcome == "ok"
    (worker,) = builder._commands.workers
    end = time.monotonic() + 20
    while descendants(worker.process.pid) and time.monotonic() < end:
        time.sleep(0.01)
    assert descendants(worker.process.pid) == []


def test_command_limits(builder: Sandbox) -> None:
    few = Limits(cpu=1.0, wall=1.0, memory=1 << 30, threads=32)
    assert builder.command(shell("sleep 1000", limits=few))[0].outcome == "wall"
    assert builder.command(shell("while :; do :; done", limits=Limits(cpu=1.0, wall=60.0)))[0].outcome in (
        "signal",
        "cpu",
    )
    done, files = builder.command(shell("cat /dev/zero > out", size=1 << 20, results=["out"]))
    assert done.outcome in ("exit", "signal") and len(files.get("out", b"")) <= 1 << 20


def test_images_cannot_be_changed() -> None:
    image = Image(b"abc")
    with pytest.raises(PermissionError):
        os.pwrite(image.fd, b"x", 0)
    assert os.pread(image.fd, 9, 0) == b"abc"
