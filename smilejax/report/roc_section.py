"""The ROC curve."""

from smilejax._util.number_text import known
from smilejax.evaluation.study.study_record import StudyRecord
from smilejax.evaluation.study.study_results import StudyResults
from smilejax.report.formatting import number, percent
from smilejax.report.page_parts import Blocks, Figure, Key, Section, Table, thinned
from smilejax.report.plotly_figures import DIAGONAL, MUTED, ONE, SHARES, axis, line, shortened, spec
from smilejax.settings.classifier_names import has_seeds


def _missing(record: StudyRecord) -> str:
    return "" if record.results.roc is not None else "it takes out-of-fold predictions for trials of both classes."


def _blocks(record: StudyRecord) -> Blocks:
    results, roc = record.results, record.results.roc
    assert roc is not None
    first, second = results.class_names
    area = results.verdict_scores.ensemble.auc
    rows, note = thinned(len(roc.threshold), "thresholds")
    x, y = roc.false_positive_rate, roc.true_positive_rate
    figure = Figure(
        "roc-curve",
        "ROC curve",
        f"As the threshold falls: the proportion of {second} trials predicted as {second}, against the proportion of {first} "
        "trials predicted so. Predictions are those of the ensemble (the mean probability over seeds), all folds together. "
        f"Area under the curve of the ensemble: {number(area)}{_over_seeds(results)}. Dashed: chance, with an area of 0.5.",
        f"ROC curve. The area under it is {number(area)}; chance has 0.5.",
        spec(
            [line(x, y, ONE, record.results.the_judged, "%{y:.1%} at %{x:.1%}<extra></extra>")],
            xaxis=axis(f"{shortened(first)} predicted as {shortened(second)}", range=[-0.02, 1.02], **SHARES),
            yaxis=axis(f"{shortened(second)} predicted as {shortened(second)}", range=[-0.02, 1.02], **SHARES),
            shapes=[DIAGONAL],
        ),
        (
            Table(
                "Points of the ROC curve",
                ("threshold", f"{first} predicted as {second}", f"{second} predicted as {second}"),
                tuple((number(roc.threshold[i], 4) if i else "above all", percent(x[i]), percent(y[i])) for i in rows),
                (),
                note,
            ),
        ),
        (ONE.key(record.results.the_judged), Key("chance", MUTED, "7 4")),
        height=420,
        width=520,
    )
    return (figure,)


def _over_seeds(results: StudyResults) -> str:
    """The other area on the page, and why it is another one; empty where there is one seed only."""
    scores = results.verdict_scores
    mean = scores.mean_over_seeds.auc.mean
    if not has_seeds(results.judged) or scores.accuracy_spread.seeds < 2 or not known(mean):
        return ""
    return f" (the mean of the areas of single seeds, which text and table of scores give, is {number(mean)})"


ROC = Section("roc", "ROC curve", "ROC", _blocks, _missing)
