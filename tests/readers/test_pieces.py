"""What is read of folders: recordings in their folders, files beside recordings, and what may not be put together."""

import json
import shutil
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from helpers.tracker_files import gazepoint, neon, pupil_core
from helpers.tracker_files.simulated_pupils import simulated

from smilejax._util.errors import DataWarning, ReadError
from smilejax.readers import read
from smilejax.recordings.trials import Trials
from smilejax.settings import ReadSettings

# One person's simulated pupils stand in all recordings of a folder.
pytestmark = pytest.mark.filterwarnings("ignore:copies of recordings")
PUPILS = simulated(40)
RULE = ReadSettings(trials_from="ONSET_{trial}", label_from="trial: A* = posed, * = genuine")
BY_FOLDER = ReadSettings(
    trials_from="ONSET_{trial}", label_from="trial: A* = posed, * = genuine", names_from=("file: {participant}/000",)
)
EYES = ReadSettings(rate_hz=50, label_from="sheet: A* = posed, * = genuine")


def cloud(folder: Path, wearer: str | None, recording: str = neon.FIRST) -> Path:
    clock = neon.nanoseconds(PUPILS)
    onsets = [(recording, int(clock[i]), name) for i, name in ((0, "ONSET_A1"), (20, "ONSET_H1"))]
    return neon.cloud(folder, PUPILS, recordings=(recording,), events=onsets, wearer=wearer)


def core(recording: Path, export: str = "000", *, start: float = 100.0) -> Path:
    folder = recording / "exports" / export
    pupil_core.export(folder, PUPILS, start=start)
    at = [(start + float(PUPILS.seconds[i]) - 0.001, name, "x") for i, name in ((0, "ONSET_A1"), (20, "ONSET_H1"))]
    pupil_core.annotations(folder, at)
    return recording


def trials_of(trials: Trials) -> list[tuple[str, str]]:
    return list(zip(trials.participant, trials.trial, strict=True))


def test_the_folder_of_several_neon_exports(tmp_path: Path) -> None:
    for who in ("Anna", "Ben"):
        cloud(tmp_path / "Timeseries Data" / f"rec-{who}", who)
    (tmp_path / "Timeseries Data" / "enrichment_info.txt").write_text("about\n")
    trials = read(tmp_path, RULE)
    assert trials_of(trials) == [("Anna", "A1"), ("Anna", "H1"), ("Ben", "A1"), ("Ben", "H1")]
    np.testing.assert_allclose(trials.pupil[2], PUPILS.pupil[:20], rtol=1e-6)
    (tmp_path / "sections.csv").write_text("recording id\n")  # beside the folders of recordings
    assert any(f.what == "files left out" and "sections.csv" in f.value for f in read(tmp_path, RULE).source.findings)


def test_several_recordings_in_one_neon_table_have_their_wearers_in_the_sections(tmp_path: Path) -> None:
    folder = cloud(tmp_path / "a", None)
    other = cloud(tmp_path / "b", None, neon.SECOND)
    for name in ("3d_eye_states.csv", "events.csv"):
        _, rows = (other / name).read_text().split("\n", 1)
        (folder / name).write_text((folder / name).read_text() + rows)
    shutil.rmtree(other)
    with pytest.raises(ReadError, match=r"no column with the participant .*Here they are the file 'a', the recording"):
        read(folder, RULE)
    sections = f"section id,recording id,wearer name\ns,{neon.FIRST},Anna\nt,{neon.SECOND},Ben\n"
    (folder / "sections.csv").write_text(sections)
    trials = read(folder, RULE)
    assert trials_of(trials) == [("Anna", "A1"), ("Anna", "H1"), ("Ben", "A1"), ("Ben", "H1")]


