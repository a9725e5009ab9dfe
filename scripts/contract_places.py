"""What contract.py does to the questions it draws: those to be answered ask about one place, where blocks are.

No contract can say that of four parameters exactly one is given.
"""

import schemathesis

from onstreet.wire.parameters import NAMES, PLACES

_ALL = NAMES | PLACES
_KINDS = (("box",), ("point", "radius"), ("id",), ("alias",))


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case, kwargs: object) -> None:
    """Leave one place in a question that keeps to the contract."""
    if case.path not in {"/blocks", "/filters"} or not (case.meta and case.meta.generation.mode.is_positive):
        return
    asked = {name: value for name, value in (case.query or {}).items() if name not in _ALL}
    known = _KINDS[:2] if case.path == "/filters" or "sort" in asked else _KINDS
    place = known[len(str(asked)) % len(known)]
    case.query = asked | {name: _ALL[name].written for name in place}
