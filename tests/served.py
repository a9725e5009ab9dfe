"""Blocks of a store as a reader of JSON sees what never changes of them."""

import json
from types import SimpleNamespace

from onstreet.wire.blocks import STATIC_BLOCK, STATIC_SEGMENT


def served(store, rows) -> list[SimpleNamespace]:
    """Each block's fields, segments (fields), profile and line."""
    blocks = store.blocks(rows)
    fields = [json.loads(b"{%b}" % bytes(each) % ()) for each in blocks.fields.joined(STATIC_BLOCK)]
    segments = [json.loads(b"{%b}" % bytes(each) % ()) for each in blocks.segment_fields.joined(STATIC_SEGMENT)]
    found = []
    for number, line in enumerate(store.lines(rows)):
        first = sum(blocks.segment_counts[:number])
        own = segments[first : first + blocks.segment_counts[number]]
        found.append(SimpleNamespace(fields=fields[number], segments=own, profile=blocks.profiles[number], line=line))
    return found
