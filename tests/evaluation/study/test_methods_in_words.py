"""Methods and results as a paper has them: every number is the study's own, and moves when it does."""

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jax
import pytest
from report.study_variants import VARIANTS, Study, fresh, record_of

from smilejax.evaluation.study import methods_paragraph, results_paragraph
from smilejax.evaluation.study.results_in_words import REFERENCES, report_in_words
from smilejax.models.network import init
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.settings import ModelSettings, StudySettings, TrainingSettings, to_json
from smilejax.settings.training_settings import NETWORKS_OF_PICTURES

GOLDEN = Path(__file__).parent / "methods_and_results.txt"
TEST = ("permutation_test", "scores", "test")
OWN = ("protocols", 0, "scores")
CLASS = ("class_difference",)
COURSE = (*CLASS, "course_test", "scores")


def test_the_whole_text() -> None:
    assert report_in_words(record_of(fresh())) + "\n" == GOLDEN.read_text(encoding="utf-8")


def put(study: Study, place: tuple[str | int, ...], value: object) -> Study:
    inner = study
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    return study


MOVED: dict[str, tuple[tuple[str | int, ...], object, str]] = {
    "participants": (("data", "participants"), 93, "pupils of 93 participants"),
    "stimuli": (("data", "stimuli"), 94, "watched 94 stimuli"),
    "smilers": (("data", "smilers"), 95, "of 95 smilers"),
    "rate": (("about", "recorded_hz"), 250.0, "were recorded at 250 Hz"),
    "unit": (("about", "unit"), "au", "(unit: arbitrary units)"),
    "classes": (("data", "classes"), {"posed": 71, "genuine": 22}, "93 trials with a label (71 posed, 22 genuine)"),
    "unlabelled": (("data", "unlabelled"), 6, ", 6 further trials without a label"),
    "length": (("data", "steps"), 97, "Trials of 4.85 s"),
    "before onset": (("about", "start_ms"), -750.0, "from 750 ms before onset"),
    "excluded": (
        ("data", "excluded"),
        [{"status": "too much missing", "classes": {"posed": 0, "genuine": 3}}],
        "(too much missing: 0 posed, 3 genuine)",
    ),
    "kept": (("data", "kept"), 51, "13 trials of 64 were excluded"),
    "kept of each class": (("data", "kept_classes"), {"posed": 17, "genuine": 46}, "(17 posed, 46 genuine)"),
    "valid": (("data", "proportion_valid"), 0.777, "77.7% of the samples"),
    "a step of cleaning": (("about", "recipe", "max_gap_ms"), 321.0, "of up to 321 ms"),
    "what the network sees": (("about", "model_hz"), 25.0, "80 steps at 25 Hz"),
    "channels": (("about", "channels"), ["left"], "input was: pupil, left eye;"),
    "hidden": (("about", "training", "model", "hidden"), 13, "13 hidden units"),
    "cell": (("about", "training", "model", "cell"), "gru", "one GRU layer"),
    "dense": (("about", "training", "model", "dense"), [61, 7], "dense layers of 61 and 7 units"),
    "velocity": (("about", "training", "model", "velocity_steps"), 4, "means over 4 steps on either side"),
    "pooling": (("about", "training", "model", "pool_steps"), 9, "averaged over 9 steps"),
    "dropout": (("about", "training", "model", "dropout"), 0.3, "dropout was 0.3"),
    "learning rate": (("about", "training", "learning_rate"), 0.0123, "learning rate 0.0123"),
    "epochs": (("about", "training", "epochs"), 77, "77 epochs"),
    "minibatch": (("about", "training", "minibatch_size"), 5, "minibatches of 5 trials"),
    "weights": (("about", "training", "class_weights"), [1.0, 2.5], "the classes had weights 1 and 2.5"),
    "hyperparameters": (("about", "vary"), {"learning_rate": [0.01, 0.03]}, "learning rate 0.01, 0.03"),
    "folds": ((*OWN, "folds"), 23, "Of 23 folds"),
    "trained on": ((*OWN, "trials_trained"), [31, 44], "trained on 31 to 44 trials"),
    "scored": ((*OWN, "trials_scored"), 41, "41 trials were scored"),
    "seeds": ((*OWN, "accuracy_spread", "seeds"), 6, "trained with 6 seeds"),
    "interval's units": ((*OWN, "interval", "units", "participants"), 18, "bootstrap of 18 participants"),
    "draws": (("about", "study", "draws"), 777, "777 draws"),
    "permutations": ((*TEST, "planned"), 501, "for each of at most 501 permutations"),
    "scheme": (("permutation_test", "scores", "where"), "among stimuli", "Labels were permuted among stimuli"),
    "within folds": (("permutation_test", "scores", "within_folds"), True, "only among what a fold holds out together"),
    "test's seeds": (("permutation_test", "scores", "seeds"), 3, "trained again with 3 seeds"),
    "smallest p": ((*TEST, "smallest_p"), 0.0123, "smallest attainable p was .012"),
    "alpha": (("alpha",), 0.01, "significance level was .010"),
    "classifiers": (("classifiers", 1, "label"), "Another one", "Another one"),
    "versions": (
        ("versions",),
        {"smilejax": "9.9", "python": "3.99", "jax": "8", "flax": "7"},
        "(version 9.9; Python 3.99, JAX 8, Flax 7)",
    ),
    "command": (("command",), "smilejax evaluate mine.csv", "`smilejax evaluate mine.csv`"),
    "runs": (("about", "runs"), 4321, "planned 4,321 trainings for scores and tests"),
    "difference's channel": ((*CLASS, "channel"), "left", "cleaned signal (pupil, left eye, in mm)"),
    "difference's window": ((*CLASS, "from_ms"), 216.667, "as the mean over 217 to 4000 ms"),
    "how it was averaged": (
        (*CLASS, "over"),
        "trials",
        "mean traces of either class, in which each trial counted once",
    ),
    "difference's interval": (
        (*CLASS, "interval", "level"),
        0.9,
        "Its 90% interval is for other participants and stimuli",
    ),
    "difference's units": (
        (*CLASS, "interval", "units", "participants"),
        17,
        "bootstrap of 17 participants and 8 stimuli",
    ),
    "course's units": ((*COURSE, "units"), "41 stimuli", "t was computed over 41 stimuli"),
    "course's threshold": ((*COURSE, "threshold_p"), 0.01, "p of t below .010"),
    "course's permutations": ((*COURSE, "permutations"), 6, "all 6 permutations that exist"),
    "course's scheme": ((*COURSE, "where"), "among smilers", "of labels exchanged among smilers"),
    "course's smallest p": ((*COURSE, "smallest_p"), 0.0321, "smallest attainable p was .032. The same was done"),
    "no second test": ((*COURSE, "p_participants"), None, "smallest attainable p was .125.\n"),
    "first seed": (("about", "study", "seed"), 17, "seeds began at 17"),
}


