"""The service keeps its contract, and a contract that it does not keep is noticed."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

SCRIPT = Path(__file__).parents[1] / "scripts" / "contract.py"


def tried(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, SCRIPT, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def contract_of(server: str) -> dict:
    with urlopen(f"{server}/openapi.json") as answer:
        return json.load(answer)


def test_the_service_keeps_its_contract(server):
    done = tried(server, "--examples", 8)
    assert done.returncode == 0, done.stdout
    # Where the contract itself stands is not tried.
    assert f"Tested: {len(contract_of(server)['paths']) - 1}\n" in done.stdout


def without_failures(contract: dict) -> None:
    del contract["paths"]["/filters"]["get"]["responses"]["400"]


def with_a_field_more(contract: dict) -> None:
    contract["components"]["schemas"]["Quote"]["required"].append("colour")


def test_a_contract_that_is_not_kept_is_noticed(server, tmp_path):
    contract = contract_of(server)
    for change in (without_failures, with_a_field_more):
        change(contract)
    path = tmp_path / "contract.json"
    path.write_text(json.dumps(contract))
    done = tried(server, "--contract", path, "--examples", 4)
    assert done.returncode == 1, done.stdout
    for said in ("Undocumented status code: 1", "Response violates schema: 1"):
        assert said in done.stdout


def test_the_script_explains_itself():
    assert "Example: scripts/contract.py --examples 1000 --seed 7" in tried("--help").stdout
