"""The options that several commands share."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from experimentos.plan.charter import Belief, LiftRange

SIGNED = re.compile(r"[+-]?([0-9]{1,9}(\.[0-9]{0,15})?|\.[0-9]{1,15})")
NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?")

File = Annotated[
    str,
    typer.Argument(metavar="FILE", help="CSV, TSV, XLSX, Parquet or JSON; - for standard input."),
]
CharterFile = Annotated[
    str | None, typer.Option("--charter", metavar="FILE", help="The plan, in YAML or JSON.")
]
Split = Annotated[
    str | None,
    typer.Option(metavar="50,50", help="Planned shares, control first, then in the file's order."),
]
Mapped = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="NAME=COLUMN",
        help="Which column holds what: users=visitors; arms: variant=control=A. Repeatable.",
    ),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN=VALUE",
        help="Only the rows with this value: one experiment of a file with several. Repeatable.",
    ),
]
Expected = Annotated[
    str | None,
    typer.Option(
        metavar="LOW,HIGH[@SURE]",
        help="The lift of the primary that was expected before the data, for the Bayesian view "
        "only: -2%,5% or -0.02,0.05@0.9; 95 % sure unless said. Replaces the charter's.",
    ),
]
TooSmall = Annotated[
    str | None,
    typer.Option(
        metavar="LOW,HIGH",
        help="Lifts too small to matter (ROPE), for the Bayesian view only: -1%,1%.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def shares(text: str) -> tuple[float, ...]:
    """Return the planned shares in `50,50` or `1:1:2`."""
    parts = [part.strip() for part in re.split(r"[,:/]", text)]
    if len(parts) < 2 or not all(NUMBER.fullmatch(part) for part in parts):
        raise typer.BadParameter(
            f"{text!r} is not a list of shares such as 50,50.", param_hint="--split"
        )
    found = tuple(float(part) for part in parts)
    if sum(found) == 0:
        raise typer.BadParameter("At least one share must be above zero.", param_hint="--split")
    return found


def lift_range(text: str, option: str) -> "LiftRange":
    """Return the lifts in `-2%,5%` or `-0.02,0.05`."""
    from pydantic import ValidationError

    from experimentos.plan.charter import LiftRange

    ends = [_lift(part.strip()) for part in text.split(",")]
    if len(ends) != 2 or None in ends:
        raise typer.BadParameter(
            f"{text!r} is not a range of lifts such as -2%,5%.", param_hint=option
        )
    try:
        return LiftRange.model_validate({"low": ends[0], "high": ends[1]})
    except ValidationError as error:
        problem = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise typer.BadParameter(f"{text!r}: {problem}.", param_hint=option) from error


def belief(text: str, option: str) -> "Belief":
    """Return the belief in `-2%,5%` or `-2%,5%@90%`."""
    from experimentos.plan.charter import Belief

    lifts, at, sure = text.partition("@")
    found = lift_range(lifts, option)
    level = _lift(sure.strip()) if at else Belief(low=0, high=1).level
    if level is None or not 0.5 <= level <= 0.999:
        raise typer.BadParameter(
            f"{text!r}: how sure it is must lie between 50% and 99.9%.", param_hint=option
        )
    return Belief(low=found.low, high=found.high, level=level)


def _lift(text: str) -> float | None:
    """Return 0.05 for `5%` and for `0.05`, None for anything else."""
    number = text.removesuffix("%").strip()
    if not SIGNED.fullmatch(number):
        return None
    return float(Decimal(number) / 100) if text.endswith("%") else float(number)


def pairs(texts: Sequence[str] | None, option: str) -> dict[str, str]:
    """Return `users=visitors` as a mapping; `variant=control=A` has the key `variant=control`."""
    found: dict[str, str] = {}
    for text in texts or ():
        cut: Callable[[str], tuple[str, str, str]] = (
            (lambda t: t.rpartition("="))
            if text.startswith("variant=") and text.count("=") > 1
            else (lambda t: t.partition("="))
        )
        key, _, value = cut(text)
        if not (key.strip() and value.strip()):
            raise typer.BadParameter(f"{text!r} is not NAME=VALUE.", param_hint=option)
        if found.setdefault(key.strip(), value) != value:
            raise typer.BadParameter(f"{key.strip()!r} is given twice.", param_hint=option)
    return found
