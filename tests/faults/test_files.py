"""What stands at a place that is written to: links, other kinds of files, rights."""

import json
import os
import stat
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers.children import children_ended, start_child

from smilejax._util.errors import OutputError
from smilejax._util.files import claim, write_atomically, write_folder_atomically
from smilejax._util.json_files import is_intact, signed, write_json
from smilejax.prediction.checkpoint import check_model_folder, load_checkpoint, save_checkpoint

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links and rights as of Unix")


def _write(text: str):  # type: ignore[no-untyped-def]
    return lambda to: to.write_text(text)


def test_a_link_stays_and_what_it_names_is_written(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "old.csv").write_text("old")
    link = tmp_path / "link.csv"
    link.symlink_to("there/old.csv")
    assert claim(link, overwrite=True, what="file") == link
    write_atomically(link, _write("new"))
    assert link.is_symlink()
    assert (tmp_path / "there" / "old.csv").read_text() == "new"
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["old.csv"]
    link.unlink()
    link.symlink_to("there/none-yet.csv")
    write_atomically(link, _write("made"))
    assert (tmp_path / "there" / "none-yet.csv").read_text() == "made"


def test_a_link_to_a_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "link").symlink_to("old")
    write_folder_atomically(tmp_path / "link", lambda to: (to / "a").write_text("new") and None, replace=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "old" / "a").read_text() == "new"


def test_a_link_in_a_circle_and_a_pipe_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").symlink_to("b.csv")
    (tmp_path / "b.csv").symlink_to("a.csv")
    with pytest.raises(OutputError, match="symbolic links"):
        claim(tmp_path / "a.csv", overwrite=True, what="file")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(OutputError, match="neither a file nor a folder"):
        claim(tmp_path / "pipe.csv", overwrite=True, what="file")
    assert stat.S_ISFIFO(os.stat(tmp_path / "pipe.csv").st_mode)


@pytest.mark.parametrize("name", ["a\0b.csv", "~nobody-of-this-name/x.csv"])
def test_names_that_no_system_has(name: str) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        claim(Path(name), overwrite=True, what="file")


def test_a_file_that_only_its_owner_reads_stays_so(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("old")
    path.chmod(0o600)
    write_atomically(path, _write("new"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_killed_writes_left_is_removed_and_what_another_writes_stays(tmp_path: Path) -> None:
    code = """
import sys, time
from pathlib import Path
from smilejax._util.files import write_atomically
def write(to):
    to.write_text("half")
    print("half", flush=True)
    time.sleep(60)
write_atomically(Path(sys.argv[1]), write)
"""
    with children_ended():
        process = start_child([sys.executable, "-c", code, str(tmp_path / "x.csv")])
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        (tmp_path / ".0a0a0a0a.partial").mkdir()
        (tmp_path / ".notes.partial.csv").touch()
        claim(tmp_path / "y.csv", overwrite=False, what="file")
        assert len(list(tmp_path.iterdir())) == 3
        process.kill()
        process.wait()
        claim(tmp_path / "y.csv", overwrite=False, what="file")
        assert sorted(path.name for path in tmp_path.iterdir()) == [".0a0a0a0a.partial", ".notes.partial.csv"]


def test_names_that_are_no_utf8_are_escaped_in_records_and_refused_for_models(tmp_path: Path) -> None:
    name = os.fsdecode(b"r\xff.csv")
    write_json(tmp_path / "x.json", signed({"source": name}))
    there = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    assert there["source"] == name
    assert is_intact(there)
    model = save_checkpoint(tmp_path / "model", {"a": np.ones(1)}, {"source": name})
    assert load_checkpoint(model)[1] == {"source": name}
    with pytest.raises(OutputError, match="not UTF-8"):
        save_checkpoint(tmp_path / name, {"a": np.ones(1)}, {})


def test_a_first_save_that_was_killed_is_no_other_program(tmp_path: Path) -> None:
    """Its half-written record once made the folder another program's."""
    (tmp_path / "model" / "arrays-0a0a0a0a").mkdir(parents=True)
    (tmp_path / "model" / ".0a0a0a0a.partial.json").touch()
    assert check_model_folder(tmp_path / "model", overwrite=False) == tmp_path / "model"
