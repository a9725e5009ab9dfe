"""Small cities in the shapes that cities publish, loaded by recipes: what becomes of good rows and of bad ones."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from onstreet.cli import main
from onstreet.datasets.findings import Finding
from onstreet.datasets.recipes.load import load
from onstreet.datasets.recipes.recipe import read_recipe, schema
from onstreet.datasets.source import SourceError

DAY = date(2026, 6, 11)
HEAD = """
name = "A town"
source = "town"
zone = "America/Los_Angeles"
currency = "USD"
country = "US"
licence = "CC0-1.0"
origin = "made by hand"
"""


def feature(coordinates: list, **properties: object) -> dict:
    kind = "LineString" if isinstance(coordinates[0], list) else "Point"
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}


def write(folder: Path, **files: object) -> Path:
    """Files of a city: texts as they are, lists as GeoJSON; underscores of names are dots."""
    for name, content in files.items():
        shown = {"type": "FeatureCollection", "features": content}
        text = json.dumps(shown) if isinstance(content, list) else str(content)
        (folder / name.replace("_", ".")).write_text(text)
    return folder / "recipe.toml"


def blocks_of(recipe: Path) -> tuple[dict, list[Finding]]:
    loaded = load(read_recipe(recipe, None, DAY))
    rows = [each.row for each in loaded.stated]
    blocks = {row.alias[1]: row for row in rows if not isinstance(row, Finding)}
    return blocks, [row for row in rows if isinstance(row, Finding)]


def segments(block) -> list[tuple]:
    return [
        (each.side.value, each.start_m, each.end_m, each.spaces_total, each.rate_cards, each.payment_ids)
        for each in block.segments
    ]


# Elm Street runs east for 91 m, Oak Street north for 111 m.
STREETS = [
    feature([[-122.0, 37.0], [-121.999, 37.0]], id=7, name="ELM ST", lf=1, lt=99, rf=2, rt=98),
    feature([[-121.998, 37.0], [-121.998, 37.001]], id=8, name="OAK ST", lf=101, lt=199, rf=100, rt=198),
]
LINES = """
[lines]
path = "streets.json"
id = "{id}"
name = "{name}"
left = ["lf", "lt"]
right = ["rf", "rt"]
"""
METERS = """id,street,number,where,cap,on
a,7,10,"(36.99995, -121.9998)",Grey,ON
b,7,12,"(36.99995, -121.9997)",Grey,ON
c,7,14,"(36.99995, -121.9996)",Yellow,ON
d,7,11,"(36.99995, -121.9996)",Grey,ON
e,7,16,"(36.99995, -121.9995)",Mauve,ON
f,9,100,"(37.0005, -121.99795)",Grey,ON
g,7,18,"(36.9, -121.9)",Grey,ON
h,7,20,,Grey,ON
i,7,22,"(36.99995, -121.9993)",Grey,OFF
"""
METER_LAYER = """
[[layers]]
path = "meters.csv"
kind = "points"
located = "where"
where = { on = "ON" }
line = "{street}"
side = { parity = "number" }
payment_id = "M{id}"

[[layers.cards]]
where = { cap = "Grey" }
lines = ["Each Hour (Mon-Sat; 9am-6pm): $2"]
otherwise = "Free"

[[layers.cards]]
where = { cap = "Yellow" }
lines = ["Commercial Vehicle Only: See Meter"]
"""
GREY = ("Each Hour (Mon-Sat; 9am-6pm): $2", "Mon-Sat (6pm-9am): Free", "Sun: Free")
YELLOW = ("Commercial Vehicle Only: See Meter",)


def test_points_on_centrelines(tmp_path):
    recipe = write(tmp_path, streets_json=STREETS, meters_csv=METERS, recipe_toml=HEAD + LINES + METER_LAYER)
    blocks, findings = blocks_of(recipe)
    assert set(blocks) == {"7", "8"}
    assert blocks["7"].name == "ELM ST"
    assert segments(blocks["7"]) == [
        ("RIGHT", 15, 31, 2, GREY, ("Ma", "Mb")),
        # Too near for another space between them: they meet half way.
        ("RIGHT", 31, 40, 1, YELLOW, ("Mc",)),
        ("RIGHT", 40, 48, 1, ("Unclear: cap Mauve",), ("Me",)),
        # An odd number, whatever its coordinates say.
        ("LEFT", 33, 39, 1, GREY, ("Md",)),
    ]
    assert segments(blocks["8"]) == [("RIGHT", 52, 59, 1, GREY, ("Mf",))]
    assert {(each.row, each.field, each.reason) for each in findings} == {
        (5, "cards", "none of the recipe's cards is for such a row"),
        (6, "{street}", "no line has this id: the nearest is taken"),
        (7, "place", "no line that it could stand on"),
        (8, "place", "it has no coordinates"),
    }


SWEPT = [
    feature([[-122.0, 37.0], [-121.999, 37.0]], side="South", day="Tues", a=8, b=10, w1=1, w2=0, w3=1, w4=0, w5=0),
    feature([[-122.0, 37.0], [-121.999, 37.0]], side="East", day="Tues", a=8, b=10, w1=1, w2=1, w3=1, w4=1, w5=1),
]
SWEEPING_LAYER = """
[[layers]]
path = "swept.json"
kind = "spans"
side = { compass = "side" }
values.day = { read = "days", from = "day", map = { Tues = "Tue" } }
values.hours = { read = "hours", from = ["a", "b"], unit = "hour" }
values.weeks = { read = "weeks", from = ["w1", "w2", "w3", "w4", "w5"] }

