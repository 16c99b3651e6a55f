"""The page: its bar with the three parts, and light or dark."""

from nicegui import ui

from smilejax.app.pages.data_tab import DataTab
from smilejax.app.pages.look import KEYS, STYLE
from smilejax.app.pages.parts import button
from smilejax.app.pages.study_tab import StudyTab
from smilejax.app.pages.trials_tab import TrialsTab
from smilejax.app.session import Session

THEMES: dict[bool | None, tuple[str, str]] = {
    None: ("brightness_auto", "as the system: change to light"),
    False: ("light_mode", "light: change to dark"),
    True: ("dark_mode", "dark: change to as the system"),
}
PARTS = ("Data", "Trials", "Evaluation")
FOLLOWING = {None: False, False: True, True: None}


def build(session: Session) -> None:
    """Build the page of what is open."""
    ui.add_css(STYLE)
    ui.add_head_html(KEYS)
    _Shell(session)


class _Shell:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._system_dark = False
        self._theme = ui.dark_mode(None)
        with ui.element("header").classes("bar"):
            ui.label("smilejax").classes("brand")
            with ui.tabs(on_change=self._show_part).props(
                "dense no-caps indicator-color=transparent aria-label=parts"
            ) as self._tabs:
                for name in PARTS:
                    ui.tab(name).props(f'data-tab="{name.lower()}"')
            self._source = ui.label().classes("source")
            self._button = button("", self._change_theme, "bare").props("round dense data-role=theme")
        self._parts: dict[str, ui.element] = {}
        with self._part("Data"):
            self._data = DataTab(session, self._opened)
        with self._part("Trials"):
            self._trials = TrialsTab(session, self._decided)
        with self._part("Evaluation"):
            self._study = StudyTab(session)
        self._tabs.set_value("Trials" if session.opened is not None else "Data")
        ui.on("system_dark", lambda event: self._system(bool(event.args)))
        self._show_theme()
        ui.run_javascript("window.smilejaxTellDark()")  # answered by the event
        self._trials.refresh()
        self._named()

    def _part(self, name: str) -> ui.element:
        made = ui.element("section").classes("part away").props(f'aria-label="{name}"')
        self._parts[name] = made
        return made

    def _show_part(self) -> None:
        """Parts that are not shown keep their place in the page: a figure without one cannot follow the window. A part begins
        at its top."""
        for name, part in self._parts.items():
            part.classes(replace="part" if name == self._tabs.value else "part away")
        ui.run_javascript("window.scrollTo(0, 0)")

    def _system(self, dark: bool) -> None:
        self._system_dark = dark
        self._show_theme()

    def _change_theme(self) -> None:
        self._theme.set_value(FOLLOWING[self._theme.value])
        self._show_theme()

    def _show_theme(self) -> None:
        icon, words = THEMES[self._theme.value]
        self._button.props(f'icon={icon} aria-label="{words}" title="{words}"')
        self._trials.set_dark(self._system_dark if self._theme.value is None else self._theme.value)

    def _opened(self) -> None:
        self._trials.refresh()
        self._study.refresh()
        self._named()

    def _decided(self) -> None:
        self._study.refresh()

    def _named(self) -> None:
        opened = self._session.opened
        self._source.set_text("" if opened is None else opened.recording.source.name)
