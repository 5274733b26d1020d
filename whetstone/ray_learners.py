"""Learners placed by Ray: `whetstone.train.train` in each worker of Ray Train's `TorchTrainer`.

Ray Train tells the workers of one another as `torchrun` does. When one is lost all are started again, and the run goes
on from its last checkpoint; its folder has to lie where every node can write.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from rich.console import Console

from whetstone.files import RunError
from whetstone.ray_cluster import ClusterError, connect
from whetstone.ray_settings import RaySettings
from whetstone.rundir import RunDir, RunLocked

ATTEMPTS = 10  # starts of the learners without a checkpoint in between
ENDED = "ended"  # the file that says what ended a run for good


def learn(folder: Path, settings: RaySettings, console: Console) -> None:
    """Go on with the run in `folder` until its recipe is done, with `settings.learners` processes.

    Raises `RunError` for what ends a run elsewhere too, and `ClusterError` when the learners are lost again and again.
    """
    connect()
    from ray.train import TrainingFailedError

    folder = folder.resolve()
    home = folder / "ray"
    console.print(f"{settings.learners} learners; they log to {folder / 'metrics.jsonl'}", soft_wrap=True)
    failed, step = 0, -1
    while True:
        try:
            _trainer(folder, home, settings).fit()
            return
        except TrainingFailedError as error:
            if (home / ENDED).exists():
                raise RunError((home / ENDED).read_text(encoding="utf-8")) from None
            latest = RunDir.open(folder).latest()
            reached = latest.step if latest else 0
            failed, step = failed + 1 if reached == step else 1, reached
            if failed == ATTEMPTS:
                raise ClusterError(f"the learners failed {failed} times after step {step}: {error}") from error
            console.print(f"the learners were lost after step {step} and start again", soft_wrap=True)
        finally:
            shutil.rmtree(home, ignore_errors=True)


def _trainer(folder: Path, home: Path, settings: RaySettings) -> Any:
    from ray.train import RunConfig, ScalingConfig
    from ray.train.torch import TorchTrainer

    each = {"CPU": settings.learner_cpus, "GPU": settings.learner_gpus}
    return TorchTrainer(
        _learn,
        train_loop_config={"folder": folder, "ended": home / ENDED},
        scaling_config=ScalingConfig(
            num_workers=settings.learners,
            use_gpu=settings.learner_gpus > 0,
            resources_per_worker={name: count for name, count in each.items() if count},
        ),
        run_config=RunConfig(name="learners", storage_path=str(home)),
    )


def _learn(places: dict[str, Path]) -> None:
    """One learner: the first of them has the run's folder. Errors that a new start would meet again end the run."""
    from ray.train import get_context

    from whetstone.trackers import reporting
    from whetstone.train import train

    recipe = RunDir.open(places["folder"]).recipe()
    if get_context().get_world_rank():
        train(recipe, None, Console(quiet=True))
        return
    console = Console()
    try:
        with RunDir.resume(places["folder"]) as run, reporting(recipe, run, console):
            train(recipe, run, console)
    except RunLocked:  # a learner that was lost is not quite dead yet
        raise
    except (RunError, ValueError) as error:
        places["ended"].write_text(str(error), encoding="utf-8")
        raise
