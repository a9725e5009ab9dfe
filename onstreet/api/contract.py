"""How a resource describes itself: the operations of OpenAPI, with the headers and failures that all of them have.

Each resource has a function `paths()` beside its view; `openapi.py` puts them together.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from onstreet.api.errors import FAILURES, REQUEST_ID
from onstreet.wire.fields import Json, array, nullable, record, text
from onstreet.wire.parameters import Parameter

JSON = "application/json"
# What can go wrong with any question, and with a credential.
ALWAYS = (400, 401, 403, 406, 414, 429, 500)


class Example(NamedTuple):
    """A request as a client writes it, with its body if it has one, and what is answered."""

    request: str
    answer: object
    body: object = None


class Answer(NamedTuple):
    """What an operation answers when all is well: what that is, its schema, its type and its own headers."""

    says: str
    schema: Json
    media: str = JSON
    headers: Sequence[str] = ()


def _header(says: str, schema: Json, is_required: bool = True) -> Json:
    return {"description": says, "schema": schema, "required": is_required}


HEADERS = {
    "X-Request-ID": _header(
        "The id of the request, in errors and in the log: the client's own `X-Request-ID` where it can stand in a log.",
        {"type": "string", "pattern": f"^{REQUEST_ID}$"},
    ),
    "X-Snapshot-ID": _header("The data that the answer is from; `/version` says more.", {"type": "string"}),
    "X-Total-Count": _header("How many blocks there are in all.", {"type": "integer", "minimum": 0}),
    "Link": _header('The next page as `<address>; rel="next"`, where there is one.', {"type": "string"}, False),
    "ETag": _header("Names the answer: sent as `If-None-Match`, a 304 says that it is the same.", {"type": "string"}),
    "Cache-Control": _header("For how long the answer holds.", {"type": "string"}),
}
DATA_HEADERS = ("X-Snapshot-ID", "ETag", "Cache-Control")

ERROR = record(
    "What went wrong.",
    {
        "error": record(
            "The failure.",
            {
                "code": {"enum": [each.code for each in FAILURES.values()], "description": "Stable, for programs."},
                "message": text("What was wrong and what is accepted, for people."),
                "param": nullable(text("The parameter, field or header that was wrong.")),
                "request_id": text("The id of the request.", pattern=f"^{REQUEST_ID}$"),
                "details": array("Everything that is wrong, place by place.", {"type": "object"}),
            },
            required=("code", "message", "param", "request_id"),
        )
    },
)


def operation(
    summary: str,
    says: str,
    answer: Answer,
    parameters: Mapping[str, Parameter] | None = None,
    filled: Sequence[str] = (),
    failures: Sequence[int] = (),
    examples: Mapping[str, Example] | None = None,
    bad: Mapping[int, Mapping[str, Example]] | None = None,
    body: Json | None = None,
    tag: str = "parking",
) -> Json:
    """One method of a resource; `failures` are those that not everything has, `bad` has examples of some by status.

    `filled` are parameters that go together, with values for who tries them.
    """
    good = {name: {"summary": each.request, "value": each.answer} for name, each in (examples or {}).items()}
    content: Json = {"schema": answer.schema, **({"examples": good} if good else {})}
    responses: Json = {
        "200": {
            "description": answer.says,
            "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-ID", *answer.headers)},
            "content": {answer.media: content},
        }
    }
    if "ETag" in answer.headers:
        responses["304"] = {"description": "The answer that `If-None-Match` names is still the same."}
    for status in sorted({*ALWAYS, *failures}):
        responses[str(status)] = _failed(status, (bad or {}).get(status, {}))
    stated: Json = {"summary": summary, "description": says, "tags": [tag], "responses": responses}
    if parameters:
        stated["parameters"] = [each.described(name, name in filled) for name, each in parameters.items()]
    if body:
        every = [examples or {}, *(bad or {}).values()]
        asked = {name: {"value": each.body} for some in every for name, each in some.items()}
        stated["requestBody"] = {"required": True, "content": {JSON: {"schema": body, "examples": asked}}}
    return stated


def failed_responses() -> Json:
    """What is answered to requests that fail, by code."""
    return {each.code: _response(status, {}) for status, each in FAILURES.items()}


def _failed(status: int, examples: Mapping[str, Example]) -> Json:
    """The failure of a status, with examples of its own where there are any."""
    code = FAILURES[status].code
    return _response(status, examples) if examples else {"$ref": f"#/components/responses/{code}"}


def _response(status: int, examples: Mapping[str, Example]) -> Json:
    code, says = FAILURES[status]
    is_code = {"properties": {"error": {"properties": {"code": {"const": code}}}}}
    shown = {name: {"summary": each.request, "value": each.answer} for name, each in examples.items()}
    return {
        "description": says,
        "headers": {"X-Request-ID": {"$ref": "#/components/headers/X-Request-ID"}},
        "content": {
            JSON: {
                "schema": {"allOf": [{"$ref": "#/components/schemas/Error"}, is_code]},
                **({"examples": shown} if shown else {"example": error_of(code, says)}),
            }
        },
    }


def error_of(code: str, message: str, param: str | None = None, details: Sequence[Json] = ()) -> Json:
    """The body of an error, as an example."""
    error: Json = {"code": code, "message": message, "param": param, "request_id": "req_0123456789ab"}
    return {"error": error | ({"details": list(details)} if details else {})}
