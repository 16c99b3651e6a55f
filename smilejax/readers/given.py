"""What is given to be read, a file, folder or DataFrame, and a look at its beginning, by which readers recognise it."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, cast

import pandas as pd

from smilejax._util.errors import ReadError

LOOKED_AT = 1 << 18
"""Bytes of a text file that readers look at to recognise it."""
HEADINGS_WITHIN = 60
"""Lines of a file in which its headings are looked for: iMotions and FaceReader write up to some 30 lines above them."""

TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".asc", ".gazedata", ".json", ".jsonl", ".log", ".dat", ".tab")
PARQUET_SUFFIXES = (".parquet", ".pq")
EXCEL_SUFFIXES = (".xlsx", ".xlsm")
OLD_EXCEL_SUFFIX = ".xls"
"""A workbook of Excel 97, which is not read; or text under that name, as EyeLink Data Viewer writes its reports."""

_WORKBOOK = b"\xd0\xcf\x11\xe0"
"""How a workbook of Excel 97 begins."""
BINARY_SUFFIXES = (".hdf5", ".h5")
PACKED_SUFFIXES = (".gz", ".zip")
"""A text file may be packed: `pupil.csv.gz`, or a .zip archive of one file."""

ARCHIVES = (".tgz", ".tar.gz", ".tar", ".tar.bz2", ".tar.xz", ".7z", ".rar", ".bz2", ".xz", ".zst")
"""Endings of archives that are not read."""

SUFFIXES = (
    *(*TEXT_SUFFIXES, OLD_EXCEL_SUFFIX, *PARQUET_SUFFIXES),
    *(*EXCEL_SUFFIXES, *PACKED_SUFFIXES, *BINARY_SUFFIXES),
)
"""Suffixes of files that may hold recordings."""

FRAME_NAME = "DataFrame"
"""How messages and `Source.name` call a table in memory."""


_FOR_EXCEL = re.compile(r"\ufeff?\"?sep=.\"?", re.IGNORECASE)
"""A first line by which Excel is told the delimiter; it stands for an empty one."""

_BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


Progress = Callable[[int, int], None]
"""Is told the bytes that are read, and of how many."""


@dataclass(frozen=True, eq=False)
class Given:
    """One file, one folder or one DataFrame that is to be read.

    Arguments:
        path: of the file or folder, None for a DataFrame.
        frame: the DataFrame, None for a path.
        sheet: the one sheet of a workbook that is meant, None for all or the first.
        progress: is told how far a large text file is read.
    """

    path: Path | None
    frame: pd.DataFrame | None = None
    sheet: str | None = None
    progress: Progress | None = None

    @property
    def name(self) -> str:
        """How messages and `Source.name` call it: the path, or `DataFrame`."""
        return FRAME_NAME if self.path is None else str(self.path)

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.path is not None and self.path.is_dir()

    @property
    def is_file(self) -> bool:
        """Whether it is a file."""
        return self.path is not None and self.path.is_file()

    @property
    def suffix(self) -> str:
        """Suffix in lower case, that of what is packed where it is packed: `.csv` of `a.csv.gz`; empty for a folder. That of a
        text under the name `.xls` is `.txt`."""
        if self.path is None or not self.is_file:
            return ""
        name = self._inside if self.path.suffix.lower() == ".zip" else self.path.name
        suffix = Path(name.lower().removesuffix(".gz")).suffix
        return ".txt" if suffix == OLD_EXCEL_SUFFIX and not self._is_old_workbook else suffix

    @property
    def is_text(self) -> bool:
        """Whether it is a file with the suffix of a text file."""
        return self.suffix in TEXT_SUFFIXES

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The first whole lines of a text file, within `LOOKED_AT` bytes, decoded loosely; empty for anything else."""
        if not self.is_text:
            return ()
        raw = self.start(LOOKED_AT)
        encoding = next((name for bom, name in _BOMS if raw.startswith(bom)), "utf-8")
        text = raw.decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")
        lines = text.split("\n")
        if _FOR_EXCEL.fullmatch(lines[0]):
            lines[0] = ""
        return tuple(lines if len(raw) < LOOKED_AT else lines[:-1])

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """Column headings of a DataFrame, of a Parquet file, of a workbook's first sheet with a filled row, or of a text
        file's first line, split at its commonest delimiter; empty where there are none."""
        if self.frame is not None:
            return tuple(str(c).strip() for c in self.frame.columns)
        if self.suffix in PARQUET_SUFFIXES or self.suffix in EXCEL_SUFFIXES:
            return _table_heads(self)
        first = next((line for line in self.lines if line.strip()), "")
        return split_heads(first)

    def raw(self) -> bytes:
        """The whole file, unpacked.

        Raises:
            ReadError: it cannot be opened or unpacked.
        """
        return self.start(None)

    def start(self, limit: int | None) -> bytes:
        """The first `limit` bytes of the file (all for None), unpacked.

        Raises:
            ReadError: it cannot be opened or unpacked.
        """
        with self.opened() as file:
            return file.read(-1 if limit is None else limit)

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The file, open to be read, unpacked.

        Raises:
            ReadError: it cannot be opened or unpacked, also later, while it is read.
        """
        path = self.path
        assert path is not None
        try:
            with ExitStack() as stack:
                if path.suffix.lower() == ".gz":
                    yield cast(BinaryIO, stack.enter_context(gzip.open(path)))
                elif path.suffix.lower() == ".zip":
                    archive = stack.enter_context(zipfile.ZipFile(path))
                    yield cast(BinaryIO, stack.enter_context(archive.open(self._inside)))
                else:
                    yield stack.enter_context(path.open("rb"))
        except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise ReadError(
                f"{path}: the packed file is damaged ({error}). Copy it anew, or pack it anew from the whole file; what can be "
                "saved of it, another program (gzip -dc, 7-Zip) unpacks, and what follows is lost."
            ) from error
        except OSError as error:
            raise ReadError(f"{path}: the file cannot be opened ({error.strerror or error}).") from error

    def size(self) -> int:
        """Bytes of the file, unpacked, as far as its packing says."""
        path = self.path
        assert path is not None
        size = path.stat().st_size
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                return archive.getinfo(self._inside).file_size
        if path.suffix.lower() == ".gz" and size >= 4:
            with path.open("rb") as file:
                file.seek(-4, io.SEEK_END)
                return max(size, int.from_bytes(file.read(4), "little"))
        return size

    @cached_property
    def _is_old_workbook(self) -> bool:
        """Whether it begins as a workbook of Excel 97 does, or cannot be opened."""
        try:
            return self.start(len(_WORKBOOK)) == _WORKBOOK
        except ReadError:
            return True

    @cached_property
    def _inside(self) -> str:
        """Name of the one file in a .zip archive."""
        assert self.path is not None
        try:
            with zipfile.ZipFile(self.path) as archive:
                files = [i.filename for i in archive.infolist() if not i.is_dir() and "__MACOSX" not in i.filename]
        except (zipfile.BadZipFile, OSError) as error:
            raise ReadError(f"{self.path}: this is not a readable .zip archive ({error}).") from error
        if len(files) != 1:
            raise ReadError(
                f"{self.path}: an archive must hold one file; this one holds {len(files)}. Unpack it and give the folder."
            )
        return files[0]


def split_heads(line: str) -> tuple[str, ...]:
    """The headings in a line, split at the delimiter that it holds most of (tab, semicolon, comma or bar), without quotation
    marks."""
    delimiter = max("\t;,|", key=line.count)
    return tuple(part.strip().strip('"').strip() for part in line.lstrip("\ufeff").split(delimiter))


def lowered(heads: Iterable[str]) -> frozenset[str]:
    """Headings without their case."""
    return frozenset(head.casefold() for head in heads)


def line_with(given: Given, known: Callable[[tuple[str, ...]], bool]) -> int | None:
    """The first line, from 0, of a text file whose headings are known; None where none of the first `HEADINGS_WITHIN` is."""
    lines = enumerate(given.lines[:HEADINGS_WITHIN])
    return next((at for at, line in lines if known(split_heads(line))), None)


def _table_heads(given: Given) -> tuple[str, ...]:
    try:
        if given.suffix in PARQUET_SUFFIXES:
            import pyarrow.parquet as pq  # type: ignore[import-untyped]

            return tuple(str(n) for n in pq.read_schema(io.BytesIO(given.raw())).names)
        import openpyxl

        book = openpyxl.load_workbook(io.BytesIO(given.raw()), read_only=True, data_only=True)
        for sheet in book.worksheets if given.sheet is None else [book[given.sheet]]:
            for row in sheet.iter_rows(max_row=20, values_only=True):
                if any(cell is not None for cell in row):
                    return tuple("" if cell is None else str(cell).strip() for cell in row)
    except ReadError:
        raise
    except Exception:  # damaged files make the parsers raise nearly anything: the reader then says what is wrong
        return ()
    return ()
