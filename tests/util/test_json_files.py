"""JSON files are whole or absent, and a change to one is noticed."""

import json

import pytest

from smilejax._util.errors import OutputError
from smilejax._util.json_files import (
    is_intact,
    json_bytes,
    sha256_of_bytes,
    sha256_of_file,
    sha256_of_files,
    sha256_of_json,
    signed,
    write_json,
)


def test_a_file_is_whole_or_the_old_one(tmp_path, monkeypatch) -> None:
    path = tmp_path / "deep" / "record.json"
    write_json(path, {"name": "Zoë", "value": 1.5})
    assert json.loads(path.read_text(encoding="utf-8")) == {"name": "Zoë", "value": 1.5}
    assert path.read_text(encoding="utf-8").endswith("}\n")
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, {"value": float("nan")})

    def full(*given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("smilejax._util.files.os.replace", full)
    with pytest.raises(OutputError, match="No space left on device"):
        write_json(path, {"value": 2})
    assert json.loads(path.read_text(encoding="utf-8"))["value"] == 1.5
    assert [entry.name for entry in path.parent.iterdir()] == ["record.json"]


def test_a_digest_of_json_is_of_its_content() -> None:
    assert sha256_of_json({"a": 1, "b": [2]}) == sha256_of_json({"b": [2], "a": 1})
    assert sha256_of_json({"a": 1}) != sha256_of_json({"a": 2})
    assert sha256_of_bytes(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_files_of_a_folder_by_their_path(tmp_path) -> None:
    (tmp_path / "tables").mkdir()
    for name in ("b.txt", "tables/a.txt"):
        (tmp_path / name).write_bytes(name.encode())
    found = sha256_of_files(tmp_path, tmp_path.rglob("*"))
    assert found == {name: sha256_of_bytes(name.encode()) for name in ("b.txt", "tables/a.txt")}
    assert sha256_of_file(tmp_path / "b.txt") == found["b.txt"]


def test_a_signed_record_that_was_changed() -> None:
    record = signed({"a": 1, "b": {"c": None}})
    back = json.loads(json_bytes(record))
    assert is_intact(back)
    assert signed(back) == record  # signing again changes nothing
    assert not is_intact({**back, "a": 2})
    assert not is_intact({name: value for name, value in back.items() if name != "sha256"})
