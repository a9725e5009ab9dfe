"""Rows and files as cities really publish them, odd in one way each: what becomes of them, and of the rows beside."""

import json

import geopandas
import pytest
from test_load import (
    FEET_LAYER,
    GREY,
    HEAD,
    LINES,
    METER_LAYER,
    METERS,
    RATES,
    SPACES,
    STREETS,
    SWEEPING_LAYER,
    SWEPT,
    YELLOW,
    blocks_of,
    feature,
    run,
    segments,
    write,
)  # fmt: skip

RECIPE = HEAD + LINES + METER_LAYER

POST = """id,street,number,where,cap,on
a,7,10,"(36.99995, -121.9998)",Grey,ON
b,7,12,"(36.99995, -121.9997)",Grey,ON
c,7,14,"(36.99995, -121.9997)",Yellow,ON
"""


def test_spaces_on_one_spot_count_where_their_own_rule_is(tmp_path):
    recipe = write(tmp_path, streets_json=STREETS, meters_csv=POST, recipe_toml=HEAD + LINES + METER_LAYER)
    blocks, _ = blocks_of(recipe)
    assert [each[3:] for each in segments(blocks["7"])] == [(2, GREY, ("Ma", "Mb")), (1, YELLOW, ("Mc",))]


ROW_B = 'b,7,12,"(36.99995, -121.9997)",Grey,ON'
# What of the text of the meters becomes what, the ids that remain, and what is found beside what is always found.
ODD_ROWS = [
    ("", "", "abcdef", []),
    (ROW_B, ROW_B + ",,", "abcdef", []),
    (ROW_B, ROW_B + ",more", "acdef", [(2, "7 fields, the header has 6: the row is left out", "line 3")]),
    (ROW_B, "b,7", "acdef", [(2, "2 fields, the header has 6: the row is left out", "line 3")]),
    ('-121.9997)",Grey', "-121.9997),Grey", "adef", [
        (2, "7 fields, the header has 6: the row is left out", "lines 3 to 4: is a quote not closed?"),
    ]),
    ("36.99995, -121.9997", "-121.9997, 36.99995", "acdef", [
        (2, "no longitudes and latitudes: it is nowhere", ""), (2, "it has no coordinates", ""),
    ]),
]  # fmt: skip


@pytest.mark.parametrize("old, new, ids, found", ODD_ROWS)
def test_an_odd_row_spoils_no_other(tmp_path, old, new, ids, found):
    text = METERS.replace(old, new, 1)
    blocks, findings = blocks_of(write(tmp_path, streets_json=STREETS, meters_csv=text, recipe_toml=RECIPE))
    paid = sorted(each for block in blocks.values() for segment in segments(block) for each in segment[5])
    assert paid == [f"M{each}" for each in ids]
    said = [(each.row, each.reason, each.hint) for each in findings if each.row in (1, 2, 3)]
    assert said == found


ELM_AGAIN = feature([[-122.0, 37.01], [-121.999, 37.01]], id=7, name="ELM ST", lf=1, lt=99, rf=2, rt=98)
ROW_J = 'j,,18,"(37.00995, -121.9995)",Grey,ON\n'


def test_two_lines_of_one_id_are_two_blocks(tmp_path):
    files = {"streets_json": [*STREETS, ELM_AGAIN], "meters_csv": METERS + ROW_J}
    blocks, findings = blocks_of(write(tmp_path, **files, recipe_toml=RECIPE))
    assert [each[5] for each in segments(blocks["7 (2)"])] == [("Mj",)]
    assert [each.reason for each in findings if each.file == "streets.json"] == [
        "another line has this id: here it is '7 (2)'"
    ]


@pytest.mark.parametrize("name", ["rule", "lines", "line", "__line__"])
def test_columns_may_have_any_name(tmp_path, name):
    recipe = RECIPE.replace('"number"', f'"{name}"')
    files = {"streets_json": STREETS, "meters_csv": METERS.replace("number", name, 1)}
    blocks, _ = blocks_of(write(tmp_path, **files, recipe_toml=recipe))
    assert segments(blocks["7"])[-1] == ("LEFT", 33, 39, 1, GREY, ("Md",))