@pytest.mark.parametrize("name", MOVED)
def test_a_number_of_the_methods_moves(name: str) -> None:
    place, value, words = MOVED[name]
    assert words not in methods_paragraph(record_of(fresh()))
    assert words in methods_paragraph(record_of(put(fresh(), place, value)))


FOUND: dict[str, tuple[tuple[str | int, ...], object, str]] = {
    "score": ((*OWN, "interval", "estimate"), 0.7171, "balanced accuracy was 71.7%"),
    "interval": ((*OWN, "interval", "low"), 0.611, "95% interval 61.1% to"),
    "no interval": ((*OWN, "interval", "low"), None, "(no interval can be given;"),
    "level": ((*OWN, "interval", "level"), 0.9, "(90% interval"),
    "spread": ((*OWN, "mean_over_seeds", "balanced_accuracy", "sd"), 0.0777, "between seeds 7.8 points"),
    "accuracy": ((*OWN, "mean_over_seeds", "accuracy", "mean"), 0.6543, "Accuracy was 65.4%"),
    "AUC": ((*OWN, "mean_over_seeds", "auc", "mean"), 0.7654, "curve 0.765"),
    "larger class": (("data", "majority", "proportion"), 0.7531, "has an accuracy of 75.3%"),
    "observed": ((*TEST, "observed"), 0.6789, "true labels reached 67.9%"),
    "permuted": ((*TEST, "null_mean"), 0.4321, "permuted labels 43.2% on average"),
    "as high": ((*TEST, "at_least"), 2, "2 of 7 permutations scored as high or higher"),
    "count": ((*TEST, "count"), 6, "none of 6 permutations"),
    "p": ((*TEST, "p"), 0.0321, "p = .032"),
    "diverged": ((*TEST, "diverged"), 3, "3 permutations diverged"),
    "another classifier": (("classifiers", 2, "scores", "interval", "estimate"), 0.5151, "51.5% (the network minus it"),
    "difference": (("classifiers", 2, "scores", "difference", "estimate"), 0.0707, "minus it +7.1 points"),
    "its p": (("classifiers", 2, "scores", "permutation_test", "p_corrected"), 0.0441, "corrected .044"),
    "class difference": (("class_difference", "interval", "estimate"), 0.4321, "genuine minus posed 0.43"),
    "conclusion": (
        ("verdict", "conclusion"),
        "attributable",
        "Conclusion: above chance, attributable to the pupil's response.",
    ),
    "limits": (("verdict", "limits"), ["Nobody was asked."], "Limits of the study: Nobody was asked."),
    "no test": (("permutation_test",), {"why_not": "none.", "scores": None}, "There was no permutation test."),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_number_of_the_results_moves(name: str) -> None:
    place, value, words = FOUND[name]
    assert words not in results_paragraph(record_of(fresh()))
    assert words in results_paragraph(record_of(put(fresh(), place, value)))


def test_the_cluster_test_is_cited_where_it_was_done() -> None:
    cited = "Maris, E., & Oostenveld, R. (2007)"
    assert cited in report_in_words(record_of(fresh()))
    without = put(fresh(), ("class_difference", "course_test"), {"why_not": "none.", "scores": None})
    assert cited not in report_in_words(record_of(without))
    assert "class difference was" in methods_paragraph(record_of(without))
    older = put(fresh(), ("class_difference",), None)
    assert "lass difference" not in report_in_words(record_of(older))


def test_numbers_below_zero_have_a_minus_sign_and_commands_keep_their_hyphens() -> None:
    study = put(fresh(), ("command",), "smilejax evaluate x.csv --window-ms -200 900")
    text = report_in_words(record_of(study))
    assert "`smilejax evaluate x.csv --window-ms -200 900`" in text
    assert "−0.09 to 0.13" in text
    assert not re.search(r"(?<=[ (])-\d", text.replace("--window-ms -200", ""))


def test_a_score_of_the_majority_class_other_than_half_is_explained() -> None:
    place = ("classifiers", 0, "scores", "interval", "estimate")
    why = "it predicts the larger class of each fold's training trials"
    assert "'Majority class' has 49.5%: " + why in results_paragraph(record_of(fresh()))
    assert why not in results_paragraph(record_of(put(fresh(), place, 0.5)))


@pytest.mark.parametrize("name", VARIANTS)
def test_studies_that_lack_something(name: str) -> None:
    text = report_in_words(record_of(VARIANTS[name](fresh())))
    assert "None" not in text
    assert not re.search(r"(?<=[ (])-(?=[ ,;.%)])", text), "a number that does not exist"


def test_a_test_that_stopped_is_told_as_such() -> None:
    record = record_of(VARIANTS["stopped_early"](fresh()))
    test = record.results.permutation_test.scores
    assert test is not None
    assert f"at most {test.test.most} permutations" in methods_paragraph(record)
    assert f"as soon as {test.test.stop_after} permutations had scored as high" in methods_paragraph(record)
    assert f"The test stopped after {test.test.count} of {test.test.most} permutations" in results_paragraph(record)
    assert REFERENCES["Besag & Clifford 1991"] in report_in_words(record)
    assert REFERENCES["Besag & Clifford 1991"] not in report_in_words(record_of(fresh()))


def test_exclusion_by_hand_is_told() -> None:
    study = fresh()
    study["about"]["source"]["findings"].append(
        {"what": "excluded: fell asleep", "value": "2 trials (2 posed)", "how": "given"}
    )
    assert (
        "excluded by hand before that, and are not counted here (fell asleep: 2 trials (2 posed))"
        in methods_paragraph(record_of(study))
    )


def test_a_classifier_that_is_fitted_has_no_network_and_no_seeds() -> None:
    study = put(fresh(), ("about", "study"), to_json(StudySettings(classifier="features")))
    text = methods_paragraph(record_of(study))
    assert "The classifier was logistic regression on pupil features." in text
    assert "LSTM" not in text
    assert "seed." not in text


def of_faces(change: Callable[[Study], Study] = lambda study: study) -> str:
    study = fresh()
    study["about"] |= {
        "recording": "face",
        "recipe": to_json(FaceRecipe(duration_ms=4000.0)),
        "channels": ["lip_corner_left"],
        "unit": "mixed",
    }
    study["about"]["training"] = to_json(TrainingSettings.faces())
    study["verdict_protocol"] = "participant"
    return report_in_words(record_of(change(study)))


def of_crops(**training: object) -> str:
    def change(study: Study) -> Study:
        study["about"]["recipe"] = to_json(FaceRecipe(duration_ms=4000.0, crop_side=64))
        study["about"]["training"] = to_json(replace(TrainingSettings.crops(), **training))  # type: ignore[arg-type]
        return study

    return of_faces(change)


@pytest.mark.parametrize("network", NETWORKS_OF_PICTURES)
def test_a_network_of_crops_is_described_by_its_own_layers(network: str) -> None:
    """The filters, kernels and dense units that are named are those of the parameters that Flax makes."""
    model = replace(ModelSettings.crops(), network=network, hidden=4, dense=(61, 7))
    layers = init(model, key=jax.random.key(0), samples=2, channels=3, side=64)["params"]
    text = of_crops(model=model)
    assert "The network's input was crops of the face, 64 x 64 pixels in three colours; 80 steps at 20 Hz." in text
    assert "The classifier's input was" not in text
    assert "of the authors' own" not in text
    assert "Colours were standardised" in text
    assert "dense layers of 61 and 7 units" in text
    assert {layers[f"fc{at}"]["kernel"].shape[1] for at in (1, 2)} == {61, 7}
    shapes = [layers[f"conv{at}"]["kernel"].shape for at in (1, 2, 3) if f"conv{at}" in layers]
    assert {shape[:2] for shape in shapes} == {(3, 3)}
    if network == "cnn":
        assert [shape[3] for shape in shapes] == [4, 8, 16]
        assert "three convolutions of 3 x 3 pixels (4, 8, 16 filters)" in text
        assert "Shi et al. 2015" not in text
    else:
        assert [shape[3] for shape in shapes] == [4]
        assert "a convolution of 3 x 3 pixels (4 filters)" in text
        assert "a convolutional LSTM (4 filters of 3 x 3; Shi et al. 2015)" in text
        assert REFERENCES["Shi et al. 2015"] in text


def test_what_is_done_to_trials_while_they_train_is_told() -> None:
    mirrored, cut = "it was mirrored left for right", "it ended at a step drawn at random, at the earliest after 30.0%"
    assert mirrored in of_crops()
    assert mirrored not in of_crops(mirror=False)
    assert cut not in of_crops()
    assert cut in of_crops(truncate_from=0.3)
    pupils = put(fresh(), ("about", "training", "truncate_from"), 0.3)
    assert cut in methods_paragraph(record_of(pupils))


def test_crops_that_no_network_is_given_are_no_input() -> None:
    """A recipe may make crops for a network of measures, or for a classifier that is none."""
    recurrent = of_crops(model=ModelSettings.faces(), mirror=False)
    assert "The classifier's input was: raising of the left lip corner" in recurrent
    assert "crops" not in recurrent.split("Results")[0].split("input was")[1]


def test_the_mean_of_two_classifiers_has_two_inputs() -> None:
    def change(study: Study) -> Study:
        study["about"] |= {
            "recipe": to_json(FaceRecipe(duration_ms=4000.0, crop_side=64)),
            "training": to_json(TrainingSettings.crops()),
            "study": to_json(StudySettings(classifier="combined")),
        }
        return study

    text = of_faces(change)
    assert "The network's input was crops of the face" in text
    assert "MiniRocket's input was: raising of the left lip corner" in text


def test_reasons_of_exclusions_stay_as_their_table_has_them() -> None:
    def change(study: Study) -> Study:
        source = study["about"]["source"]
        source["findings"].append(
            {"what": "excluded: the pupil was wet", "value": "2 videos (2 posed)", "how": "given"}
        )
        source["by_hand"] = [{"reason": "the pupil was wet", "trials": 2, "classes": {"posed": 2}, "blind": None}]
        return study

    assert "(the pupil was wet: 2 videos (2 posed))" in of_faces(change)


def test_faces_are_spoken_of_as_faces() -> None:
    text = of_faces().split("Results")[0]
    assert "The faces of 8 smilers were recorded at 60 frames per second." in text
    assert "There were 64 videos with a label" in text
    assert "each left out smilers" in text
    assert "pupil" not in text.replace("Pupil features", "")


def test_no_jax_is_needed() -> None:
    code = (
        "import sys, smilejax; smilejax.methods_paragraph; smilejax.results_paragraph; assert 'jax' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_where_folds_came_from_and_single_frames_are_told() -> None:
    study = fresh()
    study["about"]["study"]["folds_from"] = "trial part"
    said = methods_paragraph(record_of(study))
    assert "were not drawn at random: they are the values of the column 'trial part' of the recordings" in said
    assert "drawn at random" not in methods_paragraph(record_of(fresh()))
    study["about"] |= {"recording": "face", "recipe": to_json(FaceRecipe()), "recorded_hz": 1.0}
    study["data"]["steps"] = 1
    photos = methods_paragraph(record_of(study))
    assert "were recorded in single frames." in photos
    assert "the column 'trial part'" in photos
