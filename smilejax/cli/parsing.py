"""From the words of a command line to a `Command`, by tyro. Nothing heavy is imported in here."""

import itertools
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

import tyro
from tyro.constructors import ConstructorRegistry, PrimitiveConstructorSpec, PrimitiveTypeInfo

from smilejax.cli.arguments import (
    PRESETS,
    CheckCommand,
    CleanCommand,
    Command,
    DemoCommand,
    EvaluateCommand,
    MultiverseCommand,
    PowerCommand,
    PredictCommand,
    ReportCommand,
    SimulateCommand,
    TrainCommand,
    TrainManyCommand,
)
from smilejax.preprocess.recipe import RECIPES, Recipe
from smilejax.settings import StudySettings, TrainingSettings

Name = TypeVar("Name", bound=str)


def parse(arguments: Sequence[str]) -> Command:
    """The command that the arguments name. Help and usage errors leave through `SystemExit`, with 0 and 2."""
    command: Command = tyro.cli(
        _commands(arguments),
        prog="smilejax",
        description="Tell genuine from posed smiles by the pupils of those who watch them.",
        args=arguments,
        config=(tyro.conf.OmitArgPrefixes,),
        registry=_spelling(),
    )
    return command


def _commands(arguments: Sequence[str]) -> Any:
    """The union of commands.

    What `--recipe`, `--preset` and `--seeds` say settles defaults of other options, so it is looked up before the rest is
    parsed.
    """
    preset = _named(arguments, "--preset", PRESETS, "default")
    base = _named(arguments, "--recipe", RECIPES, "default")
    of_preset = _named(arguments, "--recipe", RECIPES, preset)
    training = TrainingSettings.report() if preset == "report" else TrainingSettings()
    clean = CleanCommand(data=tyro.MISSING, base=base, recipe=Recipe.named(base))
    multiverse = MultiverseCommand(data=tyro.MISSING, base=base, recipe=Recipe.named(base))
    train = TrainCommand(
        data=tyro.MISSING,
        out=tyro.MISSING,
        preset=preset,
        base=of_preset,
        recipe=Recipe.named(of_preset),
        settings=training,
    )
    many = TrainManyCommand(
        data=tyro.MISSING,
        out=tyro.MISSING,
        preset=preset,
        base=of_preset,
        recipe=Recipe.named(of_preset),
        settings=training,
    )
    seeds = _last(arguments, "--seeds")
    study = EvaluateCommand(
        data=tyro.MISSING,
        out=tyro.MISSING,
        preset=preset,
        base=of_preset,
        recipe=Recipe.named(of_preset),
        settings=training,
        # More seeds than by default change nothing else; what is no number of seeds is for the parser to refuse.
        study=StudySettings.with_seeds(min(int(seeds), StudySettings.seeds))
        if seeds.isdecimal() and int(seeds)
        else StudySettings(),
    )
    return (
        Annotated[DemoCommand, tyro.conf.subcommand("demo")]
        | Annotated[SimulateCommand, tyro.conf.subcommand("simulate")]
        | Annotated[CheckCommand, tyro.conf.subcommand("check")]
        | Annotated[CleanCommand, tyro.conf.subcommand("clean", default=clean)]
        | Annotated[TrainCommand, tyro.conf.subcommand("train", default=train)]
        | Annotated[TrainManyCommand, tyro.conf.subcommand("train-many", default=many)]
        | Annotated[EvaluateCommand, tyro.conf.subcommand("evaluate", default=study)]
        | Annotated[ReportCommand, tyro.conf.subcommand("report")]
        | Annotated[PowerCommand, tyro.conf.subcommand("power")]
        | Annotated[PredictCommand, tyro.conf.subcommand("predict")]
        | Annotated[MultiverseCommand, tyro.conf.subcommand("multiverse", default=multiverse)]
    )


def _named(arguments: Sequence[str], option: str, choices: tuple[Name, ...], otherwise: Name) -> Name:
    """What an option names, by its last use, or what is so otherwise. What is no choice is for the parser to refuse."""
    return next((name for after in reversed(_given(arguments, option)) for name in choices if name == after), otherwise)


def _last(arguments: Sequence[str], option: str) -> str:
    """What is given for an option, by its last use; nothing where it is not."""
    return next(reversed(_given(arguments, option)), "")


def _given(arguments: Sequence[str], option: str) -> list[str]:
    """What follows each use of an option."""
    words = [part for word in arguments for part in (word.split("=", 1) if word.startswith(f"{option}=") else (word,))]
    return [after for before, after in itertools.pairwise(words) if before == option]


def _spelling() -> ConstructorRegistry:
    """Values as the rest of the program prints them: `none`, and numbers with no more digits than anyone gave."""
    registry = ConstructorRegistry()

    @registry.primitive_rule
    def none(info: PrimitiveTypeInfo) -> PrimitiveConstructorSpec[None] | None:
        if info.type is not type(None):
            return None
        return PrimitiveConstructorSpec(
            nargs=1,
            metavar="none",
            choices=("none", "None"),
            instance_from_str=lambda words: None,
            is_instance=lambda value: value is None,
            str_from_instance=lambda value: ["none"],
        )

    @registry.primitive_rule
    def number(info: PrimitiveTypeInfo) -> PrimitiveConstructorSpec[float] | None:
        if info.type is not float:
            return None
        return PrimitiveConstructorSpec(
            nargs=1,
            metavar="FLOAT",
            instance_from_str=lambda words: float(words[0]),
            is_instance=lambda value: isinstance(value, float) or ("~" if type(value) is int else False),
            str_from_instance=lambda value: [f"{value:g}"],
        )

    return registry