HOURS = RECIPE.replace("9am-6pm", "{hours}").replace("payment_id", "values.hours = { %s }\npayment_id")
# The recipe, what of the text of the meters becomes what, and what is said in one line.
MISTAKES = [
    (RECIPE.replace('"{street}"', '"{strasse}"'), "", "", "meters.csv: no column 'strasse'; there are id, street"),
    (RECIPE.replace('parity = "number"', 'compass = "nr"'), "", "", "meters.csv: no column 'nr'; there are id, street"),
    (RECIPE.replace('"M{id}"', '"M{nr?}"'), "", "", "meters.csv: no column 'nr'; there are id, street, number"),
    (RECIPE.replace("payment_id", 'spaces = "n"\npayment_id'), "", "", "meters.csv: no column 'n'; there are id"),
    (RECIPE.replace("9am-6pm", "{hours}"), "", "", "meters.csv: no column 'hours'; there are id, street, number"),
    (RECIPE.replace('"lf"', '"from"'), "", "", "streets.json: no column 'from'; there are id, name, lf, lt, rf, rt"),
    (RECIPE.replace('id = "{id}"', 'id = "{cnn}"'), "", "", "streets.json: no column 'cnn'; there are id, name"),
    (RECIPE.replace('path = "s', 'crs = "EPSG:1"\npath = "s'), "", "", "streets.json: Invalid projection: EPSG:1"),
    (RECIPE, METERS, "", "meters.csv: no columns in its first line"),
    (RECIPE, METERS, METERS.splitlines()[0], "meters.csv: it has no rows"),
    (RECIPE, ",", ";", "meters.csv: no column 'where'; there are id;street;number;where;cap;on"),
    (RECIPE.replace('kind = "p', 'delimiter = ";;"\nkind = "p'), "", "", "layers.0.delimiter: ';;' is too long"),
    (RECIPE, "ON", "OFF", "none of 0 rows makes a block: not published"),
    (HOURS % 'read = "hours"', "", "", "layers.0.values.hours: 'from' is a required property"),
    (HOURS % 'read = "hours", from = ["id"]', "", "", "layers.0.values.hours.from: ['id'] is too short"),
    (HOURS % 'read = "hours", from = "gone"', "", "", "meters.csv: no column 'gone'; there are id, street, number"),
    (HOURS % 'read = "weeks", from = "id"', "", "", "layers.0.values.hours.from: 'id' is not of type 'array'"),
]  # fmt: skip


@pytest.mark.parametrize("recipe, old, new, said", MISTAKES)
def test_mistakes_are_said_in_one_line(tmp_path, recipe, old, new, said):
    text = METERS.replace(old, new) if old else METERS
    done = run("load", write(tmp_path, streets_json=STREETS, meters_csv=text, recipe_toml=recipe), "--to", tmp_path)
    assert done.exit_code == 1
    assert said in done.stderr.splitlines()[-1]
    assert not (tmp_path / "current").exists()


def test_a_text_in_another_encoding_names_the_remedy(tmp_path):
    recipe = write(tmp_path, streets_json=STREETS, recipe_toml=RECIPE)
    (tmp_path / "meters.csv").write_bytes(METERS.replace("Mauve", "Mauvé").encode("latin-1"))
    assert "state 'encoding' in the recipe" in run("check", recipe).stderr
    recipe.write_text(RECIPE.replace('kind = "points"', 'kind = "points"\nencoding = "latin-1"'))
    blocks, _ = blocks_of(recipe)
    assert ("Unclear: cap Mauvé",) in [each[4] for each in segments(blocks["7"])]


def test_what_is_not_published_is_reported(tmp_path):
    recipe = write(tmp_path, streets_json=STREETS, meters_csv=METERS, recipe_toml=RECIPE)
    done = run("load", recipe, "--to", tmp_path / "out", "--findings", tmp_path / "found.jsonl")
    assert "it has no coordinates" in done.stderr
    assert len((tmp_path / "found.jsonl").read_text().splitlines()) == 4


