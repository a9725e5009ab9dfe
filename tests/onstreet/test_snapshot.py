"""A snapshot on disk: whole or not there, refused when damaged, swapped in one step."""

import json
import multiprocessing
import os
import signal
import time
from itertools import pairwise
from pathlib import Path

import geopandas
import numpy as np
import pandas
import pytest
import shapely
from served import served

from onstreet import records, snapshot
from onstreet.api import create_app
from onstreet.datasets.publish import open_data, open_store, publish
from onstreet.datasets.source import SourceError, find_data_sets
from onstreet.records import BlockRecord, SegmentRecord, pack
from onstreet.snapshot import SnapshotError, SnapshotWriter, current, open_snapshot, prune

SHIPPED = Path(__file__).parents[2] / "data" / "santa-monica"
LINE = np.array([[4.89, 52.37], [4.892, 52.371]])


def block(number: int) -> BlockRecord:
    segments = [SegmentRecord(number + each, each, [b'"s":%d' % each, b'"t":[]']) for each in range(number % 3)]
    return BlockRecord(
        f"b{number}", f"x|{number}", 0, -1, LINE + number, [b'"n":%d' % number, b'"a":"\xc3\xa9"'], segments
    )


def write(folder, numbers=range(4), **about):
    with SnapshotWriter(folder) as writer:
        writer.add([block(number) for number in numbers])
        return writer.publish(about)


def test_what_is_written_is_read(tmp_path):
    place = write(tmp_path, says="hello")
    opened = open_snapshot(tmp_path)
    assert (opened.path, opened.about, len(opened)) == (place, {"says": "hello"}, 4)
    assert opened.arrays["bounds"].tolist()[1] == [5.89, 53.37, 5.892, 53.371]
    assert opened.arrays["segment_from"].tolist() == [0, 0, 1, 3, 3]
    assert opened.arrays["card"].tolist() == [1, 2, 3]
    at = opened.arrays["block_at"].reshape(4, 3)[2]
    assert bytes(opened.fragments[at[0] : at[2] - 1]) == '"n":2,"a":"é"'.encode()
    start, end = opened.arrays["text_from"][2:4]
    assert bytes(opened.fragments[start:end]).decode() == (
        ',{"n":2,"a":"é"%b,"segments":[{"s":0,"t":[]%b},{"s":1,"t":[]%b}]}'
    )
    assert [opened.name(row) for row in range(4)] == ["b0", "b1", "b2", "b3"]
    assert [opened.find(name) for name in ("b3", "b0", "b4", "")] == [3, 0, None, None]
    assert opened.find("x|2", is_alias=True) == 2


@pytest.mark.parametrize("cuts", [[0, 9], [0, 0, 9], [0, 4, 9], [0, 1, 2, 3, 9], list(range(10))])
def test_packed_blocks_can_be_cut_anywhere(tmp_path, cuts):
    packed = pack([block(number) for number in range(9)])
    with SnapshotWriter(tmp_path) as writer:
        for first, last in pairwise(cuts):
            writer.append(packed.cut(first, last))
        assert writer.publish({}) == write(tmp_path, range(9))


def test_names_of_one_key_are_told_apart(tmp_path, monkeypatch):
    for module in (records, snapshot):
        monkeypatch.setattr(module, "hash_of", lambda name: 7)
    write(tmp_path)
    opened = open_snapshot(tmp_path)
    assert [opened.find(name) for name in ("b3", "b0", "b4")] == [3, 0, None]


def test_a_snapshot_of_nothing(tmp_path):
    write(tmp_path, [])
    assert len(open_snapshot(tmp_path)) == 0
    assert open_snapshot(tmp_path).find("b0") is None


def test_the_same_data_make_the_same_snapshot(tmp_path):
    assert write(tmp_path) == write(tmp_path)
    assert write(tmp_path, range(3)) != write(tmp_path)


def test_the_newest_is_served_and_the_old_ones_can_go(tmp_path):
    first, second, third = (write(tmp_path, range(count)) for count in (1, 2, 3))
    assert current(tmp_path) == third
    os.utime(first, (1, 1))
    prune(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {second.name, third.name, "current"}


def _write_for_ever(folder) -> None:
    with SnapshotWriter(folder) as writer:
        while True:
            writer.add([block(number) for number in range(100)])


def test_a_killed_writer_leaves_the_old_one_live(tmp_path):
    write(tmp_path)
    writer = multiprocessing.get_context("fork").Process(target=_write_for_ever, args=(tmp_path,))
    writer.start()
    while not list(tmp_path.glob(".part-*/fragments.bin")):
        time.sleep(0.01)
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    assert len(open_snapshot(tmp_path)) == 4
    assert len(open_snapshot(write(tmp_path, range(9)))) == 9
    assert not list(tmp_path.glob(".part-*"))


def test_a_writer_that_fails_leaves_nothing(tmp_path):
    write(tmp_path)
    with pytest.raises(AttributeError), SnapshotWriter(tmp_path) as writer:
        writer.add([block(1), None])
    assert len(open_snapshot(tmp_path)) == 4
    assert not list(tmp_path.glob(".part-*"))


def flip(path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def other_format(path) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}))


