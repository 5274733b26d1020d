"""Weights on disk: safetensors files, one or many with an index, read and written without a second copy in memory.

Reading goes through the files' headers first, so that a checkpoint is judged before a byte of it is loaded, and then
by plain reads into memory that the caller owns: a mapped file would count twice while it is copied, and would change
under the model if the file were written again. The format: eight bytes, the length of a JSON header (little endian);
the header, name -> dtype, shape and offsets; the tensors' bytes (https://huggingface.co/docs/safetensors).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import save_file
from torch import Tensor

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
SHARD = 4 << 30  # bytes of a file, at most, unless one tensor is larger
CHUNK = 4 << 20  # bytes read at a time: all that is ever held besides the target
DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F8_E4M3": torch.float8_e4m3fn,
    "F8_E5M2": torch.float8_e5m2,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
FLOATS = (torch.float32, torch.bfloat16, torch.float16)  # what weights may be stored in


class CheckpointError(ValueError):
    """A checkpoint is damaged or does not fit; the sentence names the file and the tensor."""


class Stored(NamedTuple):
    """A tensor in a file: what it is and where its bytes lie."""

    name: str
    file: Path
    dtype: torch.dtype
    shape: tuple[int, ...]
    start: int
    end: int

    def read_into(self, target: Tensor) -> None:
        """Fill `target` (of this shape, contiguous, any floating dtype and device) with what is stored."""
        flat = target.detach().view(-1)
        step = CHUNK // self.dtype.itemsize
        buffer = memoryview(bytearray(min(CHUNK, self.end - self.start)))
        with self.file.open("rb") as source:
            source.seek(self.start)
            for begin in range(0, len(flat), step):
                part = flat[begin : begin + step]
                wanted = buffer[: len(part) * self.dtype.itemsize]
                if source.readinto(wanted) != len(wanted):
                    raise CheckpointError(f"{self.file} is damaged or cut off: it ended inside {self.name}")
                part.copy_(torch.frombuffer(wanted, dtype=self.dtype))

    def read(self) -> Tensor:
        """The tensor as it is stored, in memory of its own."""
        tensor = torch.empty(self.shape, dtype=self.dtype)
        self.read_into(tensor)
        return tensor


# -- reading ----------------------------------------------------------------------------------------------------------


def find(folder: Path) -> dict[str, Stored]:
    """Every tensor of the checkpoint in `folder` by its name. Raises `CheckpointError`; reads headers only."""
    if not (folder / INDEX).exists():
        if not (folder / WEIGHTS).exists():
            raise CheckpointError(f"{folder} holds no {WEIGHTS} and no {INDEX}; expected a checkpoint's folder")
        return {stored.name: stored for stored in headers(folder / WEIGHTS)}
    places = _index(folder / INDEX)
    found: dict[str, Stored] = {}
    for name in sorted(set(places.values())):
        file = folder / name
        if not file.is_file():
            first = min(tensor for tensor, place in places.items() if place == name)
            raise CheckpointError(f"{file} is missing; {folder / INDEX} places {first} and others there")
        for stored in headers(file):
            if places.get(stored.name) != name:
                where = places.get(stored.name, "nowhere")
                raise CheckpointError(f"{file} has the tensor {stored.name}, which {folder / INDEX} places {where}")
            found[stored.name] = stored
    for name, file in places.items():
        if name not in found:
            raise CheckpointError(f"{folder / file} lacks the tensor {name}, which {folder / INDEX} places there")
    return found


def _index(file: Path) -> dict[str, str]:
    try:
        places = json.loads(file.read_text(encoding="utf-8"))["weight_map"]
        fine = all(isinstance(place, str) and Path(place).name == place != "" for place in places.values())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{file} is damaged: expected a JSON object with a `weight_map` ({error!r})") from error
    if not fine or not places:
        raise CheckpointError(f"{file} is damaged: `weight_map` must give a file of the same folder for every tensor")
    return places


def headers(file: Path) -> Iterator[Stored]:
    """The tensors of one file in the order of their bytes, each checked against the file's size."""
    size = file.stat().st_size
    with file.open("rb") as source:
        length = int.from_bytes(source.read(8), "little")
        if size < 8 or length > size - 8:
            raise CheckpointError(f"{file} is damaged or cut off: {size} bytes do not hold its header of {length}")
        try:
            entries = json.loads(source.read(length))
        except ValueError as error:
            raise CheckpointError(f"{file} is damaged or cut off: its header is no JSON ({error})") from error
    if not isinstance(entries, dict) or not entries:
        raise CheckpointError(f"{file} is damaged or cut off: its header is no JSON object of tensors")
    entries.pop("__metadata__", None)
    data = position = 8 + length
    for stored in sorted((_entry(file, data, *item) for item in entries.items()), key=lambda stored: stored.start):
        if stored.end > size:
            raise CheckpointError(
                f"{file} is damaged or cut off: {stored.name} ends at byte {stored.end}, the file at {size}"
            )
        if stored.start != position:
            raise CheckpointError(f"{file} is damaged: {stored.name} starts at byte {stored.start}, not {position}")
        position = stored.end
        yield stored
    if position != size:
        raise CheckpointError(f"{file} is damaged: {size - position} bytes follow its last tensor")


