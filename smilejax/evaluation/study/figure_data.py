"""What figures and tables show besides scores: dilation, curves, ROC, calibration, voting, attribution, groups. As JSON."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from jaxtyping import Float

from smilejax._util.nan_mean import nan_mean
from smilejax.evaluation.metrics import (
    calibration_error,
    calibration_null,
    grouped,
    operating_curve,
    reliability,
)
from smilejax.evaluation.statistics import voting_curve
from smilejax.evaluation.study.attribution import Attribution
from smilejax.evaluation.study.compute_scores import Numbers, ensemble, hit_rates, number, of_seeds, temperatures
from smilejax.evaluation.study.out_of_fold import Curves
from smilejax.evaluation.study.raw_results import RawResults
from smilejax.preprocess.channels import channel_named
from smilejax.settings import StudySettings


def data_numbers(material: RawResults) -> Numbers:
    """What was recorded, and what was left out for which reason."""
    trials, names = material.trials, material.about["class_names"]
    excluded = trials[~trials["kept"]]
    reasons = [
        {"status": verdict, **{name: int((part["class"] == name).sum()) for name in names}}
        for verdict, part in excluded.groupby("status")
    ]
    return {
        "trials": len(trials),
        "kept": int(trials["kept"].sum()),
        "unlabelled": int((trials["label"] < 0).sum()),
        "participants": trials["participant"].nunique(),
        "stimuli": trials["stimulus"].nunique() if material.recorded("stimulus") else None,
        "smilers": trials["smiler"].nunique() if material.recorded("smiler") else None,
        "classes": {name: int((trials["class"] == name).sum()) for name in names},
        "kept_classes": {name: int(((trials["class"] == name) & trials["kept"]).sum()) for name in names},
        "excluded": reasons,
        "confounded": _confounded(material),
        "proportion_valid": number(trials["proportion_valid"].mean()),
        "steps": int(material.x.shape[1]),
        "channels": list(material.about["channels"]),
    }


def _confounded(material: RawResults) -> bool:
    """Whether each participant has one label, and each stimulus too: classes differ in people and in stimuli at once."""
    used = material.trials[material.trials["kept"] & (material.trials["label"] >= 0)]
    if not material.recorded("stimulus") or not len(used):
        return False
    return all(bool((used.groupby(name)["label"].nunique() == 1).all()) for name in ("participant", "stimulus"))


def group_numbers(material: RawResults, column: str) -> list[Numbers]:
    """One row for each participant or stimulus: how its trials were answered."""
    trials, y = material.trials, material.y
    if not material.recorded(column):
        return []
    codes, names = pd.factorize(trials[column])
    hit, p = hit_rates(of_seeds(material.verdict_protocol), y), ensemble(material.verdict_protocol)
    table = grouped(hit, p, codes, y).set_index("code").reindex(range(len(names)))
    first, second = material.about["class_names"]
    rows = []
    for name, (code, row) in zip(names, table.iterrows(), strict=True):
        own = codes == code
        scored = np.nan_to_num(row[["trials", "count_0", "count_1"]].to_numpy(np.float64)).astype(int).tolist()
        rows.append(
            {
                "name": str(name),
                "trials": int(own.sum()),
                **dict(zip(("scored", f"scored_{first}", f"scored_{second}"), scored, strict=True)),
                **{score: number(row[score]) for score in ("accuracy", "balanced_accuracy", "mean_p")},
                "proportion_valid": number(trials["proportion_valid"][own].mean()),
            }
        )
    return rows


def trial_table(material: RawResults) -> pd.DataFrame:
    """One row per trial: what it is, and how it was answered by models that were not trained on it.

    p: mean over seeds; p_calibrated: the same after temperature scaling; hit_rate: share of seeds that were right.
    """
    scored, y = material.verdict_protocol, material.y
    p = of_seeds(scored)
    factors = temperatures(scored, y)
    return material.trials.assign(
        p=ensemble(scored),
        p_calibrated=np.nan if factors is None else ensemble(scored, factors),
        hit_rate=hit_rates(p, y),
        answers=np.isfinite(p).sum(0),
    )


def dilation_numbers(material: RawResults, settings: StudySettings) -> Numbers:
    """Mean course of each class over participants (or, where there are fewer than three, over trials), and their difference.

    Where three or more participants have both classes, it is taken within each and then averaged; otherwise it is that of the
    two means. Intervals are t intervals at each step on its own, of the difference of means Welch's. A step with fewer than
    two participants or trials, of either class where classes are apart, has none.
    """
    kept = material.trials["kept"].to_numpy() & (material.y >= 0)
    units = material.codes("participant") if material.trials["participant"].nunique() > 2 else np.arange(len(kept))
    shown = [at for at, channel in enumerate(material.about["channels"]) if not channel_named(channel).mask] or [0]
    values = np.where(material.valid, material.x[:, :, shown[0]], np.nan).astype(np.float64)
    of_units = np.full((len(np.unique(units)), 2, values.shape[1]), np.nan)
    for place, unit in enumerate(np.unique(units)):
        for label in (0, 1):
            of_units[place, label] = _mean(values[kept & (units == unit) & (material.y == label)])
    paired = int(np.isfinite(of_units).any(2).all(1).sum()) > 2
    difference = (of_units[:, 1] - of_units[:, 0],) if paired else (of_units[:, 1], of_units[:, 0])
    names = material.about["class_names"]
    return {
        "time_ms": _list(material.time_ms, 2),
        "channel": material.about["channels"][shown[0]],
        "unit": material.about["model_unit"],
        "over": "participants" if units is not None and len(np.unique(units)) != len(kept) else "trials",
        "paired": paired,
        "classes": {name: _course(settings.level, of_units[:, k]) for k, name in enumerate(names)},
        "difference": _course(settings.level, *difference),
    }


def _course(level: float, values: Float[np.ndarray, "U T"], less: Float[np.ndarray, "V T"] | None = None) -> Numbers:
    """Mean along the first axis, or its lead over another's, with a t interval (Welch's) at each step."""
    from scipy.stats import t as student

    sides = [values] if less is None else [values, less]
    n = np.stack([np.isfinite(one).sum(0) for one in sides])
    mean = _mean(values) - (0.0 if less is None else _mean(less))
    with np.errstate(invalid="ignore", divide="ignore"):
        of_means = np.stack([_sd(one) ** 2 for one in sides]) / n
        df = of_means.sum(0) ** 2 / (of_means**2 / (n - 1)).sum(0)
        half = student.ppf(0.5 + level / 2, np.where(of_means.sum(0) > 0, df, 1)) * np.sqrt(of_means.sum(0))
    half = np.where((n >= 2).all(0), half, np.nan)
    return {"mean": _list(mean), "low": _list(mean - half), "high": _list(mean + half)}


def curve_numbers(curves: Curves | None) -> Numbers | None:
    """Loss and accuracy after each epoch: mean over folds of each seed, then mean, least and greatest over seeds."""
    if curves is None:
        return None
    found: Numbers = {"epochs": int(curves.train_loss.shape[-1])}
    for name in ("train_loss", "train_accuracy", "test_loss", "test_accuracy"):
        of_seeds = _mean(getattr(curves, name))
        found[name] = {
            "mean": _list(_mean(of_seeds)),
            "low": _list(_over(np.nanmin, of_seeds)),
            "high": _list(_over(np.nanmax, of_seeds)),
        }
    return found


def roc_numbers(material: RawResults) -> Numbers | None:
    """The operating curve of the seeds' mean answers, all folds together."""
    p, y = ensemble(material.verdict_protocol), material.y
    known = np.isfinite(p) & (y >= 0)
    if len(np.unique(y[known])) < 2:
        return None
    fpr, tpr, thresholds = operating_curve(p[known], y[known])
    return {"false_positive_rate": _list(fpr), "true_positive_rate": _list(tpr), "threshold": _list(thresholds)}


