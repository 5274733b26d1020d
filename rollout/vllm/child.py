"""The child process: vLLM's engine, stepped in a loop between messages from the parent.

Run as `python -m whetstone.rollout.vllm.child DESCRIPTOR`, where DESCRIPTOR is a connected socket. It ends when the
parent does, however that happens.
"""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false
# (vLLM lives in an environment of its own, see docs/vllm.md)

from __future__ import annotations

import math
import os
import sys
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from whetstone.rollout.vllm.messages import Cancel, Failed, Job, Load, Loaded, Options, Ready, Start, Written

ENVIRONMENT = {
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",  # the scheduler lives here: a step ends before its routes are asked for
    "VLLM_USE_V2_MODEL_RUNNER": "0",  # the runner that calls logits processors and keeps requests by name
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_DO_NOT_TRACK": "1",
}
GIB = 1 << 30


def main() -> None:
    """Serve the parent at the other end of the socket whose descriptor is the first argument."""
    connection = Connection(int(sys.argv[1]))
    try:
        start = connection.recv()
        try:
            engine = _engine(start)
        except Exception as error:  # a supervisor: whatever keeps vLLM from starting, the parent must be told
            connection.send(Failed(f"{type(error).__name__}: {error}"))
            raise
        connection.send(Ready(engine.model_config.max_model_len))
        _Loop(connection, engine, start).run()
    except (EOFError, ConnectionError):
        return  # the parent is gone


def _engine(start: Start) -> Any:
    os.environ.update(ENVIRONMENT)
    if start.options.eager:
        os.environ["TORCHDYNAMO_DISABLE"] = "1"  # vLLM compiles a part of its sampler even so, for half a minute
    from vllm.engine.arg_utils import EngineArgs
    from vllm.v1.engine.llm_engine import LLMEngine

    engine = LLMEngine.from_engine_args(EngineArgs(model=start.model, **_arguments(start.options)))
    (name,) = set(engine.collective_rpc("architecture"))
    if name.startswith("Transformers") and engine.model_config.hf_config.model_type == "zaya":
        raise RuntimeError(f"vLLM chose {name}, which drops ZAYA1's state; the plugin failed to load, see the log")
    if start.weights is not None:
        engine.collective_rpc("load_checkpoint", args=(start.weights,))
    return engine


def _arguments(options: Options) -> dict[str, Any]:
    """Options as vLLM's engine arguments."""
    given = {
        "max_model_len": options.positions,
        "max_num_seqs": options.sequences,
        "max_num_batched_tokens": options.step_tokens,
        "kv_cache_memory_bytes": None if options.cache_gib is None else int(options.cache_gib * GIB),
    }
    return {
        "dtype": options.dtype,
        "enforce_eager": options.eager,
        "enable_prefix_caching": True,
        "enable_chunked_prefill": True,
        "async_scheduling": False,
        "disable_log_stats": True,
        "logits_processors": ["whetstone.rollout.vllm.draw:Drawing"],
        "logprobs_mode": "processed_logits",
        "max_logprobs": -1,
        "worker_extension_cls": "whetstone.rollout.vllm.worker.Extension",
        **{name: value for name, value in given.items() if value is not None},
        **options.more,
    }


@dataclass(slots=True)
class _Running:
    """A job at work, and what of it the parent has not heard yet."""

    job: Job
    internal: str  # vLLM's own name for it
    started: float
    written: int = 0
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    alternatives: list[tuple[tuple[int, float], ...]] = field(default_factory=list)

    def take(self, part: Any, version: int) -> None:
        """What a step of vLLM's has added."""
        for token, entry in zip(part.token_ids, part.logprobs or (), strict=True):
            values = {other: found.logprob for other, found in entry.items()}
            self.tokens.append(token)
            self.logprobs.append(-values[token])
            self.versions.append(version)
            if self.job.sampling.alternatives:
                self.alternatives.append(_best(token, values, self.job.sampling.alternatives))
        self.written += len(part.token_ids)

    def news(self, **end: Any) -> Written:
        """All that the parent has not heard."""
        parts = (self.tokens, self.logprobs, self.versions, self.alternatives)
        tokens, logprobs, versions, alternatives = map(tuple, parts)
        news = Written(self.job.name, tokens, logprobs, versions, alternatives, **end)
        for part in parts:
            part.clear()
        return news


