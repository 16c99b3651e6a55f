"""What is said of the folder of a study or of runs before anything is read."""

import json
from pathlib import Path

import pytest
from helpers.command_line import run

from smilejax._util.errors import OutputError
from smilejax.evaluation.study import study_files
from smilejax.training.plans import saved_runs
from smilejax.training.plans.saved_runs import RECORD, check_runs_folder


@pytest.mark.parametrize("command", ["evaluate", "train-many"])
def test_resuming_what_was_not_begun_is_said_and_goes_on(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A job that is started again gives --resume from the first time on; whoever misspelt the folder reads that it is new."""
    absent, folder = tmp_path / "no.csv", tmp_path / "mispelt"
    for options, said in (((), False), (("--resume",), True)):
        assert run(command, absent, "--out", folder, *options) == 2
        text = " ".join(capsys.readouterr().err.split())
        assert (f"was begun in {folder}, so that there is nothing to go on with" in text) == said
        assert "there is no such file" in text
    assert not folder.exists()


def test_how_to_replace_what_is_finished_is_said(tmp_path: Path) -> None:
    study = tmp_path / "study"
    study.mkdir()
    (study / study_files.RECORD).write_text("{}")
    with pytest.raises(OutputError, match="to make the study anew, remove this one first"):
        study_files.check_study_folder(study, resume=False)
    runs = tmp_path / "runs"
    runs.mkdir()
    (runs / RECORD).write_text(
        json.dumps({"kind": saved_runs._KIND, "schema": saved_runs.SCHEMA, "runs": 1, "identity": {}})
    )
    with pytest.raises(OutputError, match="to train them anew, remove this one first"):
        check_runs_folder(runs, resume=False)
