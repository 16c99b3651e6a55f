"""A study's results as tidy tables, each column described."""

from collections.abc import Iterator, Mapping

import numpy as np

from smilejax.evaluation.study.group_data import trial_table
from smilejax.evaluation.study.raw_results import RawResults
from smilejax.evaluation.study.saved_study import Study
from smilejax.evaluation.study.score_results import METRICS, MetricsOverSeeds, ScoreInterval
from smilejax.evaluation.study.study_results import GroupResult, StudyResults
from smilejax.exports.columns import Cell, Column, DescribedTable

Row = Mapping[str, Cell]
PROPORTION = "0 to 1"
RANGES = {"mcc": "-1 to 1", "log_loss": "0 up"}
"""Of metrics; the others run from 0 to 1."""
PARTICIPANT = Column("participant", "The participant, as the recordings name them.", "text")
TRIAL = Column("trial", "The trial, unique within its participant.", "text")
LABEL = Column("class", "The trial's true class.", "text", empty="where it is not known")
PROTOCOL = Column(
    "protocol", "How trials were held out: which of participants and stimuli are new to the classifier.", "text"
)


def result_tables(study: Study) -> tuple[DescribedTable, ...]:
    """Every table of a study."""
    raw, results = study.raw, study.results
    return (
        _trials(raw, results),
        _predictions(raw, results),
        _scores(results),
        _differences(results),
        _permutation_test(results),
        _permutations(results),
        _groups("participants", "participant", results.participants, results),
        _groups("stimuli", "stimulus", results.stimuli, results),
        _quality(raw, results),
        *((_subgroups(results),) if results.subgroups else ()),
    )


def judged_ones(results: StudyResults) -> str:
    """What a study trained many of, within a sentence: networks, or other classifiers."""
    return "networks" if results.judged == "network" else "classifiers"


def _names(raw: RawResults, row: int) -> dict[str, Cell]:
    return {name: _text(raw.trials[name].iloc[row]) for name in ("participant", "trial", "stimulus", "smiler", "class")}


def _text(value: object) -> str | None:
    return None if value is None or value != value else str(value)


NAMES = (
    PARTICIPANT,
    TRIAL,
    Column("stimulus", "The stimulus, as the recordings name it.", "text", empty="where it was not recorded"),
    Column("smiler", "Who smiles in the stimulus.", "text", empty="where it was not recorded"),
    LABEL,
)
QUALITY = (
    Column("status", "Whether the trial was kept, or why the recipe rejected it.", "text"),
    Column("kept", "Whether the trial could train the network and be scored.", "true or false"),
    Column(
        "proportion_valid", "Proportion of the trial that was measured and accepted before filling.", range=PROPORTION
    ),
    Column("length_ms", "Length of the trial.", unit="ms", range="above 0"),
)


def _positive(results: StudyResults) -> str:
    return f"Probability of the class {results.class_names[1]!r}"


def _trials(raw: RawResults, results: StudyResults) -> DescribedTable:
    p, table = _positive(results), trial_table(raw)
    columns = (
        *NAMES,
        Column(
            "probability",
            f"{p}: mean over seeds, out of fold.",
            range=PROPORTION,
            empty="where no fold scores the trial",
        ),
        Column(
            "probability_scaled",
            f"{p} after temperature scaling inside the folds, out of fold.",
            range=PROPORTION,
            empty="where no temperature was fitted, or no fold scores the trial",
        ),
        Column(
            "proportion_correct",
            "Proportion of the seeds whose prediction is right.",
            range=PROPORTION,
            empty="where there is none",
        ),
        Column("predictions", "Number of seeds that have a prediction.", "whole number", range="0 up"),
    )
    own = [column.name for column in columns[len(NAMES) :]]
    rows = tuple({**_names(raw, at), **{name: table[name].iloc[at].item() for name in own}} for at in range(len(table)))
    about = (
        f"One trial and what {judged_ones(results)} that were not trained on it predicted, by the protocol "
        f"{results.verdict_protocol}."
    )
    return DescribedTable("trials", about, columns, rows)


