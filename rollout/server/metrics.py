"""Counters and histograms of a server, in Prometheus's text format."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping

SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)


class Histogram:
    """Counts of durations, in seconds."""

    def __init__(self) -> None:
        self.counts = [0] * (len(SECONDS) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(SECONDS, seconds)] += 1
        self.total += seconds

    def lines(self, name: str) -> Iterator[str]:
        """Its lines, under `name`."""
        seen = 0
        for bound, count in zip([*map(str, SECONDS), "+Inf"], self.counts, strict=True):
            seen += count
            yield f'{name}_bucket{{le="{bound}"}} {seen}'
        yield f"{name}_sum {self.total:.6f}"
        yield f"{name}_count {seen}"


class Metrics:
    """What a server counts."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, int]] = Counter()  # (path, HTTP status)
        self.prompt_tokens = self.completion_tokens = 0
        self.first_token, self.request = Histogram(), Histogram()

    def text(self, unfinished: int, capacity: int, cancelled: int) -> str:
        """The page that Prometheus reads."""
        lines: list[str] = []

        def family(name: str, kind: str, meaning: str, values: Mapping[str, float] | Histogram) -> None:
            name = f"whetstone_{name}"
            lines.extend((f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"))
            if isinstance(values, Histogram):
                lines.extend(values.lines(name))
            else:
                lines.extend(f"{name}{labels} {value}" for labels, value in values.items())

        served = {f'{{path="{path}",status="{status}"}}': count for (path, status), count in self.requests.items()}
        family("requests_total", "counter", "Requests by path and HTTP status.", served)
        family("prompt_tokens_total", "counter", "Tokens of prompts.", {"": self.prompt_tokens})
        family("completion_tokens_total", "counter", "Tokens written.", {"": self.completion_tokens})
        family("cancelled_samples_total", "counter", "Samples dropped unfinished.", {"": cancelled})
        family("unfinished_samples", "gauge", "Samples waiting or running.", {"": unfinished})
        family("capacity_samples", "gauge", "Samples that may be unfinished.", {"": capacity})
        family("first_token_seconds", "histogram", "From a request to its first text.", self.first_token)
        family("request_seconds", "histogram", "From a request to its end.", self.request)
        return "\n".join(lines) + "\n"
