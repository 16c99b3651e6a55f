"""Start an evaluation, follow it, stop it, and open its report."""

import shlex
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
EVERY_S = 0.5
"""Between two looks at how far an evaluation is."""


class StudyTab:
    """Arguments: session: what is open, and the evaluation that runs."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._inputs: dict[str, SettingInput] = {}
        self._shown: Progress | None = None
        with ui.element("div").classes("split"):
            with ui.element("div").classes("card"):
                ui.label("Evaluation").classes("heading")
                ui.label(
                    "Trains and tests everything with the recipe and the exclusions of this app, and writes a study with its "
                    "report."
                ).classes("muted small")
                self._out = ui.input("Folder for the study", value="study", on_change=self._tell).props(
                    'dense outlined spellcheck="false" data-role="out"'
                )
                for field in fields_of(StudySettings):
                    if field.name in ASKED:
                        self._inputs[field.name] = SettingInput(field, getattr(StudySettings(), field.name), self._tell)
                self._uses = ui.label().classes("muted small").props('data-role="uses"')
                self._problem = ProblemBox()
                with ui.element("div").classes("line"):
                    self._start = button("Start", lambda: self._begin(resume=False), "main")
                    self._stop = button("Stop", self._end, "out")
                    self._resume = button("Resume", lambda: self._begin(resume=True))
            with ui.element("div").classes("stack"):
                with ui.element("div").classes("card"):
                    ui.label("Command").classes("heading")
                    ui.label("What Start runs; in a terminal it does the same.").classes("muted small")
                    self._command = ui.label().classes("command").props('data-role="command"')
                with ui.element("div").classes("card") as self._card:
                    self._stage = ui.label().classes("heading").props('role="status" data-role="stage"')
                    self._bar = ui.linear_progress(value=0, show_value=False, size="10px").props(
                        'rounded data-role="bar"'
                    )
                    self._far = ui.label().classes("muted")
                    self._failed = ProblemBox()
                    self._verdict = ui.label().classes("done").props('data-role="verdict"')
                    self._report = ui.link("Open the report", "#", new_tab=True).props('data-role="report"')
                    self._report.classes("report")
                    with ui.expansion("Output").props("dense").classes("w-full"):
                        self._log = ui.label().classes("command log")
        ui.timer(EVERY_S, self._look)
        self.refresh()

    def refresh(self) -> None:
        """Show what is open, and how far an evaluation is."""
        self._tell()
        self._look(anew=True)

    def _settings(self) -> StudySettings:
        """As typed. Fewer seeds lower the numbers that may not be above them."""
        values = {name: value_of(made.field, made.text) for name, made in self._inputs.items()}
        seeds = values.pop("seeds")
        if not isinstance(seeds, int):
            raise SettingsError(setting="seeds", rule="a whole number from 1 up", value=seeds)
        settings = StudySettings.with_seeds(seeds)
        for name, value in values.items():
            settings = changed(settings, name, value)
        return settings

    def _tell(self) -> None:
        """The command line, or what is wrong."""
        for made in self._inputs.values():
            made.complain(None)
        self._problem.clear()
        state = self._session.state
        self._uses.set_text("" if state is None else self._session.in_words())
        if state is None:
            self._command.set_text("No recordings are open.")
            return
        run = self._session.run
        if (
            run is not None
            and run.progress.phase == "done"
            and self._out.value == self._session.reach.shown(run.folder)
        ):
            return  # what made it stays there to read
        with self._problem.guarding(self._at_field):
            resume = self._resumable()
            words = self._session.evaluate_words(self._out.value or "", self._settings(), resume=resume)
            self._command.set_text(shlex.join(["smilejax", *words]))

    def _resumable(self) -> bool:
        run = self._session.run
        return run is not None and not run.running and (run.folder / study_files.BEGUN).is_file()

    def _begin(self, *, resume: bool) -> None:
        with self._problem.guarding(self._at_field):
            self._session.start(self._out.value or "", self._settings(), resume=resume)
        self._look(anew=True)

    def _end(self) -> None:
        if self._session.run is not None:
            self._session.run.stop()

    def _look(self, anew: bool = False) -> None:
        run = self._session.run
        self._card.set_visibility(run is not None)
        running = run is not None and run.running
        self._start.set_enabled(self._session.opened is not None and not running)
        self._stop.set_visibility(running)
        self._resume.set_visibility(self._resumable())
        if run is None or (run.progress == self._shown and not anew):
            return
        now = self._shown = run.progress
        self._stage.set_text(_words(now))
        self._bar.set_value(1.0 if now.phase == "done" else now.proportion)
        self._far.set_text(now.counted)
        self._log.set_text("\n".join(run.lines))
        self._failed.clear()
        if now.phase == "failed":
            self._failed.show(Problem(None, now.message, ""))
        done = now.phase == "done" and (run.folder / study_files.REPORT).is_file()
        self._report.set_visibility(done)
        self._verdict.set_text(self._session.headline(run.folder) if done else "")
        self._verdict.set_visibility(done)
        if done:
            self._report.props(f'href="/report?study={quote(self._session.reach.shown(run.folder), safe="")}"')
        if now.phase != "running":
            self._tell()

    def _at_field(self, problem: Problem) -> bool:
        made = self._inputs.get(problem.field or "")
        if made is None:
            return False
        made.complain(f"{problem.text} {problem.hint}".strip())
        return True


def _words(progress: Progress) -> str:
    return {
        "running": f"Running: {progress.stage}",
        "done": "Finished",
        "stopped": "Stopped. What was trained is kept; Resume goes on with it.",
        "failed": "Ended with an error",
    }[progress.phase]
