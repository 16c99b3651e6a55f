"""What one start of the app has open: recordings, recipe, decisions, and an evaluation. It reads and writes files; no page."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from smilejax._util.errors import DataError, OutputError, SmilejaxError
from smilejax._util.number_text import several
from smilejax.app import browsing, exclusion_file
from smilejax.app.browsing import Browsing
from smilejax.app.evaluation_run import StudyRun
from smilejax.app.fields import options_for
from smilejax.app.opening import Opened, open_recordings, within_reach
from smilejax.app.reach import Reach
from smilejax.app.recipe_words import changes_in_words
from smilejax.app.trial_view import TrialView, TrialViews
from smilejax.evaluation.study import study_files
from smilejax.preprocess.any_recipe import AnyRecipe
from smilejax.preprocess.cleaning import default_recipe
from smilejax.readers import load_mapping
from smilejax.recordings.face_measures import smile_measures
from smilejax.recordings.faces import Faces
from smilejax.recordings.recording import UNLABELLED
from smilejax.settings import ReadSettings, StudySettings

SHOWN_MEASURES = 3
"""Measures of a face that are shown at first."""


class Session:
    """Arguments: reach: what can be read and written."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self.settings = ReadSettings()
        self.opened: Opened | None = None
        self.views: TrialViews | None = None
        self.recipe: AnyRecipe | None = None
        self.measures: tuple[str, ...] = ()
        self.state: Browsing | None = None
        self.exclusions: Path | None = None
        self.accepted_problem: SmilejaxError | None = None
        """Why the accepted trials that were kept could not be taken up again."""
        self.recipe_from: str | None = None
        """Recordings that were open when the recipe was changed, where others are now."""
        self.run: StudyRun | None = None
        self.study_folder, self.study = "study", StudySettings()
        """As typed last: a page that is opened again goes on with it."""

    def open(self, names: Sequence[str | Path], settings: ReadSettings) -> Opened:
        """Open recordings. Decisions are kept where the trials are the same; else they are those of the exclusions file that
        the settings name, or that stands at the root, where one does, and of the file of accepted trials beside it.
        A recipe that was changed is kept.

        Raises:
            ReadError, SettingsError: they cannot be read so; what was open stays open.
        """
        out = None if settings.exclude is None else self.reach.to_read(settings.exclude)
        settings = replace(settings, exclude=None)
        opened = open_recordings(
            [self.reach.to_read(name) for name in names], within_reach(settings, self.reach), self.reach
        )
        recording = opened.recording
        fresh = browsing.browsing(recording.participant, recording.trial)
        before, kept, earlier, held = self.state, self.recipe, self.opened, dict(vars(self))
        same_files = earlier is not None and earlier.paths == opened.paths
        self.opened, self.settings, self.views = opened, opened.settings, TrialViews(recording)
        usual = default_recipe(recording)
        unchanged = earlier is None or kept == default_recipe(earlier.recording)
        if type(kept) is not type(usual) or unchanged:
            self.recipe, self.recipe_from = usual, None
        elif not same_files and earlier is not None:
            self.recipe_from = None if kept == usual else self.recipe_from or earlier.paths[0].name
        self.measures = _first_measures(recording.channels) if isinstance(recording, Faces) else ()
        if not (same_files and before is not None and before.trials == fresh.trials):
            self.state, self.exclusions = fresh, None
            beside = self.default_exclusions
            out = beside if out is None and beside.is_file() else out
            if out is None:
                self._take_accepted(beside)
        if out is not None:
            try:
                self.load_exclusions(out)
            except SmilejaxError:
                vars(self).update(held)  # what was open stays open
                raise
        return opened

    def open_mapping(self, name: str) -> ReadSettings:
        """The settings in a mapping file."""
        return within_reach(load_mapping(self.reach.to_read(name)), self.reach)

    @property
    def default_exclusions(self) -> Path:
        """Where decisions are kept unless another place is named: at the root, called after the first recording."""
        assert self.opened is not None
        return self.reach.root / f"{self.opened.paths[0].stem}-excluded.csv"

    def load_exclusions(self, name: str | Path) -> int:
        """Take over the exclusions in a file, and those accepted in the one beside it; further ones are kept there. Gives how
        many trials it excludes. Where there is no file beside it, what was accepted before stays so unless it is excluded.

        Raises:
            ReadError: it cannot be read, or is of other recordings.
        """
        assert self.opened is not None
        assert self.state is not None
        path = self.reach.to_read(name)
        found = exclusion_file.load(path, self.state, self.opened.recording.kind)
        self.state, self.exclusions = browsing.with_exclusions(self.state, found), path
        self._take_accepted(path)
        return len(found)

    def _take_accepted(self, exclusions: Path) -> None:
        """Take over the accepted trials in the file beside a file of exclusions, where there is one. A damaged one is noted."""
        assert self.state is not None
        self.accepted_problem = None
        path = exclusion_file.accepted_path(exclusions)
        try:
            if path.exists():
                found = exclusion_file.load_accepted(self.reach.to_read(path), self.state)
                self.state = browsing.with_accepted(self.state, found)
        except SmilejaxError as error:
            self.accepted_problem = error

    def keep_exclusions_in(self, name: str) -> Path:
        """Keep decisions in a file of this name from now on, and write those that there are; those accepted beside it.

        Raises:
            OutputError: it is no .csv, it cannot be written, or other decisions stand there.
            ReadError: the file of accepted trials beside it is damaged.
        """
        assert self.state is not None
        if not name.lower().endswith(".csv"):
            raise OutputError(
                f"{name}: a file of exclusions is called .csv.", hint=f"Call it {name.strip() or 'excluded'}.csv."
            )
        path = self.reach.to_write(name)
        if path.exists() and path != self.exclusions:
            raise OutputError(f"{name} exists already.", hint="Load it to go on with what it holds, or name another.")
        beside = self.reach.to_write(exclusion_file.accepted_path(path))
        if beside.exists() and path != (self.exclusions or self.default_exclusions):
            raise OutputError(f"{self.reach.shown(beside)} exists already.", hint="Name another.")
        if self.state.accepted or beside.exists():
            exclusion_file.save_accepted(self.state, beside)
        exclusion_file.save(self.state, path)
        self.exclusions, self.accepted_problem = path, None
        return path

    def decide(self, state: Browsing) -> None:
        """Take over a state, once what was decided is written where that changed.

        Raises:
            OutputError: a file cannot be written; the state is as before.
            ReadError: the file of accepted trials is damaged, and is not written over; likewise.
        """
        assert self.state is not None
        if state.accepted != self.state.accepted:
            beside = exclusion_file.accepted_path(self.exclusions or self.default_exclusions)
            exclusion_file.save_accepted(state, self.reach.to_write(beside))
        if state.excluded != self.state.excluded:
            path = self.reach.to_write(self.exclusions or self.default_exclusions)
            exclusion_file.save(state, path)
            self.exclusions = path
        self.state = state

    def view(self) -> TrialView:
        """The trial shown, by the recipe."""
        assert self.views is not None
        assert self.state is not None
        assert self.recipe is not None
        return self.views.of(self.state.row, self.recipe, self.measures)

    def look_ahead(self) -> None:
        """Compute the next trial and the one before while nobody waits. What cannot be is said when it is asked for."""
        state, views, recipe = self.state, self.views, self.recipe
        if state is None or views is None or recipe is None:
            return
        for by in (1, -1):
            with contextlib.suppress(SmilejaxError):
                views.of(browsing.moved(state, by).row, recipe, self.measures)

    def class_of(self, row: int) -> str:
        """The class of a trial in words."""
        assert self.opened is not None
        label = int(self.opened.recording.label[row])
        return "no class" if label == UNLABELLED else self.opened.recording.class_names[label]

    def in_words(self) -> str:
        """What an evaluation would use besides its own settings."""
        if self.opened is None or self.state is None or self.recipe is None:
            return "No recordings are open."
        kind, number = self.opened.recording.kind, len(self.state.excluded)
        by_hand = f"{several(number, f'{kind.trial} is', f'{kind.trials} are')} excluded by hand"
        recipe = changes_in_words(self.recipe, default_recipe(self.opened.recording)) or "the default one"
        return f"{by_hand}; the recipe is {recipe}."

    def evaluate_words(self, out: str, study: StudySettings, *, resume: bool) -> list[str]:
        """The words of the command line that evaluates what is open, after `smilejax`.

        Raises:
            OutputError: nothing can be written there, or the folder holds something else.
        """
        if self.opened is None or self.state is None or self.recipe is None:
            raise DataError("no recordings are open.", hint="Open some first.")
        folder = self.reach.to_write(out)
        study_files.check_study_folder(folder, resume=resume)
        words = ["evaluate", *map(str, self.opened.paths), "--out", str(folder)]
        words += options_for(replace(self.settings, exclude=None), ReadSettings())
        if self.state.excluded and self.exclusions is not None:
            words += ["--exclude", str(self.exclusions)]
        words += options_for(self.recipe, default_recipe(self.opened.recording))
        words += options_for(study, _usual(study.seeds))
        return [*words, *(["--resume"] if resume else [])]

    def study_in(self, out: str) -> tuple[Path | None, Literal["nothing", "begun", "finished"]]:
        """The folder of a study, None where none can be there, and what it holds."""
        try:
            folder = self.reach.to_write(out)
        except OutputError:
            return None, "nothing"
        return folder, study_files.found_in(folder)

    def headline(self, folder: Path) -> str:
        """What a finished study found, in a sentence."""
        try:
            return study_files.load_record(folder).results.verdict.headline
        except SmilejaxError as error:
            return str(error)

    def start(self, out: str, study: StudySettings, *, resume: bool) -> StudyRun:
        """Start an evaluation. Raises as `evaluate_words`, and `OutputError` where one runs."""
        if self.run is not None and self.run.running:
            raise OutputError("an evaluation is running.", hint="Wait for its end, or stop it.")
        words = self.evaluate_words(out, study, resume=resume)
        self.run = StudyRun(words, self.reach.to_write(out), self.reach.root)
        return self.run


def _usual(seeds: int) -> StudySettings:
    """The study over which `evaluate` lays single options where it is given so many seeds."""
    return replace(StudySettings.with_seeds(min(seeds, StudySettings.seeds)), seeds=StudySettings.seeds)


def _first_measures(channels: tuple[str, ...]) -> tuple[str, ...]:
    """Those that follow the smile, then others."""
    return tuple(dict.fromkeys((*smile_measures(channels), *channels)))[:SHOWN_MEASURES]
