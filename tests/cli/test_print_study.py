"""What is printed of a study beside its verdict."""

import pytest
from report.study_variants import fresh, record_of, stopped_early

from smilejax.cli.print_study import print_study


def test_the_class_difference_is_printed_below_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    study = fresh()
    study["class_difference"]["interval"] |= {"estimate": 0.066, "low": -0.017, "high": 0.149}
    study["class_difference"]["course_test"]["scores"] |= {"p": 0.124, "p_participants": 0.0234, "smallest_p": 0.124}
    print_study(record_of(study).results)
    words = " ".join(capsys.readouterr().out.split())
    difference = (
        "Class difference: genuine minus posed 0.066 mm (95% interval -0.017 to 0.149, over 8 participants and 8 stimuli), "
        "200 to 4000 ms. Time course: whether the classes differ anywhere between 200 and 4000 ms cannot be judged "
        "(cluster-based permutation test, p = .124; labels exchanged within smiler pairs; p = .023 by the signs of "
        "participants' differences; the smallest attainable p is .124)."
    )
    assert words.index(difference) > words.index("Verdict:")
    assert words.index(difference) < words.index("Protocols")


def test_classifiers_are_tested_with_all_permutations_and_it_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    print_study(record_of(stopped_early(fresh())).results)
    words = " ".join(capsys.readouterr().out.split())
    assert "Tests of other classifiers use all 99 permutations; the network's stopped after 23." in words


def test_an_older_study_is_printed_without_it(capsys: pytest.CaptureFixture[str]) -> None:
    print_study(record_of(fresh() | {"class_difference": None}).results)
    assert "Class difference" not in capsys.readouterr().out


def test_why_the_majority_class_has_not_half_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    why = "it predicts the larger class of each fold's training trials"
    for reached, said in ((0.49, True), (0.5, False)):
        study = fresh()
        study["classifiers"][0]["scores"]["interval"]["estimate"] = reached
        print_study(record_of(study).results)
        assert (why in " ".join(capsys.readouterr().out.split())) == said
