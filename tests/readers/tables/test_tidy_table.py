"""The tidy layout: what is read, and what every refusal says."""

import numpy as np
import pytest

from smilejax._util.errors import DataWarning, ReadError
from smilejax.readers import read
from smilejax.recordings.recording import UNLABELLED
from smilejax.settings import ReadSettings


def test_reads_values_sides_labels_and_names(tidy):
    t = read(tidy())
    assert (t.trial, t.participant, t.class_names) == (("a", "b"), ("p1", "p1"), ("posed", "genuine"))
    assert t.label.tolist() == [0, 1]
    assert (t.rate_hz, t.unit, t.length.tolist()) == (50.0, "mm", [6, 6])
    np.testing.assert_array_equal(t.pupil[0, :, 0], np.float32([3.00, 3.01, 3.02, 3.03, 3.04, 3.05]))
    np.testing.assert_array_equal(t.pupil[1, :, 1], np.float32([4.50, 4.52, 4.54, 4.56, 4.58, 4.60]))
    assert (t.stimulus, t.smiler, t.source.layout) == (None, None, "tidy")


def test_trials_keep_order_of_first_appearance_and_may_be_interleaved(tidy, rows):
    late, early = rows(trial="z", first=4.0, label="genuine"), rows(trial="a", first=2.0)
    mixed = [row for pair in zip(late, early, strict=True) for row in pair]
    t = read(tidy(*mixed))
    assert (t.trial, t.label.tolist()) == (("z", "a"), [1, 0])
    np.testing.assert_array_equal(t.pupil[0, :, 0], np.float32([4.00, 4.01, 4.02, 4.03, 4.04, 4.05]))
    np.testing.assert_array_equal(t.pupil[1, :, 0], np.float32([2.00, 2.01, 2.02, 2.03, 2.04, 2.05]))


def test_same_trial_name_of_two_participants_is_two_trials(tidy, rows):
    t = read(tidy(*rows("p1"), *rows("p2", label="genuine", first=5.0)))
    assert (t.participant, t.trial) == (("p1", "p2"), ("a", "a"))
    assert t.pupil[1, 0, 0] == 5.0


def test_unequal_lengths_are_padded(tidy, rows):
    t = read(tidy(*rows(times=(0, 20, 40, 60)), *rows(trial="b")))
    assert t.length.tolist() == [4, 6]
    assert np.isnan(t.pupil[0, 4:]).all()


def test_missing_samples_of_every_kind_become_nan_and_are_counted(tidy, rows, found):
    lines = rows(times=range(0, 240, 20))
    for i, word in enumerate(["", "NaN", "n/a", "0", "0.00", "-1", "-1.0", "-9", "99.5", ".", "NULL"]):
        cells = lines[i].split(",")
        cells[3] = word
        lines[i] = ",".join(cells)
    t = read(tidy(*lines), ReadSettings(missing=(99.5,)))
    assert np.isnan(t.pupil[0, :11, 0]).all()
    assert np.isfinite(t.pupil[0, 11, 0])
    assert np.isfinite(t.pupil[0, :, 1]).all()
    assert found(t, "missing samples") == "11 of 24 (45.8%); empty: 5, given (99.5): 1, 0: 2, -1: 2, other negative: 1"


def test_nanoseconds_are_read_exactly(tidy, rows, found):
    times = [1_700_000_000_123_456_789 + 4_000_037 * i for i in range(6)]
    t = read(tidy(*rows(times=times)))
    assert t.rate_hz == 250.0
    assert float(found(t, "largest jitter").split()[0]) < 1e-6  # as floats they would be off by up to 128 ns


def test_number_near_a_missing_one_stays(tidy, rows):
    t = read(tidy(*rows()), ReadSettings(missing=(3.0,)))
    assert np.flatnonzero(np.isnan(t.pupil[0, :, 0])).tolist() == [0]


def test_number_not_given_as_missing_stays(tidy, rows):
    lines = rows()
    lines[2] = "p1,a,40,99.5,3.54,posed"
    with pytest.warns(DataWarning, match="1 sample is above 15 mm, as 99.5"):
        assert read(tidy(*lines)).pupil[0, 2, 0] == np.float32(99.5)


def test_baseline_corrected_pupil_is_refused(tidy, rows):
    lines = [f"p1,a,{20 * i},{v},3.5,posed" for i, v in enumerate((0.1, -0.2, 0.3, -0.4, -0.5, -0.6))]
    with pytest.raises(
        ReadError, match=r"pupil.csv: .*4 negative values of 4 kinds .*baseline.*raw recording.*missing"
    ):
        read(tidy(*lines))


def test_all_missing_is_refused(tidy):
    with pytest.raises(ReadError, match=r"Of 4 samples: left, .*: 0: 4; right, .*: -1: 4\. If other .*left, right"):
        read(tidy(*[f"p1,a,{20 * i},0,-1,posed" for i in range(4)]))


