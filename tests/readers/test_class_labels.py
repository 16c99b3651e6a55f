"""Labels as a file writes them."""

import pytest

from smilejax._util.errors import ReadError
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
