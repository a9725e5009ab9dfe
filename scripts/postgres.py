"""A PostgreSQL server of our own, from the binaries of the machine, in a temporary directory on a free port."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def postgres() -> Iterator[str]:
    """The connection string of an empty server that is gone afterwards; raises FileNotFoundError without binaries."""
    binaries = _binaries()
    with TemporaryDirectory(prefix="onstreet-postgres-") as scratch, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        data = Path(scratch) / "data"
        if os.geteuid() == 0:
            shutil.chown(scratch, "postgres")
        _run(binaries / "initdb", "--pgdata", data, "--username=postgres", "--auth=trust", "--no-sync",
             "--encoding=UTF8", "--locale=C")  # fmt: skip
        options = ("-p", str(port), "-h", "127.0.0.1", "-k", scratch, "-F")
        process = subprocess.Popen(
            _as_postgres(binaries / "postgres", "-D", data, *options),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=scratch,
        )  # fmt: skip
        try:
            _await(binaries, port, process)
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            # Without waiting for who is still connected.
            if process.poll() is None:
                _run(binaries / "pg_ctl", "stop", "--mode=fast", "--silent", f"--pgdata={data}")
            process.wait(timeout=30)


def _binaries() -> Path:
    """Where the newest server's programs are: Debian keeps most of them off the PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not folders and shutil.which("pg_isready"):
        return Path(str(shutil.which("initdb"))).resolve().parent
    if not folders:
        raise FileNotFoundError("no initdb on this machine: install postgresql-15-postgis-3")
    return folders[-1].parent


def _as_postgres(*command: object) -> list[str]:
    """The command as another user where the server refuses to run as this one."""
    words = [str(word) for word in command]
    return ["runuser", "-u", "postgres", "--", *words] if os.geteuid() == 0 else words


def _run(*command: object) -> None:
    subprocess.run(_as_postgres(*command), check=True, stdout=subprocess.DEVNULL, cwd="/")


def _await(binaries: Path, port: int, process: "subprocess.Popen[bytes]") -> None:
    ready = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError("the PostgreSQL server stopped at once")
        if subprocess.run(ready, check=False).returncode == 0:
            return
        time.sleep(0.05)
    raise RuntimeError("the PostgreSQL server did not start within 10 s")
