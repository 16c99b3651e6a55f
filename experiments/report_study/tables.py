"""What the trainings on the report's recordings came to, in tables."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from report_study.chance import CORRECT
from report_study.divisions import FEWER_TESTED, TESTED, other_eyes_trained_on
from report_study.sequences import Sequences
from report_study.trainings import ReportStudy, Trained, correct_in, scores_by_rate, scores_of
from smilejax.evaluation.statistics import Interval, corrected_t, crossed_interval
from smilejax.training.plans.runs_table import hits


def percent(values: npt.ArrayLike, digits: int = 0) -> str:
    """Median and the range of nine in ten, of those that there are."""
    kept = np.asarray(values, float)
    kept = kept[np.isfinite(kept)]
    if not kept.size:
        return "none"
    low, middle, high = np.quantile(kept, (0.05, 0.5, 0.95))
    return f"{middle:.{digits}%}, {low:.{digits}%} to {high:.{digits}%}"


def markdown(table: pd.DataFrame) -> str:
    """The table as documents write it."""
    lines = [list(table.columns), ["---"] * table.shape[1], *table.astype(str).to_numpy().tolist()]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def number_table(study: ReportStudy) -> pd.DataFrame:
    """Where the report's number lies among those of many splits, and how often one class was predicted throughout."""
    scores, rows = scores_of(study.report), []
    one = scores.one_class >= 0
    tests = {TESTED: study.report.plan.folds.test, FEWER_TESTED: study.divisions.fewer}
    for tested, mask in tests.items():
        correct = correct_in(study.report, mask)
        ended = np.isfinite(correct)
        reached, number = correct >= CORRECT[tested], f"{CORRECT[tested]} of {tested}"
        rows.append(
            {
                "number": number,
                "trainings": int(ended.sum()),
                "accuracy: median, nine of ten": percent(correct / tested, 1),
                "exactly this": f"{(correct[ended] == CORRECT[tested]).mean():.1%}",
                "this or more": f"{reached[ended].mean():.1%} ({int(reached.sum())})",
                "of these with one class predicted": f"{int((reached & one).sum())}",
            }
        )
    return pd.DataFrame(rows)


def predictions_table(study: ReportStudy) -> pd.DataFrame:
    """What networks predicted, and whether their accuracy is then just the proportion of that class in the test set."""
    scores, names = scores_of(study.report), study.report.dataset.class_names
    y, folds = np.asarray(study.report.dataset.y), study.report.plan.folds
    in_training = [(folds.train & (y == k)).sum(1) for k in (0, 1)]
    rows = []
    for predicted, words in ((0, f"{names[0]} throughout"), (1, f"{names[1]} throughout"), (-1, "both")):
        given = (scores.one_class == predicted).to_numpy()
        larger = [in_training[predicted] > in_training[1 - predicted]] if predicted >= 0 else []
        rows.append(
            {
                "predicted": words,
                "trainings": int(given.sum()),
                "accuracy: median, nine of ten": percent(scores.accuracy[given], 1),
                "accuracy is that class's proportion": "-"
                if predicted < 0
                else f"in {int((scores.accuracy == scores.proportion)[given].sum())}",
                "the larger class of the training set": f"in {int(larger[0][given].sum())}" if larger else "-",
            }
        )
    return pd.DataFrame(rows)


def rates_table(study: ReportStudy) -> pd.DataFrame:
    """The report's settings at several learning rates, on the same splits."""
    rows = []
    for rate, scores in scores_by_rate(study).groupby("learning_rate"):
        ended = scores[scores.accuracy.notna()]
        rows.append(
            {
                "rate": f"{rate:g}",
                "trainings": len(scores),
                "diverged": len(scores) - len(ended),
                "accuracy: median, nine of ten": percent(ended.accuracy, 1),
                "balanced accuracy": percent(ended.balanced_accuracy, 1),
                "one class predicted": f"{(ended.one_class >= 0).mean():.0%}",
                "training loss": f"{ended.train_loss.median():.3f}",
                "test loss": f"{ended.test_loss.median():.3f}",
            }
        )
    return pd.DataFrame(rows)


def exclusions_table(study: ReportStudy) -> pd.DataFrame:
    """Settings that learn, with more and more excluded from training."""
    rows = []
    for excluded, trained in study.exclusions.items():
        scores, folds = scores_of(trained), trained.plan.folds
        interval = interval_of(trained)
        rows.append(
            {
                "of test sequences not in training": excluded,
                "splits": len(scores),
                "trained on": f"{folds.train.sum(1).mean():.0f}",
                "tested": f"{folds.test.sum(1).mean():.0f}",
                "accuracy: median, nine of ten": percent(scores.accuracy),
                "balanced accuracy": percent(scores.balanced_accuracy),
                "its mean": f"{scores.balanced_accuracy.mean():.1%}",
                "95% interval": f"{interval.low:.0%} to {interval.high:.0%}",
            }
        )
    return pd.DataFrame(rows)


def mean_hits(trained: Trained) -> npt.NDArray[np.float64]:
    """`f64[N]`, proportion of the trainings that tested a sequence and classified it correctly; NaN where none did."""
    hit = hits(trained.dataset, trained.plan, trained.result)
    tested = np.isfinite(hit).sum(0)
    return np.divide(np.nansum(hit, 0), tested, out=np.full(len(tested), np.nan), where=tested > 0)


def interval_of(trained: Trained, without: Trained | None = None) -> Interval:
    """Balanced accuracy for other participants and videos, or how much higher it is than that of another."""
    values = mean_hits(trained) if without is None else mean_hits(trained) - mean_hits(without)
    dataset = trained.dataset
    groups = (np.asarray(codes) for codes in (dataset.y, dataset.participant, dataset.stimulus))
    return crossed_interval(values, *groups, difference=without is not None, seed=0)


def inflation_in_words(study: ReportStudy, sequences: Sequences) -> str:
    """By how much the other eye in training raises the balanced accuracy, on the same test sequences."""
    shared, apart = study.exclusions["nothing"], study.exclusions["other eye"]
    difference = (scores_of(shared).balanced_accuracy - scores_of(apart).balanced_accuracy).to_numpy()
    sizes = shared.plan.folds.train.sum(1).mean(), shared.plan.folds.test.sum(1).mean()
    over_splits, over_units = corrected_t(difference, *sizes), interval_of(shared, apart)
    known = other_eyes_trained_on(shared.plan.folds, sequences.viewing)
    left = other_eyes_trained_on(apart.plan.folds, sequences.viewing)
    low, high = np.nanquantile(difference, (0.025, 0.975))
    return (
        f"With the other eye of {known.mean():.0%} of the test sequences in training ({left.mean():.0%} where it is excluded), "
        f"balanced accuracy is {100 * over_splits.mean:.1f} points higher on the same test sequences, after as many training "
        f"sequences. 95% interval {100 * over_splits.low:.1f} to {100 * over_splits.high:.1f} (corrected t over "
        f"{over_splits.df + 1} splits); for other participants and videos {100 * over_units.low:.1f} to "
        f"{100 * over_units.high:.1f}. 95% of single splits: {100 * low:.1f} to {100 * high:.1f}."
    )
