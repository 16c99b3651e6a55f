"""`study.json`: results, where they came from, and the digests of the study's other files. No JAX in here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from smilejax._util.errors import StudyError
from smilejax._util.typed_json import JsonObject, JsonTypeError, JsonValue, decode_dataclass, encode
from smilejax.evaluation.study.study_results import StudyResults

T = TypeVar("T")


@dataclass(frozen=True)
class DataFrom:
    """The file that was read, and the settings of reading."""

    path: str
    read: Mapping[str, JsonValue]


@dataclass(frozen=True)
class Provenance:
    """What made a study.

    Arguments:
        command: that repeats it. versions: of what it ran on, by name.
        data_from: the file and how it was read; None of the simulator.
    """

    command: str
    versions: Mapping[str, str]
    data_from: DataFrom | None


@dataclass(frozen=True)
class StudyRecord:
    """All that `study.json` holds.

    Arguments:
        provenance: what made the study. results: every number of it.
        files: SHA-256 of the study's other files, by their path in its folder.
    """

    provenance: Provenance
    results: StudyResults
    files: Mapping[str, str]


def results_to_json(results: StudyResults) -> JsonObject:
    """Results as plain JSON."""
    found = encode(results)
    assert isinstance(found, dict)
    return found


def results_from_json(data: object) -> StudyResults:
    """The results that `to_json` wrote.

    Raises:
        StudyError: naming a field that is unknown, missing, or of another type.
    """
    return _decoded(StudyResults, data)


def record_to_json(record: StudyRecord) -> JsonObject:
    """A record as plain JSON: results and provenance side by side at the top level, `files` last."""
    provenance = encode(record.provenance)
    assert isinstance(provenance, dict)
    return {**provenance, **results_to_json(record.results), "files": dict(record.files)}


def record_from_json(data: Mapping[str, object]) -> StudyRecord:
    """The record that `record_to_json` wrote. Raises as `from_json`."""
    rest = dict(data)
    files = rest.pop("files", None)
    if not isinstance(files, dict):
        raise StudyError("files is missing. Restore the study, or evaluate anew into another folder.")
    provenance = {name: rest.pop(name) for name in ("command", "versions", "data_from") if name in rest}
    return StudyRecord(
        _decoded(Provenance, provenance), results_from_json(rest), {str(k): str(v) for k, v in files.items()}
    )


def _decoded(cls: type[T], data: object) -> T:
    try:
        return decode_dataclass(cls, data)
    except JsonTypeError as error:
        raise StudyError(f"{error} Restore the study, or evaluate anew into another folder.") from error