def _predictions(raw: RawResults, results: StudyResults) -> DescribedTable:
    columns = (
        PROTOCOL,
        PARTICIPANT,
        TRIAL,
        LABEL,
        Column("fold", "The fold that holds the trial out.", "text"),
        Column("seed", "Seed of the training.", "whole number", range="0 up"),
        Column(
            "probability", f"{_positive(results)}, out of fold.", range=PROPORTION, empty="where the training diverged"
        ),
    )
    return DescribedTable(
        "predictions", f"One trial by {results.the_judged}, trained without it.", columns, tuple(_each(raw))
    )


def _each(raw: RawResults) -> Iterator[Row]:
    first = raw.about.study["seed"]
    assert isinstance(first, int)
    names = [_names(raw, row) for row in range(len(raw.trials))]
    for one in raw.protocols:
        if one.folds is None:
            continue
        folds, predictions = one.made()
        p = predictions.probability()[0]
        for row, fold in np.argwhere(np.asarray(folds.test).T):
            for seed in range(p.shape[1]):
                yield {
                    "protocol": one.name,
                    **{name: names[row][name] for name in ("participant", "trial", "class")},
                    "fold": folds.names[fold],
                    "seed": first + seed,
                    "probability": float(p[fold, seed, row]),
                }


def _scores(results: StudyResults) -> DescribedTable:
    columns = (
        PROTOCOL,
        Column(
            "classifier", "What predicts: what the study judges, or a reference classifier or negative control.", "text"
        ),
        Column("kind", "judged, reference, or negative control.", "text"),
        Column("metric", f"Which score: {', '.join(f'{name} ({words})' for name, words in METRICS.items())}.", "text"),
        Column(
            "value",
            "The score: mean over seeds of single trainings, on the held-out trials of all folds.",
            range=f"{PROPORTION}; of mcc {RANGES['mcc']}; of log_loss {RANGES['log_loss']}, in nats",
            empty="where it does not exist",
        ),
        Column("sd_seeds", "Standard deviation of the score between seeds.", range="0 up", empty="with one training"),
        Column(
            "ensemble",
            "The same score of the seeds' mean probability.",
            empty="of other classifiers than the one judged",
        ),
        *_interval_columns("value", "the balanced accuracy", "of other metrics, or where units do not vary"),
    )
    rows: list[Row] = []
    for protocol in results.protocols:
        if (found := protocol.scores) is not None:
            ensemble: dict[str, float | None] = {name: getattr(found.ensemble, name) for name in METRICS}
            rows += _metric_rows(
                protocol.name, results.judged, "judged", found.mean_over_seeds, ensemble, found.interval
            )
    for other in results.classifiers:
        if other.scores is not None:
            scores = other.scores
            rows += _metric_rows(
                results.verdict_protocol, other.name, other.kind, scores.mean_over_seeds, {}, scores.interval
            )
    return DescribedTable("scores", "One metric of one classifier by one protocol.", columns, tuple(rows))


def _metric_rows(
    protocol: str,
    classifier: str,
    kind: str,
    metrics: MetricsOverSeeds,
    ensemble: Mapping[str, float | None],
    interval: ScoreInterval,
) -> list[Row]:
    return [
        {
            "protocol": protocol,
            "classifier": classifier,
            "kind": kind,
            "metric": name,
            "value": metrics.of(name).mean,
            "sd_seeds": metrics.of(name).sd,
            "ensemble": ensemble.get(name),
            **_interval(interval if name == "balanced_accuracy" else None),
        }
        for name in METRICS
    ]


def _interval_columns(of: str, words: str, empty: str) -> tuple[Column, ...]:
    who = f"interval of {words} for other participants and stimuli"
    return (
        Column("low", f"Lower end of the {who}.", range=f"up to {of}", empty=empty),
        Column("high", f"Upper end of the {who}.", range=f"from {of} up", empty=empty),
        Column("level", "Level of the interval.", range=PROPORTION, empty="where there is none"),
    )


def _interval(interval: ScoreInterval | None) -> dict[str, Cell]:
    if interval is None:
        return {"low": None, "high": None, "level": None}
    return {"low": interval.low, "high": interval.high, "level": interval.level}