def test_recordings_of_pupil_core_are_called_by_their_folders(tmp_path: Path) -> None:
    for who in ("P1", "P2"):
        core(tmp_path / who / "000")
    with pytest.raises(ReadError, match=r"names_from 'file: \{participant\}/\*'\. Here they are the file 'P1/000'"):
        read(tmp_path, RULE)
    assert trials_of(read(tmp_path, BY_FOLDER)) == [("P1", "A1"), ("P1", "H1"), ("P2", "A1"), ("P2", "H1")]
    core(tmp_path / "P2" / "000", "001")
    with pytest.raises(ReadError, match=r"2 exports of one recording, '000', '001'.* Give the one"):
        read(tmp_path, BY_FOLDER)
    chosen = read([tmp_path / "P1" / "000", tmp_path / "P2" / "000" / "exports" / "001"], BY_FOLDER)
    assert set(chosen.participant) == {"P1", "P2"}


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("user_info.csv", "key,value\nname,Anna\nadditional_field,change_me\n", "Anna"),
        ("info.player.json", json.dumps({"recording_name": "P07"}), "P07"),
        ("info.csv", "Recording Name,P08\nStart Date,14.06.2019\n", "P08"),
        ("info.player.json", json.dumps({"recording_name": "2019_06_14"}), None),
        ("user_info.csv", "key,value\nname,\n", None),
    ],
)
def test_the_participant_of_pupil_core(tmp_path: Path, file: str, text: str, name: str | None) -> None:
    recording = core(tmp_path / "000")
    (recording / file).write_text(text)
    if name is None:  # the name of a day is nobody's
        with pytest.raises(ReadError, match="no column with the participant"):
            read(recording, RULE)
    else:
        assert set(read(recording, RULE).participant) == {name}
        assert set(read(recording / "exports" / "000", RULE).participant) == {name}


def test_an_export_with_gaze_and_no_pupils_says_so(tmp_path: Path) -> None:
    (cloud(tmp_path / "neon", "Anna") / "3d_eye_states.csv").unlink()
    for name in ("gaze.csv", "world_timestamps.csv"):
        (tmp_path / "neon" / name).write_text("timestamp [ns]\n1\n")
    with pytest.raises(ReadError, match=r"holds gaze, and no 3d_eye_states.csv"):
        read(tmp_path / "neon", RULE)
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "gaze_positions.csv").write_text("gaze_timestamp\n1\n")
    with pytest.raises(ReadError, match=r"holds gaze, and no pupil_positions.csv"):
        read(tmp_path / "core", RULE)


def books(folder: Path) -> Path:
    for eye, apart in (("left", 0.0), ("right", 0.05)):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, value in (("A1", 3.1), ("H1", 3.4)):
            sheet = book.create_sheet(title)
            sheet.append([None, "p1", "p2"])
            for i in range(6):
                sheet.append([None, value + apart + i / 100, value + apart + 0.5 - i / 100])
        book.save(folder / f"{eye}.xlsx")
    return folder


@pytest.mark.parametrize("beside", ["README.md", "README.txt", "map.toml"])
def test_two_eyes_in_two_workbooks_with_a_text_beside_them(tmp_path: Path, beside: str) -> None:
    """The text once made the two workbooks two tables, and each trial its left eye followed by its right one."""
    alone = read(books(tmp_path), EYES)
    (tmp_path / beside).write_text("about = 'these'\n")
    trials = read(tmp_path, EYES)
    assert trials.pupil.shape == alone.pupil.shape == (4, 6, 2)
    np.testing.assert_array_equal(trials.pupil, alone.pupil)


def test_rows_of_one_trial_in_two_files_without_a_time_are_refused(tmp_path: Path) -> None:
    books(tmp_path)
    with pytest.raises(
        ReadError, match=r"trial 'A1' begins in left.xlsx.* give the folder that holds both files alone"
    ):
        read([tmp_path / "left.xlsx", tmp_path / "right.xlsx"], EYES)


MEDIA = ReadSettings(label_from="stimulus: A* = posed, * = genuine", names_from=("file: {participant}_all_gaze",))


def test_a_folder_of_gazepoint_with_its_tables_of_fixations(tmp_path: Path) -> None:
    pupils = simulated()
    for user in ("User 0", "User 1"):
        gazepoint.all_gaze(tmp_path / f"{user}_all_gaze.csv", pupils)
        rows = (tmp_path / f"{user}_all_gaze.csv").read_text().splitlines()
        (tmp_path / f"{user}_fixations.csv").write_text("\n".join([rows[0], *rows[1::20]]) + "\n")
    (tmp_path / "Data_Summary_export_1.csv").write_text("AOI Summary\n1\n")
    trials = read(tmp_path, MEDIA)
    assert trials_of(trials) == [(u, m) for u in ("User 0", "User 1") for m in ("H1.avi", "A1.avi")]
    assert trials.length.tolist() == [160, 80] * 2
    with pytest.raises(ReadError, match=r"table of fixations, with a row for each. Give the table of all samples"):
        read(tmp_path / "User 0_fixations.csv", MEDIA)


