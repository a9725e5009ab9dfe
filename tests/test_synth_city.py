"""The synthetic city keeps its promises: the same bytes, the right count, true geometry, readable cards."""

import importlib.util
import re
from collections import Counter, defaultdict
from itertools import chain, islice, pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from pyproj import Geod

GEOD = Geod(ellps="WGS84")
PUBLISHED_ENDS = {(-118.48792, 34.01968), (-118.48639, 34.01839)}
KEYS = ["blockID", "name", "address", "operator", "pmtTypes", "alias", "geojson", "segments"]
SEGMENT_KEYS = ["segmentID", "side", "start", "end", "spacesTotal", "rateCards", "paymentIDs"]

DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
DAYS = rf"{DAY}(?:-{DAY})?(?: \| {DAY}(?:-{DAY})?)*"
CLOCK = r"(?:[1-9]|1[0-2])(?::30)?[ap]m"
HOURS = rf"{CLOCK}-{CLOCK}(?: & {CLOCK}-{CLOCK})*"
USERS = (
    r"(?:Residential Permit|Zone [A-H] Permit|Commercial Vehicle|Passenger Loading|EV Charging|Motorcycle)"
    r" Only"
)
MONEY = r"\$(?:0|[1-9]\d*)(?:\.\d\d)?"
LENGTH = r"(?:15 Min|30 Min|1 Hour|[2-9] Hours)"
LINE = re.compile(
    "|".join(
        [
            r"(?:(?:Bus Stop|Construction|Fire Lane): )?No Parking",
            r"See Meter",
            r"(?:Disabled|Taxi) Only: Free",
            rf"(?:{HOURS}|{DAYS}): Free",
            rf"{DAYS} \({HOURS}\): (?:Free|No Parking|{MONEY})",
            rf"{DAYS} \({HOURS}; (?:Street Cleaning|Tow Away)\): No Parking",
            rf"{DAY} Every (?:1st & 3rd|2nd & 4th) \({HOURS}; Street Cleaning\): No Parking",
            rf"{DAYS} \((?:{HOURS}; )?{USERS}\): Free",
            rf"[1-9] Hour Parking \({DAYS}; {HOURS}\)",
            rf"(?:{LENGTH}|Each (?:Hour|15 Min)|Each Add'l 30 Min) "
            rf"\({DAYS}(?:; {HOURS})?(?:; [1-9] Hour Max)?(?:; {USERS})?\): (?:{MONEY}|Free)",
        ]
    )
)


