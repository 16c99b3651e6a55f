"""The trial browser: one trial at a time, what was recorded and what the recipe makes of it, and the decision."""

import operator
from collections.abc import Callable
from functools import partial

from nicegui import run, ui

from smilejax.app import browsing
from smilejax.app.browsing import REASONS, WHICH, Browsing, Which
from smilejax.app.exclusion_file import accepted_path
from smilejax.app.fields import problem_of
from smilejax.app.pages.parts import FileDialog, ProblemBox, Question, button
from smilejax.app.pages.recipe_panel import RecipePanel
from smilejax.app.session import Session
from smilejax.app.trial_plot import coloured, empty_figure, figure
from smilejax.app.trial_view import TrialView
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.recordings.faces import Faces

FIRST = "Computing; the first trial after a start takes some seconds."
NEXT = "Computing; accept and exclude wait until it is drawn."
AGAIN = "Computing anew."
"""What is said until the first trial is drawn, until another one is, and until the same one is drawn anew."""
FOLLOW_S = 1.0
"""Between two looks at whether another tab of the browser changed something."""


class TrialsTab:
    """The trial browser.

    Arguments:
        session: what is open.
        on_decided: called when a trial was excluded, or is no more, and when the recipe is another.
    """

    def __init__(self, session: Session, on_decided: Callable[[], None]) -> None:
        self._session, self._on_decided = session, on_decided
        self._dark = False
        self._filling = False
        self._asked, self._computing = 0, False
        self._openings, self._drawn = 0, ""
        self._judged = ""
        self._shown: tuple[object, object, object] = (None, None, None)
        self._file_shown = ""
        self._people: dict[str, str | None] = {}
        self._last_reason = ""
        with ui.element("div").classes("card") as self._empty:
            ui.label("No recordings are open. Open some under Data.").classes("empty")
        with ui.element("div").classes("trials") as self._whole:
            with ui.element("div").classes("stack"):
                self._build_bar()
                self._build_trial()
                self._build_file()
            self._recipe = RecipePanel(session, self._recipe_changed)
        self._build_reasons()
        self._taking = Question(
            "Take back",
            "The reason is then removed from the exclusions file, and the trial counts as accepted.",
            role="take-back",
        )
        ui.on("trial_key", lambda event: self._heard(event.args))
        ui.timer(FOLLOW_S, self._follow)

    def _build_bar(self) -> None:
        with ui.element("div").classes("card"):
            with ui.element("div").classes("line"):
                button("Back", lambda: self._move(-1), "plain", "chevron_left").props("dense")
                self._number = ui.number(min=1, step=1).props(
                    'dense outlined aria-label="number of the trial" data-role="number"'
                )
                self._number.classes("number-box").on("keydown.enter", self._jump).on("change", self._jump)
                self._of = ui.label().classes("muted once")
                button("Next", lambda: self._move(1), "plain", "chevron_right").props("dense")
                self._counts = ui.label().classes("muted once").style("margin-left: auto").props('data-role="counts"')
            with ui.element("div").classes("line"):
                self._which = ui.select({one: one for one in WHICH}, value="all", on_change=self._narrow)
                self._which.props('dense outlined options-dense aria-label="which trials" data-role="which"').classes(
                    "select-box"
                )
                self._whose = ui.select([], on_change=self._narrow)
                self._whose.props('dense outlined options-dense aria-label="whose trials"').classes("select-box")
                self._class = ui.switch("Show the class", value=False, on_change=self._show_class)
                with self._class:
                    ui.tooltip(
                        "Decide without knowing the class: else expectations choose which trials are left out. Names of "
                        "trials, stimuli and smilers often tell the class and are hidden with it. Whether the class had been "
                        "shown is kept with every exclusion, and the report says it."
                    ).props('max-width=340px anchor="bottom left" self="top left"')

    def _build_trial(self) -> None:
        with ui.element("div").classes("card"):
            with ui.element("div").classes("line"):
                self._who = ui.label().classes("who grow").props('data-role="who"')
                self._status = ui.label().classes("state")
                self._decision = ui.label().classes("state").props('role="status" data-role="decision"')
            self._problem = ProblemBox()
            self._measures = ui.select([], multiple=True, label="measures shown", on_change=self._measures_chosen)
            self._measures.props("dense outlined options-dense use-chips")
            with ui.element("div").classes("plot-place"):
                self._plot = ui.plotly(empty_figure()).classes("plot").props('id="trial-plot"')
                with ui.element("div").classes("busy").props('role="status" data-role="busy"') as self._busy:
                    ui.spinner(size="sm")
                    self._doing = ui.label().classes("small")
            self._kept = ui.label().classes("muted small").props('data-role="kept"')
            self._counted = ui.label().classes("muted small").props('data-role="counted"')
            self._chips = ui.element("div").classes("chips").props('aria-label="reasons in this trial"')
            with ui.element("div").classes("line"):
                for what, key, kind, icon in (("Accept", "a", "in", "check"), ("Exclude", "e", "out", "block")):
                    with ui.button(what, icon=icon, color=None).props("flat no-caps").classes(kind) as made:
                        ui.label(key).classes("key").style("margin-left: 8px")
                    made.on("click", js_handler=f"() => window.smilejaxKeys.decide('{what.lower()}')")
                ui.element("div").classes("grow")
                for keys, what in (("← k", "back"), ("→ j", "next"), ("a", "accept"), ("e x", "exclude")):
                    ui.label(keys).classes("key")
                    ui.label(what).classes("muted small")

    def _build_file(self) -> None:
        with ui.element("div").classes("card"):
            ui.label("Exclusions file").classes("heading")
            ui.label(
                "Every exclusion is written to it at once, with its reason and whether the class was hidden. Commands take the "
                "file by --exclude FILE; an evaluation that is started here uses it."
            ).classes("muted small")
            self._beside = ui.label().classes("muted small").props('data-role="accepted-file"')
            with ui.element("div").classes("line"):
                self._file = (
                    ui.input("File")
                    .props('dense outlined spellcheck="false" data-role="exclusions"')
                    .classes("file-box")
                )
                button("Save under this name", self._save_as, "plain")
                button("Load this name", lambda: self._load(self._file.value or ""), "plain")
                button("Choose a file to load", self._choose_file, "plain")
            ui.label(
                "Save writes the exclusions that are made here to a new file of this name, and further ones too. Load takes "
                "the exclusions in a file instead of those made here, and goes on in that file."
            ).classes("muted small")
            self._file_problem = ProblemBox()
        self._files = FileDialog(self._session.reach, lambda path: self._load(self._session.reach.shown(path)))

    def _build_reasons(self) -> None:
        with (
            ui.dialog() as self._asking,
            ui.element("div").classes("card").style("width: 420px").props('data-role="reasons"'),
        ):
            self._asks = ui.label().classes("heading")
            self._reason = ui.input("reason, or its number").props('dense outlined autofocus data-role="reason"')
            self._reason.on("keydown.enter", self._exclude_typed)
            for number, reason in enumerate(REASONS, 1):
                made = button("", partial(self._exclude, reason), "bare").props("dense align=left")
                with made.classes("entry"):
                    ui.label(str(number)).classes("key").style("margin-right: 10px")
                    ui.label(reason)
            self._reason_problem = ProblemBox()
            with ui.element("div").classes("line"):
                ui.label().classes("grow")
                button("Cancel", self._asking.close, "plain")
                button("Exclude", self._exclude_typed, "main")

    def set_dark(self, dark: bool) -> None:
        """The page is dark, or light."""
        if dark != self._dark:
            self._dark = dark
            self._redraw()

    def refresh(self) -> None:
        """Show what is open."""
        session = self._session
        self._whole.set_visibility(session.opened is not None)
        self._empty.set_visibility(session.opened is None)
        if session.opened is None or session.state is None:
            return
        self._openings += 1
        recording = session.opened.recording
        people = list(dict.fromkeys(recording.participant))
        kind = recording.kind
        everybody = f"all {kind.participants}"
        self._people = {everybody: None} | {f"{kind.participant} {name}": name for name in people}
        self._filling = True
        self._whose.set_options(list(self._people), value=everybody)
        self._which.set_options({one: f"{one} {kind.trials}" for one in WHICH}, value=session.state.which)
        self._asks.set_text(f"Why is this {kind.trial} excluded?")
        self._class.set_value(session.state.class_shown)
        faces = isinstance(recording, Faces)
        self._measures.set_visibility(faces)
        if isinstance(recording, Faces):
            self._measures.set_options(list(recording.channels), value=list(session.measures))
        self._filling = False
        self._recipe.refresh()
        self._file_problem.clear()
        if session.accepted_problem is not None:
            self._file_problem.show(problem_of(session.accepted_problem))
        self._redraw()

    def _follow(self) -> None:
        """Show what was opened, decided or changed in another tab of the browser."""
        session = self._session
        now = (session.opened, session.state, session.recipe)
        if session.opened is None or session.state is None or all(map(operator.is_, now, self._shown)):
            return
        if len(session.state.trials) != len(session.opened.recording):  # it is just being opened
            return
        before, self._shown = self._shown, now
        if now[0] is not before[0]:
            self.refresh()
        else:
            if now[2] is not before[2]:
                self._recipe.refresh()
            self._redraw()
        self._on_decided()

    def _key_of(self, state: Browsing) -> str:
        """Which trial is shown, as its figure and the page have it: of which opening, and where in the order."""
        return f"{self._openings}.{state.order.index(state.row)}"

    def _recipe_changed(self) -> None:
        self._on_decided()
        self._redraw()

    def _redraw(self) -> None:
        """Show the trial. While one is computed, only the last that was asked for follows it."""
        self._asked += 1
        session = self._session
        if session.state is None:
            return
        self._shown = (session.opened, session.state, session.recipe)
        self._show_words(session.state)
        self._wait(AGAIN if self._drawn == self._key_of(session.state) else NEXT if self._drawn else FIRST)
        if not self._computing:
            ui.timer(0, self._compute, once=True)

    def _wait(self, doing: str) -> None:
        """Say what is being computed; nothing where the text is empty."""
        self._busy.set_visibility(bool(doing))
        self._doing.set_text(doing)
        self._plot.classes(replace="plot waiting" if doing else "plot")

    async def _compute(self) -> None:
        if self._computing:
            return
        self._computing = True
        try:
            shown = -1
            while shown != self._asked:
                shown = self._asked
                view = None
                with self._problem.guarding():
                    view = await run.io_bound(self._session.view)
                    if view is not None and shown == self._asked:
                        self._draw(view)
                if view is None and shown == self._asked:
                    self._draw_none()
        finally:
            self._computing = False
            self._wait("")
        if shown == self._asked:
            await run.io_bound(self._session.look_ahead)

    def _draw(self, view: TrialView) -> None:
        state = self._session.state
        assert state is not None
        self._drawn = self._key_of(state)
        self._plot.update_figure(figure(view, self._drawn, dark=self._dark))
        kept = view.status is TrialStatus.KEPT
        rejected = "" if kept else f"; rejected by the recipe: {view.status.words}"
        self._status.set_text(f"{view.proportion_valid:.0%} {view.valid_words}{rejected}")
        self._kept.set_text(view.kept_words)
        self._kept.set_visibility(bool(view.kept_words))
        self._counted.set_text(view.share_words)
        self._counted.set_visibility(bool(view.reasons))
        self._status.classes(replace="state" if kept else "state rejected")
        self._chips.clear()
        with self._chips:
            for reason, share in view.reasons:
                with ui.element("div").classes("chip"):
                    colour = coloured(reason, dark=self._dark)
                    ui.element("span").classes("swatch").style(f"background: {colour}")
                    ui.label(f"{reason.words} {share:.1%}" if share else reason.words)
            if not view.reasons:
                ui.label(view.nothing_words).classes("muted small")

    def _draw_none(self) -> None:
        """The trial cannot be shown; what is wrong stands above."""
        self._drawn = ""
        self._plot.update_figure(empty_figure("Nothing to show", dark=self._dark))
        self._status.set_text("")
        self._chips.clear()
        self._kept.set_visibility(False)
        self._counted.set_visibility(False)

    def _show_words(self, state: Browsing) -> None:
        opened = self._session.opened
        assert opened is not None
        recording, (number, many) = opened.recording, state.place
        self._filling = True
        self._number.set_value(number or None)
        self._filling = False
        self._of.set_text(f"of {many}")
        self._who.props(f'data-asked="{self._key_of(state)}"')
        name = state.trials[state.row]
        who = f"{recording.kind.participant} {name.participant}"
        if state.class_shown:
            seen = "" if recording.stimulus is None else f", stimulus {recording.stimulus[state.row]}"
            self._who.set_text(f"{who}, {recording.kind.trial} {name.trial}{seen}: {self._session.class_of(state.row)}")
        else:
            self._who.set_text(f"{who}, class hidden")
        why = state.excluded.get(state.row)
        accepted = state.row in state.accepted
        how = "" if why is None or why.blind is not False else ", with the class shown"
        text = f"excluded: {why.reason}{how}" if why is not None else "accepted" if accepted else "undecided"
        self._decision.set_text(text)
        self._decision.classes(replace=f"state {'excluded' if why is not None else 'accepted' if accepted else ''}")
        self._counts.set_text(f"{len(state.excluded)} excluded, {len(state.accepted)} accepted")
        path = self._session.exclusions or self._session.default_exclusions
        shown = self._session.reach.shown(path)
        if shown != self._file_shown:  # else what is being typed stays
            self._file_shown = shown
            self._file.set_value(shown)
        self._beside.set_text(
            f"In use now: {shown}. Which {recording.kind.trials} were accepted is written beside it, to "
            f"{accepted_path(path).name}. Both are taken up again when the recordings are opened."
        )

    def _go(self, state: Browsing) -> None:
        before = self._session.state
        with self._problem.guarding():
            self._session.decide(state)
            if before is not None and before.excluded != state.excluded:
                self._on_decided()
            self._redraw()

    async def _heard(self, told: object) -> None:
        """A key, or a button that decides: what is meant, and which trial was drawn when it was pressed."""
        what, drawn = (told.get("what"), told.get("drawn")) if isinstance(told, dict) else (None, None)
        state = self._session.state
        if what in ("next", "back"):
            self._move(1 if what == "next" else -1)
        elif what in ("accept", "exclude") and state is not None and drawn == self._key_of(state):
            await self._judge(str(what), state)

    def _move(self, by: int) -> None:
        if self._session.state is not None:
            self._go(browsing.moved(self._session.state, by))

    async def _judge(self, what: str, state: Browsing) -> None:
        """Accept the trial shown; ask before an exclusion is taken back, and for the reason of one."""
        self._judged = self._key_of(state)
        why = state.excluded.get(state.row)
        if what == "accept" and why is not None:
            agreed = await self._taking.agreed(f"Take back the exclusion ({why.reason})?")
            if agreed and (now := self._still_judged()) is not None:
                self._go(browsing.moved(browsing.accepted(now), 1))
        elif what == "accept":
            self._go(browsing.moved(browsing.accepted(state), 1))
        else:
            self._reason.set_value("")
            self._reason.props["placeholder"] = self._last_reason and f"Enter: {self._last_reason}"
            self._reason_problem.clear()
            self._asking.open()

    def _still_judged(self) -> Browsing | None:
        """The state, where its trial is still the one that was asked about: another tab may have gone on."""
        state = self._session.state
        return state if state is not None and self._key_of(state) == self._judged else None

    def _exclude_typed(self) -> None:
        text = str(self._reason.value or "").strip() or self._last_reason
        numbered = text.isdecimal() and 1 <= int(text) <= len(REASONS)
        self._exclude(REASONS[int(text) - 1] if numbered else text)

    def _exclude(self, reason: str) -> None:
        state = self._still_judged()
        if state is None:
            self._asking.close()
            return
        with self._reason_problem.guarding():
            out = browsing.excluded(state, reason)
            self._last_reason = reason
            self._asking.close()
            self._go(browsing.moved(out, 1))

    def _jump(self) -> None:
        state = self._session.state
        if state is None or self._filling or self._number.value is None or self._number.value == state.place[0]:
            return
        with self._problem.guarding():
            self._go(browsing.jumped(state, self._number.value))
            return
        self._number.set_value(state.place[0] or None)

    def _narrow(self) -> None:
        state = self._session.state
        if self._filling or state is None:
            return
        which: Which = next(one for one in WHICH if one == self._which.value)
        self._go(browsing.narrowed(state, which, self._people.get(str(self._whose.value))))

    def _show_class(self) -> None:
        state = self._session.state
        if not self._filling and state is not None:
            self._go(browsing.class_shown(state, bool(self._class.value)))

    def _measures_chosen(self) -> None:
        if not self._filling:
            self._session.measures = tuple(self._measures.value or ())
            self._redraw()

    def _choose_file(self) -> None:
        self._file_problem.clear()
        self._files.open()

    def _save_as(self) -> None:
        with self._file_problem.guarding():
            self._session.keep_exclusions_in(self._file.value or "")
            self._on_decided()
            self._redraw()

    def _load(self, name: str) -> None:
        with self._file_problem.guarding():
            self._session.load_exclusions(name)
            self._on_decided()
            self._redraw()
            if self._session.accepted_problem is not None:
                raise self._session.accepted_problem
