"""Which files can be reached: below the root, and what was opened."""

from pathlib import Path

import pytest

from smilejax._util.errors import OutputError, ReadError
from smilejax.app.reach import Reach


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A root with files and links, beside secrets."""
    root = tmp_path / "root"
    (root / "data" / "deep").mkdir(parents=True)
    (root / "linked").mkdir()
    (tmp_path / "root-beside").mkdir()
    for name in ("secret.csv", "root-beside/secret.csv", "root/own.csv", "root/data/one.csv", "root/.hidden"):
        (tmp_path / name).write_text("a")
    (root / "out.csv").symlink_to(tmp_path / "secret.csv")
    (root / "folder-out").symlink_to(tmp_path)
    (root / "in.csv").symlink_to(root / "data" / "one.csv")
    (root / "linked" / "out.csv").symlink_to(tmp_path / "secret.csv")
    (root / "round").symlink_to(root / "round")
    return root


OUTSIDE = (
    *("../secret.csv", "data/../../secret.csv", "data/../own.csv", "..", "/etc/passwd", "out.csv", "folder-out"),
    *("folder-out/secret.csv", "linked", "round", "", "  ", "own.csv\0", "~/secret.csv", "nothing.csv", "data\\..\\x"),
)


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_lies_outside_cannot_be_read(place: Path, name: str) -> None:
    with pytest.raises(ReadError):
        Reach.of(place).to_read(name)


@pytest.mark.parametrize("name", ["own.csv", "data", "data/one.csv", "in.csv", "./own.csv"])
def test_what_lies_inside_can_be_read(place: Path, name: str) -> None:
    assert Reach.of(place).to_read(name) == (place / name).resolve()


def test_a_neighbour_whose_name_begins_alike_is_outside(place: Path) -> None:
    with pytest.raises(ReadError, match="lies outside"):
        Reach.of(place).to_read(place.parent / "root-beside" / "secret.csv")


def test_what_was_opened_can_be_read_and_not_written(place: Path) -> None:
    secret = place.parent / "secret.csv"
    reach = Reach.of(place, (secret,))
    assert reach.to_read(secret) == secret
    assert reach.to_read("out.csv") == secret  # a link to what was opened
    with pytest.raises(OutputError, match="below its root only"):
        reach.to_write(secret)
    with pytest.raises(ReadError):
        reach.to_read(place.parent / "root-beside" / "secret.csv")


@pytest.mark.parametrize(
    "name", ["../new.csv", "out.csv", "folder-out/new.csv", "no/folder/new.csv", ".", "", "/tmp/x"]
)
def test_nothing_is_written_outside(place: Path, name: str) -> None:
    with pytest.raises(OutputError):
        Reach.of(place).to_write(name)


def test_a_new_file_can_be_written(place: Path) -> None:
    assert Reach.of(place).to_write("data/new.csv") == place / "data" / "new.csv"


def test_the_list_of_a_folder_shows_no_way_out(place: Path) -> None:
    assert [one.name for one in Reach.of(place).entries(place)] == ["data", "linked", "in.csv", "own.csv"]
    with pytest.raises(ReadError, match="lies outside"):
        Reach.of(place).entries(place.parent)


def test_a_root_must_be_a_folder(place: Path) -> None:
    with pytest.raises(ReadError, match="is no folder"):
        Reach.of(place / "own.csv")
    with pytest.raises(ReadError, match="no such file"):
        Reach.of(place, (place / "gone.csv",))


def test_names_are_shown_from_the_root(place: Path) -> None:
    reach = Reach.of(place)
    assert reach.shown(place / "data" / "one.csv") == "data/one.csv"
    assert reach.shown(place.parent) == str(place.parent)
