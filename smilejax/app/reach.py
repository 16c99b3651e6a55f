"""Which files can be reached through the app: those below its root, and what was opened on the command line."""

import os
from dataclasses import dataclass
from pathlib import Path

from smilejax._util.errors import OutputError, ReadError, SmilejaxError

MOST_FILES = 20_000
"""So many files of a folder are looked at for links that lead out of it; a larger folder is refused."""


@dataclass(frozen=True)
class Reach:
    """What can be reached.

    Arguments:
        root: a folder, its links resolved. opened: what was opened on the command line, likewise.
    """

    root: Path
    opened: tuple[Path, ...] = ()

    @classmethod
    def of(cls, root: Path, opened: tuple[Path, ...] = ()) -> "Reach":
        """What can be reached below a folder, and below what was opened.

        Raises:
            ReadError: one of them is not there.
        """
        for path in (root, *opened):
            if not path.exists():
                raise ReadError(f"{path}: there is no such file or folder.")
        if not root.is_dir():
            raise ReadError(f"{root} is no folder.", hint="Name the folder whose files the app may open.")
        return cls(root.resolve(), tuple(path.resolve() for path in opened))

    def to_read(self, name: str | Path) -> Path:
        """The path of a file or folder, with all links resolved, to be read.

        Arguments:
            name: absolute, or relative to the root.

        Raises:
            ReadError: it lies outside, it is not there, or something in the folder leads out.
        """
        path = self._inside(name, ReadError)
        if not path.exists():
            raise ReadError(f"{name}: there is no such file or folder.", hint=f"Names are relative to {self.root}.")
        if path.is_dir():
            self._check_links(path)
        return path

    def to_write(self, name: str | Path) -> Path:
        """The path of a file or folder to be written below the root, with all links resolved.

        Raises:
            OutputError: it lies outside, or its folder is not there.
        """
        path = self._inside(name, OutputError)
        if not path.is_relative_to(self.root):
            raise OutputError(f"{name} lies outside {self.root}.", hint="The app writes below its root only.")
        if path == self.root or not path.parent.is_dir():
            raise OutputError(f"{name}: there is no folder {path.parent}.", hint="Name a file in a folder that exists.")
        return path

    def shown(self, path: Path) -> str:
        """A path as it is shown: relative to the root where it lies below."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)

    def entries(self, folder: Path) -> list[Path]:
        """Files and folders in a folder, folders first; hidden ones and links that lead out are left out.

        Raises:
            ReadError: the folder lies outside, or cannot be read.
        """
        path = self._inside(folder, ReadError)
        try:
            found = [one for one in path.iterdir() if not one.name.startswith(".") and self._leads_inside(one)]
        except OSError as error:
            raise ReadError(f"{folder}: this folder cannot be read ({error.strerror or error}).") from error
        return sorted(found, key=lambda one: (not one.is_dir(), one.name.casefold()))

    def holds(self, path: Path) -> bool:
        """Whether a resolved path lies inside."""
        return any(path.is_relative_to(place) for place in (self.root, *self.opened))

    def _leads_inside(self, path: Path) -> bool:
        """Whether a path ends inside, once its links are followed; a link that leads to itself ends nowhere."""
        try:
            return self.holds(path.resolve())
        except (OSError, RuntimeError):
            return False

    def _inside(self, name: str | Path, error: type[SmilejaxError]) -> Path:
        given = Path(name)
        if not str(name).strip() or "\0" in str(name):
            raise error(f"{str(name)!r} names no file.", hint=f"Names are relative to {self.root}.")
        if ".." in given.parts:
            raise error(f"{name}: names may not go up by '..'.", hint=f"Names are relative to {self.root}.")
        try:
            path = (self.root / given).resolve()
        except (OSError, RuntimeError) as wrong:  # a link that leads to itself
            raise error(f"{name}: this path cannot be followed ({wrong}).") from wrong
        if not self.holds(path):
            raise error(
                f"{name} lies outside {self.root}.",
                hint="Start the app with --root to let it open another folder.",
            )
        return path

    def _check_links(self, folder: Path) -> None:
        count = 0
        for place, folders, files in os.walk(folder):
            count += len(files)
            if count > MOST_FILES:
                raise ReadError(f"{folder} holds more than {MOST_FILES} files.", hint="Open a folder inside it.")
            for name in (*folders, *files):
                path = Path(place, name)
                if path.is_symlink() and not self._leads_inside(path):
                    raise ReadError(
                        f"{path} is a link that leads out of {self.root}.", hint="Remove it, or copy the file."
                    )
