"""Data goes one way: a module imports only from those above it. And what must stay light, stays light."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import smilejax

PACKAGE = Path(__file__).resolve().parents[1] / "smilejax"

# From the source of the data to its sink; a module may import from its own line and from lines above.
ORDER = [
    ["_util"],
    ["settings"],
    ["faces"],
    ["recordings"],
    ["videos"],
    ["readers", "simulate"],
    ["tracking"],
    ["preprocess"],
    ["splits"],
    ["models", "classifiers"],
    ["training"],
    ["prediction"],
    ["evaluation", "sklearn"],
    ["report", "exports"],
    ["app"],
    ["cli"],
    ["__main__"],
]
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names}
MODULES = sorted(
    p.relative_to(PACKAGE) for p in PACKAGE.rglob("*.py") if p.name != "__init__.py" or p.parent != PACKAGE
)


@cache
def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse((PACKAGE / path).read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} if node.module != "smilejax" else {f"smilejax.{a.name}" for a in node.names}
    return names


def _room(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


def test_every_module_has_a_place() -> None:
    assert {_room(path) for path in MODULES} == set(RANK)


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_imports_go_one_way(path: Path) -> None:
    room = _room(path)
    for name in _imports(path):
        if not name.startswith("smilejax.") or name == "smilejax.__version__":
            continue
        other = name.split(".")[1]
        assert other == room or RANK[other] < RANK[room], f"{path} imports {name}"


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("flax", {"models"}),
        ("orbax", {"prediction"}),
        ("optax", {"training"}),
        ("sklearn", {"sklearn"}),
        ("matplotlib", {"report"}),
        ("plotly", {"report"}),
        ("jinja2", {"report"}),
        ("rich", {"cli"}),
        ("onnx", {"exports"}),
        ("pylsl", {"prediction"}),
        ("PIL", {"videos"}),
        ("nicegui", {"app"}),
        ("fastapi", {"app"}),
        ("uvicorn", {"app"}),
        ("av", {"videos"}),
    ],
)
def test_a_library_has_one_home(library: str, homes: set[str]) -> None:
    found = {_room(p) for p in MODULES if any(n.split(".")[0] == library for n in _imports(p))}
    assert found == homes


JAX_FREE = (
    "_util",
    "settings",
    "recordings",
    "readers",
    "videos",
    "report",
    "preprocess.recipe",
    "preprocess.steps",
    "evaluation.names",
    "evaluation.study.study_results",
)
"""Packages and modules that import without jax: what they import counts too, and the packages that they stand in."""
NEEDS_JAX = {"smilejax._util.keys", "smilejax._util.kept_programs", "smilejax._util.checked_cache"}
"""Random keys and compiled programs are jax's own."""


def _module(path: Path) -> str:
    parts = ("smilejax", *path.with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {_module(path): path for path in MODULES} | {"smilejax": Path("__init__.py")}


def _jax_free() -> list[str]:
    inside = [name for name in FILES if any(f"{name}.".startswith(f"smilejax.{room}.") for room in JAX_FREE)]
    return [name for name in inside if name not in NEEDS_JAX]


def _executed(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Imports that run when a module is imported: not those in functions, nor those for type checkers."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from _executed(node.orelse)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in ("body", "orelse", "finalbody", "handlers"):
                yield from _executed(getattr(node, part, []))


@cache
def _imported(name: str) -> set[str]:
    """Modules that importing one imports itself, with the packages that each stands in."""
    found: set[str] = set()
    for node in _executed(ast.parse((PACKAGE / FILES[name]).read_text()).body):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {".".join(one.split(".")[: at + 1]) for one in found for at in range(one.count(".") + 1)}


def _way_to(library: str, start: str) -> list[str]:
    """The shortest chain of imports from a module to a library; empty where there is none."""
    chains, seen = [[start]], {start}
    for chain in chains:
        for name in sorted(_imported(chain[-1])):
            if name == library:
                return [*chain, name]
            if name in FILES and name not in seen:
                seen.add(name)
                chains.append([*chain, name])
    return []


@pytest.mark.parametrize("name", _jax_free())
def test_no_chain_of_imports_leads_to_jax(name: str) -> None:
    chain = _way_to("jax", name)
    assert not chain, " -> ".join(chain)


def test_a_chain_of_imports_is_found() -> None:
    """The test above can fail: a module that needs jax through others is seen to."""
    assert _way_to("jax", "smilejax.evaluation.study.run_study")[-1] == "jax"
    assert len(_way_to("jax", "smilejax.training")) > 2


def test_jax_free_modules_import_without_jax() -> None:
    """The same by importing them all."""
    names = _jax_free()
    assert {f"smilejax.{room}" for room in JAX_FREE} <= set(names)
    code = (
        f"import importlib, sys\nfor name in {names}:\n    importlib.import_module(name)\nprint('jax' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False"]


@pytest.mark.parametrize(
    "code",
    ["import smilejax", "from smilejax.cli.main import main\ntry: main(['train', '--help'])\nexcept SystemExit: pass"],
)
def test_light_start(code: str) -> None:
    """Neither jax nor orbax is imported until needed."""
    libraries = ("jax", "orbax", "flax", "optax", "pandas", "scipy", "rich.progress", "plotly", "jinja2")
    heavy = f"import sys; print([m for m in {libraries} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", f"{code}\n{heavy}"], capture_output=True, text=True, check=True)
    assert out.stdout.splitlines()[-1] == "[]"


