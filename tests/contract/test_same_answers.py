"""A snapshot and a database of the same data sets give the same bytes for any question over HTTP."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from random import Random
from urllib.parse import quote

import pytest
from conftest import DATA, NOW, ROOT, created, examples

from onstreet.api import create_app
from onstreet.datasets.places import place_from_json
from onstreet.datasets.publish import open_data
from onstreet.datasets.source import find_data_sets
from onstreet.wire.blocks import BLOCK_FIELDS, NAMED_FIELDS
from ratecards.locales import LOCALES

pytestmark = pytest.mark.needs_postgis

# Where lines are hard to find: across and on the antimeridian, far north, a metre long, longer than a city.
CORNERS = {
    "across": [[179.9995, -16.5], [-179.9995, -16.5005]],
    "across, westwards": [[-179.9995, -16.5], [179.9995, -16.5005]],
    "on it": [[180, -16.51], [180, -16.5]],
    "on its other side": [[-180, -16.51], [-180, -16.5]],
    "up to it": [[179.99, -16.5], [180, -16.5]],
    "far north": [[25.0, 75.0], [25.01, 75.001]],
    "a metre": [[25.0, 75.002], [25.00003, 75.002]],
    "back and forth": [[25.0, 75.0], [25.001, 75.0], [25.0, 75.0]],
    "long": [[24.0, 74.9], [26.0, 75.1]],
    "on the equator": [[0, 0], [0.001, 0]],
}
NAMES = ['"', "'", "O'Neil | Sons", "\\", "{a,b}", "NULL", "", "é\u2028\n\t", "%s %(name)s :name", "{}"]
CARDS = [
    ["Each Hour (Mon-Sat; 9am-6pm): $2", "Mon-Sat (6pm-9am): Free", "Sun: Free"],
    ["Mon-Sat (9am-6pm; 'quoted'): $2"],
    ["Each Hour (School Days; 9am-3pm): $2", "Mon-Sun (3pm-9am): Free"],
    ["Mon-Sun (Residential Permit Only): Free"],
    [],
]


def awkward(folder):
    """A data set of the corners, with names nobody would give."""
    folder.mkdir()
    rows = []
    for number, (name, points) in enumerate(CORNERS.items()):
        segments = [
            {"segmentID": f"{each}|{NAMES[number]}", "side": side, "start": 0, "end": 0.5, "rateCards": CARDS[each]}
            for each, side in zip(range(number % 6), "LEFT RIGHT LEFT RIGHT LEFT".split(), strict=False)
        ]
        row = {"blockID": name, "alias": f"{NAMES[number]}|{number}", "name": NAMES[number], "segments": segments}
        rows.append(row | {"geojson": {"coordinates": points}, "pmtTypes": NAMES, "probability": 10 * number})
    (folder / "blocks.jsonl").write_text("\n".join(map(json.dumps, rows)))
    files = [{"path": "blocks.jsonl", "source": "cor'ners"}]
    school = {"dates": {"2026-06-11": [["09:00", "15:00"]]}, "from": "2026-01-01", "to": "2026-12-31"}
    source = {"name": 'Awk"ward', "zone": "Pacific/Fiji", "currency": "USD", "country": "FJ", "files": files}
    (folder / "source.json").write_text(json.dumps(source | {"schoolDays": school}))
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    scratch = tmp_path_factory.mktemp("cities")
    script = [sys.executable, ROOT / "scripts" / "synth_city.py", scratch / "synth", "--blocks", "400"]
    subprocess.run(script, check=True, capture_output=True)
    return [DATA, scratch / "synth", awkward(scratch / "awkward")]


@pytest.fixture(scope="module")
def database(folders, postgres):
    from onstreet.datasets.postgis import load_into

    database = created(postgres)
    for folder in folders:
        load_into(database, find_data_sets([folder]), [])
    return database


@pytest.fixture(scope="module")
def memory(folders):
    return open_data(folders)[0]


@pytest.fixture(scope="module")
def live(database):
    from onstreet.stores.postgis import LivePostgis

    live = LivePostgis(database, place_from_json)
    yield live
    live.close()


def clients(*stores):
    return [create_app(stores=store, clock=lambda: NOW).test_client() for store in stores]


def answered(client, query):
    answer = client.get(query)
    body = json.loads(answer.data)
    if "error" in body:
        return answer.status_code, {**body["error"], "request_id": ""}
    return answer.status_code, answer.data, answer.headers.get("Link"), answer.headers["X-Total-Count"]


class Asker:
    """Questions about blocks of a store, and about what lies around their lines."""

    def __init__(self, store):
        self.random = Random(7)
        rows = store.first(len(store))
        self.ids = store.ids(rows)
        self.points = [point for line in store.lines(rows) for point in line.coords]
        self.aliases = [store.snapshot.name(row, is_alias=True) for row in rows]

    def query(self):
        kinds = [self.by_ids, self.by_alias, self.box, self.box, self.circle, self.circle]
        where, options = self.random.choice(kinds)(), self.options()
        if "sort" in options and not ({"box", "point"} & set(where)):
            del options["sort"]
        return "/blocks?" + "&".join(f"{name}={quote(value)}" for name, value in (where | options).items())

    def by_ids(self):
        known = self.random.sample(self.ids, self.random.randint(0, 9))
        ids = [*known, *self.random.sample(["nobody", "46502752", "o'b", '"', "a\0", "%"], self.random.randint(1, 3))]
        return {"id": "|".join(self.random.sample(ids, len(ids)))}

    def by_alias(self):
        return {"alias": self.random.choice([*self.aliases, "inrix|nobody", "cor'ners|\"|0"])[:100]}

    def near(self):
        lon, lat = self.random.choice(self.points)
        jitter = self.random.choice([0, 0, 1e-5, 1e-3])
        lon, lat = lon + self.random.uniform(-jitter, jitter), lat + self.random.uniform(-jitter, jitter)
        return (lon + 180) % 360 - 180 if abs(lon) > 180 else lon, lat

    def box(self):
        (west, north), size = self.near(), self.random.choice([0, 1e-6, 1e-3, 0.01, 0.5, 10])
        east, south = west + size * self.random.random(), max(north - size * self.random.random(), -90)
        east = east - 360 if east > 180 else east
        corners = [f"{north:.9f}|{west:.9f}", f"{south:.9f}|{east:.9f}"]
        return {"box": self.random.choice([",".join(corners)] * 9 + ["90|-180,-90|180"])}

    def circle(self):
        lon, lat = self.near()
        return {"point": f"{lat:.7f}|{lon:.7f}", "radius": str(self.random.choice([0.5, 20, 150, 1000, 50_000]))}

    def options(self):
        random = self.random
        hour = f"2026-{random.randint(1, 12):02}-{random.randint(1, 28):02}T{random.randint(0, 23):02}:30"
        fields = random.sample([*BLOCK_FIELDS[:-1], *(f"segments.{name}" for name in NAMED_FIELDS)], 5)
        choices = {
            "entry_time": hour + random.choice(["", "Z"]),
            "duration": random.choice(["30", "60|120", "15|1440"]),
            "restrictions": random.choice(["1", "2", "1,3", "4", "5"]),
            "outputfields": random.choice([",".join(fields), "all,until", "name,isOpen"]),
            "locale": random.choice(sorted(LOCALES)),
            "permits": random.choice(["residential", "zone a,disabled"]),
            "limit": random.choice(["1", "7", "500"]),
            "offset": random.choice(["1", "3", "60"]),
            "sort": "distance",
        }
        return {name: value for name, value in choices.items() if random.random() < 0.35}


def test_a_thousand_questions(memory, live):
    asker = Asker(memory)
    of_memory, of_database = clients(lambda: memory, live)
    statuses = set()
    for _ in range(examples(1000)):
        query = asker.query()
        expected = answered(of_memory, query)
        assert answered(of_database, query) == expected, query
        statuses.add(expected[0])
    assert statuses == {200, 404}


def test_threads_of_one_worker_do_not_mix_their_questions(memory, live):
    asker = Asker(memory)
    queries = [asker.query() for _ in range(200)]
    of_memory, *of_database = clients(lambda: memory, *[live] * 4)
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda query, client: answered(client, query), queries, of_database * 50)
        assert list(found) == [answered(of_memory, query) for query in queries]


@pytest.mark.parametrize("path", ["/tiles.json", "/tiles/14/2799/6543.mvt", "/tiles/12/699/1635.mvt", "/search?q=st"])
def test_maps_and_searches_are_the_same(memory, live, path):
    of_memory, of_database = clients(lambda: memory, live)
    assert of_database.get(path).data == of_memory.get(path).data


def test_a_page_leads_to_the_same_next_page(memory, live):
    for client in clients(lambda: memory, live):
        seen, query = [], "/blocks?box=90|-180,-90|180&limit=100&outputfields=name"
        while query:
            answer = client.get(query)
            seen += [block["blockID"] for block in answer.json["result"]]
            query = answer.headers.get("Link", "").partition(">")[0].lstrip("<")
        assert seen == memory.ids(memory.first(len(memory)))


def test_a_snapshot_of_it_is_that_of_the_files(database, folders, tmp_path):
    from onstreet.datasets.postgis import stored
    from onstreet.datasets.publish import publish

    findings, again = [], []
    expected = publish(find_data_sets(folders), tmp_path / "files", findings)
    with stored(database) as data_sets:
        place = publish(data_sets, tmp_path / "database", again)
    assert place.name == expected.name
    for path in sorted(expected.iterdir()):
        assert (place / path.name).read_bytes() == path.read_bytes(), path.name
