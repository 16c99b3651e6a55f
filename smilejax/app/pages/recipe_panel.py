"""The recipe as sliders, switches and fields, made from the settings themselves; every change is tried at once."""

from collections.abc import Callable

from nicegui import ui

from smilejax._util.errors import SmilejaxError
from smilejax.app.fields import Field, changed, problem_of, range_of, recipe_groups, typed_text, value_of
from smilejax.app.pages.parts import button
from smilejax.app.recipe_words import CHANGED, distinct_labels, recipe_name, recipe_note
from smilejax.app.session import Session
from smilejax.preprocess.any_recipe import AnyRecipe
from smilejax.preprocess.cleaning import default_recipe, settle
from smilejax.preprocess.recipe import RECIPES, Recipe

OPEN_AT_FIRST = ("reject", "fill gaps", "low-pass", "blink edges", "low confidence")
"""Steps whose settings are seen without a click."""
THROTTLE_S = 0.06
"""While a slider is dragged: least time between two trials computed."""


class _Setting:
    """One setting: a slider where there is one to make, and a field for exact values, empty for none."""

    def __init__(
        self, field: Field, label: str, recipe: AnyRecipe, on_change: Callable[["_Setting", object], None]
    ) -> None:
        self.field, self._on_change, self._filling = field, on_change, False
        self.wrong = False
        self._slider: ui.slider | None = None
        self._number: ui.input | None = None
        self._switch: ui.switch | None = None
        self._select: ui.select | None = None
        with ui.element("div").classes("setting").props(f'data-setting="{field.name}"') as self._whole:
            name = ui.label(label).classes("name")
            with name:
                ui.tooltip(field.about).props("delay=500 max-width=340px")
            if field.switch:
                self._switch = ui.switch(value=False, on_change=lambda event: self._given(event.value)).props("dense")
                self._switch.props(f'aria-label="{label}"')
            elif field.choices:
                self._select = ui.select(list(field.choices), on_change=lambda event: self._given(event.value))
                self._select.props(f'dense outlined options-dense aria-label="{label}"')
            else:
                self._number = ui.input(placeholder="off" if field.optional else "").props(
                    f'dense outlined suffix="{field.unit}" spellcheck="false" aria-label="{label}"'
                )
                self._number.on("change", self._typed)
                self._number.on("keydown.enter", self._typed)
                reach = range_of(field, type(recipe))  # type: ignore[arg-type]  # classes can be hashed
                if reach is not None:
                    self._slider = ui.slider(min=reach.low, max=reach.high, step=reach.step, value=reach.low)
                    self._slider.props(f'dense aria-label="{label}"')
                    self._slider.on(
                        "update:model-value", self._slid, args=[None], throttle=THROTTLE_S, leading_events=True
                    )
            self._wrong = ui.label().classes("wrong").props('role="alert"')
            self._wrong.set_visibility(False)

    def show(self, recipe: AnyRecipe) -> None:
        """The value that a recipe has."""
        value = getattr(recipe, self.field.name)
        self._filling = True
        if self._switch is not None:
            self._switch.set_value(bool(value))
        if self._select is not None:
            self._select.set_value(value)
        if self._number is not None:
            self._number.set_value(typed_text(self.field, value))
        if self._slider is not None and isinstance(value, int | float):
            self._slider.set_value(value)
        self._filling = False
        self.complain("")

    def complain(self, text: str) -> None:
        """Show an error below, and the field in red; none where the text is empty."""
        self.wrong = bool(text)
        self._whole.classes(replace="setting invalid" if text else "setting")
        if self._number is not None:
            self._number.props(f"aria-invalid={'true' if text else 'false'}")
        self._wrong.set_text(text)
        self._wrong.set_visibility(bool(text))

    def _slid(self, event: object) -> None:
        value = getattr(event, "args", None)
        if isinstance(value, int | float) and not self._filling:
            rounded = round(float(value), 6)
            whole = isinstance(self.field.default, int)
            self._given(int(rounded) if whole else rounded)

    def _typed(self) -> None:
        assert self._number is not None
        try:
            self._given(value_of(self.field, self._number.value or ""))
        except SmilejaxError as error:
            self.complain(problem_of(error).whole)

    def _given(self, value: object) -> None:
        if not self._filling:
            self._on_change(self, value)