def test_what_predicting_does_not_import() -> None:
    """What traces, trains and saves networks, and what designs filters: `smilejax predict` needs none of it a second time."""
    libraries = ("flax", "optax", "orbax", "scipy", "matplotlib", "plotly", "sklearn")
    code = "import sys, smilejax.readers, smilejax.prediction.predictor, smilejax.evaluation.metrics\n"
    code += f"print([m for m in {libraries} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.splitlines()[-1] == "[]"


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {a.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for a in node.names}
    assert seen == {name: f"smilejax.{home}" for name, home in smilejax._HOMES.items()}


def test_public_names_are_there() -> None:
    assert set(smilejax.__all__) <= set(dir(smilejax))
    for name in smilejax.__all__:
        assert getattr(smilejax, name).__doc__, name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = smilejax.nothing


SAME_NAME = {
    ("module", "tracker_blinks"),  # a cleaning step, and what a reader knows of the same blinks
    # As `_util.number_text` makes them, with the signs that a page sets:
    *(("FunctionDef", name) for name in ("number", "percent", "span", "points", "points_span")),
    ("FunctionDef", "clean"),  # a recording; the values of a column
    ("FunctionDef", "counted"),
    ("FunctionDef", "numbers"),
}
"""Names that two packages have: none may be added."""


def _public(path: Path) -> Iterator[tuple[str, str]]:
    """Kind and name of what a module makes public at its top level, and of the module itself."""
    if path.name != "__init__.py":
        yield "module", path.stem
    for node in ast.parse((PACKAGE / path).read_text()).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            yield type(node).__name__, node.name


def test_one_name_for_one_thing() -> None:
    """No two packages have a public class, a module or a public function of the same name."""
    homes: dict[tuple[str, str], set[str]] = {}
    for path in MODULES:
        for found in _public(path):
            homes.setdefault(found, set()).add(_room(path))
    twice = {found: sorted(rooms) for found, rooms in homes.items() if len(rooms) > 1}
    assert not {found: rooms for found, rooms in twice.items() if found not in SAME_NAME}


# From files to trials: inside `readers`, too, data goes one way.
READER_ROOMS = [
    {"given", "samples", "mapping", "used_settings"},
    {"rows", "reader"},
    {"name_patterns", "class_labels"},
    {"files"},
    {"columns"},
    {"side_table"},
    {"exclusions"},
    {"tables"},
    {"trackers", "bids"},
    {"all_readers", "write_tables"},
    {"unread"},
    {"assembly", "pieces"},
    {"refuse_unused"},
    {"faces"},
    {"read_recordings"},
    {"mapping_fit"},
]
READER_RANK = {name: rank for rank, names in enumerate(READER_ROOMS) for name in names}


@pytest.mark.parametrize("path", [p for p in MODULES if p.parts[0] == "readers" and p.name != "__init__.py"], ids=str)
def test_readers_go_from_files_to_trials(path: Path) -> None:
    room = path.parts[1].removesuffix(".py")
    for name in _imports(path):
        if not name.startswith("smilejax.readers."):
            continue
        other = name.split(".")[2]
        assert other == room or READER_RANK[other] < READER_RANK[room], f"{path} imports {name}"
