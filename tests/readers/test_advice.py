"""Advice in errors and findings helps: what it says is done here, and the file is then read."""

import gzip
import pickle
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers.command_line import on_one_line, printed, refused
from helpers.tracker_files import eyelink_asc

from smilejax._util.errors import SETTING, DataWarning, ReadError
from smilejax.cli.recordings_read import read_quietly
from smilejax.readers import read
from smilejax.readers.assembly.time_units import RATES
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings


def table(trials="abcd", who="p", samples=12):
    """Trials of alternating classes, at 50 Hz, every pupil different; p's are not those of others."""
    own = 0 if who == "p" else 0.005
    rows = [
        (who, name, 20 * i, round(3 + n / 10 + i / 100 + own, 3), ("posed", "genuine")[n % 2])
        for n, name in enumerate(trials)
        for i in range(samples)
    ]
    return pd.DataFrame(rows, columns=["id", "trial", "time_ms", "left_mm", "label"])


def written(path, frame):
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(path, index=False)
    return path


def said(path, settings=None):
    with pytest.raises(ReadError) as caught:
        read(path, settings)
    return str(caught.value)


def asc_file(path, kind, messages=(), extra=""):
    pupil = np.round(1000 + np.random.default_rng(3).normal(0, 10, (200, 2)))
    block = eyelink_asc.Block(5000, pupil, ("left", "right"), 250, messages=messages)
    eyelink_asc.write(path, [block], eyelink_asc.Layout(pupil=kind))
    if extra:
        text = path.read_text()
        at = text.index("START")
        path.write_text(text[:at] + extra + text[at:])
    return path


CUT = ReadSettings(
    trials_from="ONSET_{trial}", label_from="trial: A* = posed, * = genuine", names_from=("file: {participant}",)
)
ONSETS = ((0, "ONSET_A1"), (100, "ONSET_H1"))


def test_areas_beside_diameters_are_explained_and_area_is_named(tmp_path):
    one = asc_file(tmp_path / "a.asc", "AREA", ONSETS)
    two = asc_file(tmp_path / "b.asc", "DIAMETER", ONSETS)
    words = said([one, two], CUT)
    assert "au2, an area in arbitrary units" in words
    assert "An area and a diameter do not go together. Read the files with areas apart, where area takes" in words
    assert "unit mm" not in words
    assert len(read([one], replace(CUT, area=True))) == 2


def test_the_unit_of_files_that_do_not_all_state_it_is_named_and_then_taken(tmp_path):
    written(tmp_path / "a.csv", table())
    written(tmp_path / "b.csv", table(who="q").rename(columns={"left_mm": "left"}))
    assert "If all are in mm, say so: unit mm. Else convert one kind." in said(tmp_path)
    assert len(read(tmp_path, ReadSettings(unit="mm"))) == 8


def test_messages_that_no_samples_follow_are_not_suggested(tmp_path, capsys):
    inputs = "INPUT\t4001\t127\nINPUT\t4002\t128\nINPUT\t4003\t129\n"
    path = asc_file(tmp_path / "a.asc", "DIAMETER", ((0, "SHOW a"), (100, "SHOW b")), inputs)
    assert "'SHOW {trial}'" in said(path, ReadSettings(names_from=("file: {participant}",)))
    words = printed(capsys, "check", path, "--names-from", "file: {participant}")
    assert "--trials-from 'SHOW {trial}' would cut 2" in on_one_line(words)
    path = asc_file(tmp_path / "b.asc", "DIAMETER", (), inputs)
    words = said(path, ReadSettings(names_from=("file: {participant}",)))
    assert "The recording has messages" in words
    assert "INPUT {" not in words
    assert "Cut trials by them" not in words