class RecipePanel:
    """Arguments: session: whose recipe it is. on_change: called when the recipe is another."""

    def __init__(self, session: Session, on_change: Callable[[], None]) -> None:
        self._session, self._on_change = session, on_change
        self._settings: list[_Setting] = []
        self._filling = False
        with ui.element("div").classes("card recipe").style("gap: 4px"):
            with ui.element("div").classes("line"):
                ui.label("Recipe").classes("heading grow")
                self._named = ui.select(list(RECIPES), value="default", on_change=self._take_named)
                self._named.props('dense outlined options-dense aria-label="recipe by name" data-role="recipe"')
                self._named.style("width: 150px")
            self._note = ui.label().classes("muted small").props('role="status" data-role="recipe-note"')
            ui.label("Every change is tried on the trial shown.").classes("muted small")
            self._reset = button("Back to the defaults", self._take_defaults, "plain", "restart_alt").props("dense")
            self._reset.style("align-self: flex-start; margin-bottom: 6px")
            self._steps = ui.element("div").classes("w-full")

    def refresh(self) -> None:
        """Make the fields anew, for the recipe of what is open."""
        recipe = self._session.recipe
        self._steps.clear()
        self._settings.clear()
        if recipe is None:
            return
        self._named.set_visibility(isinstance(recipe, Recipe))
        groups = recipe_groups(type(recipe))  # type: ignore[arg-type]  # classes can be hashed
        labels = distinct_labels(field for group in groups for field in group.fields)
        with self._steps:
            for group in groups:
                with (
                    ui.expansion(group.title, value=group.title in OPEN_AT_FIRST).props("dense").classes("w-full"),
                    ui.element("div").classes("stack").style("gap: 8px"),
                ):
                    self._settings += [
                        _Setting(field, labels[field.name], recipe, self._changed) for field in group.fields
                    ]
        self._show()

    def _show(self) -> None:
        """The recipe. A field whose value cannot be keeps what was typed, and what is wrong with it, until it is corrected."""
        recipe, opened = self._session.recipe, self._session.opened
        assert recipe is not None
        for one in self._settings:
            if not one.wrong:
                one.show(recipe)
        named = recipe_name(recipe)
        self._filling = True
        self._named.set_options([*RECIPES, *([CHANGED] if named == CHANGED else [])], value=named)
        self._filling = False
        usual = recipe if opened is None else default_recipe(opened.recording)
        self._note.set_text(recipe_note(recipe, usual, self._session.recipe_from))
        self._reset.set_visibility(recipe != usual)

    def _changed(self, setting: _Setting, value: object) -> None:
        session = self._session
        assert session.recipe is not None
        if getattr(session.recipe, setting.field.name) == value:
            setting.show(session.recipe)
            return
        try:
            recipe = changed(session.recipe, setting.field.name, value)
            if session.opened is not None:
                settle(recipe, session.opened.recording)
        except SmilejaxError as error:
            setting.complain(problem_of(error).whole)
            return
        setting.complain("")
        self._take(recipe)

    def _take_named(self) -> None:
        name = self._named.value
        if not self._filling and name in RECIPES:
            self._take(Recipe.named(name), anew=True)

    def _take_defaults(self) -> None:
        if self._session.opened is not None:
            self._take(default_recipe(self._session.opened.recording), anew=True)

    def _take(self, recipe: AnyRecipe, *, anew: bool = False) -> None:
        """Go on with a recipe. anew: also in fields whose value could not be."""
        self._session.recipe, self._session.recipe_from = recipe, None
        if anew:
            for one in self._settings:
                one.complain("")
        self._show()
        self._on_change()
