"""Data goes one way: a module imports only from those above it. And what must stay light, stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import smilejax

PACKAGE = Path(__file__).resolve().parents[1] / "smilejax"

# From the source of the data to its sink; a module may import from its own line and from lines above.
ORDER = [
    ["_util"],
    ["settings"],
    ["recordings"],
    ["readers", "simulate"],
    ["preprocess"],
    ["splits"],
    ["models"],
    ["training"],
    ["prediction"],
    ["evaluation"],
    ["report"],
    ["cli"],
    ["__main__"],
]
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names}
MODULES = sorted(
    p.relative_to(PACKAGE) for p in PACKAGE.rglob("*.py") if p.name != "__init__.py" or p.parent != PACKAGE
)


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
        ("matplotlib", {"report"}),
        ("plotly", {"report"}),
        ("jinja2", {"report"}),
        ("rich", {"cli"}),
        ("tyro", {"cli"}),
    ],
)
def test_a_library_has_one_home(library: str, homes: set[str]) -> None:
    found = {_room(p) for p in MODULES if any(n.split(".")[0] == library for n in _imports(p))}
    assert found == homes


def test_host_modules_import_no_jax() -> None:
    for path in MODULES:
        if _room(path) in {"settings", "recordings", "readers", "report"}:
            assert not any(n.split(".")[0] == "jax" for n in _imports(path)), path


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
