"""The folder of a run: everything it reads, writes and needs to go on after being killed at any instant.

    config.toml                       the resolved recipe
    environment.json                  versions, device, command, git commit; under `resumed` those of later starts
    metrics.jsonl                     one JSON object a line, appended
    rollouts/<stage>/part-NNNNN.parquet
    checkpoints/<stage>-<step>/       with SHA256SUMS; the last two of each stage are kept
    evals/<label>/
    lock                              held (flock) by the process that writes

`step` counts optimizer steps over the whole run, all stages together. Whole files appear by renaming, so a reader never
sees half of one; only `metrics.jsonl` can have a torn last line, which reopening drops.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from whetstone.environment import environment
from whetstone.files import RunError, disk_errors, sync, write_atomically
from whetstone.recipes import parse_recipe, to_toml
from whetstone.settings import Recipe

Existing = Literal["refuse", "overwrite", "resume"]
KEPT = 2  # checkpoints of a stage
PART_ROWS = 4096  # rollouts of a Parquet part: a few steps' worth, so that parts are neither many nor large
LEAST_FREE = 200 * 2**20  # bytes: a run of the quickstart with room to spare
CONFIG, SUMS, LOCK = "config.toml", "SHA256SUMS", "lock"


class RunExists(RunError):
    """The folder already holds a run, and nothing was said about it."""


class RunLocked(RunError):
    """Another process is writing to the run."""


class CorruptCheckpoint(RunError):
    """A checkpoint's files are not what was written."""


class Checkpoint(NamedTuple):
    """A complete checkpoint: its stage, the run's optimizer steps so far, and its folder."""

    stage: str
    step: int
    path: Path


