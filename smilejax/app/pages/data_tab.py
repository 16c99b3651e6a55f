"""Open recordings, see what was understood of them, correct it, and save the mapping file."""

from collections.abc import Callable
from pathlib import Path

from nicegui import run, ui

from smilejax._util.errors import ReadError, SettingsError
from smilejax.app.fields import Problem, changed, reading_groups, value_of
from smilejax.app.opening import mapping_place, write_mapping
from smilejax.app.pages.parts import FileDialog, ProblemBox, Question, SettingInput, button
from smilejax.app.session import Session
from smilejax.settings import ReadSettings

CLASSES_ARE_TYPED = 'such as posed genuine; "easy task" "hard task"'


class DataTab:
    """Corrections apply to what was asked for last, also where that could not be read yet.

    Arguments:
        session: what is open. on_opened: called when other recordings are, or the same ones read otherwise.
    """

    def __init__(self, session: Session, on_opened: Callable[[], None]) -> None:
        self._session, self._on_opened = session, on_opened
        self._inputs: dict[str, SettingInput] = {}
        self._groups: dict[str, ui.expansion] = {}
        self._refused: list[str | Path] = []
        self._tried: ReadSettings | None = None
        self._exclude: str | None = None
        self._next: tuple[list[str | Path], ReadSettings] | None = None
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
        self._question = Question("Replace it")

    def _build_fields(self) -> None:
        with ui.element("div").classes("card").style("gap: 0"):
            with ui.element("div").classes("line").style("padding-bottom: 8px"):
                ui.label("Corrections").classes("heading grow")
                button("Recognise all", self._reset, "plain")
            ui.label(
                "An empty field is recognised in the file; what was recognised is shown in grey. Messages call fields by their "
                "names, in quotation marks."
            ).classes("muted small").style("padding-bottom: 8px")
            for group in reading_groups():
                with (
                    ui.expansion(group.title, value=group.title == "Classes").props("dense").classes("w-full") as opens,
                    ui.element("div").classes("stack"),
                ):
                    for field in group.fields:
                        made = SettingInput(field, getattr(self._session.settings, field.name), self._read_again)
                        self._inputs[field.name] = made
                        self._groups[field.name] = opens
            self._inputs["classes"].recognised(CLASSES_ARE_TYPED)

    def _build_found(self) -> None:
        with ui.element("div").classes("stack"):
            with ui.element("div").classes("card") as self._empty:
                self._why_empty = ui.label().classes("empty").props('data-role="nothing-open"')
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
        self._show_or_say_why_not()
        opened = self._session.opened
        if opened is None:
            return
        if not self._path.value:  # else what is being typed would go
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

    def _show_or_say_why_not(self) -> None:
        """What was understood of what is open; where others could not be read, that instead."""
        opened = self._session.opened
        others = bool(self._refused) and (opened is None or self._refused != list(opened.paths))
        nothing = opened is None or others
        self._found.set_visibility(not nothing)
        self._empty.set_visibility(nothing)
        self._why_empty.set_text(self._nothing_in_words() if nothing else "")

    def _nothing_in_words(self) -> str:
        """What stands where the findings would."""
        opened = self._session.opened
        if not self._refused:
            return "No recordings are open. Open a file or a folder: its layout is recognised."
        names = ", ".join(Path(name).name or str(name) for name in self._refused)
        still = (
            "" if opened is None else f" Still open in the other parts: {self._session.reach.shown(opened.paths[0])}."
        )
        tried = "Correct what the message on the left names; it is tried again at once."
        return f"{names} could not be read as it is. {tried}{still}"

    def _fill(self) -> None:
        """The fields, with what was given, and behind it what was recognised."""
        opened = self._session.opened
        assert opened is not None
        kept = opened.recording.source.read
        recognised: dict[str, object] = {"rate_hz": f"{opened.recording.rate_hz:g}"}
        recognised |= {"unit": opened.recording.unit} | ({} if kept is None else dict(kept.recognised))
        self._show_given(self._session.settings)
        for name, made in self._inputs.items():
            made.recognised(_shown(recognised.get(name)))
            made.offer(opened.headings)
            made.complain(None)

    def _show_given(self, settings: ReadSettings) -> None:
        usual = ReadSettings()
        for name, made in self._inputs.items():
            value = getattr(settings, name)
            made.set(value if value != getattr(usual, name) or name == "classes" or made.field.switch else None)

    async def _open_typed(self) -> None:
        typed, opened = str(self._path.value or "").strip(), self._session.opened
        same = opened is not None and typed == self._session.reach.shown(opened.paths[0])
        await self._read_as_typed(list(opened.paths) if opened is not None and same else [typed])

    async def _chosen(self, path: Path) -> None:
        self._path.set_value(self._session.reach.shown(path))
        await self._read_as_typed([path])

    async def _take_mapping(self, path: Path) -> None:
        settings: ReadSettings | None = None
        with self._problem.guarding(self._at_field):
            settings = self._session.open_mapping(self._session.reach.shown(path))
        if settings is None:
            return
        self._exclude = settings.exclude
        self._show_given(settings)
        if self._wanted:
            await self._read(self._wanted, settings)
        else:
            self._note.set_text(f"The fields below are those of {path.name}. Now open recordings.")
            self._note.set_visibility(True)

    @property
    def _wanted(self) -> list[str | Path]:
        """What corrections apply to: what could not be read yet, or what is open."""
        opened = self._session.opened
        return self._refused or ([] if opened is None else list(opened.paths))

    async def _reset(self) -> None:
        self._show_given(ReadSettings(classes=self._session.settings.classes))
        for made in self._inputs.values():
            made.complain(None)
        if self._wanted:
            await self._read_as_typed(self._wanted)

    async def _read_again(self) -> None:
        """A field was changed: try what is wanted, unless it was tried so."""
        if not self._wanted:
            return
        await self._read_as_typed(self._wanted, unless=self._tried)

    async def _read_as_typed(self, names: list[str | Path], *, unless: ReadSettings | None = None) -> None:
        settings: ReadSettings | None = None
        with self._problem.guarding(self._at_field):
            if names == [""]:
                raise ReadError("no file is named.", hint="Type the name of a file or folder, or browse for one.")
            settings = self._typed()
        if settings is not None and settings != unless:
            await self._read(names, settings)

    def _typed(self) -> ReadSettings:
        settings = ReadSettings(exclude=self._exclude)
        for name, made in self._inputs.items():
            made.complain(None)
            given = made.text == "true" if made.field.switch else value_of(made.field, made.text)
            settings = changed(settings, name, given)
        return settings

    async def _read(self, names: list[str | Path], settings: ReadSettings) -> None:
        """Open recordings. While some are read, what was asked for last comes next."""
        self._next = (names, settings)
        if self._busy.visible:
            return
        self._busy.set_visibility(True)
        self._note.set_visibility(False)
        self._open.disable()
        try:
            while self._next is not None:
                (names, settings), self._next = self._next, None
                self._tried, self._refused = settings, names
                with self._problem.guarding(self._at_field):
                    await run.io_bound(self._session.open, names, settings)
                    self._refused, self._exclude, self._tried = [], None, self._session.settings
                    self._on_opened()
                    self.refresh()
            self._show_or_say_why_not()
            self._tell_not_in_effect()
        finally:
            self._busy.set_visibility(False)
            self._open.enable()

    def _tell_not_in_effect(self) -> None:
        """Where a correction of what is open failed, say that what is shown is as before."""
        opened = self._session.opened
        failed = opened is not None and self._refused == list(opened.paths)
        if failed:
            self._note.set_text("What was changed last is not in effect: all that is shown is as before it.")
        self._note.classes(add="notice" if failed else "done", remove="done" if failed else "notice")
        self._note.set_visibility(failed)

    def _at_field(self, problem: Problem) -> bool:
        """Mark the field that a problem is about, and open the groups of those that it names; it is said above as well."""
        for name in problem.named:
            if name in self._groups:
                self._groups[name].set_value(True)
        made = self._inputs.get(problem.field or "")
        if made is not None:
            made.complain(problem.whole)
        return False

    async def _save(self) -> None:
        self._saved.set_visibility(False)
        opened, name = self._session.opened, str(self._mapping.value or "").strip()
        with self._save_problem.guarding():
            if opened is None:
                raise SettingsError("no recordings are open.")
            path = mapping_place(name, self._session.reach)
            there = path.exists()
            if there and not await self._question.agreed(f"{name} exists already."):
                return
            write_mapping(opened, path)
            self._saved.set_text(f"{'Replaced' if there else 'Written'}: {self._session.reach.shown(path)}")
            self._saved.set_visibility(True)


def _shown(value: object) -> str:
    if value is None:
        return ""
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