@pytest.mark.parametrize(("scale", "unit"), [(1.0, "mm"), (100.0, "au")])
def test_unit_is_inferred_from_the_median(tidy, scale, unit, found):
    t = read(tidy(*[f"p1,a,{20 * i},{(3 + i / 10) * scale},{(3.5 + i / 10) * scale},posed" for i in range(5)]))
    assert t.unit == unit
    assert found(t, "pupil unit") == f"{unit} (median {3.45 * scale:.4g})"


def test_metres_become_mm_and_it_is_said(tidy, found):
    path = tidy(*[f"p1,a,{20 * i},0.003{i},0.0031,posed" for i in range(5)])
    t = read(path)
    np.testing.assert_allclose(t.pupil[0, :, 0], [3.0, 3.1, 3.2, 3.3, 3.4], rtol=1e-6)
    assert t.unit == "mm"
    assert found(t, "left eye's pupil") == "m, converted to mm"
    assert read(path, ReadSettings(unit="au")).unit == "au"


def test_unit_of_heading_is_kept_and_checked(tidy, rows):
    assert read(tidy(head="subject,trial,time,left [px],right [px],label")).unit == "px"
    lines = [f"p1,a,{20 * i},40{i},410,posed" for i in range(5)]
    with pytest.raises(ReadError, match=r"pupil.csv: the left pupil cannot be in mm: its median, 402, would be 402 mm"):
        read(tidy(*lines, head="subject,trial,time,left_mm,right_mm,label"))
    with pytest.raises(ReadError, match=r"both eyes must have one unit; the left is in px and the right in mm"):
        read(tidy(head="subject,trial,time,left [px],right [mm],label"))
    with pytest.raises(ReadError, match=r"the left pupil cannot be in m: .*unit au"):
        read(tidy(head="subject,trial,time,left [m],right,label"))


def test_one_sideless_pupil_goes_left_and_is_said(write, found):
    lines = [f"p1,a,{20 * i},3.{i},posed" for i in range(5)]
    t = read(write("one.csv", "\n".join(["subject,trial,time,Pupil size,label", *lines])))
    np.testing.assert_array_equal(t.pupil[0, :, 0], np.float32([3.0, 3.1, 3.2, 3.3, 3.4]))
    assert np.isnan(t.pupil[:, :, 1]).all()
    assert found(t, "eyes") == "one, taken as the left; the file does not say which"
    right = read(
        write("one.csv", "\n".join(["subject,trial,time,Pupil size,label", *lines])), ReadSettings(recorded_eye="right")
    )
    np.testing.assert_array_equal(right.pupil[..., ::-1], t.pupil)


def test_right_eye_alone_stays_right(write):
    lines = [f"p1,a,{20 * i},3.{i},posed" for i in range(5)]
    t = read(write("one.csv", "\n".join(["subject,trial,time,RPupil,label", *lines])))
    assert np.isnan(t.pupil[:, :, 0]).all()
    assert t.pupil[0, 1, 1] == np.float32(3.1)


def test_stimulus_and_smiler(tidy, rows, found):
    lines = [f"{row},clip{i // 6},Ann" for i, row in enumerate([*rows(), *rows(trial="b")])]
    t = read(tidy(*lines, head="subject,trial,time,left,right,label,Video,Actor"))
    assert (t.stimulus, t.smiler) == (("clip0", "clip1"), ("Ann", "Ann"))
    assert found(t, "found") == "2 trials, 1 participant, 2 stimuli"
    changed = [lines[0], *[line.replace("clip0", "clip9") for line in lines[1:6]]]
    with pytest.raises(
        ReadError, match=r"line 3: the stimulus must be the same throughout .*'clip0' in line 2 and 'clip9'"
    ):
        read(tidy(*changed, head="subject,trial,time,left,right,label,Video,Actor"))


def test_stimulus_stands_in_for_trial(tidy, found):
    t = read(tidy(head="subject,stimulus,time,left,right,label"))
    assert (t.trial, t.stimulus) == (("a", "b"), ("a", "b"))
    assert found(t, "trial names") == "taken from the stimulus"


def test_rows_without_a_trial_are_left_out_and_counted(tidy, rows, found):
    t = read(tidy("p1,,0,3.1,3.2,", *rows(), "p1,,0,3.1,3.2,"))
    assert (len(t), found(t, "rows outside trials")) == (1, "2 without a trial's name, left out")


def test_row_without_a_participant_is_refused(tidy, rows):
    with pytest.raises(ReadError, match=r"pupil.csv, line 8: every sample needs a participant; this row has none."):
        read(tidy(*rows(), *rows("")))


def test_empty_rows_at_the_end_are_no_samples(tidy, rows):
    assert len(read(tidy(*rows(), ",,,,,", ",,,,,"))) == 1


@pytest.mark.parametrize("role", ["participant", "trial", "label"])
def test_absent_column_is_named_with_the_mend(tidy, role):
    heads = {"participant": "subject", "trial": "trial", "label": "label"}
    path = tidy(head="subject,trial,time,left,right,label".replace(heads[role], "other"))
    with pytest.raises(
        ReadError, match=rf"pupil.csv: no column with the {role} .*was .*{role} NAME.*not used: .*'other'"
    ):
        read(path)


