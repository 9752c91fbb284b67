"""`experimentos summarize`: raw rows of any size to a summary and its health."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experimentos.cli.options import AsJson, CharterFile, Mapped, Split, pairs, shares

if TYPE_CHECKING:
    from experimentos.flows.ab_test import Checked
    from experimentos.flows.encode import Json
    from experimentos.flows.warehouse import Summarized

SourceName = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help="Parquet, CSV(.gz) or Arrow file or pattern, FILE.duckdb#TABLE, or a database URL.",
    ),
]


def summarize(
    source: SourceName,
    variant: Annotated[str, typer.Option(metavar="COLUMN", help="Names the arm.")],
    metrics: Annotated[str, typer.Option(metavar="FILE", help="What to measure: YAML or JSON.")],
    control: Annotated[
        str | None, typer.Option(metavar="NAME", help="The arm that is the control.")
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="The unit of randomisation, when rows repeat it."),
    ] = None,
    segment: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Split the arms by this.")
    ] = None,
    date: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Split the arms by a unit's first day.")
    ] = None,
    exposures: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE",
            help="A table of exposures that names unit and variant: a file, or '#table' of the "
            "same database. --variant and --segment are then columns of it.",
        ),
    ] = None,
    exposure_date: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Of the exposures; rows before do not count."),
    ] = None,
    exposure_unit: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Of the exposures, if not named as --unit.")
    ] = None,
    window_days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="Rows so long after first exposure count.")
    ] = None,
    bootstrap: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=100, max=100_000, help="Resample units N times; needs --unit."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 0,
    out: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--out",
            metavar="FILE",
            help="Write the summary: .csv is the CSV contract, .json keeps every bit and the SQL.",
        ),
    ] = None,
    charter: CharterFile = None,
    split: Split = None,
    mapping: Mapped = None,
    as_json: AsJson = False,
) -> None:
    """Sum raw rows up, in one pass and without moving them, and check the result.

    Exit status 1 when the data is blocked, 3 when it cannot be read. The CSV calls the control
    "control", as every other command expects it.
    """
    from experimentos.cli import show
    from experimentos.cli.inputs import read_plan
    from experimentos.cli.status import OF_STATUS
    from experimentos.flows.ab_test import check_summary
    from experimentos.flows.warehouse import Resampling
    from experimentos.flows.warehouse import summarize as run

    made = run(
        source,
        metrics,
        variant=variant,
        control=control,
        unit=unit,
        segment=segment,
        date=date,
        names=renamed(mapping),
        exposures=exposures,
        exposure_unit=exposure_unit,
        exposure_date=exposure_date,
        window_days=window_days,
        resampling=None if bootstrap is None else Resampling(bootstrap, seed),
    )
    plan = read_plan(charter) if charter else made.charter
    if split:
        plan = plan.model_copy(update={"split": shares(split)})
    test = check_summary(made.summary, made.issues, plan)
    if out:
        _write(_written(made, out, metrics, Asked(variant, unit, segment, date)), Path(out))
    show.answer(report(made, test), lambda: _show(made, test), as_json=as_json)
    raise typer.Exit(OF_STATUS[test.health.status])


def renamed(mapping: list[str] | None) -> dict[str, str]:
    """Return variants to arm names from `variant=NAME=VALUE` pairs."""
    found = {}
    for key, value in pairs(mapping, "--map").items():
        role, _, name = key.partition("=")
        if role != "variant" or not name:
            raise typer.BadParameter(
                f"{key}={value} renames no arm; write variant=control=A.", param_hint="--map"
            )
        found[value] = name
    return found


def report(made: "Summarized", test: "Checked") -> "dict[str, Json]":
    """Return what `check` reports of the summary, and how it was made under `scan`."""
    from experimentos.flows.encode import encode
    from experimentos.flows.report import check_report

    scan = encode(made.scan)
    assert isinstance(scan, dict)  # noqa: S101 - a scan is a dataclass
    scan.pop("issues")
    return {
        **check_report(test),
        "report": "summarize",
        "scan": scan,
        "bootstrap": encode(made.bootstraps),
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked of the rows."""

    variant: str
    unit: str | None
    segment: str | None
    date: str | None


def _written(made: "Summarized", out: str, metrics: str, asked: Asked) -> bytes:
    from experimentos.flows.raw_rows import Recipe, Roles, document_of
    from experimentos.flows.raw_source import Place
    from experimentos.flows.warehouse import contract_csv

    if not out.lower().endswith(".json"):
        return contract_csv(made).encode()
    # The name alone: where the file lay on this machine is nobody else's business.
    name = made.summary.source.name
    place = Place(kind="command", at=name, name=name)
    roles = Roles(
        variant=asked.variant,
        control=made.summary.control,
        unit=asked.unit,
        segment=asked.segment,
        date=asked.date,
    )
    text = Path(metrics).read_text(encoding="utf-8-sig")
    return document_of(made, Recipe(place=place, roles=roles, metrics=text))


def _write(content: bytes, path: Path) -> None:
    from experimentos.errors import ContractError

    try:
        path.write_bytes(content)
    except OSError as exc:
        raise ContractError(
            f"{path.name} could not be written: {exc.strerror}.", hint="Name another file."
        ) from exc


def _show(made: "Summarized", test: "Checked") -> None:
    from experimentos.analysis import numbers
    from experimentos.charts.visible import one_line
    from experimentos.cli import show

    show.show_check(test)
    scan = made.scan
    console = show.output()
    console.print(
        f"\n{numbers.count(scan.rows)} rows, {numbers.count(scan.units)} units in an arm; "
        f"{scan.engine}, {', then '.join(scan.passes)}"
    )
    for note in made.summary.source.notes:
        console.print(f"- {one_line(note)}")
    if made.bootstraps:
        _show_bootstraps(made)


def _show_bootstraps(made: "Summarized") -> None:
    from experimentos.analysis import numbers
    from experimentos.cli import show

    console = show.output()
    console.print("\nBootstrap of units, differences to the control:")
    table = show.table(console, ("Metric", "Arm", "Difference", "Interval (BCa)"))
    for one in made.bootstraps:
        kind = made.summary.metric(one.metric).kind
        found = one.result
        cells = (one.why, "") if found is None or found.bca is None else (
            numbers.difference(found.difference, kind), numbers.ends(found.bca, kind)
        )  # fmt: skip
        table.add_row(*(show.cell(text) for text in (one.metric, one.arm, *cells)))
    console.print(table)
