"""`Reader`: one layout of recordings, as the module that reads it says of itself."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Generic, TypeVar

from smilejax.readers.given import Given
from smilejax.settings import ReadSettings

Content = TypeVar("Content")
"""What a reader gives: `Samples` of pupils, or `FaceRows`."""


@dataclass(frozen=True)
class Reader(Generic[Content]):
    """One layout of recordings, or the format of one tracker.

    Arguments:
        name: of the layout, as the setting `layout` gives it.
        words: what the layout is, for messages.
        software: which programs write it.
        limits: what of it is not read.
        uses: the settings of reading that it uses, besides those that are used for all layouts; others are refused.
        recognises: whether a file, folder or DataFrame has this layout.
        read: reads it.
    """

    name: str
    words: str
    software: str
    limits: str
    uses: frozenset[str]
    recognises: Callable[[Given, ReadSettings], bool]
    read: Callable[[Given, ReadSettings], Content]

    @classmethod
    def of(cls, module: ModuleType) -> "Reader[Content]":
        """What a module with `NAME`, `WORDS`, `SOFTWARE`, `LIMITS`, `USES`, `recognises` and `read` says of itself."""
        names = ("NAME", "WORDS", "SOFTWARE", "LIMITS", "USES", "recognises", "read")
        return cls(*(getattr(module, name) for name in names))