class RunDir:
    """One run on disk. `create` and `resume` lock it for writing; `open` only looks."""

    def __init__(self, path: Path, lock: int | None = None) -> None:
        self.path = path
        self._lock = lock
        self._rows: dict[str, list[Mapping[str, Any]]] = {}
        self.listeners: list[Callable[[Mapping[str, Any]], None]] = []  # hear of every record that is logged

    # -- opening ------------------------------------------------------------------------------------------------------

    @classmethod
    def create(cls, path: Path, recipe: Recipe, exist: Existing = "refuse", device: str = "cpu") -> Self:
        """A run folder, locked for writing, that holds `recipe`.

        A folder that exists is an error (`RunExists`), emptied (`"overwrite"`) or gone on with (`"resume"`, if its
        recipe is the same). Raises `RunError` also when it is in use, is no run, or the disk is nearly full.
        """
        occupied = path.exists() and any(child.name != LOCK for child in path.iterdir())
        if occupied and not (path / CONFIG).is_file():
            raise RunError(f"{path} exists and is no run (it has no {CONFIG}); choose another folder with --out")
        if occupied and exist == "refuse":
            raise RunExists(
                f"{path} already holds a run; continue it with `whetstone train --resume {path}`, "
                f"replace it with --overwrite, or choose another folder with --out"
            )
        if occupied and exist == "resume":
            run = cls.resume(path, device)
            if run.recipe() != recipe:
                run.close()
                raise RunError(f"{path} was started with another recipe; resume without changes, or use another folder")
            return run
        path.mkdir(parents=True, exist_ok=True)
        require_space(path)
        run = cls(path, hold(path))
        if occupied:
            _empty(path)
        run.write_text(CONFIG, to_toml(recipe))
        run._record_start(recipe, device)
        return run

    @classmethod
    def resume(cls, path: Path, device: str = "cpu") -> Self:
        """A run that exists, locked for writing, rid of what a killed process left half done."""
        cls.open(path)
        require_space(path)
        run = cls(path, hold(path))
        for left in [*path.glob("checkpoints/.*"), *path.rglob(".*.tmp")]:
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        _drop_torn_line(path / "metrics.jsonl")
        run._record_start(run.recipe(), device)
        return run

    @classmethod
    def open(cls, path: Path) -> Self:
        """A run to read from, also while another process writes to it. Raises `RunError` where there is none."""
        if not (path / CONFIG).is_file():
            raise RunError(f"there is no run in {path} (no {CONFIG}); `whetstone train RECIPE` makes one")
        return cls(path)

    def close(self) -> None:
        """Write what is waiting and let other processes in."""
        try:
            self._flush_rollouts()
        finally:
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def recipe(self) -> Recipe:
        """The resolved recipe that the run was started with."""
        config = self.path / CONFIG
        return parse_recipe(config.read_text(encoding="utf-8"), source=str(config))

    def _record_start(self, recipe: Recipe, device: str) -> None:
        file = self.path / "environment.json"
        now = environment(recipe.threads, device)
        first = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
        record = {**now, "resumed": []} if first is None else {**first, "resumed": [*first["resumed"], now]}
        self.write_text(file.name, json.dumps(record, indent=1) + "\n")

    # -- metrics ------------------------------------------------------------------------------------------------------

    def log(self, record: Mapping[str, Any]) -> None:
        """Append one record, which has a `step`, to metrics.jsonl; it is with the system when this returns."""
        if not isinstance(record.get("step"), int):
            raise ValueError(f"expected a record with an integer 'step', got {dict(record)!r}")
        file = self.path / "metrics.jsonl"
        with disk_errors(file), file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(record, separators=(",", ":")) + "\n")
        for listener in self.listeners:
            listener(record)

    def metrics(self) -> Iterator[dict[str, Any]]:
        """The records so far, in order; a line that is just being written is left out."""
        file = self.path / "metrics.jsonl"
        if file.exists():
            with file.open(encoding="utf-8") as lines:
                yield from (json.loads(line) for line in lines if line.endswith("\n"))

    def truncate(self, step: int) -> None:
        """Forget the records and rollouts after `step`: a resumed run does those steps again."""
        kept = [json.dumps(r, separators=(",", ":")) + "\n" for r in self.metrics() if r["step"] <= step]
        self.write_text("metrics.jsonl", "".join(kept))
        self._rows.clear()
        for part in self.path.glob("rollouts/*/part-*.parquet"):
            table = pq.read_table(part)
            before = table.filter(pc.less_equal(table["step"], step))  # type: ignore[attr-defined]
            if not len(before):
                part.unlink()
            elif len(before) < len(table):
                write_atomically(part, lambda file, table=before: pq.write_table(table, file))

    # -- rollouts -----------------------------------------------------------------------------------------------------

    def add_rollouts(self, stage: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Keep rows for the stage's next Parquet part.

        A row has plain values: step, task, level, seed, prompt, completion, kind, score, reason, tokens and what else
        the trainer knows.
        A part is written every few thousand rows, at each checkpoint and at the end.
        """
        waiting = self._rows.setdefault(stage, [])
        waiting.extend(rows)
        if len(waiting) >= PART_ROWS:
            self._flush_rollouts()

    def rollouts(self, stage: str) -> pa.Table | None:
        """The stage's rollouts on disk, in order, or None where there are none."""
        parts = sorted(self.path.glob(f"rollouts/{stage}/part-*.parquet"))
        return (
            pa.concat_tables([pq.read_table(part) for part in parts], promote_options="permissive") if parts else None
        )

    def _flush_rollouts(self) -> None:
        for stage, rows in self._rows.items():
            if rows:
                folder = self.path / "rollouts" / stage
                last = max((int(part.stem.removeprefix("part-")) for part in folder.glob("part-*.parquet")), default=-1)
                table = pa.Table.from_pylist(list(rows))
                part = folder / f"part-{last + 1:05d}.parquet"
                write_atomically(part, lambda file, table=table: pq.write_table(table, file, compression="zstd"))
        self._rows.clear()

    # -- checkpoints --------------------------------------------------------------------------------------------------

    @contextmanager
    def checkpoint(self, stage: str, step: int) -> Iterator[Path]:
        """A folder to write a checkpoint into; it takes its place, whole and checksummed, when the block ends."""
        folder = self.path / "checkpoints" / f"{stage}-{step:06d}"
        self._flush_rollouts()
        with disk_errors(folder):
            folder.parent.mkdir(exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=".", dir=folder.parent))
            try:
                yield draft
                _seal(draft)
                if folder.exists():  # left by a run that was killed and now passes the same step again
                    folder.rename(Path(tempfile.mkdtemp(prefix=".", dir=folder.parent)) / "replaced")
                draft.rename(folder)
                sync(folder.parent)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        for old in [c for c in self.checkpoints() if c.stage == stage][:-KEPT]:
            shutil.rmtree(old.path)
        for left in folder.parent.glob(".*"):
            shutil.rmtree(left)

    def checkpoints(self) -> list[Checkpoint]:
        """The checkpoints there are, oldest first."""
        found = []
        for path in self.path.glob("checkpoints/[!.]*"):
            stage, dash, step = path.name.rpartition("-")
            if dash and step.isdecimal():
                found.append(Checkpoint(stage, int(step), path))
        return sorted(found, key=lambda checkpoint: checkpoint.step)

    def latest(self, stage: str | None = None) -> Checkpoint | None:
        """The newest checkpoint (of a stage), verified, or None. Raises `CorruptCheckpoint`."""
        found = [c for c in self.checkpoints() if stage in (None, c.stage)]
        if not found:
            return None
        verify(found[-1].path)
        return found[-1]

    # -- everything else ----------------------------------------------------------------------------------------------

    def write_text(self, name: str, text: str) -> None:
        """Replace the file `name` (relative to the run) in one instant."""
        write_atomically(self.path / name, lambda file: file.write_bytes(text.encode()))