[[layers.cards]]
lines = ["{day}{weeks?} ({hours}; Street Cleaning): No Parking"]
"""


def test_layers_lie_over_each_other(tmp_path):
    files = {"streets_json": STREETS, "meters_csv": METERS, "swept_json": SWEPT}
    recipe = write(tmp_path, **files, recipe_toml=HEAD + LINES + METER_LAYER + SWEEPING_LAYER)
    blocks, findings = blocks_of(recipe)
    swept = "Tue Every 1st & 3rd (8am-10am; Street Cleaning): No Parking"
    right = [each for each in segments(blocks["7"]) if each[0] == "RIGHT"]
    assert right[0] == ("RIGHT", 0, 15, None, (swept,), ())
    assert right[1] == ("RIGHT", 15, 31, 2, (*GREY, swept), ("Ma", "Mb"))
    assert [each[1] for each in right[1:]] == [each[2] for each in right[:-1]]
    # How many spaces are where only the sweeping is known, nobody says.
    assert [each[3] for each in right] == [None, 2, 1, 1, None]
    assert [each.reason for each in findings if each.file == "swept.json"] == [
        "nothing tells on which side of its line"
    ]


SPACES = [
    feature([[-122.0, 37.0], [-121.9998, 37.0]], key=1, a=0, b=60, side="S", kind="PS"),
    feature([[-121.9998, 37.0], [-121.9997, 37.0]], key=1, a=60, b=90, side="S", kind="CLR"),
    feature([[-121.9997, 37.0], [-121.9995, 37.0]], key=1, a=90, b=150, side="S", kind="PS"),
    feature([[-121.9995, 37.0], [-121.9993, 37.0]], key=1, a=150, b=210, side="S", kind="BUS"),
    feature([[-121.9993, 37.0], [-121.9992, 37.0]], key=1, a=240, b=210, side="S", kind="PS"),
]
RATES = """key,from,to,rate,start,end
1,01-JAN-20,31-DEC-25,9,480,1079
1,01-JAN-26,NULL,1.5,480,1079
2,01-JAN-26,NULL,7,480,1079
1,soon,NULL,3,480,1079
"""
FEET_LAYER = """
[[layers]]
path = "spaces.json"
kind = "offsets"
where = { kind = { not = "CLR" } }
line = "{key}"
offsets = { start = "a", end = "b", unit = "ft" }
side = { compass = "side" }
count_spaces = true
values.hours = { read = "hours", from = ["start", "end"], unit = "minute", last_is_included = true }
values.rate = { read = "money", from = "rate" }

[layers.join]
path = "rates.csv"
on = ["key", "key"]
empty = ["NULL"]
effective = { from = "from", to = "to", format = "%d-%b-%y" }

[[layers.cards]]
where = { kind = "PS" }
lines = ["Each Hour (Mon-Fri; {hours}): ${rate}"]

[[layers.cards]]
where = { kind = "BUS" }
lines = ["Bus Stop: No Parking"]
"""


def test_offsets_in_feet_with_rates_in_effect(tmp_path):
    """Inclusive last minutes, dated rows, an open end, a clearance of 9 m within one rule, a start behind its end."""
    recipe = write(tmp_path, spaces_json=SPACES, rates_csv=RATES, recipe_toml=HEAD + FEET_LAYER)
    blocks, findings = blocks_of(recipe)
    assert segments(blocks["1"]) == [
        ("RIGHT", 0, 45, 2, ("Each Hour (Mon-Fri; 8am-6pm): $1.50",), ()),
        # Where nobody may park there is no space.
        ("RIGHT", 45, 62, 0, ("Bus Stop: No Parking",), ()),
    ]
    # The kerb is drawn: the line runs 4 m north of it.
    assert blocks["1"].line.coords[0] == pytest.approx((-122.0, 37.000036), abs=2e-6)
    assert {(each.file, each.row, each.reason) for each in findings} == {
        ("rates.csv", 4, "not a date: the row is left out"),
        ("spaces.json", 5, "the start must lie before the end"),
    }


BAYS = """bay,lat,lon
3,-37.8,144.90003
1,-37.8,144.9
2,-37.8,144.90007
4,,
"""
SIGNS = """bay,type,from,to,start,end
1,2P,1,5,0001-01-01 07:30:00,0001-01-01 18:30:00
1,1P MTR,6,6,07:30:00,12:30:00
2,2P,1,5,07:30:00,18:30:00
2,1P MTR,6,6,07:30:00,12:30:00
3,GIBBERISH,1,5,07:30:00,18:30:00
4,2P,1,5,07:30:00,18:30:00
"""
BAY_LAYER = """
[faces]

