"""A child without vLLM: it answers jobs by arithmetic, and misbehaves where a prompt's first token says so.

Run as `python standin.py NOTES DESCRIPTOR`; NOTES is a folder where it keeps count of its deaths. Sample `i` of a
prompt is the tokens key, key + 1, … (mod 100), each with log-probability -1; 7 is the stop token.
"""

import os
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path

from whetstone.rollout.vllm.messages import Cancel, Failed, Job, Load, Loaded, Ready, Written

DIES_ONCE, DIES, BAD_WEIGHTS = 91, 92, "bad"


def main() -> None:
    notes, connection = Path(sys.argv[1]), Connection(int(sys.argv[2]))
    start = connection.recv()
    with (notes / "starts").open("a") as file:
        file.write(f"{start.version} {start.weights}\n")
    if start.model == "unwilling":
        connection.send(Failed("ValueError: there is no such model"))
        return
    if start.model == "speechless":
        sys.exit("out of memory")
    connection.send(Ready(32))
    version = start.version
    try:
        while True:
            message = connection.recv()
            if isinstance(message, Load):
                if BAD_WEIGHTS in Path(message.place).name:
                    connection.send(Failed("ValueError: the checkpoint lacks 3 tensors"))
                    return
                version = message.version
                connection.send(Loaded(version))
            elif isinstance(message, Cancel):
                with (notes / "cancelled").open("a") as file:
                    file.write(f"{message.name}\n")
            else:
                work(connection, notes, message, version, start.options.stream)
    except EOFError:
        (notes / "ended").touch()


def work(connection: Connection, notes: Path, job: Job, version: int, stream: bool) -> None:
    tokens = [(job.key + i) % 100 for i in range(job.sampling.max_tokens)]
    if 7 in tokens:
        tokens = tokens[: tokens.index(7) + 1]
    if stream:
        connection.send(Written(job.name, tuple(tokens[:2]), (-1.0,) * 2, (version,) * 2))
    died = notes / "died"
    if job.prompt[0] == DIES or (job.prompt[0] == DIES_ONCE and not died.exists()):
        died.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    rest = tokens[2:] if stream else tokens
    finish = "stop" if tokens[-1] == 7 else "length"
    end = {"finish": finish, "ended": finish == "stop", "cached": 1}
    connection.send(Written(job.name, tuple(rest), (-1.0,) * len(rest), (version,) * len(rest), **end))


if __name__ == "__main__":
    main()
