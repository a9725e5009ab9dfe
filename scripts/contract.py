#!/usr/bin/env python
"""Ask a server whatever its contract allows and forbids, and hold the answers to what the contract says of them."""

import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from bench_http import free_port, serving

HERE = Path(__file__).parent
DATA = HERE.parent / "data"
# A locale that nobody prints, or the 31st of February, is refused with words that no pattern has.
_LEFT_OUT = "positive_data_acceptance"
# What is forbidden may be refused for its size before it is read: by any 4xx.
_SETTINGS = """
[checks.negative_data_rejection]
expected-statuses = ["4xx"]
"""


@click.command(epilog="Example: scripts/contract.py --examples 1000 --seed 7")
@click.argument("address", required=False)
@click.option("--contract", help="Another contract than the server's own: a file, or a URL. One that clients rely on.")
@click.option("--examples", default=100, show_default=True, type=click.IntRange(1), help="Tries of each resource.")
@click.option("--seed", type=int, help="Other tries than those of every time.")
def main(address: str | None, contract: str | None, examples: int, seed: int | None) -> None:
    """Try the server at an ADDRESS such as http://localhost:8000, or else one over the shipped data.

    Exits with 1 where an answer is a 5xx, has a status or a header that is not in the contract, is not as its schema
    says, or accepts what the contract forbids.
    """
    port = free_port()
    with TemporaryDirectory() as scratch, nullcontext() if address else serving(DATA, port, workers=1):
        address = address or f"http://127.0.0.1:{port}"
        (Path(scratch) / "schemathesis.toml").write_text(_SETTINGS)
        command = [Path(sys.executable).with_name("schemathesis"), "run", contract or f"{address}/openapi.json"]
        command += ["--url", address, "--max-examples", str(examples), "--exclude-checks", _LEFT_OUT]
        command += ["--phases", "examples,coverage,fuzzing", "--no-color"]
        command += ["--generation-deterministic"] if seed is None else ["--seed", str(seed)]
        paths = os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = os.environ | {"SCHEMATHESIS_HOOKS": "contract_places", "PYTHONPATH": paths}
        sys.exit(subprocess.run(command, cwd=scratch, env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