class _Loop:
    """Messages in, one step, news out."""

    def __init__(self, connection: Connection, engine: Any, start: Start) -> None:
        self.connection, self.engine = connection, engine
        self.version, self.stream = start.version, start.options.stream
        self.running: dict[str, _Running] = {}

    def run(self) -> None:
        while True:
            while self.connection.poll(None if not self.engine.has_unfinished_requests() else 0):
                self._take(self.connection.recv())
            self._tell(self.engine.step())

    # -- messages in ------------------------------------------------------------------------------------------------

    def _take(self, message: Job | Cancel | Load) -> None:
        if isinstance(message, Job):
            self._add(message)
        elif isinstance(message, Cancel):
            self._cancel(str(message.name))
        else:
            self._load(message)

    def _add(self, job: Job) -> None:
        try:
            internal = self.engine.add_request(str(job.name), {"prompt_token_ids": list(job.prompt)}, _params(job))
        except ValueError as error:  # vLLM refuses the request; the others go on
            self.connection.send(Written(job.name, finish="error", error=str(error)))
            return
        self.running[str(job.name)] = _Running(job, internal, time.perf_counter())

    def _cancel(self, name: str) -> None:
        if name in self.running:
            self.engine.abort_request([name])
            self._end(name, finish="cancelled")

    def _load(self, message: Load) -> None:
        """Requests under way are run again from their first token: their cache was made by the old weights."""
        try:
            self.engine.collective_rpc("load_checkpoint", args=(message.place,))
        except Exception as error:  # a supervisor: weights may be half loaded, so this process must not go on
            self.connection.send(Failed(f"{type(error).__name__}: {error}"))
            raise
        self.engine.reset_prefix_cache(reset_running_requests=True)
        self.version = message.version
        self.connection.send(Loaded(message.version))

    # -- news out ---------------------------------------------------------------------------------------------------

    def _tell(self, outputs: list[Any]) -> None:
        ended = [output for output in outputs if output.finished and output.request_id in self.running]
        wanted = []
        for output in ended:
            running = self.running[output.request_id]
            count = running.written + len(output.outputs[0].token_ids)
            wanted.append((running.internal, len(running.job.prompt) + count - 1))
        routes = self.engine.collective_rpc("routes", args=(wanted,))[0] if wanted else []
        experts = {output.request_id: found for output, found in zip(ended, routes, strict=True)}
        for output in outputs:
            if output.request_id in self.running:
                self._forward(output, experts.get(output.request_id))

    def _forward(self, output: Any, experts: Any) -> None:
        name, part = output.request_id, output.outputs[0]
        running = self.running[name]
        running.take(part, self.version)
        broken = next((i for i, x in enumerate(running.logprobs) if math.isinf(x)), None)
        if broken is not None:
            at = running.written - len(running.logprobs) + broken
            running.tokens, running.logprobs, running.versions = [], [], []
            self.engine.abort_request([name])
            error = f"the logits of token {at} of this completion are not numbers (weights of version {self.version})"
            self._end(name, finish="error", error=error)
        elif output.finished:
            finish, error = part.finish_reason, ""
            if finish not in ("stop", "length"):
                finish, error = "error", f"vLLM ended the request: {part.finish_reason}"
            ended = finish == "stop" and not isinstance(part.stop_reason, str)
            cached = output.num_cached_tokens or 0
            self._end(name, finish=finish, ended=ended, error=error, experts=experts, cached=cached)
        elif self.stream:
            self.connection.send(running.news())

    def _end(self, name: str, **end: Any) -> None:
        running = self.running.pop(name)
        self.connection.send(running.news(seconds=time.perf_counter() - running.started, **end))


def _params(job: Job) -> Any:
    """vLLM's parameters of a job: greedy, since `draw` has drawn before it looks."""
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind

    from whetstone.rollout.vllm.draw import SETTINGS

    s = job.sampling
    return SamplingParams(
        temperature=0.0,
        max_tokens=s.max_tokens,
        stop=list(s.stop),
        stop_token_ids=list(s.stop_tokens),
        detokenize=bool(s.stop),
        logprobs=s.alternatives + 1 if s.alternatives else 0,
        output_kind=RequestOutputKind.DELTA,
        extra_args={SETTINGS: (job.key, s.temperature, s.top_k, s.top_p, s.min_p, s.alternatives)},
    )


def _best(drawn: int, entry: dict[int, float], count: int) -> tuple[tuple[int, float], ...]:
    """The `count` most likely tokens; the drawn one carries its log-probability with the other sign."""
    values = ((token, -value if token == drawn else value) for token, value in entry.items())
    return tuple(sorted(((t, x) for t, x in values if x > -math.inf), key=lambda pair: -pair[1])[:count])


if __name__ == "__main__":
    main()
