"""What `smilejax check` prints of every real file and of a generated file of every format, held against stored texts.

After a change that is wanted, write the texts anew and read what changed:

    SMILEJAX_SNAPSHOTS=write pytest tests/readers/test_check_snapshots.py && git diff tests/readers/snapshots
"""

import gzip
import os
import shutil
import sys
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import pytest
from conftest import DATA
from helpers.command_line import run

from smilejax.cli import terminal
from smilejax.readers import READERS
from smilejax.settings import ReadSettings

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "experiments" / "faults"))
from damaged.formats import FORMATS, Format, can_be_read  # noqa: E402

# The package that reads Neon's own files leaves them open.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

STORED = Path(__file__).parent / "snapshots"
WIDTH = 120
OF_EACH = tuple({(form.write, form.settings): form for form in reversed(FORMATS)}.values())[::-1]
"""The formats, of which some are damaged in several files of one folder, each once."""
WRITE = os.environ.get("SMILEJAX_SNAPSHOTS") == "write"

EASY_HARD = ("--classes", "Easy", "Hard")
SMILES = ("--rate-hz", "60", "--label-from", "sheet: A* = fake, * = real", "--classes", "fake", "real")
CUT = ("--trials-from", "ONSET_{stimulus}", "--label-from", "stimulus: Easy* = Easy, Hard* = Hard")


@dataclass(frozen=True)
class Real:
    """A file of the folder of real recordings, read with these options.

    Where it is stored packed, its name is the one without `.gz`.

    Arguments:
        group: the text in which it stands.
        path: below that folder.
        options: of `check`; `{data}` is the folder of the file.
        ends: the exit status.
    """

    group: str
    path: str
    options: tuple[str, ...] = ()
    ends: int = 0

    @property
    def name(self) -> str:
        """Of the test."""
        return " ".join((self.path.rpartition("/")[2] or self.path, *self.options[:1]))


def _cases(*rows: tuple[str, tuple[str, ...], int]) -> tuple[Real, ...]:
    return tuple(Real("cases", f"cases/{path}", options, ends) for path, options, ends in rows)


REAL = (
    Real("pupillometryr", "pupillometryr/pupil_data.csv", EASY_HARD),
    Real("pupillometryr", "pupillometryr/reference.csv.gz", EASY_HARD, 2),
    Real("pupillometryr", "pupillometryr/reference.csv.gz", ("--pupil", "mean")),
    *_cases(
        ("one_file_per_participant", EASY_HARD, 0),
        ("n_neg.csv", EASY_HARD, 0),
        ("rows_absent.csv", (), 0),
        ("k_cont.csv", EASY_HARD, 2),
        ("k_cont.csv", ("--trial", "block", "Trial", *EASY_HARD), 0),
        ("stimulus_shown_twice.csv", (), 0),
        ("d_three.csv", EASY_HARD, 0),
        ("e_wide.csv", EASY_HARD, 2),
        ("e_wide.csv", ("--rate-hz", "60", *EASY_HARD), 0),
        ("l_nolabel.csv", EASY_HARD, 0),
        ("l_nolabel.csv", ("--join", "{data}/l_labels.csv", *EASY_HARD), 0),
        ("pupillabs.csv", EASY_HARD, 0),
        ("cont.csv", EASY_HARD, 0),
        ("cont.csv", (*CUT, *EASY_HARD), 0),
        ("eyelink_data_viewer_like.txt", EASY_HARD, 0),
        ("four_tables_integer_ids", (), 2),
        ("four_tables_integer_ids", ("--rate-hz", "60"), 0),
        ("look_alike_names.csv", (), 0),
        ("pupil_and_R.csv", (), 0),
        ("thousands_separator.csv", (), 2),
        ("thousands_separator.csv", ("--thousands", ","), 0),
        ("two_clocks.csv", (), 2),
        ("area_in_mm2.csv", (), 2),
        ("area_in_mm2.csv", ("--area",), 0),
        ("eyes_in_mm_and_um.csv", (), 0),
        ("rates_60_and_60.5.csv", (), 0),
        ("sample_counter_as_time.csv", (), 2),
        ("sample_counter_as_time.csv", ("--rate-hz", "60"), 0),
        ("colons_in_names.csv", (), 0),
        ("tobii_pro_lab_like.tsv", EASY_HARD, 0),
        ("unequal_classes.csv", (), 0),
    ),
    *(
        Real("eyelink", f"trackers/eyelink/{name}.asc")
        for name in (
            *("cili_bino1000", "cili_bino500", "cili_mono2000", "cili_mono250", "cilihist_binoc_250Hz_1"),
            *("cilihist_data_2", "eyelink_binocular_example", "eyeris_memory", "pymov_raccoons"),
        )
    ),
    Real("eyelink", "trackers/eyelink/eyelink_monocular_example.asc", ends=2),
    Real("eyelink", "trackers/eyelink/pymov_eyelink_monocular_2khz_example.asc", ends=2),
    Real("trackers", "trackers/pupil_core/pupil_positions.csv"),
    Real("trackers", "trackers/smi/laurabishop_PLR.txt"),
    Real("trackers", "trackers/tobii/emdat_4Ctest.csv"),
    Real("trackers", "trackers/tobii/emdat_P63-All-Data.tsv", ends=2),
    Real("trackers", "trackers/tobii/gazelibfixtures_fixation-gazepoints.standard.json"),
    Real("trackers", "trackers/bids/eyetracking_binocular", ends=2),
)
LARGE = (
    Real("smiles", "smiles", ends=2),
    Real("smiles", "smiles", SMILES),
    Real("workbook", "cases/one_sheet_per_participant.xlsx", EASY_HARD),
)
"""Workbooks, which take seconds to open."""


