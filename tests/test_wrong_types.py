"""Arguments of a wrong type are refused by the package's own errors, as a user meets them: in words, with the rule."""

import json
import subprocess
import sys

CALLS: dict[str, tuple[str, str, str]] = {
    "read a number": (
        "smilejax.read(3)",
        "ReadError",
        "path must be a path, several of them, or a pandas DataFrame; it is 3.",
    ),
    "read nothing": (
        "smilejax.read(None)",
        "ReadError",
        "path must be a path, several of them, or a pandas DataFrame; it is None.",
    ),
    "read settings": ("smilejax.read('x.csv', 'mm')", "SettingsError", "settings must be a ReadSettings; it is 'mm'."),
    "labels": (
        "smilejax.read('x.csv', labels='all')",
        "SettingsError",
        "labels must be one of required, optional; it is",
    ),
    "pupil": (
        "smilejax.Trials(**{**trials, 'pupil': 'x'})",
        "TrialsError",
        "pupil must be numbers; it arrived as <U1.",
    ),
    "a share in words": (
        "smilejax.hold_out(dataset, 'a', key=key)",
        "SettingsError",
        "proportion must be above 0 and below 1",
    ),
    "no share": (
        "smilejax.hold_out_participants(dataset, None, key=key)",
        "SettingsError",
        "proportion must be above 0 and",
    ),
    "a whole share": (
        "smilejax.hold_out(dataset, 1, key=key)",
        "SettingsError",
        "proportion must be above 0 and below 1",
    ),
    "a key": ("smilejax.hold_out(dataset, 0.5, key=3)", "SettingsError", "key must be one typed JAX key; it is 3."),
    "by what": ("smilejax.hold_out(dataset, 0.5, 'face', key=key)", "SettingsError", "by must be one of participant, "),
    "by a list": ("smilejax.hold_out(dataset, 0.5, ['trial'], key=key)", "SettingsError", "by must be one of partici"),
    "no dataset": (
        "smilejax.by_participant('a')",
        "DataError",
        "dataset must be a Dataset, as `smilejax.prepare` makes",
    ),
    "trials": (
        "smilejax.hold_out(smilejax.Trials(**trials), 0.5, key=key)",
        "DataError",
        "it is a Trials. Prepare the",
    ),
    "no folds": ("smilejax.inner_validation(3, dataset, key=key)", "DataError", "folds must be Folds; they are a int."),
    "folds in words": (
        "smilejax.by_participant(dataset, folds='2', key=key)",
        "SettingsError",
        "folds must be a whole",
    ),
    "count": ("smilejax.permute_labels(dataset, 'x', key=key)", "SettingsError", "count must be a whole number from 1"),
    "scheme": ("smilejax.permute_labels(dataset, 1, scheme=[1], key=key)", "SettingsError", "scheme must be one of "),
    "simulation": (
        "smilejax.simulate_study('small', key=key)",
        "SettingsError",
        "settings must be a SimulationSettings",
    ),
    "trials to prepare": (
        "smilejax.prepare(1, smilejax.Recipe())",
        "SettingsError",
        "trials must be a Trials; it is 1.",
    ),
    "recipe": (
        "smilejax.clean(smilejax.Trials(**trials), None)",
        "SettingsError",
        "recipe must be a Recipe; it is None.",
    ),
    "training": ("smilejax.train(dataset, None, key=key)", "SettingsError", "settings must be a TrainingSettings"),
    "a run": (
        "smilejax.make_run(dataset, 3, key=key)",
        "SettingsError",
        "settings must be a TrainingSettings; it is 3.",
    ),
    "a plan": ("smilejax.train_runs(dataset, 3)", "SettingsError", "plan must be a Plan; it is 3."),
    "a study": ("smilejax.load_study(3)", "SettingsError", "folder must be a path; it is 3."),
    "a model": ("smilejax.load_model(3)", "SettingsError", "path must be a path; it is 3."),
    "written trials": ("smilejax.write_tidy(3, 'x.csv')", "SettingsError", "trials must be a Trials; it is 3."),
    "evaluated": ("smilejax.evaluate(3)", "SettingsError", "prepared must be a PreparedStudy; it is 3."),
    "a predictor": (
        "smilejax.Predictor.of(smilejax.Trials(**trials), smilejax.Trials(**trials))",
        "SettingsError",
        "result must be a RunResult; it is ",
    ),
    "a key that nothing would be drawn with": (
        "smilejax.by_participant(dataset, key=0)",
        "SettingsError",
        "key must be one typed JAX key; it is 0.",
    ),
    "a key of stimuli": ("smilejax.by_stimulus(dataset, key='a')", "SettingsError", "key must be one typed JAX key"),
    "a key of smilers": ("smilejax.by_smiler(dataset, key=numpy.zeros(2))", "SettingsError", "key must be one typed"),
    "an old key": (
        "smilejax.by_participant_and_stimulus(some_stimuli, key=jax.random.PRNGKey(0))",
        "SettingsError",
        "key must be one typed JAX key; it is uint32[2]",
    ),
    "a network's key": (
        "smilejax.models.network.init(smilejax.ModelSettings(), samples=4, channels=1, key=0)",
        "SettingsError",
        "key must be one typed JAX key; it is 0.",
    ),
    "a prepared study": (
        "prepare_study(3, smilejax.Recipe(), smilejax.TrainingSettings(), smilejax.StudySettings())",
        "SettingsError",
        "trials must be a Recording; it is 3.",
    ),
    "a prepared recipe": (
        "prepare_study(smilejax.Trials(**trials), 3, smilejax.TrainingSettings(), smilejax.StudySettings())",
        "SettingsError",
        "recipe must be a Recipe or a FaceRecipe; it is 3.",
    ),
    "a prepared training": (
        "prepare_study(smilejax.Trials(**trials), smilejax.Recipe(), None, smilejax.StudySettings())",
        "SettingsError",
        "training must be a TrainingSettings; it is None.",
    ),
    "prepared settings": (
        "prepare_study(smilejax.Trials(**trials), smilejax.Recipe(), smilejax.TrainingSettings(), {})",
        "SettingsError",
        "settings must be a StudySettings; it is {}.",
    ),
    "truth": ("smilejax.truth_table(3)", "SettingsError", "study must be a Simulation; it is 3."),
    "simulation key": ("smilejax.simulate_study(smilejax.SimulationSettings(), key=0)", "SettingsError", "key must be"),
}
SCRIPT = """
import json, sys
import dataclasses, jax, numpy, smilejax, smilejax.models.network, smilejax.preprocess.channels
from smilejax.evaluation.study.preparation import prepare_study
key = jax.random.key(0)
trials = dict(
    pupil=numpy.full((4, 8, 2), 3.0), length=[8] * 4, rate_hz=60, unit="mm", label=[0, 1, 0, 1],
    class_names=("Easy", "Hard"), trial=("a", "b", "a", "b"), participant=("1", "1", "2", "2"),
)
n = jax.numpy.arange(4)
dataset = smilejax.Dataset(
    jax.numpy.zeros((4, 5, 1)), jax.numpy.ones((4, 5), bool), n % 2, n // 2, n * 0 - 1, n * 0 - 1, jax.numpy.ones(4), n * 0,
    (smilejax.preprocess.channels.FUSED_PUPIL,), ("Easy", "Hard"), 20.0,
)
some_stimuli = dataclasses.replace(dataset, stimulus=n)
found = {}
for name, call in json.load(sys.stdin).items():
    try:
        eval(call)
        found[name] = ["nothing", ""]
    except Exception as error:
        found[name] = [type(error).__name__, str(error)]
print(json.dumps(found))
"""


def test_wrong_types_are_refused_by_the_packages_own_errors() -> None:
    """In a process of its own: in this one, the type checks of the tests would be first."""
    calls = json.dumps({name: call for name, (call, _, _) in CALLS.items()})
    out = subprocess.run([sys.executable, "-c", SCRIPT], input=calls, capture_output=True, text=True, check=True)
    found = json.loads(out.stdout)
    wrong = {
        name: found[name]
        for name, (_, error, text) in CALLS.items()
        if found[name][0] != error or text not in found[name][1]
    }
    assert not wrong