def _differences(results: StudyResults) -> DescribedTable:
    columns = (
        Column("difference", "What is compared, as first minus second.", "text"),
        Column("first", "What the second is subtracted from.", "text"),
        Column("second", "What is subtracted.", "text"),
        Column("kind", "reference, negative control, stimuli, or signal.", "text"),
        Column("value", "The difference.", unit="the column unit's", empty="where it does not exist"),
        Column("unit", "balanced accuracy, or the unit of the cleaned signal.", "text"),
        *_interval_columns("value", "the difference", "where units do not vary"),
        Column("p", "p of the second's own permutation test.", range="above 0, to 1", empty="where there was none"),
        Column(
            "p_corrected",
            "The same corrected for the number of classifiers (Holm).",
            range="above 0, to 1",
            empty="likewise",
        ),
    )
    return DescribedTable("differences", "One difference with its interval.", columns, tuple(_difference_rows(results)))


def _difference_rows(results: StudyResults) -> Iterator[Row]:
    none: dict[str, Cell] = {"p": None, "p_corrected": None}
    accuracy = "balanced accuracy"
    for one in results.classifiers:
        if one.scores is None:
            continue
        test = one.scores.permutation_test
        yield {
            **_row(
                "judged minus other classifier", results.judged, one.name, one.kind, accuracy, one.scores.difference
            ),
            **(none if test is None else {"p": test.test.p, "p_corrected": test.p_corrected}),
        }
    if results.known_minus_new_stimuli is not None:
        interval = results.known_minus_new_stimuli
        row = _row("known minus new stimuli", "known stimuli", "new stimuli", "stimuli", accuracy, interval)
        yield {**row, **none}
    if (found := results.class_difference) is not None:
        first, second = results.class_names
        yield {**_row("between the classes", second, first, "signal", found.unit, found.interval), **none}


def _row(name: str, first: str, second: str, kind: str, unit: str, interval: ScoreInterval) -> dict[str, Cell]:
    return {
        "difference": name,
        "first": first,
        "second": second,
        "kind": kind,
        "value": interval.estimate,
        "unit": unit,
        **_interval(interval),
    }


def _subgroups(results: StudyResults) -> DescribedTable:
    """Groups of the user's own columns; a description, and no test."""
    interval = "where there is none, as of groups with scored trials of one class"
    columns = (
        Column("column", "The user's own column that divides the trials.", "text"),
        Column("group", "Its value, or a range of its numbers.", "text"),
        Column("trials", "Trials recorded.", "whole number", range="0 up"),
        Column("participants", "Participants with such trials.", "whole number", range="0 up"),
        Column("kept", "Trials that cleaning kept.", "whole number", range="0 up"),
        Column("scored", "Trials with an out-of-fold prediction.", "whole number", range="0 up"),
        Column("balanced_accuracy", "Of these predictions; nothing is tested.", range=PROPORTION, empty=interval),
        Column("low", "Lower end of its interval.", range=PROPORTION, empty=interval),
        Column("high", "Upper end of its interval.", range=PROPORTION, empty=interval),
        Column("proportion_valid", "Mean proportion of valid samples of the trials recorded.", range=PROPORTION),
        Column("remark", "What limits the numbers.", "text", empty="where nothing does"),
    )
    rows: list[Row] = []
    for column in results.subgroups:
        for one in column.groups:
            scores = one.balanced_accuracy
            rows.append(
                {
                    "column": column.column,
                    "group": one.name,
                    **{name: getattr(one, name) for name in ("trials", "participants", "kept", "scored")},
                    "balanced_accuracy": None if scores is None else scores.estimate,
                    "low": None if scores is None else scores.low,
                    "high": None if scores is None else scores.high,
                    "proportion_valid": one.proportion_valid,
                    "remark": one.remark or None,
                }
            )
    return DescribedTable("subgroups", "One group of trials, by a column of the user's own.", columns, tuple(rows))


