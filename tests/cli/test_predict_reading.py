"""How `smilejax predict` reads: what comes from the model, and what the command was given."""

from smilejax._util.errors import SETTING, ReadError
from smilejax.cli.predict_command import _of_the_model, kept_besides
from smilejax.settings import ReadSettings


def test_a_setting_of_the_model_is_not_taken_for_one_that_was_given() -> None:
    kept = ReadSettings(trial=("Trial",), unit="mm")
    assert kept_besides(kept, {"unit": "au"}) == ["trial"]
    error = ReadError(f"a.asc: {SETTING.trial} is not used.", hint=f"Leave {SETTING.trial} out.")
    told = str(_of_the_model(error, ["trial"], kept))
    assert told.startswith(
        "a.asc: trial is not used. Leave trial out. trial Trial: not given here, but how the model's own"
    )
    assert told.endswith("What is given here goes before it.")