def test_absent_pupil_and_time(tidy):
    with pytest.raises(ReadError, match=r"no column with the pupil was recognised. Name it with pupil NAME"):
        read(tidy(head="subject,trial,time,a,b,label"))
    path = tidy(head="subject,trial,x,left,right,label")
    with pytest.raises(ReadError, match=r"no column with the time .*rate_hz NUMBER.*time NAME"):
        read(path)
    t = read(path, ReadSettings(rate_hz=77.0))
    assert (t.rate_hz, t.length.tolist()) == (77.0, [6, 6])


def test_one_column_file_says_so(write):
    with pytest.raises(ReadError, match="The whole first line is one column: its delimiter must be one of"):
        read(write("a.txt", "subject trial time\n1 2 3\n4 5 6\n"))


def test_short_trial_is_named_with_its_lines(tidy, rows):
    with pytest.raises(
        ReadError, match=r"pupil.csv, lines 8 to 10: a trial must have at least 4 .*trial 'b' of participant 'p1' has 3"
    ):
        read(tidy(*rows(), *rows(trial="b")[:3]))


def test_text_among_numbers_is_named(tidy, rows):
    lines = rows()
    lines[3] = lines[3].replace("3.03", "lost")
    with pytest.raises(
        ReadError, match=r"pupil.csv, line 5, column 'left': a finite number is expected; the cell holds 'lost'"
    ):
        read(tidy(*lines))
    lines[3] = lines[3].replace("lost", "inf")
    with pytest.raises(ReadError, match=r"line 5, column 'left'.*'inf'"):
        read(tidy(*lines))


def test_decimal_comma(write, rows):
    text = "\n".join([HEAD, *rows()]).replace(",", ";").replace(".", ",")
    path = write("comma.csv", text)
    with pytest.raises(ReadError, match=r"comma.csv, line 2, column 'left': '3,00' has a decimal comma. .*decimal ,"):
        read(path)
    assert read(path, ReadSettings(decimal=",")).pupil[0, 1, 0] == np.float32(3.01)
    dotted = write("dots.csv", text.replace("3,02", "."))
    assert np.isnan(read(dotted, ReadSettings(decimal=",")).pupil[0, 2, 0])
    pointed = write("point.csv", "\n".join([HEAD, *rows()]).replace(",", ";"))
    with pytest.raises(ReadError, match=r"line 2, column 'left': '3.00' has a decimal point.*decimal"):
        read(pointed, ReadSettings(decimal=","))


def test_optional_labels(tidy, rows, found):
    path = tidy(head="subject,trial,time,left,right,other")
    t = read(path, labels="optional")
    assert t.label.tolist() == [UNLABELLED, UNLABELLED]
    assert found(t, "trials per class") == "0 posed, 0 genuine, 2 unlabelled (for predict alone)"
    t = read(tidy(*rows(), *rows(trial="b", label=""), *rows(trial="c", label="genuine")), labels="optional")
    assert t.label.tolist() == [0, UNLABELLED, 1]


def test_bare_recording_is_one_trial_where_labels_are_optional(write):
    path = write("bare.csv", "time,left,right\n" + "".join(f"{i * 20},3.{i},4.{i}\n" for i in range(6)))
    t = read(path, labels="optional")
    assert (t.trial, t.participant, t.length.tolist()) == (("all",), ("all",), [6])
    with pytest.raises(ReadError, match="no column with the participant"):
        read(path)


def test_real_file(real_file, found):
    t = read(real_file, ReadSettings(classes=("Easy", "Hard")))
    assert (len(t), set(t.length.tolist()), t.rate_hz, t.unit) == (48, {600}, 60.0, "mm")
    assert len(set(t.participant)) == 8
    assert np.bincount(t.label).tolist() == [24, 24]
    assert t.pupil[0, :2, 0].tolist() == [np.float32(2.93516), np.float32(2.9197)]
    assert t.pupil[0, 0, 1] == np.float32(3.23361)
    assert found(t, "missing samples") == "7301 of 57600 (12.7%); -1: 7301"
    with pytest.raises(ReadError, match=r"line 2: .*'Easy'. The labels are: Easy, Hard.*classes Easy Hard"):
        read(real_file)


HEAD = "subject,trial,time,left,right,label"


def test_an_onset_that_changes_within_a_trial_is_refused(tidy):
    """The first row's was taken for all, in silence."""
    head = "subject,trial,time,onset,left,label"
    rows = [f"p1,{trial},{20 * i},{40 if i < 4 else 60},{3 + i / 10},posed" for trial in "ab" for i in range(6)]
    with pytest.raises(ReadError, match=r"line 6: the onset must be the same .* 'a' .* is 40 in line 2 and 60 here"):
        read(tidy(*rows, head=head))