def load() -> ModuleType:
    """Imports the script by its path: scripts are no package."""
    here = Path(__file__)
    script = here.parents[1] / "scripts" / "synth_city.py"
    spec = importlib.util.spec_from_file_location(
        "synth_city", script if script.exists() else here.with_name("synth_city.py")
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


synth = load()


def run(*args: object) -> None:
    """Runs the command and expects it to succeed."""
    result = CliRunner().invoke(synth.main, [str(arg) for arg in args])
    assert result.exit_code == 0, result.output


def read(path: Path) -> list[dict[str, Any]]:
    """Reads one block a line."""
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Makes a city of 5000 blocks."""
    out = tmp_path_factory.mktemp("city")
    run(out, "--blocks", 5000, "--seed", 7)
    return read(out / "blocks.jsonl")


@pytest.fixture(scope="module")
def neighbourhood(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Makes the neighbourhood."""
    out = tmp_path_factory.mktemp("neighbourhood")
    run(out, "--neighbourhood")
    return read(out / "neighbourhood.jsonl")


@pytest.fixture(params=["city", "neighbourhood"])
def blocks(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    """Gives each of the two data sets in turn."""
    made: list[dict[str, Any]] = request.getfixturevalue(request.param)
    return made


def segments(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lists all segments."""
    return list(chain.from_iterable(block["segments"] for block in blocks))


def cards(blocks: list[dict[str, Any]]) -> set[tuple[str, ...]]:
    """Lists the distinct cards."""
    return {tuple(segment["rateCards"]) for segment in segments(blocks)}


def ends(block: dict[str, Any]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Gives the two ends of a block's line."""
    first, *_, last = block["geojson"]["coordinates"]
    return tuple(first), tuple(last)


def true_length(block: dict[str, Any]) -> float:
    """Measures a block's line in metres on the ellipsoid."""
    lons, lats = zip(*block["geojson"]["coordinates"], strict=True)
    return float(GEOD.line_length(lons, lats))


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    """Two runs with one seed agree to the byte, one with another seed does not."""
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        run(tmp_path / name, "--blocks", 300, "--seed", seed)
    for name in ("blocks.jsonl", "source.json"):
        a, b, c = ((tmp_path / run / name).read_bytes() for run in "abc")
        assert a == b != c


@pytest.mark.parametrize("number", [1, 2, 3, 10, 997])
def test_exact_count(tmp_path: Path, number: int) -> None:
    """The city has exactly the blocks asked for."""
    run(tmp_path, "--blocks", number)
    assert len(read(tmp_path / "blocks.jsonl")) == number


def test_a_million_blocks_are_made_one_by_one() -> None:
    """The first block of a huge city is there at once."""
    first = next(synth.city(7, 1_000_000))
    assert first["blockID"] == "900000001"


def test_shape(blocks: list[dict[str, Any]]) -> None:
    """Blocks and segments have exactly the published keys, in their order."""
    assert all(list(block) == KEYS for block in blocks)
    assert all(list(segment) == SEGMENT_KEYS for segment in segments(blocks))
    assert all(block["pmtTypes"] == sorted(block["pmtTypes"]) for block in blocks)
    for block in blocks:
        assert bool(block["pmtTypes"]) == any(segment["paymentIDs"] for segment in block["segments"])


def test_unique_names(blocks: list[dict[str, Any]]) -> None:
    """No id or alias is given twice, and ids count from 900000001."""
    ids = [int(block["blockID"]) for block in blocks]
    assert ids == list(range(900_000_001, 900_000_001 + len(blocks)))
    assert len({block["alias"] for block in blocks}) == len(blocks)
    assert len({(block["name"], block["address"]) for block in blocks}) == len(blocks)
    uuids = {segment["segmentID"] for segment in segments(blocks)}
    assert len(uuids) == len(segments(blocks))
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", uuid) for uuid in uuids)
    meters = [meter for segment in segments(blocks) for meter in segment["paymentIDs"]]
    assert len(set(meters)) == len(meters)


def test_avenue_names_suffice() -> None:
    """Ten million blocks still have an own name for every avenue."""
    assert len({synth.avenue(i) for i in range(1656)}) == 1656


def test_segments_lie_apart_on_the_line(blocks: list[dict[str, Any]]) -> None:
    """Segments of one side follow each other within the line, and neighbours differ in their card."""
    for block in blocks:
        length = true_length(block)
        for side in ("LEFT", "RIGHT"):
            row = [segment for segment in block["segments"] if segment["side"] == side]
            assert len(row) <= 4
            assert all(5 <= segment["start"] < segment["end"] <= length - 5 for segment in row)
            assert all(a["end"] <= b["start"] for a, b in pairwise(row))
            assert all(a["rateCards"] != b["rateCards"] for a, b in pairwise(row))


def test_about_four_segments_a_block(city: list[dict[str, Any]]) -> None:
    """A block has about four segments, some have none, some sides have no parking at all."""
    assert 3.6 < len(segments(city)) / len(city) < 4.4
    assert not all(block["segments"] for block in city)
    assert any(s["rateCards"] == ["No Parking"] and s["end"] - s["start"] > 80 for s in segments(city))


def test_lines(blocks: list[dict[str, Any]]) -> None:
    """Lines have two to four valid points of six decimals and are about as long as the grid says."""
    for block in blocks:
        points = block["geojson"]["coordinates"]
        assert 2 <= len(points) <= 4
        assert all(p == round(p, 6) for point in points for p in point)
        assert all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in points)
        length = true_length(block)
        assert abs(length - (201 if block["name"].endswith("Street") else 110)) < 12


def test_blocks_meet(blocks: list[dict[str, Any]]) -> None:
    """Wherever two streets cross, every block that ends there ends at the same point."""
    crossings: dict[frozenset[str], set[tuple[float, float]]] = defaultdict(set)
    for block in blocks:
        for street, point in zip(block["address"].split(" to "), ends(block), strict=True):
            crossings[frozenset([block["name"], street])].add(point)
    assert all(len(points) == 1 for points in crossings.values())
    assert len(set(chain.from_iterable(crossings.values()))) == len(crossings)


def test_neighbourhood_surrounds_the_published_block(neighbourhood: list[dict[str, Any]]) -> None:
    """At each end of the published block three others meet it, and it is not there itself."""
    for end in PUBLISHED_ENDS:
        assert sum(end in ends(block) for block in neighbourhood) == 3
    assert not any(set(ends(block)) == PUBLISHED_ENDS for block in neighbourhood)
    assert len(neighbourhood) == 70


def test_distinct_cards(city: list[dict[str, Any]], neighbourhood: list[dict[str, Any]]) -> None:
    """The neighbourhood has one card of every template; the city has hundreds but mostly uses few."""
    assert len(cards(neighbourhood)) == len(synth.TEMPLATES)
    assert 300 <= len(cards(city)) <= 500
    uses = Counter(tuple(segment["rateCards"]) for segment in segments(city))
    assert sum(number for _, number in uses.most_common(100)) > 0.7 * uses.total()


def test_cards_are_in_the_language(blocks: list[dict[str, Any]]) -> None:
    """Every line is canonical, and no card is empty."""
    assert all(cards(blocks))
    assert [line for line in chain.from_iterable(cards(blocks)) if not LINE.fullmatch(line)] == []


def test_source(tmp_path: Path) -> None:
    """The description names the file, how to make it again, and a chance for each hour of the week."""
    run(tmp_path, "--blocks", 5, "--seed", 3)
    described = orjson.loads((tmp_path / "source.json").read_bytes())
    (file,) = described["files"]
    assert file["path"] == "blocks.jsonl"
    assert file["origin"] == "scripts/synth_city.py --blocks 5 --seed 3"
    assert len(file["profile"]) == 168
    assert all(0 <= chance <= 100 for chance in file["profile"])


def test_blocks_depend_on_seed_and_place_only() -> None:
    """Skipping the first rows of a city does not change the later ones, numbers aside."""
    town = synth.found(7, 3)
    rows = [synth.grid_row(4, j) for j in range(1, 6)]
    whole, part = list(synth.blocks(town, rows)), list(synth.blocks(town, rows[3:]))
    assert [b["geojson"] for b in islice(whole, 27, None)] == [b["geojson"] for b in part]
    assert [s["segmentID"] for s in segments(whole[27:])] == [s["segmentID"] for s in segments(part)]


@pytest.mark.parametrize("args", [[], ["--blocks", "5", "--neighbourhood"], ["--blocks", "0"]])
def test_wrong_use_is_told(tmp_path: Path, args: list[str]) -> None:
    """Wrong options end with a message and without a file."""
    result = CliRunner().invoke(synth.main, [str(tmp_path / "out"), *args])
    assert result.exit_code != 0
    assert "Error: " in result.output
    assert not (tmp_path / "out").exists()


def test_unwritable_folder_is_told(tmp_path: Path) -> None:
    """A folder that cannot be made is an error of one line."""
    (tmp_path / "file").touch()
    result = CliRunner().invoke(synth.main, [str(tmp_path / "file" / "out"), "--blocks", "5"])
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