NAN_LINE = {"type": "LineString", "coordinates": [[float("nan"), 37.0], [-122.0, 37.0]]}
NO_LINES = [
    (None, ["not one line: nothing can lie along it"]),
    (NAN_LINE, ["no longitudes and latitudes: it is nowhere", "not one line: nothing can lie along it"]),
    ({"type": "Point", "coordinates": [-122.0, 37.0]}, ["not one line: nothing can lie along it"]),
]


@pytest.mark.parametrize("geometry, reasons", NO_LINES)
def test_a_line_that_is_none_spoils_no_other(tmp_path, geometry, reasons):
    odd = {**ELM_AGAIN, "geometry": geometry}
    text = json.dumps({"type": "FeatureCollection", "features": [*STREETS, odd]})
    blocks, findings = blocks_of(write(tmp_path, streets_json=text, meters_csv=METERS, recipe_toml=RECIPE))
    assert set(blocks) == {"7", "8"}
    assert [(each.row, each.reason) for each in findings if each.file == "streets.json"] == [
        (3, each) for each in reasons
    ]
    (tmp_path / "streets.json").write_text(json.dumps({"type": "FeatureCollection", "features": [odd]}))
    assert "streets.json: none of its rows is a line" in run("check", tmp_path / "recipe.toml").stderr


TWO_IN_EFFECT = RATES + "1,01-FEB-26,NULL,4.5,480,1079\n"


def test_a_space_with_two_rows_in_effect_is_one_space(tmp_path):
    recipe = write(tmp_path, spaces_json=SPACES, rates_csv=TWO_IN_EFFECT, recipe_toml=HEAD + FEET_LAYER)
    blocks, findings = blocks_of(recipe)
    both = ("Each Hour (Mon-Fri; 8am-6pm): $1.50", "Each Hour (Mon-Fri; 8am-6pm): $4.50")
    assert [each[1:5] for each in segments(blocks["1"])] == [(0, 45, 2, both), (45, 62, 0, ("Bus Stop: No Parking",))]
    assert [each.row for each in findings if each.reason.startswith("several rows")] == [1, 3, 4, 5]


def test_rows_without_a_key_join_nothing(tmp_path):
    spaces = [{**each, "properties": {**each["properties"], "key": None}} for each in SPACES]
    rates = RATES + ",01-FEB-26,NULL,4.5,480,1079\n"
    recipe = write(tmp_path, spaces_json=spaces, rates_csv=rates, recipe_toml=HEAD + FEET_LAYER)
    _, findings = blocks_of(recipe)
    assert [each.row for each in findings if each.reason == "nothing stands there"] == [1, 3, 5]


ODD_SPANS = [None, *({"type": kind, "coordinates": there} for kind, there in [
    ("Point", [-122.0, 37.0]),
    ("LineString", [[-122.0, 37.0], [-122.0, 37.0]]),
    ("MultiLineString", [[[-122.0, 37.0], [-121.9998, 37.0]], [[-121.9996, 37.0], [-121.999, 37.0]]]),
])]  # fmt: skip


@pytest.mark.parametrize("geometry", ODD_SPANS)
def test_a_span_that_is_no_line_spoils_no_other(tmp_path, geometry):
    files = {"streets_json": STREETS, "swept_json": [SWEPT[0], {**SWEPT[0], "geometry": geometry}]}
    blocks, findings = blocks_of(write(tmp_path, **files, recipe_toml=HEAD + LINES + SWEEPING_LAYER))
    assert [each[1:3] for each in segments(blocks["7"])] == [(0, 89)]
    assert [(each.row, each.reason) for each in findings] == [(2, "the geometry is not one line")]


