"""Names of a package that are loaded when first used, so that importing it stays quick."""

from collections.abc import Callable, Mapping
from importlib import import_module


def lazy_names(
    package: str, homes: Mapping[str, str]
) -> tuple[list[str], Callable[[str], object], Callable[[], list[str]]]:
    """`__all__`, `__getattr__` and `__dir__` for a package.

    Arguments:
        package: its `__name__`.
        homes: for each public name the module that defines it, below `smilejax`.
    """

    def getattr_(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"smilejax.{homes[name]}"), name)

    return sorted(homes), getattr_, lambda: sorted(homes)