def test_files_without_a_participant_are_several_people_where_they_are_predicted(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        gazepoint.all_gaze(tmp_path / name, PUPILS)
    trials = read(tmp_path, labels="optional")
    assert set(trials.participant) == {"a.csv", "b.csv"}


def test_files_of_one_name_are_known_by_their_folders(tidy: Callable[..., Path], tmp_path: Path) -> None:
    head = "trial,time,left,label"
    rows = [f"{t},{20 * i},{3 + i / 10},{label}" for t, label in (("a", "posed"), ("b", "genuine")) for i in range(5)]
    paths = [tidy(*rows, head=head, name=f"{who}/gaze.csv") for who in ("P1", "P2")]
    trials = read(paths, ReadSettings(names_from=("file: {participant}/gaze",)))
    assert sorted(set(trials.participant)) == ["P1", "P2"]
    with pytest.raises(
        ReadError, match=r"no file that could be read. It holds: 'P1/', 'P2/'. Give the files in its folders"
    ):
        read(tmp_path)
    with pytest.raises(ReadError, match="is given twice"):
        read([paths[0], paths[0]])


def test_what_is_wrong_with_a_file_of_a_folder_may_be_that_it_is_there(
    tidy: Callable[..., Path], tmp_path: Path
) -> None:
    tidy()
    (tmp_path / "log.csv").write_text("a,b\n1,2\n")
    with pytest.raises(
        ReadError, match=r"log.csv: no column with the pupil.* take it out of the folder, or give the files"
    ):
        read(tmp_path)


def test_a_text_that_is_called_xls(tidy: Callable[..., Path], tmp_path: Path) -> None:
    path = tidy(name="report.xls")
    assert len(read(path)) == 2
    assert len(read(tmp_path)) == 2
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100))
    with pytest.raises(
        ReadError, match=r"workbooks of Excel 97 \(.xls\) are not read. Open it in Excel, and save it as .xlsx"
    ):
        read(path)


def test_an_hdf5_file_that_is_not_iohubs_says_how_to_save_it(tmp_path: Path) -> None:
    path = tmp_path / "p1.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    with pytest.raises(ReadError, match=r"not ioHub's.* pandas.read_hdf\('p1.h5', 'gaze'\).to_csv\('p1.csv'\)"):
        read(path)


def test_json_beside_recordings_is_left_out_and_said(tidy: Callable[..., Path], tmp_path: Path) -> None:
    tidy()
    (tmp_path / "participants.json").write_text('{"age": "in years"}')
    trials = read(tmp_path)
    assert len(trials) == 2
    assert any((f.what, f.value) == ("files left out", "'participants.json'") for f in trials.source.findings)
    with pytest.raises(ReadError, match="the layout is not recognised"):
        read(tmp_path / "participants.json")


def test_what_is_wrong_with_a_recording_of_a_folder_is_said_alone(tidy: Callable[..., Path], tmp_path: Path) -> None:
    tidy()
    tidy("p2,a,0,x,3.1,posed", name="second.csv")
    with pytest.raises(ReadError, match=r"second.csv, line 2, column 'left'.*or a number that missing names\.$"):
        read(tmp_path)


def test_two_sessions_of_one_person_are_told_apart_by_their_files(tidy: Callable[..., Path]) -> None:
    """The class follows from the trial's own name, not from that with the session before it."""
    head = "subject,trial,time,left"
    days = {
        day: [f"p1,{trial},{20 * i},{first + i / 10}" for trial in ("A1", "H1") for i in range(5)]
        for day, first in (("mon", 3), ("tue", 4))
    }
    paths = [tidy(*rows, head=head, name=f"p1_{day}.csv") for day, rows in days.items()]
    rule = "trial: A* = posed, * = genuine"
    with pytest.raises(
        ReadError, match=r"in the file 'p1_mon.csv' there and 'p1_tue.csv' here.* names_from 'file: \{block\}'"
    ):
        read(paths, ReadSettings(label_from=rule))
    trials = read(paths, ReadSettings(label_from=rule, names_from=("file: p1_{block}",)))
    assert trials_of(trials) == [("p1", f"{s} {t}") for s in ("mon", "tue") for t in ("A1", "H1")]
    assert trials.label.tolist() == [0, 1, 0, 1]