def _permutation_test(results: StudyResults) -> DescribedTable:
    columns = (
        Column("scheme", "What labels were permuted among.", "text"),
        Column(
            "observed",
            "Balanced accuracy on the true labels.",
            range=PROPORTION,
            empty="where all its trainings diverged",
        ),
        Column("p", "One-sided p.", range="above 0, to 1"),
        Column("smallest_p", "The smallest p that the planned permutations could give.", range="above 0, to 1"),
        Column("permutations", "Permutations that the test used.", "whole number", range="1 up"),
        Column("at_least", "Of these, how many scored as high as the true labels.", "whole number", range="0 up"),
        Column(
            "stopped",
            "Whether it stopped before all planned permutations, since enough had scored as high.",
            "true or false",
        ),
    )
    found = results.permutation_test.scores
    rows: tuple[Row, ...] = ()
    if found is not None:
        test = found.test
        row: Row = {
            "scheme": found.scheme,
            "observed": test.observed,
            "p": test.p,
            "smallest_p": test.smallest_p,
            "permutations": test.count,
            "at_least": test.at_least,
            "stopped": test.stopped,
        }
        rows = (row,)
    about = "The permutation test of what the study judges; no row where there was none."
    return DescribedTable("permutation_test", about, columns, rows)


def _permutations(results: StudyResults) -> DescribedTable:
    found = results.permutation_test.scores
    columns = (
        Column("permutation", "Its number, in the order of training.", "whole number", range="1 up"),
        Column(
            "balanced_accuracy", "Balanced accuracy under permuted labels.", range=PROPORTION, empty="where it diverged"
        ),
    )
    null = () if found is None else found.null
    rows = tuple({"permutation": at, "balanced_accuracy": score} for at, score in enumerate(null, start=1))
    return DescribedTable("permutations", "One permutation of the labels that the test used.", columns, rows)


def _groups(name: str, one: str, groups: tuple[GroupResult, ...], results: StudyResults) -> DescribedTable:
    first, second = results.class_names
    unscored = "where none of its trials was scored"
    columns = (
        Column(one, f"The {one}.", "text"),
        Column("trials", "Its trials.", "whole number", range="0 up"),
        Column("scored", "Of these, those that were scored.", "whole number", range="0 up"),
        Column("scored_first_class", f"Scored trials of the class {first!r}.", "whole number", range="0 up"),
        Column("scored_second_class", f"Scored trials of the class {second!r}.", "whole number", range="0 up"),
        Column("accuracy", "Accuracy, mean over seeds.", range=PROPORTION, empty=unscored),
        Column(
            "balanced_accuracy",
            "Mean of the two classes' accuracies.",
            range=PROPORTION,
            empty="where only one class was scored",
        ),
        Column("mean_probability", f"{_positive(results)}, mean over its trials.", range=PROPORTION, empty=unscored),
        Column(
            "proportion_valid",
            "Mean over its trials of the proportion of valid samples before filling.",
            range=PROPORTION,
        ),
    )
    rows = tuple(
        {
            one: group.name,
            "trials": group.trials,
            "scored": group.scored,
            "scored_first_class": group.scored_by_class[first],
            "scored_second_class": group.scored_by_class[second],
            **{
                field: getattr(group, field)
                for field in ("accuracy", "balanced_accuracy", "mean_probability", "proportion_valid")
            },
        }
        for group in groups
    )
    about = f"One {one}." if rows else f"One {one}; there is no row, since the recordings name no {name}."
    return DescribedTable(name, about, columns, rows)


def _quality(raw: RawResults, results: StudyResults) -> DescribedTable:
    unit = results.about.unit
    columns = (
        PARTICIPANT,
        TRIAL,
        LABEL,
        *QUALITY,
        Column(
            "baseline",
            "Level of the baseline's window.",
            unit=unit,
            empty="without a baseline step, or where none was found",
        ),
    )
    own = ("status", "kept", "proportion_valid", "length_ms", "baseline")
    rows = []
    for at in range(len(raw.trials)):
        cells: dict[str, Cell] = {name: _plain(raw.trials[name].iloc[at]) for name in own}
        rows.append({**{name: _names(raw, at)[name] for name in ("participant", "trial", "class")}, **cells})
    return DescribedTable("quality", "What a trial's recording is worth.", columns, tuple(rows))


def _plain(value: object) -> Cell:
    """A cell of a data frame as Python has it."""
    found = value.item() if isinstance(value, np.generic) else value
    assert found is None or isinstance(found, str | int | float | bool)
    return found