DAMAGE = [
    ("fragments.bin", flip, "fragments.bin: its contents have changed since it was written"),
    ("bounds.bin", flip, "bounds.bin: its contents have changed"),
    ("card.bin", lambda path: path.write_bytes(path.read_bytes()[:-1]), "card.bin: 11 bytes, and 12 were written"),
    ("names.bin", lambda path: path.unlink(), "names.bin: the file is missing"),
    ("manifest.json", lambda path: path.write_text("{"), "no readable manifest.json"),
    ("manifest.json", other_format, "format 99, and 2 is expected: publish it anew"),
]


@pytest.mark.parametrize("name, damage, reason", DAMAGE)
def test_a_damaged_one_is_refused_with_the_reason(tmp_path, name, damage, reason):
    damage(write(tmp_path) / name)
    with pytest.raises(SnapshotError) as caught:
        open_snapshot(tmp_path)
    assert reason in str(caught.value)
    with pytest.raises(SourceError):
        open_store(tmp_path)


def test_a_folder_of_snapshots_is_served_like_data_sets(tmp_path, store):
    findings: list = []
    publish(find_data_sets([SHIPPED]), tmp_path, findings)
    opened, _ = open_data([tmp_path])
    rows = np.arange(len(store))
    assert findings == []
    assert opened.ids(rows) == store.ids(rows)


def test_its_tables_open_in_any_gis(tmp_path, store):
    place = publish(find_data_sets([SHIPPED]), tmp_path, [])
    blocks, segments = (geopandas.read_parquet(place / f"{name}.parquet") for name in ("blocks", "segments"))
    cards = pandas.read_parquet(place / "cards.parquet")
    rows = np.arange(len(store))
    found = served(store, rows)
    assert blocks.crs.to_epsg() in (4326, None) or blocks.crs.to_authority() == ("OGC", "CRS84")
    assert blocks.blockID.tolist() == store.ids(rows)
    assert shapely.equals(blocks.geometry.to_numpy(), store.lines(rows)).all()
    stated = [segment for block in found for segment in block.segments]
    assert segments.segmentID.tolist() == [each["segmentID"] for each in stated]
    assert [cards.rateCards[number].tolist() for number in segments.card] == [each["rateCards"] for each in stated]
    # Kerbs lie four metres from the line of their block.
    lines = blocks.set_index("blockID").geometry.loc[segments.blockID].to_numpy()
    away = shapely.distance(segments.geometry.to_numpy(), lines)
    assert ((away > 3e-5) & (away < 5e-5)).all()


# Whole blocks, some of their fields, and only some of their segments are put together in different ways.
@pytest.mark.parametrize("asked", ["", "&outputfields=name,segments.side,isOpen", "&restrictions=1", "&locale=de"])
def test_what_looks_like_a_place_in_a_template_is_answered_as_it_stands(tmp_path, asked):
    name, card = "100% %b %s %(a)d %% %", "Each Hour: $1 '5% %b'"
    segment = {"segmentID": "%b", "side": "LEFT", "start": 0, "end": 50, "rateCards": ["Mon-Sun: Free"]}
    segments = [segment, segment | {"segmentID": "%d", "rateCards": [card]}]
    block = {"blockID": "1%", "name": name, "segments": segments}
    block["geojson"] = {"coordinates": [[4.9, 52.37], [4.901, 52.37]]}
    (tmp_path / "blocks.jsonl").write_text(json.dumps(block))
    source = {"name": "x", "zone": "UTC", "currency": "USD", "files": [{"path": "blocks.jsonl", "source": "x"}]}
    (tmp_path / "source.json").write_text(json.dumps(source))
    store, _ = open_data([tmp_path])
    client = create_app(stores=lambda: store).test_client()
    [found] = client.get(f"/blocks?id=1%25&entry_time=2026-06-11T10:00{asked}").json["result"]
    assert (found["blockID"], found["name"]) == ("1%", name)
    assert [each["segmentID"] for each in found["segments"]] == (["%b"] if "restrictions" in asked else ["%b", "%d"])
    if not asked:
        assert found["segments"][1]["rateCards"] == [card]
