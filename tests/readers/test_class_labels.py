"""Labels as a file writes them."""

import warnings

import pytest

from smilejax._util.errors import DataWarning, ReadError
from smilejax.readers import read
from smilejax.readers.class_labels import class_of
from smilejax.recordings.recording import UNLABELLED
from smilejax.settings import ReadSettings


@pytest.mark.parametrize(
    ("classes", "word", "index"),
    [
        (("posed", "genuine"), " Posed ", 0),
        (("posed", "genuine"), "FAKE", 0),
        (("posed", "genuine"), "real", 1),
        (("posed", "genuine"), "Duchenne", 1),
        (("genuine", "posed"), "fake", 1),
        (("fake", "real"), "posed", 0),
        (("fake", "real"), "spontaneous", 1),
        (("neutral", "genuine"), "real", None),
        (("genuine", "duchenne"), "duchenne", 1),
        (("posed", "genuine"), "0", None),
        (("0", "1"), "1", 1),
        (("Easy", "Hard"), "hard", 1),
    ],
)
def test_words(classes, word, index):
    assert class_of(word, classes) == index


def test_classes_are_returned_as_given_and_order_counts(tidy):
    t = read(tidy(), ReadSettings(classes=("Real", "Fake")))
    assert (t.class_names, t.label.tolist()) == (("Real", "Fake"), [1, 0])


def test_numbers_need_the_classes(tidy, rows):
    path = tidy(*rows(label="0"), *rows(trial="b", label="1"))
    with pytest.raises(ReadError, match=r"line 2: .*this trial has '0'. The labels are: 0, 1\. .*classes 0 1$"):
        read(path)
    assert read(path, ReadSettings(classes=("0", "1"))).label.tolist() == [0, 1]


def test_a_third_class_is_left_out_and_counted(tidy, rows, found):
    path = tidy(*rows(), *rows(trial="b", label="odd one"), *rows(trial="c", label="genuine"))
    for labels in ("required", "optional"):
        t = read(path, labels=labels)
        assert (t.trial, t.label.tolist()) == (("a", "c"), [0, 1])
        assert found(t, "other classes") == "1 trial left out: 1 odd one"


def test_labels_that_are_neither_class_name_the_first_line_of_the_file(tidy, rows):
    path = tidy(*rows(), *rows(trial="b", label="odd one"))
    with pytest.raises(
        ReadError,
        match=r"csv, line 8: .*'posed' or 'genuine'; this trial has 'odd one'. The labels are: odd one, posed",
    ):
        read(path)
    with pytest.raises(ReadError, match=r"this trial has none. Fill it in, or take the trial out"):
        read(tidy(*rows(), *rows(trial="b", label="")))
    with pytest.raises(ReadError, match=r'classes "not real" yes'):
        read(tidy(*rows(label="not real"), *rows(trial="b", label="yes")))


def test_label_that_changes_within_a_trial(tidy, rows):
    lines = rows()
    lines[4] = lines[4].replace("posed", "genuine")
    message = r"line 6: the label must be .*trial 'a' of participant 'p1' has 'posed' in line 2 and 'genuine' here"
    with pytest.raises(ReadError, match=message):
        read(tidy(*lines))
    with pytest.raises(ReadError, match=message):
        read(tidy(*lines, *rows(trial="b", label="")), labels="optional")


def test_label_known_for_a_part_of_a_trial_is_unknown(tidy, rows):
    lines = rows()
    lines[4] = lines[4].replace("posed", "")
    assert read(tidy(*lines, *rows(trial="b", label="real")), labels="optional").label.tolist() == [UNLABELLED, 1]


def test_synonyms_within_a_trial_are_one_label(tidy, rows):
    lines = rows()
    lines[4] = lines[4].replace("posed", "Fake")
    assert read(tidy(*lines)).label.tolist() == [0]


def test_a_class_that_no_trial_has_is_named_with_the_labels_that_there_are(tidy, rows, found):
    path = tidy(*rows(label="Easy"), *rows(trial="b", label="Hard"), *rows(trial="c", label="Hard"))
    with pytest.warns(DataWarning, match="no trial is labelled 'Medium'"):
        trials = read(path, ReadSettings(classes=("Easy", "Medium")), labels="optional")
    said = found(trials, "classes")
    assert said == (
        "no trial is labelled 'Medium'; the other labels are 'Hard' (2 trials), and count as without a label. If 'Hard' is "
        "the other class, give classes Easy Hard"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", DataWarning)
        read(path, ReadSettings(classes=("Easy", "Hard")), labels="optional")


def test_of_several_labels_the_close_one_is_suggested(tidy, rows, found):
    path = tidy(*rows(label="Easy"), *rows(trial="b", label="Hard"), *rows(trial="c", label="Medium"))
    for wrong, hint in (("Hrad", "give classes Easy Hard"), ("zzz", "")):
        with pytest.warns(DataWarning, match=f"no trial is labelled '{wrong}'"):
            trials = read(path, ReadSettings(classes=("Easy", wrong)), labels="optional")
        assert found(trials, "classes").endswith(hint or "count as without a label")


def test_a_misspelt_class_of_faces_is_named_too(tmp_path):
    path = tmp_path / "faces.csv"
    head = "video,smiler,label,time_ms,lip_corner_left"
    path.write_text("\n".join([head, *(f"v{k},s{k},{'ab'[k % 2]},{t * 40},0.5" for k in range(4) for t in range(5))]))
    with pytest.warns(DataWarning, match=r"no video is labelled 'c'; the other labels are 'b' \(2 videos\)"):
        read(path, ReadSettings(classes=("a", "c")), labels="optional")
