"""`export_tables`: a study's results as a folder of CSV files with a data dictionary."""

from pathlib import Path

import pandas as pd

from smilejax._util.errors import OutputError
from smilejax._util.files import claim, write_folder_atomically
from smilejax._util.json_files import json_bytes
from smilejax.evaluation.study.saved_study import Study
from smilejax.exports.columns import dictionary, dictionary_json
from smilejax.exports.result_tables import result_tables
from smilejax.settings.checks import require_kind

DICTIONARY = "data_dictionary"


def export_tables(study: Study, folder: Path | str, *, overwrite: bool = False) -> Path:
    """Write a study's results as tidy CSV tables (UTF-8, comma, point), with `data_dictionary.csv` and `.json` of every column.

    Numbers are written in full and are those of `study.json`. Text from the recordings that a spreadsheet would take for a
    formula gets an apostrophe before it; so does text that begins with an apostrophe, so that taking one off gives all back.

    Arguments:
        study: from `load_study`. folder: made in one step. overwrite: whether tables that were exported there are replaced.

    Returns:
        The absolute path.

    Raises:
        OutputError: the folder exists, is no such export, or cannot be written.

    Example:
        >>> import smilejax
        >>> smilejax.export_tables(smilejax.load_study("study"), "tables")    # doctest: +SKIP
    """
    require_kind(study, "study", Study, "smilejax.load_study gives one.")
    path = claim_export(folder, f"{DICTIONARY}.json", overwrite=overwrite)
    tables = result_tables(study)

    def write(to: Path) -> None:
        for table in tables:
            write_csv(table.frame(), to / f"{table.name}.csv")
        write_csv(dictionary(tables), to / f"{DICTIONARY}.csv")
        (to / f"{DICTIONARY}.json").write_bytes(json_bytes(dictionary_json(tables)))

    write_folder_atomically(path, write, replace=overwrite)
    return path


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """A table as UTF-8, the shortest digits that give each number back, empty cells for what is absent."""
    frame.to_csv(path, index=False, lineterminator="\n")


def claim_export(folder: Path | str, mark: str, *, overwrite: bool) -> Path:
    """The absolute path of a folder that may be made.

    Arguments:
        mark: file by which a folder is known as an earlier export, which alone may be replaced.

    Raises:
        OutputError: something else stands there, or it cannot be written.
    """
    path = claim(Path(folder), overwrite=overwrite, what="folder")
    if path.exists() and not (path / mark).is_file():
        raise OutputError(
            f"{path} is no earlier export (it holds no {mark}) and is left as it is.", hint="Name another folder."
        )
    return path
