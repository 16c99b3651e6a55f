"""Start an evaluation, follow it, stop it, and open its report."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from nicegui import ui

from smilejax._util.errors import SettingsError
from smilejax.app.evaluation_run import Progress
from smilejax.app.fields import Problem, changed, fields_of, value_of
from smilejax.app.pages.parts import ProblemBox, SettingInput, button
from smilejax.app.session import Session
from smilejax.evaluation.study import study_files
from smilejax.settings import StudySettings

ASKED = ("classifier", "seeds", "permutations", "participant_folds", "blocks", "seed")
"""Settings of a study that are asked for; the others have their defaults, and the command line takes them."""
IN_THE_FOLDER = {
    "nothing": "",
    "begun": "A study was begun here. Resume goes on with it, by the same settings; for another one name another folder.",
    "finished": "This folder holds a finished study, which stays as it is. For another study name another folder.",
}
"""What is said of a folder before anything is started."""
EVERY_S = 0.5
"""Between two looks at how far an evaluation is."""


class _Shown(NamedTuple):
    """An evaluation as the page shows it.

    Arguments:
        progress: how far it is. folder: of its study. lines: that it printed; None of a study that was finished before.
    """

    progress: Progress
    folder: Path
    lines: tuple[str, ...] | None


class StudyTab:
    """Arguments: session: what is open, and the evaluation that runs."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._inputs: dict[str, SettingInput] = {}
        self._shown: _Shown | None = None
        with ui.element("div").classes("split"):
            with ui.element("div").classes("card"):
                ui.label("Evaluation").classes("heading")
                ui.label(
                    "Trains and tests everything with the recipe and the exclusions of this app, and writes a study with its "
                    "report."
                ).classes("muted small")
                self._out = ui.input("Folder for the study", value=session.study_folder, on_change=self._tell).props(
                    'dense outlined spellcheck="false" data-role="out"'
                )
                for field in fields_of(StudySettings):
                    if field.name in ASKED:
                        self._inputs[field.name] = SettingInput(field, getattr(session.study, field.name), self._tell)
                self._uses = ui.label().classes("muted small").props('data-role="uses"')
                self._problem = ProblemBox()
                self._not_started = ProblemBox()
                self._there = ui.label().classes("notice").props('role="status" data-role="there"')
                with ui.element("div").classes("line"):
                    self._start = button("Start", lambda: self._begin(resume=False), "main")
                    self._stop = button("Stop", self._end, "out")
                    self._resume = button("Resume", lambda: self._begin(resume=True))
            with ui.element("div").classes("stack"):
                with ui.element("div").classes("card"):
                    ui.label("Command").classes("heading")
                    self._what_runs = ui.label().classes("muted small")
                    self._command = ui.label().classes("command").props('data-role="command"')
                with ui.element("div").classes("card") as self._card:
                    self._stage = ui.label().classes("heading").props('role="status" data-role="stage"')
                    self._bar = ui.linear_progress(value=0, show_value=False, size="10px").props(
                        'rounded data-role="bar"'
                    )
                    self._far = ui.label().classes("muted")
                    self._failed = ProblemBox()
                    self._verdict = ui.label().classes("verdict").props('data-role="verdict"')
                    self._report = ui.link("Open the report", "#", new_tab=True).props('data-role="report"')
                    self._report.classes("report")
                    with ui.expansion("Output").props("dense").classes("w-full") as self._output:
                        self._log = ui.label().classes("command log")
        ui.timer(EVERY_S, self._look)
        self.refresh()

    def refresh(self) -> None:
        """Show what is open, and how far an evaluation is."""
        self._tell()
        self._look(anew=True)

    def _settings(self) -> StudySettings | None:
        """As typed; None where something cannot be, which is shown at every field concerned. Fewer seeds lower the numbers that
        may not be above them.
        """
        values: dict[str, object] = {}
        for name, made in self._inputs.items():
            made.complain(None)
            with self._problem.guarding(self._at_field):
                value = value_of(made.field, made.text)
                if name == "seeds" and not isinstance(value, int):
                    raise SettingsError(setting="seeds", rule="a whole number from 1 up", value=value)
                changed(StudySettings.with_seeds(value) if name == "seeds" else StudySettings(), name, value)  # type: ignore[arg-type]
                values[name] = value
        if len(values) < len(self._inputs):
            return None
        settings: StudySettings | None = None
        with self._problem.guarding(self._at_field):
            together = StudySettings.with_seeds(values.pop("seeds"))  # type: ignore[arg-type]  # looked at above
            for name, value in values.items():
                together = changed(together, name, value)
            settings = together
        return settings

    def _tell(self) -> None:
        """The command line, or what is wrong; and what stands in the folder already."""
        session = self._session
        self._problem.clear()
        self._not_started.clear()
        self._uses.set_text("" if session.state is None else session.in_words())
        out = str(self._out.value or "")
        folder, there = session.study_in(out)
        running = session.run is not None and session.run.running
        self._there.set_text("" if running else IN_THE_FOLDER[there])
        self._there.set_visibility(bool(self._there.text))
        self._what_runs.set_text(
            f"What {'Resume' if there == 'begun' else 'Start'} runs; in a terminal it does the same."
        )
        if session.state is None:
            self._command.set_text("No recordings are open.")
            return
        settings = self._settings()
        words: Sequence[str] | None = None
        if settings is not None:
            session.study_folder, session.study = out, settings
        if there == "finished":
            run = session.run
            words = run.words if run is not None and run.folder == folder else None
        elif settings is not None:
            with self._problem.guarding(self._at_field):
                words = session.evaluate_words(out, settings, resume=there == "begun")
        self._command.set_text("" if words is None else shlex.join(["smilejax", *words]))
        self._command.set_visibility(words is not None)
        if settings is None:
            self._what_runs.set_text("Correct the field that is marked.")

    def _begin(self, *, resume: bool) -> None:
        self._not_started.clear()
        settings = self._settings()
        if settings is None:
            return
        with self._not_started.guarding(self._at_field):
            self._session.start(self._session.study_folder, settings, resume=resume)
            self._tell()
        self._look(anew=True)

    def _end(self) -> None:
        if self._session.run is not None:
            self._session.run.stop()

    def _look(self, anew: bool = False) -> None:
        session, run = self._session, self._session.run
        running = run is not None and run.running
        folder, there = session.study_in(str(self._out.value or ""))
        self._start.set_enabled(session.opened is not None and not running and there == "nothing")
        self._stop.set_visibility(running)
        self._resume.set_visibility(session.opened is not None and not running and there == "begun")
        now = self._to_show(folder, there)
        if now == self._shown and not anew:
            return
        before, self._shown = self._shown, now
        self._show(now)
        if before is not None and before.progress.phase == "running" and not running:
            self._tell()

    def _to_show(self, folder: Path | None, there: str) -> "_Shown | None":
        """The evaluation that runs or has run; or a finished study, where the folder that is named holds one."""
        run = self._session.run
        if run is not None and (run.running or run.folder == folder or there != "finished"):
            return _Shown(run.progress, run.folder, tuple(run.lines))
        return _Shown(Progress(phase="done"), folder, None) if folder is not None and there == "finished" else None

    def _show(self, shown: "_Shown | None") -> None:
        self._card.set_visibility(shown is not None)
        if shown is None:
            return
        progress, folder, ours = shown.progress, shown.folder, shown.lines is not None
        self._stage.set_text(_words(progress) if ours else "This folder holds a finished study")
        self._bar.set_value(1.0 if progress.phase == "done" else progress.proportion)
        counting = progress.phase != "running" or bool(progress.left)
        self._bar.props(remove="indeterminate") if counting else self._bar.props("indeterminate")
        self._bar.set_visibility(ours)
        self._far.set_text(progress.counted)
        self._output.set_visibility(ours)
        self._log.set_text("\n".join(shown.lines or ()))
        self._failed.clear()
        if progress.phase == "failed":
            self._failed.show(Problem(None, progress.message, ""))
        done = progress.phase == "done" and (folder / study_files.REPORT).is_file()
        self._report.set_visibility(done)
        self._verdict.set_text(self._session.headline(folder) if done else "")
        self._verdict.set_visibility(done)
        if done:
            self._report.props(f'href="/report?study={quote(self._session.reach.shown(folder), safe="")}"')

    def _at_field(self, problem: Problem) -> bool:
        made = self._inputs.get(problem.field or "")
        if made is None:
            return False
        made.complain(problem.whole)
        return True


def _words(progress: Progress) -> str:
    return {
        "running": f"Running: {progress.stage}"
        + (" (reading, cleaning, compiling)" if progress.stage == "starting" else ""),
        "done": "Finished",
        "stopped": "Stopped. What was trained is kept; Resume goes on with it.",
        "failed": "Ended with an error",
    }[progress.phase]
