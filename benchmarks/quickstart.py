"""What RL adds in the quickstart, in several seeds: train, evaluate before and after, tabulate.

A seed that was trained before is only read again. Levels are called mastered where the policy was right in at least
nine of ten problems before RL.

    python benchmarks/quickstart.py [--seeds 0 1 2] [--runs runs] [--out benchmarks/results/quickstart.json]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from whetstone.compare import compare
from whetstone.rundir import RunDir
from whetstone.summary import Summary, read_summary

RECIPE = Path("recipes/quickstart.toml")
MASTERED = 0.9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/quickstart.json"))
    options = parser.parse_args()
    results = [measure(seed, options.runs / f"quickstart-seed-{seed}") for seed in options.seeds]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(results, indent=1) + "\n")
    print(markdown(results))


def measure(seed: int, run: Path) -> dict[str, Any]:
    """The figures of one seed, trained and evaluated through the command line if it was not yet."""
    if not (run / "evals" / "grpo" / "summary.json").exists():
        whetstone = [sys.executable, "-m", "whetstone"]
        subprocess.run([*whetstone, "train", str(RECIPE), "--set", f"seed={seed}", "--out", str(run)], check=True)
        subprocess.run([*whetstone, "eval", str(run)], check=True)
    before, after = (read_summary(run / "evals" / label) for label in ("sft", "grpo"))
    start = json.loads((run / "environment.json").read_text())
    with RunDir.open(run) as folder:
        times = [record["time"] for record in folder.metrics()]
    return {"seed": seed, "minutes": (max(times) - min(times)) / 60, "environment": start, **figures(before, after)}


def figures(before: Summary, after: Summary) -> dict[str, Any]:
    """Accuracy and frontier of each task before and after, and what became of mastered levels."""
    *tasks, total = compare(before, after)
    old = {(cell.task, cell.level): cell.correct / cell.trials for cell in before.cells}
    new = {(cell.task, cell.level): cell.correct / cell.trials for cell in after.cells}
    mastered = [key for key, accuracy in old.items() if accuracy >= MASTERED]
    rows = {
        line.task: {
            name: [change.before.value, change.after.value]
            for name, change in (("accuracy", line.accuracy), ("frontier", line.frontier))
            if change.before and change.after
        }
        for line in [*tasks, total]
    }
    return {
        "tasks": rows,
        "mastered": {
            "levels": len(mastered),
            "before": sum(old[key] for key in mastered) / len(mastered),
            "after": sum(new[key] for key in mastered) / len(mastered),
        },
    }


def markdown(results: list[dict[str, Any]]) -> str:
    """The table of the README: one line a task, one column a seed."""
    seeds = [f"seed {result['seed']}" for result in results]
    head = ["task", *(f"accuracy, {s}" for s in seeds), *(f"frontier, {s}" for s in seeds)]
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    for task in results[0]["tasks"]:
        cells = [task]
        for name, digits in (("accuracy", 2), ("frontier", 1)):
            for result in results:
                before, after = result["tasks"][task][name]
                cells.append(f"{before:.{digits}f} → {after:.{digits}f}")
        lines.append("| " + " | ".join(cells) + " |")
    mastered = [f"{r['mastered']['before']:.3f} → {r['mastered']['after']:.3f}" for r in results]
    lines.append("| mastered levels | " + " | ".join(mastered) + " |" + " |" * len(results))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
