"""Lines of messages that stand between the rows of a table and have fewer fields: taken out before the table is split."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from smilejax.readers.files import text_records
from smilejax.readers.given import Given
from smilejax.recordings.source import Finding


@dataclass(frozen=True, eq=False)
class _Edited(Given):
    """A file as given, but for some of its lines, which are blank: all others keep their number."""

    data: bytes = b""

    def raw(self) -> bytes:
        """What is left of the file, in UTF-8."""
        return self.data


def parted(given: Given, message: re.Pattern[bytes]) -> tuple[Given, tuple[tuple[int, str], ...], Finding]:
    """A file without its messages, the messages with the line of each, and the encoding.

    Arguments:
        message: fits a whole line that is a message, compiled with `re.MULTILINE`.

    Raises:
        ReadError: the file is empty or no text.
    """
    data, encoding = text_records.decode(given.raw(), given.name)
    found = list(message.finditer(data))
    newlines = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
    lines = 1 + np.searchsorted(newlines, [match.start() for match in found])
    texts = [match[0].decode("utf-8", "replace") for match in found]
    pieces, at = [], 0
    for match in found:
        pieces.append(data[at : match.start()])
        at = match.end()
    edited = _Edited(given.path, data=b"".join([*pieces, data[at:]]))
    return edited, tuple(zip(lines.tolist(), texts, strict=True)), encoding
