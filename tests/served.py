"""Blocks of a store as a reader of JSON sees what never changes of them."""

import json
from itertools import pairwise
from types import SimpleNamespace

from onstreet.wire.blocks import STATIC_BLOCK, STATIC_SEGMENT


def served(store, rows, having: int = 0) -> list[SimpleNamespace]:
    """Each block's fields, segments (fields) with some amenities, profile and line."""
    blocks = store.blocks(rows, having)
    fields = [json.loads(b"{%b}" % bytes(each) % ()) for each in blocks.fields.joined(STATIC_BLOCK)]
    segments = [json.loads(b"{%b}" % bytes(each) % ()) for each in blocks.segment_fields.joined(STATIC_SEGMENT)]
    found = []
    for number, (line, (first, last)) in enumerate(zip(store.lines(rows), pairwise(blocks.segment_from), strict=True)):
        profile = blocks.profiles[blocks.profile_of[number]]
        found.append(SimpleNamespace(fields=fields[number], segments=segments[first:last], profile=profile, line=line))
    return found
