"""What is public: the names in `__all__` of smilejax and of its packages, where each is documented, and by what words."""

import ast
import importlib
import inspect
import pkgutil
import re
import sys
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from types import ModuleType

import smilejax

COMMAND_LINE = "smilejax.cli"
"""Documented by its commands, not by its functions."""


@dataclass(frozen=True)
class PublicName:
    """A public name, and all packages that have it; it is documented in the first of them."""

    name: str
    packages: tuple[str, ...]

    @property
    def full(self) -> str:
        """As the site calls it: `smilejax.Trials`."""
        return f"{self.packages[0]}.{self.name}"

    @property
    def value(self) -> object:
        """What it names."""
        return getattr(importlib.import_module(self.packages[0]), self.name)

    @property
    def home(self) -> ModuleType:
        """The module that defines it."""
        return _home(self.packages[0], self.name)

    @property
    def kind(self) -> str:
        """class, exception, function or data."""
        value = self.value
        if inspect.isclass(value):
            return "exception" if issubclass(value, BaseException) else "class"
        return "function" if inspect.isroutine(value) or hasattr(value, "__wrapped__") else "data"

    @property
    def words(self) -> str:
        """Its docstring; of a constant the string below its assignment."""
        if self.kind == "data":
            return _words_below(self.home, self.name)
        own = self.value.__dict__.get("__doc__") if inspect.isclass(self.value) else inspect.getdoc(self.value)
        made_up = f"{self.name}(" if is_dataclass(self.value) else None  # what `dataclass` writes where there is none
        return "" if not own or (made_up and own.startswith(made_up)) else inspect.cleandoc(own)


@cache
def public_packages() -> tuple[str, ...]:
    """smilejax, and every package of it with `__all__`."""
    names = ["smilejax"]
    for one in pkgutil.walk_packages(smilejax.__path__, "smilejax."):
        hidden = any(part.startswith("_") for part in one.name.split("."))
        if one.ispkg and not hidden and hasattr(importlib.import_module(one.name), "__all__"):
            names.append(one.name)
    return tuple(name for name in names if name != COMMAND_LINE)


@cache
def public_names() -> tuple[PublicName, ...]:
    """Every public name, once. What several packages offer is one, if it is the same thing."""
    found: dict[tuple[str, int], list[str]] = {}
    for package in public_packages():
        module = importlib.import_module(package)
        for name in module.__all__:
            found.setdefault((name, id(getattr(module, name))), []).append(package)
    return tuple(PublicName(name, tuple(packages)) for (name, _), packages in found.items())


def undocumented() -> list[str]:
    """Public names without a docstring, and public methods and fields of public classes that nothing is said of."""
    missing: list[str] = []
    for one in public_names():
        if not one.words:
            missing.append(one.full)
        if one.kind in ("class", "exception"):
            missing += [f"{one.full}.{member}" for member in _silent_members(one)]
    return missing


def _silent_members(one: PublicName) -> list[str]:
    cls = one.value
    assert inspect.isclass(cls)
    silent = [
        name
        for name, member in vars(cls).items()
        if not name.startswith("_")
        and (inspect.isroutine(member) or isinstance(member, property | classmethod | staticmethod))
        and not inspect.getdoc(getattr(member, "__func__", member))
    ]
    if not is_dataclass(cls):
        return silent
    # A field is said in the class's docstring, by its name, or in a string below it, of the class or of one it inherits from.
    said = " ".join(inspect.cleandoc(base.__doc__ or "") for base in cls.__mro__)
    below = {name for base in cls.__mro__ if is_dataclass(base) for name in _documented_fields(base)}
    return silent + [f.name for f in fields(cls) if f.init and f.name not in below and not _names(said, f.name)]


def _names(text: str, name: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", text) is not None


def _documented_fields(cls: type) -> set[str]:
    tree = _class_node(sys.modules[cls.__module__], cls.__name__)
    return set() if tree is None else {name for name, words in _assignments(tree.body) if words}


@cache
def _parsed(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _class_node(module: ModuleType, name: str) -> ast.ClassDef | None:
    return next((n for n in _parsed(module).body if isinstance(n, ast.ClassDef) and n.name == name), None)


def _assignments(body: list[ast.stmt]) -> list[tuple[str, str]]:
    """Names that are assigned, each with the string that stands directly below it, or none."""
    found: list[tuple[str, str]] = []
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            said = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and after.value.value
            words = inspect.cleandoc(said) if isinstance(said, str) else ""
            found += [(target.id, words) for target in targets if isinstance(target, ast.Name)]
    return found


def _words_below(module: ModuleType, name: str) -> str:
    return dict(_assignments(_parsed(module).body)).get(name, "")


def _home(package: str, name: str) -> ModuleType:
    """The module that a package has a name from, through any number of imports."""
    module = importlib.import_module(package)
    for node in ast.walk(_parsed(module)):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return _home(node.module, alias.name)
    return module
