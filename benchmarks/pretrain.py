"""From scratch: our policy beside `transformers.ZayaForCausalLM`, on the same text, seed, optimizer and steps.

The text is what the project makes: prompts of tasks and their worked solutions. Three runs: our initialisation with
balanced routers; the same without balancing; Transformers' model as its own initialisation leaves it (keys at zero,
balancing biases that nothing moves). No document is drawn twice, and the loss is measured on held-out ones as well.
Routing entropy is H(p) / ln E of a step's tokens: the mean over layers, and the lowest of them; at the end also that
of the pooled load of the last twenty steps, and of the held-out text with all weights at rest, layer by layer.

    python benchmarks/pretrain.py [--preset small] [--steps 200] [--tokens 1024] [--runs ours unbalanced transformers]

Writes benchmarks/results/pretrain.json (runs not named are kept) and the charts docs/pretrain-loss.svg and
docs/pretrain-entropy.svg.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from torch import Tensor
from transformers import ZayaConfig, ZayaForCausalLM

from whetstone.policy.batch import Row, Scorer
from whetstone.policy.checkpoint import save_policy
from whetstone.policy.config import preset
from whetstone.policy.head import next_token_loss
from whetstone.policy.model import ZayaPolicy, initialise
from whetstone.policy.optimizer import adamw, schedule
from whetstone.policy.replay import Mismatch, mismatch
from whetstone.policy.router import Balancer, load_entropy, route_counts
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.questions import Demonstrations
from whetstone.rollout.engine import Engine
from whetstone.rollout.types import Request, Sampling

ROOT = Path(__file__).parents[1]
RUNS = ("ours", "unbalanced", "transformers")
LABELS = {"ours": "ours", "unbalanced": "ours, not balanced", "transformers": "transformers"}
TASKS = [
    "algebra/division",
    "algebra/multiplication",
    "algebra/next_palindromic",
    "grids/matrix_pooling",
    "grids/spiral_matrix",
    "optimization/making_grade",
    "paths/topological_sort",
    "puzzles/binario_no_adjacency_requirement",
    "puzzles/magic_square_puzzle",
    "puzzles/numbrix",
    "puzzles/sudoku",
    "sequences/distinct_array_permutation",
    "sequences/maximum_lexicographical_order_subsequence",
    "sequences/sliding_window",
    "sequences/sorting",
    "simulation/lamp_changing",
    "simulation/single_stack_sorting",
    "strings/minimal_cyclic_shift",
]
LEVELS, HELD_OUT = range(6), 8  # steps' worth of text kept for the measurement
LR, BALANCE_LR, CLIP, WARMUP, DECAY = 2e-3, 1e-2, 1.0, 20, 0.5


@dataclass(frozen=True, slots=True)
class Text:
    """Steps of documents, each about as many tokens, and those that are held out."""

    steps: list[list[Tensor]]
    held_out: list[list[Tensor]]


def texts(vocabulary: int, steps: int, tokens: int, seed: int) -> tuple[Text, TextTokenizer, list[str]]:
    """Documents in steps of about as many tokens, the tokenizer made for them, and prompts to sample from."""
    tasks = Demonstrations(TASKS, LEVELS, seed)
    tokenizer = TextTokenizer.train((f"{p.prompt}\n{p.target}" for p in tasks.draw(2000)), vocabulary)
    cut: list[list[Tensor]] = [[]]
    while len(cut) <= steps + HELD_OUT:
        for problem in tasks.draw(64):
            document = torch.tensor([*tokenizer.encode(problem.prompt), *tokenizer.encode_completion(problem.target)])
            if sum(map(len, cut[-1])) + len(document) > tokens:
                cut.append([])
            cut[-1].append(document)
    prompts = [problem.prompt for problem in tasks.draw(32)]
    return Text(cut[:steps], cut[steps : steps + HELD_OUT]), tokenizer, prompts


class Ours:
    """Our policy; balanced or not."""

    def __init__(self, config: ZayaConfig, seed: int, balanced: bool) -> None:
        self.model = initialise(ZayaPolicy(config), seed)
        self.balancer = Balancer(self.model.routers, BALANCE_LR) if balanced else None

    def step(self, documents: list[Tensor]) -> tuple[float, Tensor]:
        """Mean loss of the predicted tokens, its gradient left in the weights; choices of each layer and class."""
        lengths = [len(document) for document in documents]
        tokens_N = torch.cat(documents)
        last_B = torch.tensor(lengths).cumsum(0) - 1
        scored_R = torch.ones(len(tokens_N), dtype=torch.bool).index_fill(0, last_B, False).nonzero().flatten()
        hidden_NM, routes_NX = self.model(tokens_N, self.model.packed(lengths))
        share_R = torch.full((len(scored_R),), 1 / len(scored_R))
        loss = next_token_loss(hidden_NM[scored_R], self.model.lm_head.weight, tokens_N[scored_R + 1], share_R)
        if torch.is_grad_enabled():
            loss.backward()
        config = self.model.config
        return float(loss.detach()), route_counts(routes_NX, config.num_hidden_layers, config.num_experts + 1)

    def balance(self, counts_LE: Tensor, factor: float) -> None:
        if self.balancer:
            self.balancer.step(counts_LE, factor)


class Theirs:
    """Transformers' model, with whatever its own initialisation gives."""

    def __init__(self, config: ZayaConfig, seed: int) -> None:
        torch.manual_seed(seed)
        self.model = ZayaForCausalLM(config)
        self.counts: list[Tensor] = []
        for layer in self.model.model.layers:
            gate: Any = layer.mlp.gate  # type: ignore[union-attr]
            gate.register_forward_hook(self._count)

    def _count(self, gate: Any, inputs: Any, outputs: Any) -> None:
        _, probs, indices, _ = outputs
        classes = torch.where(probs.flatten() > 0, indices.flatten(), gate.num_router_classes - 1)[self.real]
        self.counts.append(torch.bincount(classes, minlength=gate.num_router_classes))

    def step(self, documents: list[Tensor]) -> tuple[float, Tensor]:
        """As `Ours.step`; in four batches of similar length, so that padding costs little."""
        ordered = sorted(documents, key=len)
        size, total = -(-len(ordered) // 4), sum(len(document) - 1 for document in ordered)
        layers, mean = len(self.model.model.layers), 0.0
        self.counts.clear()
        for start in range(0, len(ordered), size):
            batch = ordered[start : start + size]
            ids_BT = torch.nn.utils.rnn.pad_sequence(batch, batch_first=True)
            labels_BT = torch.nn.utils.rnn.pad_sequence(batch, batch_first=True, padding_value=-100)
            mask_BT = (labels_BT >= 0).long()
            self.real = mask_BT.bool().flatten()
            loss = self.model(input_ids=ids_BT, attention_mask=mask_BT, labels=labels_BT, use_cache=False).loss
            loss = loss * (sum(len(document) - 1 for document in batch) / total)
            if torch.is_grad_enabled():
                loss.backward()
            mean += float(loss.detach())
        return mean, torch.stack(self.counts).unflatten(0, (-1, layers)).sum(0)

    def balance(self, counts_LE: Tensor, factor: float) -> None:
        """Nothing: Transformers has no such step."""


def train(run: Ours | Theirs, text: Text, log: Callable[[str], None]) -> dict[str, Any]:
    """One run; loss and routing entropy at every step, and the held-out loss at the end."""
    optimizers = adamw(run.model, LR)
    losses, entropies, lowest, loads, started = [], [], [], [], time.process_time()
    for step, documents in enumerate(text.steps):
        loss, counts_LE = run.step(documents)
        torch.nn.utils.clip_grad_norm_(run.model.parameters(), CLIP)
        optimizers.step(schedule(step, len(text.steps), WARMUP, DECAY))
        # The biases do not warm up: routers left to themselves collapse within those twenty steps.
        run.balance(counts_LE, schedule(step, len(text.steps), 0, DECAY))
        losses.append(round(loss, 4))
        loads.append(counts_LE)
        entropy_L = load_entropy(counts_LE)
        entropies.append(round(float(entropy_L.mean()), 4))
        lowest.append(round(float(entropy_L.min()), 4))
        if step % 10 == 9:
            means = (np.mean(x[-10:]) for x in (losses, entropies, lowest))
            log("step {}: loss {:.3f}, entropy {:.3f}, lowest {:.3f}".format(step + 1, *means))
    with torch.no_grad():
        held_out, held_out_loads = zip(*map(run.step, text.held_out), strict=True)
    return {
        "loss": losses,
        "entropy": entropies,
        "lowest_entropy": lowest,
        "held_out_loss": float(np.mean(held_out)),
        "last_entropy": float(np.mean(entropies[-20:])),
        "last_lowest_entropy": float(np.mean(lowest[-20:])),
        "pooled_entropy": load_entropy(torch.stack(loads[-20:]).sum(0)).tolist(),
        "held_out_entropy": load_entropy(torch.stack(held_out_loads).sum(0)).tolist(),
        "cpu_seconds": time.process_time() - started,
    }


def replay(policy: ZayaPolicy, tokenizer: TextTokenizer, prompts: Sequence[str]) -> dict[str, Mismatch]:
    """A sampler in bf16 against a trainer in fp32, with its routes replayed and without."""
    sampler = ZayaPolicy(policy.config)
    sampler.load_state_dict(policy.state_dict())
    engine = Engine(sampler.to(torch.bfloat16), tokenizer, stop=tokenizer.eos)
    requests = [Request(prompt, Sampling(max_tokens=48), 4, seed) for seed, prompt in enumerate(prompts)]
    rows = [
        Row(answer.prompt_tokens, answer.tokens, 1.0, answer.logprobs, answer.experts)
        for group in engine.generate(requests)
        for answer in group
    ]
    return {name: mismatch(Scorer(policy), rows, replayed=name == "replayed") for name in ("replayed", "routed afresh")}


# -- charts -----------------------------------------------------------------------------------------------------------

COLORS = {"ours": "#1b6ca8", "unbalanced": "#7fb069", "transformers": "#d1603d"}
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 300, 52, 34, 14


def chart(curves: dict[str, list[float]], low: float, high: float, title: str) -> str:
    """Lines over steps as SVG, each point the mean of five steps."""
    steps = max(map(len, curves.values()))

    def at(step: float, value: float) -> str:
        x = LEFT + (WIDTH - LEFT - 8) * step / steps
        y = TOP + (HEIGHT - TOP - BOTTOM) * (high - min(max(value, low), high)) / (high - low)
        return f"{x:.1f},{y:.1f}"

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"']
    parts[0] += f' font-size="11"><rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
    for i in range(5):
        value = low + (high - low) * i / 4
        (x0, y), (x1, _) = at(0, value).split(","), at(steps, value).split(",")
        parts.append(f'<path d="M{x0},{y}H{x1}" stroke="#ddd"/><text x="{LEFT - 6}" y="{y}" text-anchor="end">')
        parts.append(f"{value:.2f}</text>")
    for i, (name, values) in enumerate(curves.items()):
        means = [float(np.mean(values[j : j + 5])) for j in range(0, len(values), 5)]
        points = " ".join(at(5 * j + 2.5, mean) for j, mean in enumerate(means))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{COLORS[name]}" stroke-width="1.8"/>')
        x, y = LEFT + 12 + 150 * i, HEIGHT - 8
        parts.append(f'<text x="{x}" y="{y}" fill="{COLORS[name]}">{LABELS[name]}</text>')
    parts.append(f'<text x="{WIDTH - 8}" y="{HEIGHT - 8}" text-anchor="end">{title}, {steps} steps</text></svg>')
    return "".join(parts) + "\n"


def draw(report: dict[str, Any]) -> None:
    runs = report["runs"]
    losses = {name: run["loss"] for name, run in runs.items()}
    entropies = {name: run["entropy"] for name, run in runs.items()}
    (ROOT / "docs" / "pretrain-loss.svg").write_text(chart(losses, 0.5, 3.0, "loss, nats a token"))
    (ROOT / "docs" / "pretrain-entropy.svg").write_text(chart(entropies, 0.0, 1.0, "routing entropy"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="small")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--tokens", type=int, default=1024, help="of a step, about")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--runs", nargs="+", choices=RUNS, default=RUNS)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "pretrain.json")
    parser.add_argument("--save", type=Path, help="write the checkpoint of our run into this folder")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    transformers.logging.set_verbosity_error()
    vocabulary = preset(arguments.preset).vocab_size
    text, tokenizer, prompts = texts(vocabulary, arguments.steps, arguments.tokens, arguments.seed)
    config = preset(
        arguments.preset, vocab_size=len(tokenizer), pad=tokenizer.pad, bos=tokenizer.bos, eos=tokenizer.eos
    )
    old = json.loads(arguments.out.read_text()) if arguments.out.exists() else {"runs": {}, "replay": None}
    report: dict[str, Any] = {
        "command": " ".join(["python", *sys.argv]),
        "preset": arguments.preset,
        "vocabulary": len(tokenizer),
        "tokens": sum(len(document) for step in text.steps for document in step),
        "seed": arguments.seed,
        "lr": LR,
        "balance_lr": BALANCE_LR,
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        "runs": old["runs"],
        "replay": old["replay"],
    }
    for name in arguments.runs:
        run = Theirs(config, arguments.seed) if name == "transformers" else Ours(config, arguments.seed, name == "ours")
        report["runs"][name] = train(run, text, lambda line, name=name: print(f"{name}: {line}", flush=True))
        if name == "ours" and isinstance(run, Ours):
            found = replay(run.model.eval(), tokenizer, prompts)
            report["replay"] = {key: asdict(value) for key, value in found.items()}
            if arguments.save:
                save_policy(run.model, tokenizer, arguments.save)
        arguments.out.write_text(json.dumps(report) + "\n")
        print(f"{name}: held out {report['runs'][name]['held_out_loss']:.4f}", flush=True)
    draw(report)


if __name__ == "__main__":
    main()