[[layers]]
path = "bays.csv"
kind = "points"
lon = "lon"
lat = "lat"
join = { path = "signs.csv", on = ["bay", "bay"] }
together = "{bay}"
dialect = "melbourne"
text = "{type} {days} {hours}"
values.days = { read = "day_range", from = ["from", "to"], map = { 1 = "Mon", 5 = "Fri", 6 = "Sat" } }
values.hours = { read = "hours", from = ["start", "end"] }
payment_id = "{bay}"
"""


def test_bays_with_several_signs_and_no_street(tmp_path):
    recipe = write(tmp_path, bays_csv=BAYS, signs_csv=SIGNS, recipe_toml=HEAD + BAY_LAYER)
    blocks, findings = blocks_of(recipe)
    [block] = blocks.values()
    card = ("2 Hour Parking (Mon-Fri; 7:30am-6:30pm)", "Sat (7:30am-12:30pm; 1 Hour Max): See Meter")
    unclear = ("Unclear: GIBBERISH Mon-Fri 7:30am-6:30pm",)
    assert [(each[4], each[5]) for each in segments(block)] == [(card, ("1",)), (unclear, ("3",)), (card, ("2",))]
    assert [(each.row, each.reason) for each in findings] == [
        (1, "cannot read 'GIBBERISH'"),
        (4, "it has no coordinates"),
    ]


FACES = """meter,subarea,lat,lon,rate
a,1301 BROADWAY,37.0001,-122.0000,$1.25/hr 2 hr 9a-6p MON-SAT
b,1301 BROADWAY,37.0001,-121.9999,$1.25/hr 2 hr 9a-6p MON-SAT
c,1300 BROADWAY,36.9999,-122.0000,$2.50/hr 3 hr 9a-6p MON-SAT
d,1300 BROADWAY,36.9999,-121.9999,$2.50/hr 3 hr 9a-6p MON-SAT
e,1401 BROADWAY,37.0001,-121.9980,$1.25/hr 2 hr 9a-6p MON-SAT
"""
FACES_RECIPE = """
[faces]
street = "{subarea}"
number = "{subarea}"