def _entry(file: Path, data: int, name: str, entry: Any) -> Stored:
    try:
        dtype, shape = DTYPES[entry["dtype"]], tuple(map(int, entry["shape"]))
        start, end = map(int, entry["data_offsets"])
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{file} is damaged: its header does not describe {name} ({error!r})") from error
    needed = math.prod(shape) * dtype.itemsize
    if end - start != needed or start < 0 or min(shape, default=0) < 0:
        raise CheckpointError(f"{file} is damaged: {name} of shape {shape} needs {needed} bytes, it has {end - start}")
    return Stored(name, file, dtype, shape, data + start, data + end)


def require(stored: Mapping[str, Stored], expected: Mapping[str, Tensor], optional: Collection[str] = ()) -> None:
    """Raise `CheckpointError` unless there is every expected tensor, no other, each of its shape and in floats."""
    for name, found in stored.items():
        if name not in expected:
            raise CheckpointError(f"{found.file} has the tensor {name}, which this architecture does not")
        shape = tuple(expected[name].shape)
        if found.shape != shape:
            raise CheckpointError(f"{found.file}: {name} has shape {found.shape}, expected {shape}")
        if found.dtype not in FLOATS:
            floats = ", ".join(map(str, FLOATS))
            raise CheckpointError(f"{found.file}: {name} is {found.dtype}, expected one of {floats}")
    missing = [name for name in expected if name not in stored and name not in optional]
    if missing:
        files = ", ".join(sorted({str(found.file) for found in stored.values()}))
        raise CheckpointError(f"{files}: {len(missing)} tensors are missing, the first is {missing[0]}")


# -- writing ----------------------------------------------------------------------------------------------------------


class Source(NamedTuple):
    """A tensor to write: made when its file's turn comes, and let go after."""

    name: str
    size: int  # bytes
    make: Callable[[], Tensor]


def write(sources: Iterable[Source], folder: Path, shard: int = SHARD) -> None:
    """Write tensors into `folder` as one file, or as several of at most `shard` bytes and an index."""
    for old in [*folder.glob("model*.safetensors"), folder / INDEX]:
        old.unlink(missing_ok=True)
    parts = list(_parts(sources, shard))
    names = [f"model-{i:05d}-of-{len(parts):05d}.safetensors" for i in range(1, len(parts) + 1)]
    if len(parts) == 1:
        names = [WEIGHTS]
    for name, part in zip(names, parts, strict=True):
        tensors = {source.name: source.make() for source in part}
        save_file(tensors, folder / name, metadata={"format": "pt"})
    if len(parts) > 1:
        places = {source.name: name for name, part in zip(names, parts, strict=True) for source in part}
        total = sum(source.size for part in parts for source in part)
        index = {"metadata": {"total_size": total}, "weight_map": places}
        (folder / INDEX).write_text(json.dumps(index, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _parts(sources: Iterable[Source], shard: int) -> Iterator[Sequence[Source]]:
    part: list[Source] = []
    for source in sources:
        if part and sum(other.size for other in part) + source.size > shard:
            yield part
            part = []
        part.append(source)
    yield part