def calibration_numbers(material: RawResults, settings: StudySettings) -> Numbers:
    """How far probabilities mean what they say, before and after temperature scaling inside the folds."""
    scored, y = material.verdict_protocol, material.y
    factors = temperatures(scored, y)
    fitted = scored.inner_logits is not None and bool(np.isfinite(scored.inner_logits).any())
    why_not = scored.why_not_inner if factors is None else "Every run beside the validation trials diverged."
    found: Numbers = {"done": fitted, "why_not": "" if fitted else why_not}
    for name, temperature in (("raw", None), ("calibrated", factors)):
        if name == "calibrated" and factors is None:
            continue
        p = ensemble(scored, temperature)
        known = np.isfinite(p) & (y >= 0)
        if not known.any():
            continue
        band = calibration_null(p[known], seed=settings.seed)
        hits = np.where(y[known] == 1, p[known], 1 - p[known])
        found[name] = {
            "error": number(calibration_error(p[known], y[known])),
            "null_median": number(band.median),
            "null_low": number(band.low),
            "null_high": number(band.high),
            "log_loss": number(-np.log(np.maximum(hits, np.finfo(float).tiny)).mean()),
            "brier": number(((p[known] - y[known]) ** 2).mean()),
            "bins": records(reliability(p[known], y[known])),
        }
    if factors is not None:
        found["temperature"] = {"folds": _list(factors), "final": number(final_temperature(factors))}
    return found