@pytest.fixture
def checked(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """What `check` prints of a path, both streams, with the folder that holds it left out."""
    for console in (terminal.out, terminal.err):
        monkeypatch.setattr(console, "_width", WIDTH)

    def of(path: Path, options: Sequence[str], ends: int) -> str:
        monkeypatch.chdir(path.parent)  # a path of this machine would fold lines elsewhere than on another
        capsys.readouterr()
        assert run("check", path.name, *options) == ends
        shown = capsys.readouterr()
        text = "\n".join(line.rstrip() for line in (shown.out + shown.err).splitlines())
        assert str(path.parent) not in text
        return f"$ smilejax check {' '.join(map(_quoted, (path.name, *options)))}\n{text.strip()}\n"

    return of


def _quoted(word: str) -> str:
    return f"'{word}'" if set(word) & set(" *{}") else word


def _held(name: str, text: str) -> None:
    """Assert that a stored text is this one; with the environment's word, write it."""
    path = STORED / f"{name}.txt"
    if WRITE:
        path.write_text(text, "utf-8")
    assert path.exists(), f"there is no {path.name}: write it with SMILEJAX_SNAPSHOTS=write, and read it"
    assert text == path.read_text("utf-8")


def _unpacked(real: Real, to: Path) -> Path:
    """A real file, unpacked under the name that it stands for."""
    whole = DATA / real.path
    folder = to / "data"
    folder.mkdir(exist_ok=True)
    if whole.exists():
        return whole
    for packed in (DATA / f"{real.path}.gz", DATA / "cases/l_labels.csv.gz"):
        if packed.exists():
            with gzip.open(packed) as source, (folder / packed.stem).open("wb") as plain:
                shutil.copyfileobj(source, plain)
    if (archive := DATA / f"{real.path}.tgz").exists():
        with tarfile.open(archive) as held:
            held.extractall(folder, filter="data")
            return (folder / held.getnames()[0].split("/")[0]).rename(folder / whole.name)
    path = folder / whole.name
    if not path.exists():
        pytest.skip(f"{real.path} is not here")
    return path


def _of_group(real: Sequence[Real], checked: Callable[..., str], to: Path) -> str:
    texts = []
    for one in real:
        path = _unpacked(one, to)
        options = [word.replace("{data}/", "") for word in one.options]
        texts.append(checked(path, options, one.ends))
    return "\n".join(texts)


@pytest.mark.parametrize("group", ["pupillometryr", "cases", "eyelink", "trackers"])
def test_check_of_real_files(group: str, checked: Callable[..., str], tmp_path: Path) -> None:
    mine = [real for real in REAL if real.group == group]
    assert mine
    _held(f"real_{group}", _of_group(mine, checked, tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("group", ["smiles", "workbook"])
def test_check_of_workbooks(group: str, checked: Callable[..., str], tmp_path: Path) -> None:
    _held(f"real_{group}", _of_group([real for real in LARGE if real.group == group], checked, tmp_path))


def test_every_real_file_is_here() -> None:
    if not DATA.exists():
        pytest.skip("the folder of real recordings is not here")
    named = {real.path.removesuffix(".gz") for real in (*REAL, *LARGE)} | {"cases/l_labels.csv"}
    there = {
        path.relative_to(DATA).as_posix().removesuffix(".gz").removesuffix(".tgz")
        for path in DATA.rglob("*")
        if path.is_file() and path.name != "README.md"
    }
    missed = [name for name in there if not any(name == one or name.startswith(f"{one}/") for one in named)]
    assert not missed, "files that no snapshot shows"


def words_of(settings: ReadSettings) -> list[str]:
    """Settings as options."""
    words = []
    for field in fields(settings):
        value = getattr(settings, field.name)
        if value != field.default:
            words.append(f"--{field.name.replace('_', '-')}")
            words += (
                map(str, value) if isinstance(value, tuple) else [f"{value:g}" if isinstance(value, float) else value]
            )
    return words


@pytest.mark.parametrize("form", [form for form in OF_EACH if can_be_read(form)], ids=lambda form: form.name)
def test_check_of_generated_files(form: Format, checked: Callable[..., str], tmp_path: Path) -> None:
    folder = tmp_path / form.layout
    folder.mkdir()
    given = form.write(folder)
    _held(f"generated_{form.name.replace(',', '').replace(' ', '_')}", checked(given, words_of(form.settings), 0))


def test_every_reader_has_a_snapshot() -> None:
    assert {form.layout for form in FORMATS} == {reader.name for reader in READERS}
    stored = {path.stem for path in STORED.glob("*.txt")}
    expected = {f"generated_{form.name.replace(',', '').replace(' ', '_')}" for form in OF_EACH}
    assert expected == {name for name in stored if name.startswith("generated_")}