def core_and_tables(folder: Path, tidy: Callable[..., Path]) -> tuple[Path, Path]:
    """A recording of Pupil Core and a table of another person, in one folder."""
    core(folder / "P1" / "000")
    (folder / "P1" / "000" / "user_info.csv").write_text("key,value\nname,Anna\n")
    rows = [f"Ben,{t},{10 * i},{4 + i / 50:.2f},ONSET_{t}" for t in ("A1", "H1") for i in range(20)]
    return folder / "P1", tidy(*rows, head="participant,trial,time,left_mm,message", name="data/Ben.csv")


def test_a_recording_of_another_kind_in_the_folder_is_a_warning(tidy: Callable[..., Path], tmp_path: Path) -> None:
    """Ben's table once was a name among the files left out, which nobody reads."""
    recording, table = core_and_tables(tmp_path / "data", tidy)
    words = r"recordings left out: '.*data/Ben.csv' \(tidy\)\. Only recordings of one kind .* paths of their own"
    with pytest.warns(DataWarning, match=words):
        assert read(tmp_path / "data", RULE).participant == ("Anna", "Anna")
    (tmp_path / "data" / "notes.csv").write_text("participant,age\nAnna,20\n")  # no recording
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        read(tmp_path / "data", RULE)
        read([recording, table], replace(RULE, trials_from=None), labels="optional")
    assert sum("recordings left out" in str(one.message) for one in caught) == 1
    assert "notes.csv" not in str(caught[0].message)


def test_recordings_in_folders_beside_files_that_are_read_are_a_warning(tidy: Callable[..., Path]) -> None:
    rows = [f"{{}},a,{20 * i},{3 + i / 10},posed" for i in range(6)]
    read_one = tidy(*(row.format("p1") for row in rows), name="in/p1.csv", head="subject,trial,time,left,label")
    tidy(*(row.format("p2") for row in rows), name="in/later/p2.csv", head="subject,trial,time,left,label")
    with pytest.warns(DataWarning, match=r"recordings left out: '.*later/p2.csv' \(tidy\)"):
        assert read(read_one.parent).participant == ("p1",)


def test_a_recording_within_the_folder_of_another_is_a_warning(tmp_path: Path, tidy: Callable[..., Path]) -> None:
    """Pupil Core's own tables beside its pupils are no recordings; a table of a lab is one."""
    core(tmp_path / "P1" / "000")
    inside = tmp_path / "P1" / "000" / "exports" / "000"
    tidy("p2,a,0,3,posed", name=str(inside / "p2.csv"))
    with pytest.warns(DataWarning, match=r"recordings left out: '.*000/p2.csv' \(tidy\)"):
        read(inside, RULE, labels="optional")


COPIED = [
    f"{{}},{trial},{20 * i},{3 + i / 100 + first}" for trial, first in (("A1", 0), ("H1", 0.5)) for i in range(12)
]


def copied(tidy: Callable[..., Path], first: str = "p1", other: str = "p1") -> list[Path]:
    names = (("one.csv", first), ("two.csv", other))
    return [
        tidy(*(row.format(who) for row in COPIED), head="subject,trial,time,left", name=name) for name, who in names
    ]