def test_trials_that_are_excluded_need_no_row_in_a_joined_table(tmp_path):
    path = written(tmp_path / "a.csv", table().drop(columns="label"))
    labels = tmp_path / "labels.csv"
    labels.write_text("id,trial,label\np,a,posed\np,b,genuine\np,c,posed\n")
    settings = ReadSettings(join=(str(labels),))
    words = said(path, settings)
    assert "has no row for trial 'd' of participant 'p'" in words
    assert "leave the trial out: exclude FILE" in words
    out = tmp_path / "out.csv"
    out.write_text("participant,trial,reason\np,d,no label\n")
    trials = read(path, replace(settings, exclude=str(out)))
    assert (trials.trial, trials.label.tolist()) == (("a", "b", "c"), [0, 1, 0])
    found = {f.what: f.value for f in trials.source.findings}
    assert found["excluded: no label"] == "1 trial (1 of no class)"
    out.write_text("participant,trial,reason\np,a,other\n")
    assert "has no row for trial 'd'" in said(path, replace(settings, exclude=str(out)))
    both = written(tmp_path / "both.csv", pd.concat([table(), table(who="q")]).drop(columns="label"))
    labels.write_text("trial,label\na,posed\nb,genuine\nc,posed\n")
    out.write_text("participant,trial,reason\np,d,no label\n")
    assert "has no row for trial 'd'" in said(both, replace(settings, exclude=str(out)))  # that of q is not excluded
    out.write_text("participant,trial,reason\np,d,no label\nq,d,no label\n")
    assert len(read(both, replace(settings, exclude=str(out)))) == 6
    out.write_text("participant,reason\np,all\n")
    assert "no trial is left" in said(path, replace(settings, exclude=str(out)))


def test_shuffled_rows_are_called_so(tmp_path):
    frame = table()
    shuffled = frame.sample(frac=1, random_state=1)
    words = said(written(tmp_path / "a.csv", shuffled))
    assert "Its rows are one trial in another order: sort the file by participant, trial and time" in words
    assert "block" not in words
    assert len(read(written(tmp_path / "a.csv", shuffled.sort_values(["id", "trial", "time_ms"])))) == 4


def test_doubled_rows_are_called_so(tmp_path):
    frame = table()
    doubled = pd.concat([frame, frame.iloc[3:6]])
    words = said(written(tmp_path / "a.csv", doubled))
    assert "3 of its rows stand there twice, with the same time and pupil: remove one of each" in words
    assert "block" not in words
    assert len(read(written(tmp_path / "a.csv", doubled.drop_duplicates()))) == 4


