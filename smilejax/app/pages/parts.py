"""Parts that several pages have: errors in place, fields of settings, a dialog to choose a file."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from inspect import isawaitable
from pathlib import Path
from typing import Literal

from nicegui import ui

from smilejax._util.errors import SmilejaxError
from smilejax.app.fields import Field, Problem, problem_of, typed_text
from smilejax.app.reach import Reach

MOST_ENTRIES = 500
"""Of a folder that are listed."""


RECOGNISED = "recognised"
"""What a list offers first, where the file itself may say it."""
Kind = Literal["plain", "main", "in", "out", "bare"]


def button(text: str, on_click: Callable[[], object], kind: Kind = "plain", icon: str | None = None) -> ui.button:
    """A button, coloured by the style sheet alone."""
    made = ui.button(text, on_click=on_click, icon=icon, color=None)
    return made.props("unelevated no-caps" if kind == "main" else "flat no-caps").classes(kind)


class ProblemBox:
    """Where an error is shown: the rule and what arrived, then the hint. Hidden while there is none."""

    def __init__(self) -> None:
        with ui.element("div").classes("problem").props('role="alert"') as self._box:
            self._text, self._hint = ui.label(), ui.label().classes("small")
        self.clear()

    def clear(self) -> None:
        """Nothing is wrong."""
        self._box.set_visibility(False)

    def show(self, problem: Problem) -> None:
        """Say what is wrong."""
        self._text.set_text(problem.text)
        self._hint.set_text(problem.hint)
        self._hint.set_visibility(bool(problem.hint))
        self._box.set_visibility(True)

    @contextmanager
    def guarding(self, on_field: Callable[[Problem], bool] = lambda problem: False) -> Iterator[None]:
        """Show what goes wrong inside, and go on.

        Arguments:
            on_field: shows a problem at the field that it is about, and says whether it did.
        """
        self.clear()
        try:
            yield
        except SmilejaxError as error:
            problem = problem_of(error)
            if not on_field(problem):
                self.show(problem)


class SettingInput:
    """A setting to be typed, chosen or switched.

    Arguments:
        field: the setting. value: that it has. on_change: called when it was changed by hand, and not by `set`.
    """

    def __init__(self, field: Field, value: object, on_change: Callable[[], object]) -> None:
        self.field, self._on_change, self._setting = field, on_change, False
        self._switch: ui.switch | None = None
        self._input: ui.input | None = None
        self._select: ui.select | None = None
        label = field.label + (f", {field.unit}" if field.unit else "")
        if field.switch:
            self._switch = ui.switch(label, value=bool(value), on_change=self._changed)
            made: ui.element = self._switch
        elif field.choices:
            options = {"": RECOGNISED} if field.optional else {}
            self._select = ui.select({**options, **{c: c for c in field.choices}}, label=label, value=value or "")
            self._select.on_value_change(self._changed)
            made = self._select.props("dense outlined options-dense")
        else:
            self._input = ui.input(label, value=typed_text(field, value), autocomplete=[])
            self._input.on("change", self._changed)
            self._input.on("keydown.enter", self._changed)
            made = self._input.props('dense outlined stack-label spellcheck="false"')
        made.props(f'data-setting="{field.name}"')
        with made:
            beside = 'anchor="center right" self="center left"'  # over no other field and no message
            ui.tooltip(field.about).props(f"delay=600 max-width=340px {beside}")

    def recognised(self, text: str) -> None:
        """Show, in grey, what the file itself says."""
        if self._input is not None:
            self._input.props["placeholder"] = text
            self._input.update()
        elif self._select is not None and self.field.optional:
            first = {"": f"{RECOGNISED}: {text}" if text else RECOGNISED}
            self._setting = True
            self._select.set_options({**first, **{c: c for c in self.field.choices}}, value=self._select.value)
            self._setting = False

    def offer(self, headings: Sequence[str]) -> None:
        """Offer headings of columns to choose from, where the setting names one."""
        if self._input is not None and self.field.about.startswith("Column"):
            self._input.set_autocomplete(list(headings))

    @property
    def text(self) -> str:
        """What was typed or chosen; `True` or `False` of a switch."""
        if self._switch is not None:
            return str(bool(self._switch.value)).lower()
        made = self._input if self._input is not None else self._select
        assert made is not None
        return str(made.value or "")

    def _changed(self) -> object:
        return None if self._setting else self._on_change()

    def set(self, value: object) -> None:
        """Show another value."""
        self._setting = True
        if self._switch is not None:
            self._switch.set_value(bool(value))
        elif self._select is not None:
            self._select.set_value(value or "")
        elif self._input is not None:
            self._input.set_value(typed_text(self.field, value))
        self._setting = False

    def complain(self, text: str | None) -> None:
        """Show an error at the field; None takes it away."""
        made = self._input if self._input is not None else self._select
        if made is not None:
            made.error = text


class FileDialog:
    """A dialog that lists the files below the root.

    Arguments:
        reach: what is listed. on_choice: called with the path that was chosen; what it gives is awaited where it can be.
    """

    def __init__(self, reach: Reach, on_choice: Callable[[Path], object]) -> None:
        self._reach, self._on_choice = reach, on_choice
        with ui.dialog() as self._dialog, ui.element("div").classes("card").style("width: 560px"):
            with ui.element("div").classes("line"):
                ui.label("Choose a file or folder").classes("heading grow")
                button("Cancel", self._dialog.close)
            self._where = ui.label().classes("muted small")
            self._problem = ProblemBox()
            self._list = ui.element("div").classes("stack").style("gap: 2px")

    def open(self) -> None:
        """Show it, at the root."""
        self._show(self._reach.root)
        self._dialog.open()

    def _show(self, folder: Path) -> None:
        entries: list[Path] = []
        with self._problem.guarding():
            entries = self._reach.entries(folder)
        self._where.set_text(str(folder))
        self._list.clear()
        with self._list:
            if folder != self._reach.root and self._reach.holds(folder.parent):
                self._entry("↑  folder above", lambda: self._show(folder.parent))
            if folder != self._reach.root:
                self._entry("✓  this folder", lambda: self._choose(folder))
            for one in entries[:MOST_ENTRIES]:
                if one.is_dir():
                    self._entry(f"{one.name}/", partial(self._show, one))
                else:
                    self._entry(one.name, partial(self._choose, one))
            if not entries:
                ui.label("Nothing is in here.").classes("muted")
            if len(entries) > MOST_ENTRIES:
                ui.label(f"{len(entries) - MOST_ENTRIES} more are not listed; type the name.").classes("muted small")

    def _entry(self, text: str, on_click: Callable[[], object]) -> None:
        button(text, on_click, "bare").props("dense align=left").classes("entry")

    async def _choose(self, path: Path) -> None:
        self._dialog.close()
        answer = self._on_choice(path)
        if isawaitable(answer):
            await answer


class Question:
    """A dialog that asks before something is replaced or removed. Enter agrees, Escape does not.

    Arguments:
        yes: words of the button that agrees. about: what that does; empty where the question says it. role: for tests.
    """

    def __init__(self, yes: str, about: str = "", role: str = "question") -> None:
        with (
            ui.dialog() as self._dialog,
            ui.element("div").classes("card").style("width: 420px").props(f'data-role="{role}"'),
        ):
            self._text = ui.label().classes("heading").style("overflow-wrap: anywhere")
            if about:
                ui.label(about).classes("muted small")
            with ui.element("div").classes("line"):
                ui.label().classes("grow")
                button("Cancel", lambda: self._dialog.submit(False), "plain")
                button(yes, lambda: self._dialog.submit(True), "main").props("autofocus")

    async def agreed(self, text: str) -> bool:
        """Ask; whether the button that agrees was pressed."""
        self._text.set_text(text)
        return bool(await self._dialog)
