"""No public signature, field or table is of type `Any`, and no alias stands for it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import smilejax

PACKAGE = Path(smilejax.__file__).parent
ALLOWED = {
    # Each entry of these tables has types of its own, which whoever runs one only hands on; Python has no word for that.
    "cli/commands.py: COMMANDS",
    "classifiers/registry.py: REFERENCE_CLASSIFIERS",
    "classifiers/registry.py: OFFERED",
    # A cell of a table, of whatever type a file or DataFrame gives it.
    "readers/columns/cell_values.py: exact_numbers",
    "readers/columns/cell_values.py: plain",
    "readers/files/raw_table.py: rows_of_sheet",
    # Steps of pupils, of faces, or of both: each knows its own recipe.
    "preprocess/face_steps/__init__.py: FACE_STEPS",
    "preprocess/program.py: Program.of",
    "preprocess/program.py: Program.table",
    "preprocess/steps/__init__.py: STEPS",
    "preprocess/steps/__init__.py: reasons_of",
    # One number, or one of each lane, on the host or on a device, as the filter is made or run.
    *(f"preprocess/signal/lowpass.py: Filter.{name}" for name in ("A", "B", "C", "D", "rest")),
}


def _mentions_any(node: ast.AST | None) -> bool:
    if node is None:
        return False
    if isinstance(node, ast.Constant) and isinstance(node.value, str):  # an annotation in quotes
        try:
            return _mentions_any(ast.parse(node.value, mode="eval").body)
        except SyntaxError:
            return False  # the shape of an array
    return any(
        (isinstance(one, ast.Name) and one.id == "Any")
        or (isinstance(one, ast.Attribute) and one.attr == "Any")
        or (isinstance(one, ast.Constant) and isinstance(one.value, str) and one is not node and _mentions_any(one))
        for one in ast.walk(node)
    )


def _public(name: str) -> bool:
    return not name.startswith("_") or (name.startswith("__") and name.endswith("__"))


def _found(body: list[ast.stmt], above: str = "") -> Iterator[str]:
    """Public names of a module or class whose annotation, or value where they are an alias, mentions Any."""
    for node in body:
        if isinstance(node, ast.ClassDef) and _public(node.name):
            yield from _found(node.body, f"{above}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _public(node.name):
            every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
            annotations = [one.annotation for one in every if one is not None]
            if any(map(_mentions_any, [*annotations, node.returns])):
                yield f"{above}{node.name}"
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and _public(node.target.id):
            if _mentions_any(node.annotation):
                yield f"{above}{node.target.id}"
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name | ast.Subscript | ast.BinOp | ast.Call):
            # An alias is no annotation; private ones count too, since they would hide Any from the rules above.
            if _mentions_any(node.value):
                yield f"{above}{ast.unparse(node.targets[0])}"
        elif isinstance(node, ast.If | ast.Try):
            yield from _found([*node.body, *node.orelse], above)


def test_nothing_public_is_any() -> None:
    found = {
        f"{path.relative_to(PACKAGE).as_posix()}: {name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for name in _found(ast.parse(path.read_text(encoding="utf-8")).body)
    }
    assert found <= ALLOWED


@pytest.mark.parametrize(
    "code",
    [
        "def f(x: Any) -> None: ...",
        "def f(*x: dict[str, Any]) -> None: ...",
        "def f() -> 'list[Any]': ...",
        "async def f(*, x: int | Any) -> None: ...",
        "class A:\n    x: Float[typing.Any, 'N']",
        "class A:\n    def __call__(self, x: Any) -> None: ...",
        "Numbers = dict[str, Any]",
        "_Numbers = Any",
        "TABLE: tuple[Command[Any], ...] = ()",
        "if TYPE_CHECKING:\n    Described = Any",
    ],
)
def test_each_place_is_found(code: str) -> None:
    assert list(_found(ast.parse(code).body))


@pytest.mark.parametrize(
    "code", ["def _f(x: Any) -> None: ...", "class _A:\n    x: Any", "def f(x: object) -> Float[Array, 'N C']: ..."]
)
def test_private_names_are_not(code: str) -> None:
    assert not list(_found(ast.parse(code).body))
