"""Loss and accuracy after each epoch, on training and on held-out trials."""

from smilejax._util.number_text import known, several
from smilejax.evaluation.study.figure_results import CurveOverSeeds, TrainingCurves
from smilejax.evaluation.study.study_record import StudyRecord
from smilejax.report.formatting import number, percent
from smilejax.report.page_parts import Blocks, Figure, Section, Table, Words, thinned
from smilejax.report.plotly_figures import (
    ONE,
    OTHER,
    SHARES,
    PlotlyTrace,
    Style,
    axis,
    band,
    horizontal_line,
    line,
    spec,
)
from smilejax.settings.classifier_names import has_network

TRAIN, TEST = "training trials", "held-out trials"


def _missing(record: StudyRecord) -> str:
    results = record.results
    curves = results.training_curves
    if curves is None and not has_network(results.judged):
        return f"{results.the_judged} is fitted at once and not trained by epochs."
    if curves is None:
        return "curves of training were not saved."
    if not any(known(value) for one in (curves.train_loss, curves.test_loss) for value in one.mean):
        return "every run diverged."
    return ""


def _blocks(record: StudyRecord) -> Blocks:
    curves = record.results.training_curves
    assert curves is not None
    over = (
        f"Lines are means over folds and over {several(curves.seeds, 'seed')}; bands reach from the lowest to the highest seed."
        if curves.seeds > 1
        else "Lines are means over folds, of one seed, so that there is no spread between seeds to show."
    )
    words = (
        f"After each of {several(curves.epochs, 'epoch')}, on the trials of the training set and on held-out trials, which "
        f"training does not see. {over} Where the two lines separate, the network still learns its training trials and no "
        "more about other trials."
        + (" Curves are those of its networks alone." if record.results.judged == "combined" else "")
    )
    return (
        Words(words),
        _figure("loss", curves, (curves.train_loss, curves.test_loss), "cross-entropy, nats"),
        _figure("accuracy", curves, (curves.train_accuracy, curves.test_accuracy), "accuracy"),
    )


TRAINING = Section("training", "Training", "Training", _blocks, _missing)


def _figure(what: str, curves: TrainingCurves, courses: tuple[CurveOverSeeds, CurveOverSeeds], unit: str) -> Figure:
    epochs = [float(at + 1) for at in range(curves.epochs)]
    shares, spread = what == "accuracy", curves.seeds > 1
    form = percent if shares else number
    parts = list(zip(courses, (TRAIN, TEST), (OTHER, ONE), strict=True))
    rows, note = thinned(len(epochs), "epochs")
    head = ["epoch"]
    for _, words, _ in parts:
        head += [f"{words}: mean", "lowest", "highest"] if spread else [words]
    columns = [values for one, _, _ in parts for values in (one.mean, one.low, one.high) if values is not None]
    title = f"{what.capitalize()} by epoch"
    look: PlotlyTrace = {**SHARES, "range": [0, 1.02]} if shares else {}
    band_words = "and seeds; band: lowest to highest seed." if spread else "of one seed."
    last = "; ".join(f"{words}: {form(one.mean[-1])}" for one, words, _ in parts)
    return Figure(
        f"training-{what}",
        title,
        f"Mean {what} over folds{' ' if spread else ', '}{band_words}" + (" Dashed: 50%." if shares else ""),
        f"{title}. After the last epoch: {last}.",
        spec(
            [trace for one, words, style in parts for trace in _traces(epochs, one, words, style, shares=shares)],
            hovermode="x unified",
            xaxis=axis("epoch", rangemode="tozero"),
            yaxis=axis(unit, nticks=7, **look),
            shapes=[horizontal_line(0.5)] if shares else [],
        ),
        (
            Table(
                title,
                tuple(head),
                tuple((f"{i + 1}", *(form(values[i]) for values in columns)) for i in rows),
                (),
                note,
            ),
        ),
        tuple(style.key(words, band=spread) for _, words, style in parts),
        height=300,
    )


def _traces(epochs: list[float], one: CurveOverSeeds, words: str, style: Style, *, shares: bool) -> list[PlotlyTrace]:
    drawn = line(epochs, one.mean, style, words, "%{y:.1%}" if shares else "%{y:.3f}")
    if len(epochs) < 3:
        drawn["mode"] = "lines+markers"  # a line through one point is invisible
    if one.low is None or one.high is None:
        return [drawn]
    return [band(epochs, one.low, one.high, style), drawn]