@pytest.mark.parametrize("left_out", ["line", "offsets", "side"])
def test_offsets_ask_for_a_line_its_side_and_where(tmp_path, left_out):
    layer = "".join(each for each in FEET_LAYER.splitlines(keepends=True) if not each.startswith(left_out))
    recipe = write(tmp_path, spaces_json=SPACES, rates_csv=RATES, recipe_toml=HEAD + layer)
    assert f"layers.0: '{left_out}' is a required property" in run("check", recipe).stderr


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize("end", ["gpkg", "shp", "parquet"])
def test_lines_in_feet(tmp_path, end):
    """The same streets in feet: stated, not stated, said by the recipe, and wrongly said to be degrees."""
    streets = geopandas.GeoDataFrame.from_features(STREETS, crs="EPSG:4326")
    feet = streets.to_crs("EPSG:2270")
    recipe = write(tmp_path, meters_csv=METERS, recipe_toml=RECIPE.replace("streets.json", f"streets.{end}"))
    stated = recipe.read_text()
    save = "to_parquet" if end == "parquet" else "to_file"
    getattr(feet, save)(tmp_path / f"streets.{end}")
    blocks, _ = blocks_of(recipe)
    assert segments(blocks["7"])[0] == ("RIGHT", 15, 31, 2, GREY, ("Ma", "Mb"))
    (tmp_path / "streets.prj").unlink(missing_ok=True)
    getattr(feet.set_crs(None, allow_override=True), save)(tmp_path / f"streets.{end}")
    assert "does not say its coordinate system: state 'crs' in the recipe" in run("check", recipe).stderr
    recipe.write_text(stated.replace('path = "streets', 'crs = "EPSG:2270"\npath = "streets'))
    assert segments(blocks_of(recipe)[0]["7"]) == segments(blocks["7"])
    recipe.write_text(stated)
    getattr(feet.set_crs("EPSG:4326", allow_override=True), save)(tmp_path / f"streets.{end}")
    assert "is no longitude and latitude: state 'crs' in the recipe" in run("check", recipe).stderr


PLACEHOLDER = """id,street,number,lat,lon
a,100 ELM,101,37.0,-122.0
b,100 ELM,103,37.0,-121.9999
c,100 OAK,101,37.01,-122.0
d,200 OAK,201,37.01,-121.999
x,300 ELM,301,37.005,-122.0
y,300 OAK,301,37.005,-122.0
z,300 ASH,301,37.005,-122.0
v,100 ELM,105,37.006,-122.0
w,300 FIR,301,37.006,-122.0
"""
FACES_LAYER = """
[faces]
street = "{street}"
number = "{street}"

[[layers]]
path = "meters.csv"
kind = "points"
lon = "lon"
lat = "lat"
payment_id = "{id}"

[[layers.cards]]
lines = ["Each Hour: $2"]
"""


def test_a_spot_of_three_streets_is_no_place(tmp_path):
    """Two streets may meet at a post; v is too far from its street."""
    blocks, findings = blocks_of(write(tmp_path, meters_csv=PLACEHOLDER, recipe_toml=HEAD + FACES_LAYER))
    assert {each.name for each in blocks.values()} == {"ELM", "OAK", "FIR"}
    assert [each.row for each in findings] == [5, 6, 7, 8]


# Where the kerb is, whether its meters stand in a row eastward, and where the line is then.
LONE_FACES = [
    ("N", True, "south"), ("S", True, "north"), ("s", True, "north"), ("E", False, "west"), ("W", False, "east"),
]  # fmt: skip


@pytest.mark.parametrize("compass, is_eastward, lies", LONE_FACES)
def test_the_line_of_a_lone_face_is_in_its_street(tmp_path, compass, is_eastward, lies):
    spots = [(37.0, -122.0 + at / 10_000) if is_eastward else (37.0 + at / 10_000, -122.0) for at in range(5)]
    text = "\n".join(["id,street,dir,lat,lon", *(f"{lat},ELM,{compass},{lat},{lon}" for lat, lon in spots)])
    recipe = HEAD + FACES_LAYER.replace('number = "{street}"', 'compass = "{dir}"')
    blocks, _ = blocks_of(write(tmp_path, meters_csv=text, recipe_toml=recipe))
    [block] = blocks.values()
    lon, lat = block.line.interpolate(0.5, normalized=True).coords[0]
    away = {"north": lat - 37.0, "south": 37.0 - lat, "east": lon + 122.0, "west": -122.0 - lon}
    assert away[lies] == pytest.approx(4e-5, abs=1e-5)
    assert [each.side.value for each in block.segments] == ["RIGHT"]
