"""EyeLink ASC files: what a generator wrote, real files against a plain parsing of their lines, and damaged ones."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from conftest import DATA
from helpers.examples import at_most
from helpers.tracker_files.eyelink_asc import Block, Layout, text, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smilejax._util.errors import ReadError
from smilejax.readers.given import Given
from smilejax.readers.samples import Samples
from smilejax.readers.trackers import asc_lines, eyelink_asc
from smilejax.settings import ReadSettings

PLAIN = ReadSettings()


def pupils(samples: int, eyes: int = 1, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(5000, 60000, (samples, eyes)) / 10


def reading(path: Path, chosen: ReadSettings = PLAIN) -> Samples:
    assert eyelink_asc.recognises(Given(path), chosen)
    return eyelink_asc.read(Given(path), chosen)


def said(samples: Samples) -> dict[str, str]:
    return {finding.what: finding.value for finding in samples.findings}


def names(samples: Samples, role: str) -> list[str]:
    return [samples.names[role].at(row) for row in range(len(samples))]


def changed(path: Path, old: str, new: str, count: int = 1) -> Path:
    """The file with a piece of its text replaced."""
    whole = path.read_bytes().decode("latin-1")
    assert old in whole
    path.write_bytes(whole.replace(old, new, count).encode("latin-1"))
    return path


# What the generator wrote comes back


@pytest.mark.parametrize("rate", [250, 500, 1000, 2000])
@pytest.mark.parametrize("eyes", [("left",), ("right",), ("left", "right")])
@pytest.mark.parametrize("extra", [(), ("INPUT",), ("VEL",), ("RES", "INPUT"), ("VEL", "RES", "HTARGET")])
def test_rates_eyes_and_columns(tmp_path, rate, eyes, extra):
    block = Block(20000, pupils(40, len(eyes)), eyes, rate)
    samples = reading(write(tmp_path / "a.asc", [block], Layout(extra=extra)))
    columns = [("left", "right").index(eye) for eye in eyes]
    np.testing.assert_array_equal(samples.pupil[:, columns], block.pupil)
    assert np.isnan(np.delete(samples.pupil, columns, axis=1)).all()
    assert samples.eyes == eyes
    assert samples.time is not None
    np.testing.assert_array_equal(samples.time.values, block.times)
    assert (samples.time.values.dtype == np.int64) == (rate < 2000)
    assert (samples.time.unit, samples.rate_hz) == ("ms", rate)
    lines = (tmp_path / "a.asc").read_text().split("\n")
    assert [float(lines[i - 1].split()[0]) for i in samples.line] == block.times.tolist()


def test_spaces_between_fields_and_no_flags(tmp_path):
    block = Block(20000, pupils(9, 2), ("left", "right"))
    samples = reading(write(tmp_path / "a.asc", [block], Layout(spaces=True, flags=False)))
    np.testing.assert_array_equal(samples.pupil, block.pupil)


def test_area_and_diameter(tmp_path):
    """Trap: an area is mistaken for a diameter."""
    for word, unit in (("AREA", "au2"), ("DIAMETER", "au")):
        samples = reading(write(tmp_path / "a.asc", [Block(1, pupils(3))], Layout(pupil=word)))
        assert samples.units == (unit, unit)
        assert said(samples)["pupil"] == f"{word.lower()}, in arbitrary units"


def test_areas_and_diameters_in_one_file_are_refused(tmp_path):
    path = write(tmp_path / "a.asc", [Block(1000, pupils(3)), Block(9000, pupils(3))])
    whole = path.read_text()
    at = whole.rindex("PUPIL\tAREA")
    path.write_text(whole[:at] + whole[at:].replace("PUPIL\tAREA", "PUPIL\tDIAMETER"))
    with pytest.raises(ReadError, match=r"line 14 says AREA and line 25 says DIAMETER"):
        reading(path)


def test_the_zeros_of_a_blink_are_kept_and_marked(tmp_path):
    """Trap: blink zeros are kept. They stay as they are, and the saccade around the blink is marked with it, for its eye."""
    pupil = pupils(60, 2)
    pupil[20:30, 0] = 0
    block = Block(5000, pupil, ("left", "right"), 500, [("left", 20, 29)], around=6)
    samples = reading(write(tmp_path / "a.asc", [block]))
    np.testing.assert_array_equal(samples.pupil, pupil)
    assert samples.blink is not None
    assert np.flatnonzero(samples.blink[:, 0]).tolist() == list(range(14, 36))
    assert not samples.blink[:, 1].any()
    assert said(samples)["blinks"] == "1 of the left eye, each marked with the saccade around it"


def test_a_blink_without_a_saccade(tmp_path):
    pupil = pupils(30)
    pupil[10:15] = 0
    path = write(tmp_path / "a.asc", [Block(5000, pupil, blinks=[("left", 10, 14)])])
    path.write_text("\n".join(line for line in path.read_text().split("\n") if "SACC" not in line))
    blink = reading(path).blink
    assert blink is not None
    assert np.flatnonzero(blink[:, 0]).tolist() == [10, 11, 12, 13, 14]


def test_a_saccade_without_a_blink_is_no_blink(tmp_path):
    pupil = pupils(30)
    path = write(tmp_path / "a.asc", [Block(5000, pupil, blinks=[("left", 10, 14)])])
    path.write_text("\n".join(line for line in path.read_text().split("\n") if "BLINK" not in line))
    blink = reading(path).blink
    assert blink is not None
    assert not blink.any()


@pytest.mark.parametrize("close", [True, False])
def test_a_recording_that_starts_and_ends_inside_a_blink(tmp_path, close):
    """Trap: at its start no SBLINK stands in the file, at its end no EBLINK."""
    pupil = pupils(50)
    pupil[:8] = pupil[40:] = 0
    block = Block(5000, pupil, blinks=[("left", 0, 7), ("left", 40, 49)], close=close, open_blinks=True)
    path = write(tmp_path / "a.asc", [block, Block(9000, pupils(20))])
    changed(path, "SSACC L  5000\nSBLINK L 5000\n", "")
    blink = reading(path).blink
    assert blink is not None
    assert np.flatnonzero(blink[:, 0]).tolist() == [*range(12), *range(36, 50)]


def test_each_millisecond_printed_twice(tmp_path):
    """Trap: duplicate timestamps. At 2000 Hz older programs print whole milliseconds, each twice."""
    for start in (20000, 20000.5):
        block = Block(start, pupils(41), rate=2000)
        samples = reading(
            write(tmp_path / "a.asc", [block, Block(30000, pupils(4), rate=2000)], Layout(print_half=False))
        )
        assert samples.time is not None
        assert samples.time.values[:41].tolist() == block.times.tolist()
        assert "each millisecond twice" in said(samples)["time"]


def test_several_blocks(tmp_path):
    """Trap: several blocks in a file. Each is a recording; the gap between them is not data."""
    blocks = [
        Block(1000, pupils(9, 1)),
        Block(5000, pupils(7, 2), ("left", "right"), 500),
        Block(9000, pupils(5), ("right",)),
    ]
    samples = reading(write(tmp_path / "a.asc", blocks))
    assert len(samples) == 21
    assert names(samples, "recording") == ["block 1"] * 9 + ["block 2"] * 7 + ["block 3"] * 5
    np.testing.assert_array_equal(samples.pupil[9:16], blocks[1].pupil)
    np.testing.assert_array_equal(samples.pupil[:9, 0], blocks[0].pupil[:, 0])
    np.testing.assert_array_equal(samples.pupil[16:, 1], blocks[2].pupil[:, 0])
    assert (samples.eyes, samples.rate_hz) == (("left", "right"), None)
    assert (said(samples)["eyes"], said(samples)["rates"]) == ("left, left and right, right", "500 Hz, 1000 Hz")
    assert said(samples)["blocks"] == "3, with pauses of 3.988 to 3.992 s"


def test_a_clock_that_begins_anew_in_a_block(tmp_path):
    samples = reading(write(tmp_path / "a.asc", [Block(90000, pupils(5)), Block(10, pupils(5))]))
    assert samples.time is not None
    assert samples.time.values.tolist() == [*range(90000, 90005), *range(10, 15)]


def test_non_monotonic_timestamps(tmp_path):
    """Trap: within a block the clock never runs backwards."""
    path = changed(write(tmp_path / "a.asc", [Block(1000, pupils(9))]), "\n1004\t", "\n1001\t")
    with pytest.raises(ReadError, match=r"line 22: the time 1001 lies before that of the sample above, 1003"):
        reading(path)


# Messages


def test_messages_and_their_offsets(tmp_path):
    block = Block(
        1000,
        pupils(9),
        messages=[(2, "ONSET_Easy1"), (3, "-11 Initial_display"), (4, "14 Target"), (5, "254"), (6, "20230501 x")],
        before=["TRACKER_TIME 0"],
        behind=["0 after the end"],
    )
    events = reading(write(tmp_path / "a.asc", [block])).events
    assert [(e.time, e.text) for e in events if "!CAL" not in e.text] == [
        (1000, "TRACKER_TIME 0"),
        (1000, "INPUT 0"),
        (1002, "ONSET_Easy1"),
        (1014, "Initial_display"),
        (990, "Target"),
        (1005, "254"),
        (1006, "20230501 x"),
        (1008, "after the end"),
    ]
    assert {e.recording for e in events} == {""}
    lines = (tmp_path / "a.asc").read_text().split("\n")
    assert all(e.text.split()[-1] in lines[e.line - 1] for e in events)


def test_messages_before_start_and_between_blocks(tmp_path):
    """Trap: a message stands before START. It is of the block that follows; one in a pause is of the nearer block."""
    first = Block(1000, pupils(5), before=["early"], messages=[(1, "in 1")], behind=["just after"])
    second = Block(3000, pupils(5), messages=[(1, "in 2")], behind=["late"])
    path = write(tmp_path / "a.asc", [first, second])
    pause = ["MSG\t1004 just after", "MSG\t1400 a trial is near", "MSG\t1500 TRIALID 7", "MSG\t1501 x", "MSG\t2990 y"]
    changed(path, pause[0], "\n".join(pause))
    found = {e.text: e.recording for e in reading(path).events}
    assert found["early"] == found["in 1"] == found["just after"] == found["a trial is near"] == "block 1"
    assert found["TRIALID 7"] == found["x"] == found["y"] == found["in 2"] == found["late"] == "block 2"


def trial_blocks(**more: str) -> list[Block]:
    first = ["!V TRIAL_VAR condition Easy", "!V TRIAL_VAR video cat 1.mp4", "!V TRIAL_VAR colour red", "TRIAL_RESULT 0"]
    second = ["!V TRIAL_VAR condition Hard", "!V TRIAL_VAR video dog.mp4", "TRIAL_RESULT 0"]
    return [
        Block(1000, pupils(5), before=["TRIALID 4"], behind=first),
        Block(5000, pupils(6), before=[f"TRIALID {more.get('again', '5')}"], behind=second),
    ]


def test_trials_with_their_variables(tmp_path):
    samples = reading(write(tmp_path / "a.asc", trial_blocks()))
    assert names(samples, "trial") == ["4"] * 5 + ["5"] * 6
    assert names(samples, "label") == ["Easy"] * 5 + ["Hard"] * 6
    assert names(samples, "stimulus") == ["cat 1.mp4"] * 5 + ["dog.mp4"] * 6
    assert samples.unused == ("colour",)
    inside = next(e for e in samples.events if e.text == "TRIALID 5")
    assert inside.parts == {"trial": "5", "label": "Hard", "stimulus": "dog.mp4"}
    assert next(e for e in samples.events if e.text.startswith("!CAL")).parts == {}


def test_variables_named_in_the_settings(tmp_path):
    path = write(tmp_path / "a.asc", trial_blocks())
    samples = reading(path, ReadSettings(label="colour", trial=("condition", "Video")))
    assert names(samples, "label") == ["red"] * 5 + [""] * 6
    assert names(samples, "trial") == ["Easy cat 1.mp4"] * 5 + ["Hard dog.mp4"] * 6
    with pytest.raises(ReadError, match=r"no trial has a variable 'mood'.*'TRIALID', 'condition', 'video', 'colour'"):
        reading(path, ReadSettings(label="mood"))


def test_a_trial_id_that_comes_again_is_numbered(tmp_path):
    samples = reading(write(tmp_path / "a.asc", trial_blocks(again="4")))
    assert names(samples, "trial") == ["4"] * 5 + ["4 (2)"] * 6
    assert said(samples)["names of trials"].startswith("1 have the name of an earlier one")


def test_messages_cut_across_trials_within_a_block(tmp_path):
    marks = [(2, "TRIALID a"), (5, "TRIAL_RESULT 1"), (7, "TRIALID b"), (9, "TRIALID c")]
    samples = reading(write(tmp_path / "a.asc", [Block(1000, pupils(12), messages=marks)]))
    assert names(samples, "trial") == ["", "", "a", "a", "a", "", "", "b", "b", "c", "c", "c"]


def test_a_person_named_in_one_trial_is_the_files(tmp_path):
    blocks = trial_blocks()
    blocks[0].behind = ["!V TRIAL_VAR Session_Name_ s07", "TRIAL_RESULT 0"]
    assert set(names(reading(write(tmp_path / "a.asc", blocks)), "participant")) == {"s07"}


# How files are written and damaged


def test_latin_1_gzip_and_line_ends(tmp_path):
    block = Block(1000, pupils(6), messages=[(1, "l\xe4cheln")])
    path = write(tmp_path / "a.asc", [block])
    packed = tmp_path / "b.asc.gz"
    packed.write_bytes(gzip.compress(path.read_bytes().replace(b"\n", b"\r\n")))
    for file in (path, packed):
        samples = reading(file)
        np.testing.assert_array_equal(samples.pupil[:, 0], block.pupil[:, 0])
        assert "l\xe4cheln" in [e.text for e in samples.events]
        assert said(samples)["encoding"] == "latin-1"


def test_a_file_without_its_header_is_recognised(tmp_path):
    assert len(reading(write(tmp_path / "a.asc", [Block(1000, pupils(6))], Layout(header=())))) == 6


@pytest.mark.parametrize(
    "content",
    [
        *("", "a,b\n1,2\n", "START 12\n", "Time\tType\tTrial\n1\tSMP\t1\n"),
        *("** a table **\nSAMPLES\t3\n", "MSG\t12 START 12 LEFT\n"),
    ],
)
def test_other_texts_are_not_recognised(tmp_path, content):
    path = tmp_path / "a.asc"
    path.write_text(content)
    assert not eyelink_asc.recognises(Given(path), PLAIN)


def test_edf_files_are_refused_with_what_to_do(tmp_path):
    path = tmp_path / "a.edf"
    path.write_bytes(b"SR_RESEARCH_COMBFILE\x00\x01")
    with pytest.raises(ReadError, match=r"edf2asc"):
        reading(path)
    path.write_bytes(b"0       X X X X")  # the European Data Format
    assert not eyelink_asc.recognises(Given(path), PLAIN)


def test_decimal_comma(tmp_path):
    """Trap: a decimal comma is refused, with its line."""
    path = write(tmp_path / "a.asc", [Block(1000, np.full((5, 1), 1234.5))])
    with pytest.raises(ReadError, match=r"a.asc, line 18: the pupil '1234,5' has a decimal comma"):
        reading(changed(path, "1234.5", "1234,5", 99))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("1234.5", "12x4.5", r"line 18: the pupil of a sample must be a number; it is '12x4.5'"),
        ("\n1003\t", " 1003\t", r"line 20: a sample must have 5 fields, as the others have; this one has 10"),
        ("\n1003\t", "\n1O03\t", r"line 21: the time of a sample must be a number; it is '1O03'"),
        ("START\t1000", "STRAT\t1000", r"line 18: a sample stands above the first START line"),
        ("LEFT", "LIFT", r"neither START nor SAMPLES says LEFT or RIGHT"),
    ],
)
def test_damage_is_named_with_its_line(tmp_path, old, new, message):
    path = write(tmp_path / "a.asc", [Block(1000, np.full((5, 1), 1234.5))])
    with pytest.raises(ReadError, match=message):
        reading(changed(path, old, new, 99 if old == "LEFT" else 1))


def test_an_eye_lost_from_the_header_is_not_taken_for_the_other(tmp_path):
    path = write(tmp_path / "a.asc", [Block(1000, pupils(5, 2), ("left", "right"))])
    with pytest.raises(ReadError, match=r"a sample of the right eye has 8 fields, which does not fit line 16"):
        reading(changed(path, "SAMPLES\tGAZE\tLEFT\t", "SAMPLES\tGAZE\tLXFT\t"))


def test_one_eye_exported_of_two(tmp_path):
    """edf2asc -r writes the right eye alone; START still names both."""
    block = Block(1000, pupils(5), ("right",))
    path = changed(write(tmp_path / "a.asc", [block]), "START\t1000 \tRIGHT", "START\t1000 \tLEFT\tRIGHT")
    samples = reading(path)
    assert samples.eyes == ("right",)
    np.testing.assert_array_equal(samples.pupil[:, 1], block.pupil[:, 0])


def test_no_end_and_a_last_line_cut_short(tmp_path):
    path = write(tmp_path / "a.asc", [Block(1000, pupils(5), close=False)])
    samples = reading(path)
    assert len(samples) == 5
    assert said(samples)["blocks"] == "block 1 has no END line: the file may be cut short there"
    path.write_bytes(path.read_bytes()[:-7])
    samples = reading(path)
    assert len(samples) == 4
    assert said(samples)["end of file"] == "line 22 has no end: it may be cut short and is left out"


def test_samples_behind_a_lost_start_are_said(tmp_path):
    path = write(tmp_path / "a.asc", [Block(1000, pupils(5)), Block(5000, pupils(5))])
    samples = reading(changed(path, "START\t5000", "STRAT\t5000"))
    assert said(samples)["samples"].startswith("5 stand behind the END line of their block, first in line 31")


def test_strange_lines_in_a_block_are_said(tmp_path):
    path = changed(write(tmp_path / "a.asc", [Block(1000, pupils(5))]), "\n1003\t", "\nX003\t")
    samples = reading(path)
    assert len(samples) == 4
    assert said(samples)["lines"].endswith("first line 21")


def test_no_samples(tmp_path):
    path = write(tmp_path / "a.asc", [Block(1000, pupils(1))])
    path.write_text("\n".join(line for line in path.read_text().split("\n") if not line[:1].isdigit()))
    with pytest.raises(ReadError, match=r"there is no sample in it"):
        reading(path)


WHOLE = text(
    [
        Block(1000, pupils(12, 2), ("left", "right"), 500, [("right", 4, 6)], 2, [(2, "TRIALID 1"), (9, "-3 x")]),
        Block(
            3000,
            pupils(6),
            ("left",),
            2000,
            before=["TRIALID 2"],
            behind=["!V TRIAL_VAR condition Easy", "TRIAL_RESULT"],
        ),
    ],
    Layout(extra=("INPUT",)),
).encode("latin-1")


@settings(max_examples=at_most(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_cut_or_damage_gives_samples_or_a_read_error(tmp_path, data):
    """A file cut anywhere gives the samples before the cut; a damaged one samples or an error that names the file."""
    path = tmp_path / "a.asc"
    path.write_bytes(WHOLE)
    true = {(r, t): p for r, t, p in rows_of(reading(path))}
    at = data.draw(st.integers(0, len(WHOLE) - 1))
    cut = data.draw(st.booleans())
    path.write_bytes(WHOLE[:at] if cut else WHOLE[:at] + data.draw(st.binary(min_size=1, max_size=2)) + WHOLE[at + 1 :])
    try:
        samples = eyelink_asc.read(Given(path), PLAIN)
    except ReadError as error:
        named = "a.asc" in str(error)
    else:
        named = True
        found = {(r, t): p for r, t, p in rows_of(samples)}
        assert not cut or found.items() <= true.items()
    assert named


def rows_of(samples: Samples) -> list[tuple[int, float, tuple[str, ...]]]:
    assert samples.time is not None
    texts = [tuple(map(str, pair)) for pair in samples.pupil.tolist()]
    return list(zip(samples.line.tolist(), samples.time.values.tolist(), texts, strict=True))


# Real files, against a plain parsing of their lines

REAL = sorted((DATA / "trackers" / "eyelink").glob("*.asc"))


@pytest.mark.skipif(bool(REAL), reason="the real EyeLink files are here")
def test_real_files_are_missing():
    pytest.skip("the real EyeLink files are not here")


def plain(path: Path) -> dict[str, list]:
    """A file's samples, blinks and messages, line by line."""
    found: dict[str, list] = {"time": [], "pupil": [], "block": [], "blinks": [], "messages": [], "trial": []}
    eyes: list[int] = []
    block, trial, saccades = 0, "", {}
    for line in path.read_text("latin-1").splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] == "START":
            block += 1
        elif words[0] == "SAMPLES":
            eyes = [i for i, eye in enumerate(("LEFT", "RIGHT")) if eye in words]
        elif words[0] == "MSG":
            found["messages"].append(words[1:])
            if words[2:3] == ["TRIALID"] or words[2:3] == ["TRIAL_RESULT"]:
                trial = " ".join(words[3:]) if words[2] == "TRIALID" else ""
        elif words[0] == "ESACC":
            saccades[words[1], float(words[2])] = float(words[3])
        elif words[0] == "EBLINK":
            found["blinks"].append((words[1], float(words[2]), float(words[3])))
        elif line[0].isdigit() and block:
            found["time"].append(float(words[0]))
            sizes = [np.nan, np.nan]
            for place, eye in enumerate(eyes):
                sizes[eye] = float(words[3 + 3 * place])
            found["pupil"].append(sizes)
            found["block"].append(block)
            found["trial"].append(trial)
    found["saccades"] = [(eye, a, z) for (eye, a), z in saccades.items()]
    return found


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_files(path):
    samples, true = reading(path), plain(path)
    assert len(samples) == len(true["time"])
    np.testing.assert_array_equal(samples.pupil, np.array(true["pupil"]))
    assert samples.time is not None
    np.testing.assert_array_equal(np.floor(samples.time.values), np.floor(true["time"]))
    if max(true["block"]) > 1:
        assert names(samples, "recording") == [f"block {b}" for b in true["block"]]
    messages = [e for e in samples.events if not e.text.startswith(("INPUT ", "BUTTON "))]
    assert len(messages) == len(true["messages"])
    for event, words in zip(messages, true["messages"], strict=True):
        assert words[len(words) - len(event.text.split()) :] == event.text.split()
        shift = int(words[1]) if len(event.text.split()) == len(words) - 2 else 0
        assert event.time == float(words[0]) - shift
    if any(true["trial"]):
        assert names(samples, "trial") == true["trial"]
    assert samples.blink is not None
    marks = np.zeros_like(samples.blink)
    for letter, first, last in true["blinks"]:
        around = [(a, z) for eye, a, z in true["saccades"] if eye == letter and a <= first and last <= z]
        a, z = around[0] if around else (first, np.inf)
        marks[(samples.time.values >= a) & (samples.time.values <= z), "LR".index(letter)] = True
    np.testing.assert_array_equal(samples.blink, marks)


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_steps_of_real_files_are_those_of_their_rate(path):
    """Within a block nearly all samples follow each other at the rate that the file states; two are excerpts by hand."""
    if "monocular" in path.stem:
        pytest.skip("lines were taken out of this file by hand")
    samples = reading(path)
    assert samples.time is not None
    assert samples.rate_hz is not None
    block = samples.names["recording"].codes if "recording" in samples.names else np.zeros(len(samples), np.int64)
    steps = np.diff(samples.time.values)[np.diff(block) == 0]
    assert np.mean(steps == 1000 / samples.rate_hz) > 0.999


