"""Tables that only grow: rows are there once and whole, whatever was cut short."""

import pyarrow as pa
import pytest

from whetstone.parts import Parts

SCHEMA = pa.schema([("name", pa.string()), ("count", pa.int32())])


def opened(folder, part_rows=3) -> Parts:
    parts = Parts(folder, SCHEMA, part_rows)
    parts.open()
    return parts


def rows(*counts: int) -> list[dict[str, object]]:
    return [{"name": f"n{count} \udc80\n", "count": count} for count in counts]


def counts(folder) -> list[int]:
    return [row["count"] for row in Parts(folder, SCHEMA).rows()]


def test_rows_are_there_at_once_and_parts_are_sealed_when_full(tmp_path):
    parts = opened(tmp_path)
    parts.append(rows(1, 2))
    assert counts(tmp_path) == [1, 2] and [f.name for f in tmp_path.iterdir()] == ["part-00000.jsonl"]
    parts.append(rows(3))
    assert [f.name for f in tmp_path.iterdir()] == ["part-00000.parquet"]
    parts.append(rows(4))
    parts.close()
    assert sorted(f.name for f in tmp_path.iterdir()) == ["part-00000.parquet", "part-00001.jsonl"]
    assert counts(tmp_path) == [1, 2, 3, 4]
    assert {row["name"] for row in Parts(tmp_path, SCHEMA).rows()} == {f"n{i} ?\n" for i in (1, 2, 3, 4)}


def test_a_torn_line_is_dropped_and_its_rows_can_be_appended_again(tmp_path):
    parts = opened(tmp_path)
    parts.append(rows(1))
    parts.close()
    journal = tmp_path / "part-00000.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(whole + whole[:-5])
    assert counts(tmp_path) == [1]  # a reader meanwhile
    parts = opened(tmp_path)
    parts.append(rows(2))
    assert counts(tmp_path) == [1, 2]


def test_killed_between_the_parquet_file_and_the_journals_end(tmp_path):
    parts = opened(tmp_path)
    parts.append(rows(1, 2))
    journal = (tmp_path / "part-00000.jsonl").read_bytes()
    parts.append(rows(3))
    (tmp_path / "part-00000.jsonl").write_bytes(journal)
    (tmp_path / ".part-00001.parquet.x.tmp").write_bytes(b"half")
    assert counts(tmp_path) == [1, 2, 3]
    parts = opened(tmp_path)
    parts.append(rows(4))
    parts.seal()
    assert counts(tmp_path) == [1, 2, 3, 4]
    assert sorted(f.name for f in tmp_path.iterdir()) == ["part-00000.parquet", "part-00001.parquet"]


def test_nothing_appended_leaves_nothing(tmp_path):
    parts = opened(tmp_path)
    parts.append([])
    parts.seal()
    assert counts(tmp_path) == [] and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("part_rows", [1, 2, 100])
def test_the_size_of_parts_changes_nothing(tmp_path, part_rows):
    parts = opened(tmp_path, part_rows)
    for i in range(7):
        parts.append(rows(i))
    assert counts(tmp_path) == list(range(7))