def test_columns_that_identify_trials_are_asked_for_only_where_there_are_some(tmp_path):
    frame = pd.concat([table(), table().assign(left_mm=lambda t: t["left_mm"] + 0.005)])
    words = said(written(tmp_path / "a.csv", frame))
    assert "No other column is left that could tell such trials apart" in words
    frame["part of it"] = np.repeat([1, 2], len(frame) // 2)
    path = written(tmp_path / "a.csv", frame)
    assert "as trial block trial. Not used are 'part of it'" in said(path)
    assert len(read(path, ReadSettings(trial=("part of it", "trial")))) == 8


def test_a_line_that_is_cut_is_no_decimal_comma(tmp_path):
    path = written(tmp_path / "a.csv", table())
    whole = path.read_text()
    path.write_text(whole[: whole.rstrip().rfind("\n") + 6])
    words = said(path)
    assert "Is the file cut there? Write it again, or remove the line." in words
    assert "decimal comma" not in words
    path.write_text(whole.replace("3.01", "3,01"))
    assert "Numbers with a decimal comma need another delimiter." in said(path)


def test_headings_in_another_language_are_named_as_eyes(tmp_path, capsys):
    german = {"id": "vp", "trial": "durchgang", "time_ms": "zeit", "left_mm": "links", "label": "art"}
    frame = table().assign(rechts=table()["left_mm"] + 0.1).rename(columns=german)
    path = written(tmp_path / "a.csv", frame)
    words = refused(capsys, "check", path)
    assert "or, if these are the eyes, --left 'links' --right 'rechts'" in words
    assert "sheet:" not in words
    settings = ReadSettings(left="links", right="rechts")
    words = said(path, settings)
    assert "time NAME" in words
    assert "label_from 'stimulus: A* = posed, * = genuine'" in words
    settings = replace(settings, time="zeit", participant="vp", trial=("durchgang",), label="art", time_unit="ms")
    assert len(read(path, settings)) == 4
    alone = frame.rename(columns={"links": "pupille"}).drop(columns="rechts")
    words = said(written(tmp_path / "b.csv", alone))
    assert "pupil NAME (is it 'pupille'?), or where each eye has one, left NAME right NAME" in words


def test_files_of_one_name_in_several_folders_are_named_by_the_folder(tmp_path):
    frames = {who: table(who=who, samples=30) for who in ("p", "q")}
    paths = [
        written(tmp_path / folder / "gaze.csv", frames[who].assign(id="p"))
        for folder, who in (("anna", "p"), ("ben", "q"))
    ]
    words = said(paths)
    assert "If these are two people: names_from 'file: {participant}/*'" in words
    trials = read(paths, ReadSettings(names_from=("file: {participant}/*",)))
    assert set(trials.participant) == {"anna", "ben"}
    without = [written(path, f.drop(columns="id")) for path, f in zip(paths, frames.values(), strict=True)]
    assert "names_from 'file: {participant}/*'" in said(without)


def test_an_archive_is_unpacked_and_a_damaged_one_packed_anew(tmp_path):
    path = tmp_path / "data.tgz"
    path.write_bytes(gzip.compress(b"x" * 200))
    assert "Unpack it (tar -xf data.tgz), and give what it holds." in said(path)
    whole = gzip.compress(table().to_csv(index=False).encode())
    path = tmp_path / "a.csv.gz"
    path.write_bytes(whole[: len(whole) // 2])
    words = said(path)
    assert "Copy it anew, or pack it anew from the whole file" in words
    path.write_bytes(whole)
    assert len(read(path)) == 4


def test_a_word_for_missing_has_a_remedy(tmp_path):
    frame = table().astype({"left_mm": object})
    frame.loc[3, "left_mm"] = "Lost"
    path = written(tmp_path / "a.csv", frame)
    words = said(path)
    assert "column 'left_mm'" in words
    assert (
        "Where 'Lost' stands for a missing sample, put nothing, NaN or NA in its place, or a number that missing"
        in words
    )
    path.write_text(path.read_text().replace("Lost", "99"))
    assert np.isnan(read(path, ReadSettings(missing=(99,))).pupil[0, 3, 0])


def test_the_limit_of_rates_is_one_sentence(tmp_path):
    assert re.sub(r"<\w+:(\w+)>", r"\1", RATES).startswith(
        "pupils are recorded at 10 to 2500 Hz, and where time_unit is"
    )
    path = written(tmp_path / "a.csv", table().rename(columns={"time_ms": "time"}))
    limit = "pupils are recorded at 10 to 2500 Hz, and where time_unit is given, averages of 1 Hz and more are read too"
    assert limit in said(path, ReadSettings(time_unit="us"))
    slow = written(
        tmp_path / "b.csv", table().assign(time_ms=lambda t: t["time_ms"] * 200).rename(columns={"time_ms": "time"})
    )
    assert limit in said(slow, ReadSettings(time_unit="ms"))


def test_findings_and_warnings_name_the_setting_as_the_caller_writes_it(tmp_path, capsys):
    path = asc_file(tmp_path / "a.asc", "AREA", ONSETS)
    trials = read(path, CUT)
    value = next(f.value for f in trials.source.findings if f.what == "left eye's pupil")
    assert value == "an area in arbitrary units, kept as it is; area takes the diameter"
    options = ("--trials-from", CUT.trials_from, "--label-from", CUT.label_from, "--names-from", CUT.names_from[0])
    words = on_one_line(printed(capsys, "check", path, *options))
    assert "--area takes the diameter" in words
    frame = table()
    frame.loc[3:5, "left_mm"] = 99.0
    path = written(tmp_path / "b.csv", frame)
    with pytest.warns(DataWarning, match=r"give it, missing 99; else"):
        read(path)
    assert "give it, --missing 99; else" in on_one_line(printed(capsys, "check", path))
    _, warned = read_quietly([path], ReadSettings())  # as commands print them to standard error
    assert any("give it, --missing 99; else" in text for text in warned)


def test_a_finding_keeps_its_marks_but_not_in_another_process():
    marked = Finding("a", f"{SETTING.area} takes it", "recognised")
    assert marked.value == "area takes it"
    assert replace(marked, how="inferred").in_words(str.upper) == "AREA takes it"
    assert replace(marked, value="another").in_words(str.upper) == "another"
    again = pickle.loads(pickle.dumps(marked))
    assert again == marked
    assert again.in_words(str.upper) == "area takes it"


def test_a_unit_that_cannot_be_is_answered_with_the_one_that_can(tmp_path):
    path = written(
        tmp_path / "a.csv", table().rename(columns={"left_mm": "left"}).assign(left=lambda t: t["left"] / 1000)
    )
    assert "In m it would be 3.2" in said(path, ReadSettings(unit="mm"))
    assert "mm: unit m. For arbitrary" in said(path, ReadSettings(unit="mm"))
    assert len(read(path, ReadSettings(unit="m"))) == 4


def test_a_unit_of_time_that_cannot_be_is_to_be_left_out(tmp_path):
    path = written(tmp_path / "a.csv", table().rename(columns={"time_ms": "time"}))
    assert "time_unit says another unit than the column has: leave it out" in said(path, ReadSettings(time_unit="s"))
    assert len(read(path)) == 4


def test_a_table_without_headings_is_called_so(tmp_path):
    whole = table().to_csv(index=False)
    path = tmp_path / "a.csv"
    path.write_text(whole.partition("\n")[2])
    assert "Its first line holds numbers and no headings: 'p', 'a', '0', '3.0', 'posed'" in said(path)
    path.write_text("id,trial,0,20,40,60,label\n1,a,1,1,1,1,posed\n")
    assert "no headings" not in said(path, ReadSettings(layout="tidy"))
    path.write_text(whole)
    assert len(read(path)) == 4


def test_a_file_without_participants_among_others_is_told_what_can_name_them(tmp_path):
    written(tmp_path / "a.csv", table())
    written(tmp_path / "b.csv", table(who="q").drop(columns="id"))
    assert "its name can, names_from 'file: {participant}', or leave the file out" in said(tmp_path)
    assert len(read(tmp_path, ReadSettings(names_from=("file: {participant}",)))) == 8


def test_another_layout_than_the_one_given_is_named(tmp_path):
    path = written(tmp_path / "a.csv", table())
    assert said(path, ReadSettings(layout="wide")).endswith("It was read as wide (layout), and looks like tidy.")
    path.write_text(path.read_text().replace("3.02", "nothing"))
    assert "looks like" not in said(path, ReadSettings(layout="tidy"))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("x* = fake, * = real", r"'x\*' fits none of the names: 'a', 'b', 'c', 'd' \(label_from\)"),
        ("* = real, A = fake", r"'A' stands after patterns that fit all its names; .*: put it before \(label_from\)"),
    ],
)
def test_patterns_that_give_no_trial_its_class_are_said(tmp_path, rule, words):
    path = written(tmp_path / "a.csv", table().drop(columns="label"))
    with pytest.warns(DataWarning, match=words):
        assert len(read(path, ReadSettings(label_from=f"trial: {rule}"))) == 4
    assert read(path, ReadSettings(label_from="trial: A = fake, c = fake, * = real")).label.tolist() == [0, 1, 0, 1]
    assert (
        read(path, ReadSettings(label_from="trial: A = fake, b = real, c = fake, d = real, * = fake")).label.sum() == 2
    )


def test_a_rule_on_files_may_fit_some_of_them(tmp_path):
    for name, who in (("fake_1", "p"), ("real_1", "q")):
        written(tmp_path / f"{name}.csv", table(who=who).drop(columns="label"))
    assert len(read(tmp_path, ReadSettings(label_from="file: fake* = fake, real* = real"))) == 8
