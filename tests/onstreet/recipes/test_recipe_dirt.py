"""Rows and files as cities really publish them, odd in one way each: what becomes of them, and of the rows beside."""

from test_load import GREY, HEAD, LINES, METER_LAYER, STREETS, YELLOW, blocks_of, segments, write

POST = """id,street,number,where,cap,on
a,7,10,"(36.99995, -121.9998)",Grey,ON
b,7,12,"(36.99995, -121.9997)",Grey,ON
c,7,14,"(36.99995, -121.9997)",Yellow,ON
"""


def test_spaces_on_one_spot_count_where_their_own_rule_is(tmp_path):
    recipe = write(tmp_path, streets_json=STREETS, meters_csv=POST, recipe_toml=HEAD + LINES + METER_LAYER)
    blocks, _ = blocks_of(recipe)
    assert [each[3:] for each in segments(blocks["7"])] == [(2, GREY, ("Ma", "Mb")), (1, YELLOW, ("Mc",))]
