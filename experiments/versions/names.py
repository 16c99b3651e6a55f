"""How version 03116ae and the present one call the same thing: imports, settings, fields, and keys of results."""

import importlib
import importlib.util
import re
from typing import Any

OLD = importlib.util.find_spec("smilejax.evaluation") is None
"""Whether the smilejax that is imported here is 03116ae."""

HOMES: dict[str, tuple[str, str]] = {
    "Recipe": ("settings:Recipe", "preprocess.recipe:Recipe"),
    "stages": ("preprocess.pipeline:stages", "preprocess.pipeline:stages"),
    "permute_labels": ("relabelling:relabel", "splits.permutations:permute_labels"),
    "run_reference_classifiers": ("controls:run_controls", "classifiers:run_reference_classifiers"),
    "prepare_study": ("study:prepare_study", "evaluation.study:prepare_study"),
    "evaluate": ("study:evaluate", "evaluation.study:evaluate"),
    "compute_results": ("study:numbers_of", "evaluation.study:compute_results"),
    "arrays_of": ("study.storage:arrays_of", "evaluation.study.study_arrays:arrays_of"),
    "recipe_grid": ("multiverse:recipe_grid", "evaluation.multiverse:recipe_grid"),
    "explore": ("multiverse:explore", "evaluation.multiverse:explore"),
    "judge": ("power:judge", "evaluation.power:judge"),
    "PowerSettings": ("settings:PowerSettings", "settings:PowerSettings"),
    "score_spread": ("statistics:spread", "evaluation.statistics:score_spread"),
    "participant_test": ("statistics:participant_test", "evaluation.statistics:participant_test"),
    "permutation_test": ("statistics:relabelling_test", "evaluation.statistics:permutation_test"),
    "crossed_interval": ("statistics:crossed_interval", "evaluation.statistics:crossed_interval"),
    "corrected_t": ("statistics:corrected_t", "evaluation.statistics:corrected_t"),
    "measure": ("metrics:measure", "evaluation.metrics:measure"),
}

SETTINGS = {
    "dip_ms": "partial_blink_ms",
    "walk_ms": "blink_edge_ms",
    "walk_mads": "blink_edge_mads",
    "merge_ms": "blink_merge_ms",
    "min_trend_share": "min_trend_proportion",
    "island_apart_ms": "island_gap_ms",
    "batch": "minibatch_size",
    "scale": "standardise",
    "relabellings": "permutations",
    "attention_seeds": "attribution_seeds",
    "inner_share": "inner_proportion",
    "relabelled": "permuted",
    "floor": "design_smallest_p",
}
"""Settings and arguments of 03116ae, and their present names."""

ARRAYS = (
    (r"^both/", "participant-and-stimulus/"),
    (r"/answers/", "/predictions/"),
    (r"/variants$", "/variant_accuracy"),
    (r"^tested/", "permutations/"),
    (r"/relabelled/", "/permuted/"),
    (r"^controls/", "classifiers/"),
    (r"^attention/", "attribution/"),
)
"""Names of a study's arrays: what is replaced by what, one after another."""

NUMBERS = (
    (r"^(protocols/\d+)/(metrics|ensemble|interval|spread)/", r"\1/scores/\2/"),
    (r"^(controls/\d+)/(metrics|interval|difference|test)/", r"\1/scores/\2/"),
    (r"^(protocols/\d+)/(folds|runs|diverged|trials_scored|trials_trained|trials_held_out)\b", r"\1/scores/\2"),
    (r"^(protocols/\d+)/balanced$", r"\1/scores/balanced_folds"),
    (r"^(protocols/\d+)/leaky$", r"\1/scores/leaks"),
    (r"/metrics/", "/mean_over_seeds/"),
    (r"/scores/spread/", "/scores/accuracy_spread/"),
    (
        r"^test/(p|observed|count|at_least|smallest_p|floor|null_mean|null_low|null_high|diverged|reachable)$",
        r"test/test/\1",
    ),
    (r"^test/", "permutation_test/scores/"),
    (r"/floor$", "/design_smallest_p"),
    (r"/asked$", "/requested"),
    (r"^controls/(\d+)/scores/test/p_corrected$", r"controls/\1/scores/permutation_test/p_corrected"),
    (r"^controls/(\d+)/scores/test/", r"controls/\1/scores/permutation_test/test/"),
    (r"^controls/", "classifiers/"),
    (r"^videos/", "known_minus_new_stimuli/"),
    (r"^people/participants/", "participant_tests/over_participants/"),
    (r"^people/pooled/", "participant_tests/trials_as_independent/"),
    (r"^people/differ/people$", "participant_tests/between_participants/participants"),
    (r"^people/differ/", "participant_tests/between_participants/"),
    (r"^choice/", "hyperparameters/"),
    (r"^calibration/raw/", "calibration/as_trained/"),
    (r"^calibration/calibrated/", "calibration/scaled/"),
    (r"^calibration/temperature/final$", "calibration/temperature/median"),
    (r"/mean_p$", "/mean_probability"),
    (r"^(calibration/.*)/share$", r"\1/proportion"),
    (r"^voting/(\d+)/k$", r"several_observers/\1/observers"),
    (r"^voting/(\d+)/accuracy$", r"several_observers/\1/balanced_accuracy"),
    (r"^voting/(\d+)/dropped$", r"several_observers/\1/fewer_observers"),
    (r"^voting/(\d+)/exact$", r"several_observers/\1/all_groups"),
    (r"^voting/", "several_observers/"),
    (r"^(participants|stimuli)/(\d+)/scored_(?!by_class)(.+)$", r"\1/\2/scored_by_class/\3"),
    (r"/measured$", "/proportion_valid"),
    (r"^data/single$", "data/one_trial_per_class"),
    (r"^curves/", "training_curves/"),
    (r"^attention/", "attribution/"),
    (r"^about/favourite$", "about/final_variant"),
)
"""Keys of a study's numbers: what is replaced by what, one after another. Groups are numbered in the order of 03116ae."""

PROTOCOL = {"participant-and-stimulus": "both"}


def load(name: str) -> Any:
    """What has this present name, from the version that is imported here."""
    module, attribute = HOMES[name][0 if OLD else 1].split(":")
    return getattr(importlib.import_module(f"smilejax.{module}"), attribute)


def settings(cls: Any, **values: Any) -> Any:
    """Settings given in the names of 03116ae, for either version; names that the version lacks are mapped, none is dropped."""
    return cls(**named(values))


def named(values: dict[str, Any]) -> dict[str, Any]:
    """Arguments in the names of the version that is imported here."""
    return values if OLD else {SETTINGS.get(name, name): value for name, value in values.items()}


def present_name(key: str) -> str:
    """The present key of an array or number of 03116ae."""
    group, _, rest = key.partition("|")
    for pattern, new in {"study arrays": ARRAYS, "study numbers": NUMBERS}.get(group, ()):
        rest = re.sub(pattern, new, rest)
    return f"{group}|{rest}"
