"""The contract says what the service does: every parameter, field, error and example in it, and nothing else."""

import json
import re

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from onstreet.api.errors import FAILURES
from onstreet.api.openapi import document
from onstreet.settings import list_settings
from onstreet.wire.blocks import BLOCK_FIELDS, NAMED_FIELDS, SEGMENT_FIELDS
from onstreet.wire.parameters import ACCEPTED, PARAMETERS
from ratecards.locales import LOCALES

CONTRACT = document()
PATHS = CONTRACT["paths"]
# What is asked where only a parameter stands.
PLACED = {"id": "", "alias": "", "box": "", "radius": "point=34.01903|-118.48715&", "point": "radius=120&"}


def valid(schema: dict, value: object) -> list[str]:
    """What is wrong with a value, by a schema of the contract."""
    validator = Draft202012Validator({"components": CONTRACT["components"], **schema})
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def schema_of(path: str, method: str, status: int) -> dict:
    response = PATHS[path][method]["responses"][str(status)]
    if "$ref" in response:
        response = CONTRACT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    [content] = response["content"].values()
    return content["schema"]


def examples() -> list[tuple[str, str, int, str, dict, object]]:
    """Path, method, status, name, the example and the body that is sent."""
    found = []
    for path, methods in PATHS.items():
        for method, operation in methods.items():
            sent = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("examples", {})
            for status, response in operation["responses"].items():
                for content in response.get("content", {}).values():
                    for name, example in content.get("examples", {}).items():
                        found.append((path, method, int(status), name, example, sent.get(name, {}).get("value")))
    return found


def test_the_contract_is_served_and_is_openapi(client):
    answer = client.get("/openapi.json")
    assert answer.json == json.loads(json.dumps(CONTRACT))
    assert CONTRACT["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(answer.json).validate()


def test_every_resource_is_in_it(client):
    methods = {
        re.sub(r"<(?:[^:>]*:)?(\w+)>", r"{\1}", rule.rule): {
            each.lower() for each in rule.methods - {"HEAD", "OPTIONS"}
        }
        for rule in client.application.url_map.iter_rules()
    }
    pages = {path for path in methods if path in {"/", "/workbench"} or path.startswith(("/docs", "/web/"))}
    assert {path: own for path, own in methods.items() if path not in pages} == {
        path: set(own) for path, own in PATHS.items()
    }


@pytest.mark.parametrize("path, method, status, name, example, body", examples())
def test_examples_are_what_is_answered(client, path, method, status, name, example, body):
    request = example["summary"]
    assert request.partition("?")[0] == path
    answer = client.open(request, method=method, json=body) if body is not None else client.open(request, method=method)
    assert answer.status_code == status
    told = json.loads(re.sub("req_[0-9a-f]{12}", "req_0123456789ab", answer.text))
    assert told == example["value"]
    assert valid(schema_of(path, method, status), answer.json) == []


def test_there_are_examples():
    assert {path for path, *_ in examples()} >= {"/blocks", "/quote"}
    assert {status for _, _, status, *_ in examples()} >= {200, 400, 404, 422}


def test_parameters_are_those_of_the_parser():
    described = {each["name"]: each for each in PATHS["/blocks"]["get"]["parameters"]}
    assert list(described) == [*PARAMETERS, *ACCEPTED]
    for name, parameter in (PARAMETERS | ACCEPTED).items():
        assert valid(described[name]["schema"], parameter.example) == []
        assert parameter.written in described[name]["description"]
    assert {name for name, each in described.items() if "example" in each} == {"point", "radius", "duration"}
    assert all(locale in described["locale"]["description"] for locale in LOCALES)


@pytest.mark.parametrize("name", [*PARAMETERS, *ACCEPTED])
def test_the_example_of_a_parameter_is_accepted(client, name):
    where = PLACED.get(name, "point=34.01903|-118.48715&radius=300&")
    answer = client.get(f"/blocks?{where}{name}={(PARAMETERS | ACCEPTED)[name].written}")
    assert answer.status_code == 200
    assert valid(schema_of("/blocks", "get", 200), answer.json) == []


@pytest.mark.parametrize("name", ["limit", "offset", "duration"])
def test_a_default_is_what_is_taken_without(client, name):
    parameter = PARAMETERS[name]
    default = parameter._replace(example=parameter.schema["default"]).written
    where = "/blocks?box=34.03|-118.5,34.01|-118.47&entry_time=2026-06-11T10:00"
    assert client.get(where).data == client.get(f"{where}&{name}={default}").data


# Values that a schema refuses are refused, and those at its ends are taken.
EDGES = [
    ("limit", 1, 5000), ("offset", 0, 1_000_000_000), ("radius", 0.001, 50_000), ("duration", 1, 44_640),
]  # fmt: skip


@pytest.mark.parametrize("name, least, most", EDGES)
def test_the_ends_of_a_range_are_those_of_the_parser(client, name, least, most):
    schema = PARAMETERS[name].schema
    schema = schema.get("items", schema)
    where = "/blocks?point=34.01903|-118.48715&" + ("" if name == "radius" else "radius=50&")
    for value, status in ((least, 200), (most, 200), (least - 1, 400), (most + 1, 400)):
        assert client.get(f"{where}{name}={value}").status_code == status
        assert (valid(schema, value) == []) is (status == 200)


@pytest.mark.parametrize("query", [
    "box=34.1|-119,33.9|-118&limit=5000",
    "box=34.1|-119,33.9|-118&outputfields=all,until,untilReason,freeUntil,becomesFreeAt,explanation,week&duration=60|1440",
    "id=46502752&outputfields=rates,week&locale=de",
    "id=46502752&outputfields=name",
])  # fmt: skip
def test_answers_are_as_the_contract_says(client, query):
    found = client.get(f"/blocks?{query}").json
    assert found["result"]
    assert valid(schema_of("/blocks", "get", 200), found) == []


def test_fields_are_those_of_an_answer():
    schemas = CONTRACT["components"]["schemas"]
    assert tuple(schemas["Block"]["properties"]) == BLOCK_FIELDS
    assert tuple(schemas["Segment"]["properties"]) == NAMED_FIELDS
    assert set(SEGMENT_FIELDS) < set(NAMED_FIELDS)


def test_every_schema_that_is_referred_to_is_there():
    for target in set(re.findall(r'"#/components/([^"]+)"', json.dumps(CONTRACT))):
        found = CONTRACT["components"]
        for step in target.split("/"):
            found = found[step]


def test_every_part_is_described():
    undescribed = [
        f"{name}.{each}"
        for name, schema in CONTRACT["components"]["schemas"].items()
        for each, of in schema.get("properties", {}).items()
        if "$ref" not in of and "description" not in of and not name.startswith(("RateCard", "Amenity"))
    ]
    assert undescribed == []


def test_errors_and_settings_are_in_it():
    text = json.dumps(CONTRACT)
    assert set(CONTRACT["components"]["responses"]) == {each.code for each in FAILURES.values()}
    assert all(each.says in CONTRACT["components"]["responses"][each.code]["description"] for each in FAILURES.values())
    assert all(setting.knob.variable in text for setting in list_settings({}))


def test_the_page_needs_nobody_else(client):
    page = client.get("/docs/")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert '"url": "/openapi.json"' in page.text
    assert '"validatorUrl": null' in page.text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(addresses) >= 4
    for address in addresses:
        assert address.startswith("/docs/")
        with client.get(address) as part:
            assert part.status_code == 200


@pytest.mark.parametrize("path", ["/docs/nope.js", "/docs/../../setup.cfg", "/docs/%2e%2e/__init__.py"])
def test_the_page_has_nothing_else(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")