def final_temperature(factors: Float[np.ndarray, " F"] | None) -> float:
    """The temperature for a model of use: the median of the folds', 1 where none was fitted."""
    # Of many folds' temperatures, each fitted on a few trials, the middle one: a pooled fit would follow the worst fold.
    return 1.0 if factors is None else float(np.exp(np.median(np.log(factors))))


def voting_numbers(material: RawResults, settings: StudySettings) -> list[Numbers]:
    """Accuracy when the answers of k observers of a stimulus are averaged; empty where stimuli were not recorded."""
    p, y, stimulus = ensemble(material.verdict_protocol), material.y, material.codes("stimulus")
    known = np.isfinite(p) & (y >= 0) & (stimulus >= 0)
    if not known.any():
        return []
    participant = material.codes("participant")[known]
    table = voting_curve(p[known], y[known], stimulus[known], participant, draws=settings.draws, seed=settings.seed)
    return records(table)


def attribution_numbers(attribution: Attribution | None, material: RawResults) -> Numbers | None:
    """Integrated gradients by class along time, and what hiding a window costs: mean over seeds, and sd between them."""
    if attribution is None:
        return None
    names = material.about["class_names"]
    step_ms = 1000 / material.about["model_hz"]
    return {
        "seeds": int(attribution.gradients.shape[0]),
        "trials": attribution.trials.tolist(),
        "time_ms": _list(material.time_ms, 2),
        "channels": {
            channel: {
                name: {
                    "mean": _list(_mean(attribution.gradients[:, k, :, at]), 7),
                    "sd": _list(_sd(attribution.gradients[:, k, :, at]), 7),
                }
                for k, name in enumerate(names)
            }
            for at, channel in enumerate(material.about["channels"])
        },
        "occlusion": [
            {
                "from_ms": float(low * step_ms),
                "to_ms": float(high * step_ms),
                "loss_rise": number(cost),
                "sd": number(sd),
            }
            for low, high, cost, sd in zip(
                attribution.edges[:-1],
                attribution.edges[1:],
                _mean(attribution.occlusion),
                _sd(attribution.occlusion),
                strict=True,
            )
        ],
    }


def records(table: pd.DataFrame) -> list[Numbers]:
    """Rows of a table as JSON."""

    def plain(value: Any) -> Any:
        if isinstance(value, np.integer):
            return int(value)
        return number(value) if isinstance(value, float | np.floating) else value

    return [{str(k): plain(v) for k, v in row.items()} for row in table.to_dict("records")]


def _list(values: npt.ArrayLike, digits: int = 6) -> list[float | None]:
    return [round(float(v), digits) if np.isfinite(v) else None for v in np.asarray(values, np.float64)]


def _mean(values: Float[np.ndarray, "S *T"]) -> npt.NDArray[np.float64]:
    """Mean along the first axis of what is no NaN."""
    return nan_mean(values, 0)


def _sd(values: Float[np.ndarray, "S *T"]) -> npt.NDArray[np.float64]:
    count = np.isfinite(values).sum(0)
    squares = np.where(np.isfinite(values), (values - _mean(values)) ** 2, 0.0).sum(0)
    return np.sqrt(np.divide(squares, count - 1, out=np.full(count.shape, np.nan), where=count > 1))


def _over(function: Any, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """An extreme along the first axis, NaN where all is, without NumPy's warning of it."""
    empty = ~np.isfinite(values).any(0)
    found: npt.NDArray[np.float64] = function(np.where(empty, 0.0, values), axis=0)
    return np.where(empty, np.nan, found)
