"""The shape of the code: one import arrow, small modules, names that say something."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted([*ROOT.glob("ratecards/**/*.py"), *ROOT.glob("onstreet/**/*.py")])
FORBIDDEN = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "base",
    "core",
    "manager",
    "service",
    "handler",
    "processor",
}

# A module may import only what stands further left; what shares a place may import each other.
ARROW = [
    ["ratecards"],
    ["onstreet.version", "onstreet.model", "onstreet.geometry", "onstreet.kerbs"],
    ["onstreet.index", "onstreet.overview", "onstreet.records", "onstreet.snapshot"],
    ["onstreet.stores"],
    ["onstreet.query", "onstreet.gazetteer"],
    ["onstreet.occupancy"],
    ["onstreet.verdicts", "onstreet.answer", "onstreet.tiles"],
    ["onstreet.wire"],
    ["onstreet.datasets", "onstreet.access"],
    ["onstreet.settings"],
    ["onstreet.api", "onstreet.cli", "onstreet.client"],
]
SETTINGS_READERS = ("onstreet.api", "onstreet.cli")


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def place(module: str) -> int:
    places = [i for i, names in enumerate(ARROW) for name in names if (module + ".").startswith(name + ".")]
    assert places, f"{module} has no place on the arrow"
    return places[0]


def imports(path: Path) -> set[str]:
    """The modules of ours that a file imports; `from package import module` counts as the module."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            files = {dotted(each) for each in MODULES}
            found |= {name if name in files else node.module for name in names}
    return {name for name in found if name.startswith(("ratecards", "onstreet"))}


def arrow_breaks(module: str, imported: set[str]) -> list[str]:
    if module == "onstreet":
        return []
    return [name for name in imported if name != "onstreet" and place(name) > place(module)]


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_imports_point_left(path):
    assert arrow_breaks(dotted(path), imports(path)) == []


def test_an_import_against_the_arrow_is_seen():
    assert arrow_breaks("ratecards.pricing", {"onstreet.model"}) == ["onstreet.model"]
    assert arrow_breaks("onstreet.query", {"onstreet.index", "onstreet.wire.blocks"}) == ["onstreet.wire.blocks"]


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_settings_are_read_by_the_doors_only(path):
    assert "onstreet.settings" not in imports(path) or dotted(path).startswith(SETTINGS_READERS)


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_access_is_a_matter_of_the_doors(path):
    readers = (*SETTINGS_READERS, "onstreet.settings", "onstreet.access")
    is_used = any(name.startswith("onstreet.access") for name in imports(path))
    assert not is_used or dotted(path).startswith(readers)


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_modules_and_functions_are_small(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert lines <= 50, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_names_say_what_a_module_is_about(path):
    assert not FORBIDDEN & set(path.relative_to(ROOT).with_suffix("").parts)


def test_importing_ratecards_loads_no_parser():
    code = "import sys, ratecards; sys.exit(any(m in sys.modules for m in ('lark', 'holidays', 'babel')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_serving_loads_no_frames():
    code = "import sys, onstreet.api; sys.exit(any(m in sys.modules for m in ('geopandas', 'pandas', 'dask')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("module", ["sqlalchemy", "geoalchemy2", "psycopg", "redis", "throttled"])
def test_serving_snapshots_loads_no_drivers(module):
    code = (
        "import sys; from onstreet.api import create_app; from onstreet.settings import Settings;"
        "from pathlib import Path; import onstreet.cli;"
        "create_app(Settings(data=(Path('data'),))).test_client().get('/blocks?id=46502752');"
        f"sys.exit({module!r} in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_commands_load_workers_and_tables_when_they_need_them():
    code = "import sys, onstreet.cli; sys.exit(any(m in sys.modules for m in ('distributed', 'pandas', 'pyarrow')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_top_level_holds_what_belongs_there():
    if not (shutil.which("git") and (ROOT / ".git").exists()):
        pytest.skip("not a git checkout")
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert {name.split("/")[0] for name in tracked} <= {
        "setup.cfg", "pyproject.toml", "ruff.toml", "wsgi.py", "README.rst", "LICENSE", "CHANGELOG.rst",
        "onstreet", "ratecards", "data", "scripts", "tests", ".ci", ".gitignore",
    }  # fmt: skip
