"""A study as the methods section of a paper has it: every number from `study.json`. No JAX in here."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from smilejax._util.errors import listed
from smilejax._util.number_text import ms_words, p_words, percent, several, unit_words, with_minus_signs
from smilejax._util.typed_json import JsonValue
from smilejax.evaluation.study.difference_in_words import (
    difference_window_words,
    permutations_words,
    sample_sizes_words,
)
from smilejax.evaluation.study.difference_results import SINGLE_FRAMES
from smilejax.evaluation.study.score_words import folds_from_words
from smilejax.evaluation.study.study_record import StudyRecord
from smilejax.evaluation.study.study_results import StudyResults
from smilejax.preprocess.any_recipe import RECIPE_OF
from smilejax.preprocess.channels import channel_named
from smilejax.preprocess.recipe_in_words import steps
from smilejax.preprocess.steps.step import OURS
from smilejax.recordings.wording import RECORDING_KINDS
from smilejax.settings import ModelSettings, StudySettings, TrainingSettings, from_json
from smilejax.settings.classifier_names import has_network, has_seeds
from smilejax.settings.training_settings import RECURRENT

if TYPE_CHECKING:
    from smilejax.evaluation.study.saved_study import Study

CITATION = "smilejax (version {version}; Python {python}, JAX {jax}, Flax {flax})"
"""How the program is named; versions are those that made the study."""
EXCLUDED = "excluded: "
"""What findings on trials that were left out by hand begin with (`--exclude`); studies of before `by_hand` have them too."""
CELLS = {"lstm": "LSTM", "gru": "GRU", "rnn": "plain recurrent (tanh)"}
OPTIMIZERS = {"sgd": "stochastic gradient descent", "adam": "Adam", "adamw": "AdamW"}
FOLDS = {
    "participant-and-stimulus": "each left out a block of participants and a block of stimuli at once: training "
    "trials had neither the participants nor the stimuli of the trials that were scored",
    "participant": "each left out participants: training trials were of other participants than the trials that were scored",
    "stimulus": "each left out stimuli: training trials were of other stimuli than the trials that were scored",
    "shuffled": "each left out single trials: training trials were of the same participants as the trials that were "
    "scored, so that scores can be too high",
}
"""What each protocol leaves out."""
AVERAGED = {
    "within participants": "computed within each participant who had trials of both classes and then averaged over them",
    "between participants": "computed between the mean traces of either class, in which each participant counted once",
    "trials": "computed between the mean traces of either class, in which each trial counted once",
}
"""How the class difference was averaged."""


def record_of(study: "Study | StudyRecord") -> StudyRecord:
    """What `study.json` holds of a study."""
    return study if isinstance(study, StudyRecord) else study.record


def methods_paragraph(study: "Study | StudyRecord") -> str:
    """What was done, as the methods section of a paper has it: data, cleaning, classifier, folds, tests, software.

    Every number is the study's own. What the program cannot know is not said: who the participants were, what they
    were told, how stimuli were shown. A permutation test that stops early is described as such. Read it before you
    use it.

    Arguments:
        study: a finished study, from `load_study`, or its record.

    Returns:
        Paragraphs with an empty line between them.
    """
    record = record_of(study)
    results = record.results
    parts = (
        *(_data(results), _cleaning(results), _classifier(results), _folds(results), _test(results)),
        *(_comparisons(results), _difference(results), _software(record)),
    )
    text = "\n\n".join(results.wording(" ".join(sentences)) for part in parts if (sentences := list(part)))
    return with_minus_signs(text)


def _data(results: StudyResults) -> Iterator[str]:
    data, about, kind = results.data, results.about, RECORDING_KINDS[results.about.recording]
    if about.simulated:
        yield "The recordings were simulated."
    first, second = results.class_names
    if kind.watches:
        watched = [several(data.stimuli, "stimulus", "stimuli")] if data.stimuli is not None else ["stimuli"]
        watched += [several(data.smilers, "smiler")] if data.smilers is not None else []
        yield (
            f"The pupils of {several(data.participants, 'participant')} who watched {' of '.join(watched)} were "
            f"recorded at {about.recorded_hz:g} Hz (unit: {unit_words(about.unit)})."
        )
    else:
        filmed = several(data.participants, "participant")
        how = "in single frames" if results.single_frames else f"at {about.recorded_hz:g} frames per second"
        yield f"The faces of {filmed} were recorded {how}."
    counts = listed(f"{data.classes[name]} {name}" for name in (first, second))
    unlabelled = f", {several(data.unlabelled, 'further trial')} without a label" if data.unlabelled else ""
    yield f"There were {several(sum(data.classes.values()), 'trial')} with a label ({counts}){unlabelled}."
    start = about.start_ms
    before = (
        f", from {ms_words(-start)} ms before onset"
        if start < 0
        else f", from {ms_words(start)} ms after onset"
        if start > 0
        else ""
    )
    if data.steps > 1:
        yield f"Trials of {data.steps / about.model_hz:.4g} s were analysed{before}."
    by_hand = [
        (one.what.removeprefix(EXCLUDED), one.value) for one in about.source.findings if one.what.startswith(EXCLUDED)
    ]
    if by_hand:
        reasons = "; ".join(f"{reason}: {count}" for reason, count in by_hand)
        yield f"Others had been excluded by hand before that, and are not counted here ({reasons})."


def _cleaning(results: StudyResults) -> Iterator[str]:
    data, about, kind = results.data, results.about, RECORDING_KINDS[results.about.recording]
    recipe = from_json(RECIPE_OF[kind], about.recipe)
    described = steps(recipe, about.recorded_hz, in_mm=about.unit == "mm", start_ms=about.start_ms)
    done = [one for one in described if one.name != "channels"]
    words = "; ".join(
        f"({at}) {one.does}" + (f" ({one.source})" if one.source and one.source != OURS else "")
        for at, one in enumerate(done, start=1)
    )
    yield f"Cleaning did not depend on the classes and was done in this order: {words}."
    yield from _excluded(results)
    if data.proportion_valid is not None:
        yield f"Before gaps were filled, {percent(data.proportion_valid)} of the samples of a trial were valid on average."


def _excluded(results: StudyResults) -> Iterator[str]:
    data = results.data
    kept = listed(f"{n} {name}" for name, n in data.kept_classes.items())
    if not data.excluded:
        yield f"No trial was excluded; {several(data.kept, 'trial')} went into the analysis ({kept})."
        return
    reasons = "; ".join(
        f"{one.status}: {listed(f'{n} {name}' for name, n in one.classes.items())}" for one in data.excluded
    )
    left_out = data.trials - data.kept
    verb = "was" if left_out == 1 else "were"
    yield (
        f"{several(left_out, 'trial')} of {data.trials:,} {verb} excluded ({reasons}); {several(data.kept, 'trial')} "
        f"went into the analysis ({kept})."
    )


def _classifier(results: StudyResults) -> Iterator[str]:
    about, judged = results.about, results.judged
    training = from_json(TrainingSettings, about.training)
    channels = "; ".join(channel_named(name).described for name in about.channels)
    at = f"{several(results.data.steps, 'step')} at {about.model_hz:g} Hz" if results.data.steps > 1 else "one frame"
    measures = f"{channels}; {at}, in {unit_words(about.model_unit)}"
    side = results.crop_side if has_network(judged) else None
    if side is None:
        yield f"The classifier's input was: {measures}."
    else:
        yield f"The network's input was crops of the face, {side} x {side} pixels in three colours; {at}."
        if judged == "combined":
            yield f"MiniRocket's input was: {measures}."
    if not has_network(judged):
        yield f"The classifier was {cited(results.the_judged)}."
        return
    if judged == "combined":
        yield f"The classifier was the mean of the log odds of {cited('MiniRocket')} and of a network."
    yield from _network(training.model)
    yield from _training(training, about.vary, signals="Colours" if side else "Signals")


def _network(model: ModelSettings) -> Iterator[str]:
    first, second = model.dense
    ending = f"dense layers of {first} and {second} units and to two outputs; dropout was {model.dropout:g}."
    if model.network == "cnn":
        filters = listed(model.hidden * times for times in (1, 2, 4))
        yield (
            f"The network was convolutional: each frame went through three convolutions of 3 x 3 pixels ({filters} filters), "
            f"each with ReLU and means of 2 x 2. Their means over the valid frames went to {ending}"
        )
        return
    if model.network == "convlstm":
        yield (
            f"The network was a convolutional LSTM: each frame went through a convolution of 3 x 3 pixels ({model.hidden} "
            f"filters) with ReLU and means of 2 x 2, and the frames in their order through a convolutional LSTM "
            f"({model.hidden} filters of 3 x 3; Shi et al. 2015). Its last hidden state, in means of 4 x 4, went to {ending}"
        )
        return
    if model.network != RECURRENT:
        yield f"The network was `{model.network}`, a Flax module of the authors' own."
        return
    velocity = (
        f"the velocity of its input (means over {model.velocity_steps} steps on either side, subtracted)"
        if model.velocity_steps
        else "its input as it is"
    )
    pooled = f", averaged over {model.pool_steps} steps," if model.pool_steps > 1 else ""
    yield (
        f"The network was given {velocity}. It had one {CELLS[model.cell]} layer with {model.hidden} hidden units, "
        f"whose hidden states{pooled} went to {ending}"
    )


def _training(training: TrainingSettings, vary: Mapping[str, tuple[JsonValue, ...]], *, signals: str) -> Iterator[str]:
    rate = "" if "learning_rate" in vary else f", learning rate {training.learning_rate:g}"
    momentum = f", momentum {training.momentum:g}" if training.momentum else ""
    decay = (
        f", weight decay {training.weight_decay:g}"
        if training.optimizer == "adamw" and "weight_decay" not in vary
        else ""
    )
    weights = training.class_weights
    weighted = (
        "; the classes were weighted by the inverse of their proportions"
        if weights == "balanced"
        else ""
        if weights == "none"
        else f"; the classes had weights {weights[0]:g} and {weights[1]:g}"
    )
    scaled = f"{signals} were standardised by the training trials of each fold. " if training.standardise else ""
    yield (
        f"{scaled}The network was trained with cross-entropy and {OPTIMIZERS[training.optimizer]}{rate}{momentum}{decay}, "
        f"{several(training.epochs, 'epoch')}, minibatches of {several(training.minibatch_size, 'trial')}{weighted}."
    )
    if training.mirror:
        yield "Each time a trial was trained on, it was mirrored left for right with a probability of one half."
    if training.truncate_from < 1:
        yield (
            "Each time a trial was trained on, it ended at a step drawn at random, at the earliest after "
            f"{percent(training.truncate_from)} of its steps."
        )
    if vary:
        values = "; ".join(f"{name.replace('_', ' ')} {listed(_value(one) for one in of)}" for name, of in vary.items())
        yield (
            "Hyperparameters were chosen inside each fold, by the cross-entropy on validation trials that the fold "
            f"does not score: {values}."
        )


def cited(classifier: str) -> str:
    """A classifier with who published it, where it has a name of its own."""
    return f"{classifier} (Dempster et al. 2021)" if classifier == "MiniRocket" else classifier


def _value(value: JsonValue) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _folds(results: StudyResults) -> Iterator[str]:
    settings, scores = _settings(results), results.verdict_scores
    what = FOLDS[results.verdict_protocol]
    yield f"Accuracy was estimated by cross-validation. Of {several(scores.folds, 'fold')}, {what}."
    if words := folds_from_words(results):
        yield words
    least, most = scores.trials_trained
    trained = f"{least}" if least == most else f"{least} to {most}"
    yield f"A fold was trained on {trained} trials; {several(scores.trials_scored, 'trial')} were scored."
    seeds = scores.accuracy_spread.seeds
    repeated = has_seeds(results.judged)
    if repeated:
        yield f"Each fold was trained with {several(seeds, 'seed')}."
    yield (
        "The score is the balanced accuracy of the held-out predictions (mean of the two classes' accuracies; chance is 50%)"
        f"{', mean over seeds' if repeated and seeds > 1 else ''}."
    )
    units = scores.interval.units
    over = several(units.participants, "participant")
    over += f" and {several(units.stimuli, 'stimulus', 'stimuli')}" if units.stimuli else ""
    others = "participants and stimuli" if units.stimuli else "participants"
    if scores.interval.low is not None:
        yield (
            f"Its {100 * scores.interval.level:g}% interval is for other {others}: a bootstrap of {over}, {settings.draws:,} "
            "draws (after Cameron et al. 2011)."
        )


def _test(results: StudyResults) -> Iterator[str]:
    test = results.permutation_test.scores
    if test is None:
        yield f"There was no permutation test: {results.permutation_test.why_not}"
        return
    seeds = has_seeds(results.judged)
    again = "everything was trained again" + (f" with {several(test.seeds, 'seed')}" if seeds else "")
    among = ", only among what a fold holds out together" if test.within_folds else ""
    may_stop = 0 < test.test.stop_after <= test.test.most
    yield (
        f"The score was tested by label permutation. Labels were permuted {test.where}{among} ({test.why}); for each of "
        f"{'at most ' if may_stop else ''}{several(test.test.most, 'permutation')} {again}, and the true labels' score "
        f"{'with the same seeds ' if seeds else ''}was compared with the permuted ones."
    )
    if may_stop:
        yield (
            f"The test was to stop as soon as {test.test.stop_after} permutations had scored as high as the true labels, "
            "which keeps p exact (Besag & Clifford 1991)."
        )
    yield (
        f"The smallest attainable p was {p_words(test.test.smallest_p)}; the significance level was "
        f"{p_words(results.alpha)}, one-sided."
    )


def _comparisons(results: StudyResults) -> Iterator[str]:
    run = [one for one in results.classifiers if one.scores is not None]
    blind = "Negative controls, which see nothing of the pupil's response,"
    for kind, opening in (("reference", "Reference classifiers"), ("negative control", blind)):
        labels = [cited(one.label) for one in run if one.kind == kind]
        if labels:
            yield f"{opening} were run on the same folds: {'; '.join(labels)}."
    if any(one.scores is not None and one.scores.permutation_test is not None for one in run):
        yield "Their p values are corrected for their number (Holm 1979)."


def _difference(results: StudyResults) -> Iterator[str]:
    """The class difference in the cleaned signal and the test of its time course; nothing in studies older than these."""
    found = results.class_difference
    if found is None:
        return
    settings, (first, second), when = _settings(results), results.class_names, difference_window_words(found)
    single = found.course_test.why_not == SINGLE_FRAMES
    over = f"{when}, before any standardisation" if single else f"as the mean over {when}, before any standardisation"
    yield (
        f"The class difference was {second} minus {first} in the cleaned signal ({channel_named(found.channel).described}, "
        f"in {unit_words(found.unit)}), {AVERAGED[found.over]}, {over}."
    )
    units = found.interval.units
    if found.interval.low is not None:
        others = "participants and stimuli" if units.stimuli else "participants"
        yield (
            f"Its {100 * found.interval.level:g}% interval is for other {others}: a bootstrap of {sample_sizes_words(units)}, "
            f"{settings.draws:,} draws (after Cameron et al. 2011)."
        )
    test = found.course_test.scores
    if test is None:
        return
    yield (
        f"Whether the classes differ anywhere between {ms_words(found.from_ms)} and {ms_words(found.to_ms)} ms was tested by a "
        f"cluster-based permutation test (Maris & Oostenveld 2007). At each step, t was computed over {test.units}; "
        f"neighbouring steps with a two-sided p of t below {p_words(test.threshold_p)} and the same sign formed a cluster, and "
        "the largest sum of |t| of a cluster was compared with the largest one of each permutation."
    )
    again = (
        " The same was done with the signs of participants' differences, and the classes were taken to differ only where both "
        "p were significant."
        if test.p_participants is not None
        else ""
    )
    yield (
        f"There were {permutations_words(test)}, of labels exchanged {test.where} ({test.why}); the smallest attainable p was "
        f"{p_words(test.smallest_p)}.{again}"
    )


def _software(record: StudyRecord) -> Iterator[str]:
    versions = {name: record.provenance.versions.get(name, "unknown") for name in ("smilejax", "python", "jax", "flax")}
    version = versions.pop("smilejax")
    yield f"All of this was done with {CITATION.format(version=version, **versions)}."
    if record.provenance.command:
        yield f"The command was `{record.provenance.command}`."
    trained = several(record.results.about.runs, "training")
    yield f"It planned {trained} for scores and tests; seeds began at {_settings(record.results).seed}."


def _settings(results: StudyResults) -> StudySettings:
    return from_json(StudySettings, results.about.study)
