"""Progress in a notebook: one output that changes, so that its last state is what the notebook keeps."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from smilejax.evaluation.study import print_trainings
from smilejax.training import EpochProgress, print_epochs, print_runs


class Shown:
    """What a notebook displays: each output with all the states that it had."""

    def __init__(self) -> None:
        self.outputs: list[list[dict[str, str]]] = []

    def display(self, data: dict[str, str], *, raw: bool, display_id: bool) -> SimpleNamespace:
        assert raw
        assert display_id
        states = [data]
        self.outputs.append(states)
        return SimpleNamespace(update=lambda data, *, raw: states.append(data))


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """A notebook's kernel in the place of this process."""
    made, ipython, display = Shown(), ModuleType("IPython"), ModuleType("IPython.display")
    ipython.get_ipython = lambda: SimpleNamespace(kernel=object())  # type: ignore[attr-defined]
    display.display = made.display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return made


def test_runs_are_one_bar(shown: Shown, capsys: pytest.CaptureFixture[str]) -> None:
    show = print_runs(300)
    for done in range(301):
        show(done)
    assert capsys.readouterr().out == ""
    (states,) = shown.outputs
    assert len(states) == 301
    assert states[-1]["text/plain"] == "300 of 300 runs"
    assert '<progress value="300" max="300"' in states[-1]["text/html"]
    assert '<progress value="7" max="300"' in states[7]["text/html"]


def test_epochs_are_one_bar(shown: Shown) -> None:
    show = print_epochs(10)
    for epoch in range(1, 41):
        show(EpochProgress(epoch, 40, 0.31, 0.9, 0.42, 0.81))
    (states,) = shown.outputs
    assert [state["text/plain"].split(":")[0] for state in states] == [f"epoch {n} of 40" for n in (1, 11, 21, 31, 40)]


def test_a_study_is_one_bar(shown: Shown) -> None:
    told = print_trainings(30, 5)
    for _ in range(12):
        told["progress"](1)
    told["spared"](10)
    told["note"]("training the final model")
    (states,) = shown.outputs
    assert [state["text/plain"] for state in states] == [
        *(f"training: {done} of 30 trainings" for done in (1, 6, 11)),
        "training: 12 of 20 trainings",
        "training the final model",
    ]


def test_a_console_of_ipython_gets_a_line(
    shown: Shown, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", lambda: SimpleNamespace(kernel=None))
    print_runs(2)(2)
    assert capsys.readouterr().out == "2 of 2 runs\n"
    assert shown.outputs == []
