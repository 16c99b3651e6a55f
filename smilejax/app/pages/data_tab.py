"""Open recordings, see what was understood of them, correct it, and save the mapping file."""

from collections.abc import Callable
from pathlib import Path

from nicegui import run, ui

from smilejax._util.errors import SettingsError
from smilejax.app.fields import Problem, changed, reading_groups, value_of
from smilejax.app.opening import write_mapping
from smilejax.app.pages.parts import FileDialog, ProblemBox, SettingInput, button
from smilejax.app.session import Session
from smilejax.settings import ReadSettings


class DataTab:
    """Arguments: session: what is open. on_opened: called when other recordings are, or the same ones read otherwise."""

    def __init__(self, session: Session, on_opened: Callable[[], None]) -> None:
        self._session, self._on_opened = session, on_opened
        self._inputs: dict[str, SettingInput] = {}
        self._filling = False
        with ui.element("div").classes("split"):
            with ui.element("div").classes("stack"):
                self._build_open()
                self._build_fields()
            self._build_found()
        self.refresh()

    def _build_open(self) -> None:
        session = self._session
        with ui.element("div").classes("card"):
            ui.label("Recordings").classes("heading")
            ui.label(f"Files and folders below {session.reach.root}").classes("muted small")
            with ui.element("div").classes("line"):
                self._path = (
                    ui.input("File or folder")
                    .props('dense outlined spellcheck="false" data-role="path"')
                    .classes("grow")
                )
                self._path.on("keydown.enter", self._open_typed)
                button("Browse", lambda: self._dialog.open(), "plain")
            with ui.element("div").classes("line"):
                self._open = button("Open", self._open_typed, "main")
                self._busy = ui.spinner(size="sm")
                self._busy.set_visibility(False)
                button("Use a mapping file", lambda: self._mappings.open(), "plain")
            self._problem = ProblemBox()
            self._note = ui.label().classes("done").props('role="status"')
            self._note.set_visibility(False)
        self._dialog = FileDialog(session.reach, self._chosen)
        self._mappings = FileDialog(session.reach, self._take_mapping)

    def _build_fields(self) -> None:
        with ui.element("div").classes("card").style("gap: 0") as self._card:
            with ui.element("div").classes("line").style("padding-bottom: 8px"):
                ui.label("Corrections").classes("heading grow")
                button("Recognise all", self._reset, "plain")
            ui.label("An empty field is recognised in the file; what was recognised is shown in grey.").classes(
                "muted small"
            )
            for group in reading_groups():
                with (
                    ui.expansion(group.title, value=group.title == "Classes").props("dense").classes("w-full"),
                    ui.element("div").classes("stack"),
                ):
                    for field in group.fields:
                        made = SettingInput(field, getattr(self._session.settings, field.name), self._read_again)
                        self._inputs[field.name] = made

    def _build_found(self) -> None:
        with ui.element("div").classes("stack"):
            with ui.element("div").classes("card") as self._empty:
                ui.label("No recordings are open. Open a file or a folder: its layout is recognised.").classes("empty")
            with ui.element("div").classes("stack") as self._found:
                with ui.element("div").classes("card"):
                    self._name = ui.label().classes("heading").style("overflow-wrap: anywhere")
                    self._facts = ui.element("div").classes("facts")
                    self._warnings = ui.element("div").classes("stack")
                with ui.element("div").classes("card"):
                    ui.label("What was understood").classes("heading")
                    self._findings = ui.element("div").classes("findings")
                with ui.element("div").classes("card"):
                    ui.label("Mapping file").classes("heading")
                    ui.label(
                        "It holds what was given and what was recognised, so that other files are read in the same way: "
                        "--mapping FILE, for every command."
                    ).classes("muted small")
                    with ui.element("div").classes("line"):
                        self._mapping = ui.input("Save as", value="mapping.toml").props(
                            'dense outlined spellcheck="false" data-role="mapping"'
                        )
                        self._mapping.classes("grow")
                        button("Save mapping", self._save, "main")
                    self._save_problem = ProblemBox()
                    self._saved = ui.label().classes("done").props('role="status"')
                    self._saved.set_visibility(False)

    def refresh(self) -> None:
        """Show what is open."""
        opened = self._session.opened
        self._card.set_visibility(opened is not None)
        self._found.set_visibility(opened is not None)
        self._empty.set_visibility(opened is None)
        if opened is None:
            return
        self._path.set_value(self._session.reach.shown(opened.paths[0]))
        self._name.set_text(opened.recording.source.name)
        self._facts.clear()
        with self._facts:
            for name, value in opened.facts:
                with ui.element("div"):
                    ui.label(name).classes("fact-name")
                    ui.label(value).classes("fact-value")
        self._warnings.clear()
        with self._warnings:
            for text in opened.warned:
                ui.label(text).classes("notice")
        self._findings.clear()
        with self._findings:
            for what, value, how in opened.findings:
                ui.label(what).classes("muted")
                ui.label(value)
                with ui.element("div"):
                    ui.label(how).classes(f"tag {how}")
        self._fill()

    def _fill(self) -> None:
        """The fields, with what was given, and behind it what was recognised."""
        opened = self._session.opened
        assert opened is not None
        kept = opened.recording.source.read
        recognised = {} if kept is None else dict(kept.recognised)
        self._filling = True
        for name, made in self._inputs.items():
            value = getattr(self._session.settings, name)
            usual = getattr(ReadSettings(), name)
            made.set(value if value != usual or name == "classes" or made.field.switch else None)
            made.recognised(_shown(recognised.get(name)))
            made.offer(opened.headings)
            made.complain(None)
        self._filling = False

    async def _open_typed(self) -> None:
        typed, opened = self._path.value or "", self._session.opened
        several = opened is not None and typed == self._session.reach.shown(opened.paths[0])
        await self._read(list(opened.paths) if opened is not None and several else [typed], self._session.settings)

    async def _chosen(self, path: Path) -> None:
        self._path.set_value(self._session.reach.shown(path))
        await self._read([path], self._session.settings)

    async def _take_mapping(self, path: Path) -> None:
        settings: ReadSettings | None = None
        with self._problem.guarding(self._at_field):
            settings = self._session.open_mapping(self._session.reach.shown(path))
        if settings is not None and self._session.opened is not None:
            await self._read(list(self._session.opened.paths), settings)
        elif settings is not None:
            self._session.settings = settings
            self._note.set_text(f"Read by {path.name}. Now open recordings.")
            self._note.set_visibility(True)

    async def _reset(self) -> None:
        opened = self._session.opened
        if opened is not None:
            await self._read(list(opened.paths), ReadSettings(classes=self._session.settings.classes))

    async def _read_again(self) -> None:
        opened = self._session.opened
        if self._filling or opened is None or self._busy.visible:
            return
        settings: ReadSettings | None = None
        with self._problem.guarding(self._at_field):
            settings = self._typed()
        if settings is not None and settings != self._session.settings:
            await self._read(list(opened.paths), settings)

    def _typed(self) -> ReadSettings:
        settings = ReadSettings()
        for name, made in self._inputs.items():
            made.complain(None)
            given = made.text == "true" if made.field.switch else value_of(made.field, made.text)
            settings = changed(settings, name, given)
        return settings

    async def _read(self, names: list[str | Path], settings: ReadSettings) -> None:
        self._busy.set_visibility(True)
        self._note.set_visibility(False)
        self._open.disable()
        try:
            with self._problem.guarding(self._at_field):
                await run.io_bound(self._session.open, names, settings)
                self.refresh()
                self._on_opened()
        finally:
            self._busy.set_visibility(False)
            self._open.enable()

    def _at_field(self, problem: Problem) -> bool:
        made = self._inputs.get(problem.field or "")
        if made is None or self._session.opened is None or made.field.switch:
            return False
        made.complain(f"{problem.text} {problem.hint}".strip())
        return True

    def _save(self) -> None:
        self._saved.set_visibility(False)
        opened = self._session.opened
        with self._save_problem.guarding():
            if opened is None:
                raise SettingsError("no recordings are open.")
            path = write_mapping(opened, self._mapping.value or "", self._session.reach)
            self._saved.set_text(f"Written: {self._session.reach.shown(path)}")
            self._saved.set_visibility(True)


def _shown(value: object) -> str:
    if value is None:
        return ""
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
