"""The options that several commands share."""

import re
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

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