[[layers]]
path = "meters.csv"
kind = "points"
lon = "lon"
lat = "lat"
dialect = "santa_monica"
text = "{rate}"
payment_id = "{meter}"
"""


def test_hundred_blocks_make_lines_with_two_sides(tmp_path):
    blocks, findings = blocks_of(write(tmp_path, meters_csv=FACES, recipe_toml=HEAD + FACES_RECIPE))
    assert findings == []
    assert {name: block.name for name, block in blocks.items()} == dict.fromkeys(
        ["BROADWAY 1300", "BROADWAY 1400"], "BROADWAY"
    )
    both = blocks["BROADWAY 1300"]
    # Half way between the meters, which stand 22 m apart.
    assert [lat for _, lat in both.line.coords] == pytest.approx([37.0, 37.0], abs=1e-6)
    assert {(each.side.value, each.rate_cards, each.payment_ids) for each in both.segments} == {
        ("LEFT", ("Each Hour (Mon-Sat; 9am-6pm; 2 Hour Max): $1.25",), ("a", "b")),
        ("RIGHT", ("Each Hour (Mon-Sat; 9am-6pm; 3 Hour Max): $2.50",), ("c", "d")),
    }


def run(*words: object):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_a_recipe_is_loaded_and_served(tmp_path):
    text = HEAD + "may_lose = 0.5\n" + LINES + METER_LAYER
    recipe, listed_in = write(tmp_path, streets_json=STREETS, meters_csv=METERS, recipe_toml=text), tmp_path / "f.jsonl"
    done = run("load", recipe, "--to", tmp_path / "out", "--findings", listed_in, "--on", "2026-06-11")
    assert done.exit_code == 0, done.output
    assert "2 blocks, 5 segments, 6 spaces, 3 cards, 4 findings" in done.stderr
    listed = [json.loads(line) for line in listed_in.read_text().splitlines()]
    assert ("meters.csv", 7, "no line that it could stand on") in [(f["file"], f["row"], f["reason"]) for f in listed]
    assert (tmp_path / "out" / "current").is_file()
    run("check", recipe, "--findings", tmp_path / "f.csv", "--on", "2026-06-11")
    assert (tmp_path / "f.csv").read_text().splitlines()[:2] == [
        "file,row,field,value,reason,hint",
        "meters.csv,5,cards,cap Mauve,none of the recipe's cards is for such a row,",
    ]


def test_too_many_lost_rows_are_not_published(tmp_path):
    recipe = write(tmp_path, streets_json=STREETS, meters_csv=METERS, recipe_toml=HEAD + LINES + METER_LAYER)
    done = run("load", recipe, "--to", tmp_path / "out")
    assert done.exit_code == 1
    assert "50.00% of 8 rows have findings, the recipe allows 0.00%: not published" in done.stderr
    assert not (tmp_path / "out" / "current").exists()
    assert run("check", recipe).exit_code == 1


FAULTY = [
    (HEAD, "recipe: "),
    (HEAD + METER_LAYER.replace('"points"', '"dots"'), "layers.0.kind: 'dots' is not one of ['points', "),
    (HEAD + METER_LAYER + "lane = 3\n", "layers.0.cards.1: Additional properties are not allowed ('lane' "),
    (HEAD.replace("USD", "usd") + METER_LAYER, "currency: 'usd' does not match"),
    (HEAD.replace("America/", "Mars/") + METER_LAYER, "'zone' must be an IANA time zone"),
    (HEAD + METER_LAYER.replace("meters.csv", "gone.csv"), "gone.csv; --data names the folder with the city's files"),
    (HEAD + METER_LAYER, "points need lines to stand on: state [lines], or [faces] to make them"),
    (HEAD + LINES + METER_LAYER.replace('"where"', '"place"'), "no column 'place'; there are id, street, number"),
    ("name = ", "Invalid value"),
]  # fmt: skip


@pytest.mark.parametrize("text, said", FAULTY)
def test_recipes_that_are_none(tmp_path, text, said):
    recipe = write(tmp_path, streets_json=STREETS, meters_csv=METERS, recipe_toml=text)
    with pytest.raises(SourceError) as caught:
        load(read_recipe(recipe, None, DAY))
    assert said in str(caught.value)
    assert run("check", recipe).exit_code == 1


RECIPES = sorted((Path(__file__).parents[3] / "data" / "recipes").glob("*.toml"))
CITIES = Path(__file__).parents[4] / "shared" / "data"
FOLDERS = {
    "boston": "boston-us", "melbourne": "melbourne-au", "portland": "portland-curblr",
    "san-francisco": "san-francisco-us", "santa-monica": "santa-monica-us", "seattle": "seattle-us",
}  # fmt: skip
EXPECTED = {
    "boston": "621 blocks, 805 segments, 6,953 spaces, 28 cards, 2 findings",
    "melbourne": "1,063 blocks, 1,335 segments, 5,426 spaces, 207 cards, 4,756 findings",
    "portland": "64 blocks, 325 segments, 0 spaces, 32 cards, 38 findings",
    "san-francisco": "2,919 blocks, 10,750 segments, 28,570 spaces, 388 cards, 145 findings",
    "santa-monica": "468 blocks, 1,176 segments, 5,795 spaces, 104 cards, 42 findings",
    "seattle": "79 blocks, 218 segments, 436 spaces, 16 cards, 0 findings",
}


@pytest.mark.skipif(not CITIES.is_dir(), reason="shared/data is not there")
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_shipped_recipes_read_their_cities(recipe):
    done = run("check", recipe, "--data", CITIES / FOLDERS[recipe.stem], "--on", "2026-11-22")
    assert done.exit_code == 0, done.stderr
    assert EXPECTED[recipe.stem] in done.stderr


def test_the_reference_speaks_of_every_key():
    text = (Path(__file__).parents[3] / "onstreet" / "datasets" / "recipes" / "RECIPES.rst").read_text()

    def keys(schema: object) -> set[str]:
        if isinstance(schema, list):
            return set().union(*map(keys, schema))
        if not isinstance(schema, dict):
            return set()
        named = set(schema["properties"]) if isinstance(schema.get("properties"), dict) else set()
        named |= {str(each) for each in schema.get("enum", [])}
        return named.union(*(keys(value) for value in schema.values()))

    missing = {key for key in keys(schema()) if key not in text}
    assert missing == set()