def verify(checkpoint: Path) -> None:
    """Compare a checkpoint's files with their checksums; raises `CorruptCheckpoint`, which names the first bad one."""
    advice = f"remove the folder {checkpoint} to go on from the checkpoint before it"
    try:
        sums = (checkpoint / SUMS).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CorruptCheckpoint(f"{checkpoint / SUMS} cannot be read ({error}); {advice}") from error
    for line in sums.splitlines():
        digest, _, name = line.partition("  ")
        file = checkpoint / name
        if not file.is_file():
            raise CorruptCheckpoint(f"checkpoint file {file} is missing; {advice}")
        if _sha256(file) != digest:
            raise CorruptCheckpoint(f"checkpoint file {file} does not match its checksum; {advice}")


def _seal(folder: Path) -> None:
    """Write the checksums of all files (as `sha256sum` does) and push everything to the disk."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    sums = "".join(f"{_sha256(file)}  {file.relative_to(folder).as_posix()}\n" for file in files)
    (folder / SUMS).write_text(sums, encoding="utf-8")
    for path in (*files, folder / SUMS, folder):
        sync(path)
    folder.chmod(0o755)  # mkdtemp makes it private


def _sha256(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def hold(path: Path) -> int:
    """An exclusive lock that ends with the process, however it ends: a dead holder is no obstacle."""
    handle = os.open(path / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(handle, 100).decode() or "unknown"
        os.close(handle)
        raise RunLocked(f"{path} is in use by process {holder}; wait for it, stop it, or use another folder") from None
    os.ftruncate(handle, 0)
    os.pwrite(handle, str(os.getpid()).encode(), 0)
    return handle


def _empty(path: Path) -> None:
    """Remove a run's content; config.toml goes last, so that a half emptied folder is still known as a run."""
    for child in sorted(path.iterdir(), key=lambda child: child.name == CONFIG):
        if child.name != LOCK:
            shutil.rmtree(child) if child.is_dir() and not child.is_symlink() else child.unlink()


def require_space(path: Path) -> None:
    """Raises `RunError` when the disk is nearly full."""
    free = shutil.disk_usage(path).free
    if free < LEAST_FREE:
        raise RunError(
            f"only {free / 2**20:.0f} MiB free for {path}; a run wants at least {LEAST_FREE // 2**20} MiB, "
            f"free some or choose another folder with --out"
        )


def _drop_torn_line(file: Path) -> None:
    """Cut off what follows the last newline: the process was killed while writing it."""
    if file.exists():
        data = file.read_bytes()
        os.truncate(file, data.rfind(b"\n") + 1)