def test_pieces_of_a_large_file(tmp_path, monkeypatch):
    """Files are taken apart piece by piece; where the pieces meet makes no difference."""
    path = tmp_path / "a.asc"
    path.write_bytes(WHOLE)
    whole = reading(path)
    for size in (1, 37, 64, 500):
        monkeypatch.setattr(asc_lines, "_CHUNK", size)
        pieces = reading(path)
        np.testing.assert_array_equal(pieces.pupil, whole.pupil)
        np.testing.assert_array_equal(pieces.line, whole.line)
        assert pieces.time is not None
        assert whole.time is not None
        np.testing.assert_array_equal(pieces.time.values, whole.time.values)


# Samples at tabs and samples at any space are the same


SAMPLES = [
    ("100\t  512.3\t  388.1\t 1234.0\t...", "101\t   .\t   .\t    0.0\t..."),
    ("100\t1.0\t2.0\t33.5\t4.0\t5.0\t66.25\t.....", "100.5\t1.0\t2.0\t  .\t4.0\t5.0\t123456789012345.25\t....."),
    ("100\t1.0\t2.0\t-33.5\t.\t.\t6e3\t.....", "101\t1.0\t2.0\t+3\t.\t.\t  7.000\t....."),
]


@pytest.mark.parametrize("rows", SAMPLES)
def test_both_ways_of_splitting_samples_agree(rows):
    lines = asc_lines.split_lines("\n".join(["MSG\t1 a", *rows, "MSG\t2 b\tc", *rows, ""]).encode(), "a.asc")
    at, two = np.array([1, 2, 4, 5]), np.full(4, rows[0].count("\t") > 5)
    quick, careful = (way(lines, at, two) for way in (asc_lines._split_at_tabs, asc_lines._split_at_space))
    np.testing.assert_array_equal(quick.count, careful.count)
    np.testing.assert_array_equal(quick.values, careful.values)


@pytest.mark.parametrize(
    "row",
    [
        "100 1.0 2.0 33.5 ...",
        "100\t1.0\t2.0\t33.5",
        "100\t1.0\t\t33.5\t...",
        "100\t1.0\t2.0\tnan\t...",
        "100\t1.0\t2.0\tinf\t...",
        "100\t1.0\t2.0\t33,5\t...",
        "100\t1.0\t2 0\t33.5\t...",
        ".\t1.0\t2.0\t33.5\t...",
        "100\t1.0\t2.0\t\t33.5",
    ],
)
def test_odd_samples_are_left_to_the_careful_way(row):
    lines = asc_lines.split_lines(f"99\t1.0\t2.0\t33.5\t...\n{row}\n".encode(), "a.asc")
    assert asc_lines._split_at_tabs(lines, np.array([0, 1]), np.zeros(2, np.bool_)) is None