@pytest.mark.filterwarnings("default:copies of recordings")
def test_a_copy_of_a_file_is_a_warning_that_names_both(tidy: Callable[..., Path]) -> None:
    """One is trained on and the other tested: leakage."""
    rule = ReadSettings(label_from="trial: A* = posed, * = genuine", names_from=("file: {participant}",))
    words = (
        r"copies of recordings: 'one.csv' and 'two.csv' hold the same pupils in 2 trials, as in trial 'A1' of participant "
        "'one' and trial 'A1' of participant 'two'.*: leave one file out"
    )
    paths = copied(tidy)
    with pytest.warns(DataWarning, match=words):
        read(paths, rule)
    frame = pd.read_csv(paths[1])
    frame.to_excel(paths[1].with_suffix(".xlsx"), index=False)  # the same trials, in other bytes
    with pytest.warns(DataWarning, match="'one.csv' and 'two.xlsx' hold the same pupils"):
        read([paths[0], paths[1].with_suffix(".xlsx")], rule)
    frame.left += 0.01
    frame.to_csv(paths[1], index=False)
    read(paths, rule)


def test_a_copy_with_the_same_names_is_refused_as_a_copy(tidy: Callable[..., Path]) -> None:
    """That the file names a second person or session would be the wrong remedy."""
    with pytest.raises(ReadError, match=r"comes again.* 'one.csv' holds the same pupils: is 'two.csv' a copy of it"):
        read(copied(tidy), ReadSettings(label_from="trial: A* = posed, * = genuine"))


def book(path: Path, *sheets: tuple[str, list[list[object]]]) -> Path:
    """A workbook of these sheets."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


INFO: list[list[object]] = [["study", "smiles"], ["recorded", 2020], ["by", "Anna"]]


def sheet_of(who: str, *more: object, first: float = 3.0) -> list[list[object]]:
    """The trials of one person, with further columns."""
    head = ["subject", "trial", "time", "left", "label", *map(str, more)]
    rows = [
        [who, trial, 20 * i, first + i / 50 + at, label, *more]
        for at, (trial, label) in enumerate((("a", "posed"), ("b", "genuine")))
        for i in range(6)
    ]
    return [head, *rows]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_sheet_that_describes_the_others_is_left_out_and_said(tmp_path: Path, place: int) -> None:
    """Where it stood first, it alone was read."""
    sheets = [("S1", sheet_of("p1")), ("S2", sheet_of("p2", first=3.5))]
    sheets.insert(place, ("Info", INFO))
    trials = read(book(tmp_path / "a.xlsx", *sheets))
    assert trials_of(trials) == [(who, trial) for who in ("p1", "p2") for trial in "ab"]
    said = next(f for f in trials.source.findings if f.what == "sheets left out")
    assert (said.how, said.value) == (
        "recognised",
        "'Info' of a.xlsx; sheet NAME reads one of them alone",
    )


def test_a_sheet_of_a_person_with_other_headings_is_a_warning(tmp_path: Path) -> None:
    """One column more, and a person was lost in silence."""
    path = book(tmp_path / "a.xlsx", ("S1", sheet_of("p1")), ("S2", sheet_of("p2", "note")), ("S3", sheet_of("p3")))
    with pytest.warns(DataWarning, match="sheets left out: 'S2' of a.xlsx, whose headings are not those of 'S1'"):
        assert set(read(path).participant) == {"p1", "p3"}
    assert set(read(path, ReadSettings(sheet="S2")).participant) == {"p2"}


def test_a_workbook_that_fails_names_its_sheets(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", ("Info", INFO), ("Summary", [["mean", "sd"], [1, 2]]))
    with pytest.raises(
        ReadError, match=r"The workbook has the sheets 'Info', 'Summary': sheet NAME reads one of them alone"
    ):
        read(path)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_sheet_that_describes_those_of_stimuli(tmp_path: Path, place: int) -> None:
    """A workbook with a sheet per stimulus and a column per person."""
    grid: list[list[object]] = [["p2", "p3"], *([3 + i / 50, 4 - i / 50] for i in range(12))]
    sheets = [("A1", grid), ("H1", [grid[0], *([a + 0.5, b - 0.5] for a, b in grid[1:])])]  # type: ignore[operator]
    sheets.insert(place, ("Info", INFO))
    with pytest.warns(DataWarning, match="sheets left out: 'Info' of left.xlsx, which hold hardly any numbers"):
        trials = read(book(tmp_path / "left.xlsx", *sheets), EYES)
    assert (len(trials), set(trials.participant), set(trials.stimulus or ())) == (4, {"p2", "p3"}, {"A1", "H1"})
