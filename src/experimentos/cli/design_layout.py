"""`experimentos design layout|power|export`: places, power and files of a design."""

import dataclasses
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experimentos.cli.design_document import (
    SCHEMA_VERSION,
    DesignFile,
    Output,
    deliver,
    read_design,
    read_session,
)
from experimentos.cli.options import AsJson

if TYPE_CHECKING:
    from experimentos.design.document import ExperimentDescription
    from experimentos.design.power import Assumed, FactorPower
    from experimentos.flows.encode import Json

app = typer.Typer()

Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same layout.")]


class Form(StrEnum):
    """What a design is exported as."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    SESSION = "session"


@app.command("layout")
def layout(file: DesignFile, seed: Seed, as_json: AsJson = False) -> None:
    """Draw the run order, plate map or field map of a design."""
    from experimentos.design.layout import arrange, layout_json, run_sheet_csv

    design = read_design(file)
    arrangement = arrange(design, seed)
    text = layout_json(design, arrangement) if as_json else run_sheet_csv(design, arrangement)
    typer.echo(text, nl=as_json)


@app.command("export")
def export(
    file: DesignFile,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Left out, the one that the design records.")
    ] = None,
    form: Annotated[
        Form,
        typer.Option("--format", help="Run sheet, data-entry workbook, all places, or session."),
    ] = Form.CSV,
    out: Output = "-",
    versions: Annotated[bool, typer.Option(help="Session: all versions.")] = True,
    notes: Annotated[bool, typer.Option(help="Session: its notes.")] = True,
    conversation: Annotated[bool, typer.Option(help="Session: what was said.")] = True,
) -> None:
    """Write the run sheet (CSV), a data-entry workbook with allowed values (XLSX), or JSON.

    A session is what `design import` and the page take in again: the design has the same hash.
    """
    from experimentos.design.layout import arrange, entry_workbook, layout_json, run_sheet_csv
    from experimentos.flows.design_exchange import ExportWish, exported
    from experimentos.flows.design_layout import seed_of

    if form is Form.SESSION:
        wish = ExportWish(versions=versions, notes=notes, conversation=conversation)
        deliver(exported(read_session(file), wish).decode() + "\n", out)
        return
    design = read_design(file)
    arrangement = arrange(design, seed_of(design) if seed is None else seed)
    match form:
        case Form.CSV:
            deliver(run_sheet_csv(design, arrangement), out)
        case Form.JSON:
            deliver(layout_json(design, arrangement) + "\n", out)
        case Form.XLSX:
            _write_workbook(entry_workbook(design, arrangement), out)


@app.command("power")
def power(
    file: DesignFile,
    effect: Annotated[
        float | None, typer.Option("--effect", help="Difference of two levels to find.")
    ] = None,
    sd: Annotated[
        float | None, typer.Option("--sd", help="Standard deviation of single values.")
    ] = None,
    icc: Annotated[
        float, typer.Option("--icc", min=0, max=1, help="Share of the variance between units.")
    ] = 1.0,
    unit: Annotated[
        str | None, typer.Option("--unit", metavar="ID", help="How many of this unit are needed?")
    ] = None,
    simulate: Annotated[
        int, typer.Option("--simulate", min=0, max=100_000, help="Also simulate so many.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Say the power of each treatment, in the stratum where it is tested.

    Without --effect and --sd they come from the design. With --unit also the number of that unit
    that reaches the power goal of the design. With --simulate also the share of simulated
    experiments that find the effect, from the family of the response, with its Monte Carlo error.
    """
    from experimentos.cli import show
    from experimentos.design.power import Assumed, blocks_needed, design_power
    from experimentos.design.power_simulation import assumptions

    design = read_design(file)
    given = (
        assumptions(design, between_share=icc)
        if effect is None or sd is None
        else Assumed(effect, sd, icc, design.conduct.alpha)
    )
    found = design_power(design, given)
    goal = design.conduct.power_goal
    needed = blocks_needed(design, given, goal=goal, unit_id=unit) if unit else None
    document: dict[str, Json] = {
        "schema_version": SCHEMA_VERSION,
        "report": "design_power",
        "method": "non-central F",
        "assumed": dataclasses.asdict(given),
        "factors": [dataclasses.asdict(f) for f in found],
        "simulated": _simulated(design, given, simulate),
        "goal": goal,
        "unit": unit,
        "needed": needed,
    }

    def people() -> None:
        _print_power(found)
        for line in document["simulated"] if isinstance(document["simulated"], list) else ():
            show.output().print(show.cell(_in_words(line)))
        if unit:
            answer = f"{needed} of {unit}" if needed else f"no number of {unit}"
            show.output().print(show.cell(f"For {goal:.0%} power: {answer}."))

    show.answer(document, people, as_json=as_json)


def _simulated(design: "ExperimentDescription", given: "Assumed", count: int) -> "list[Json]":
    """Return the power of each treatment by simulation; empty for none."""
    from experimentos.design.power_simulation import Simulation, simulate_power
    from experimentos.design.rules.finding import context

    known = context(design)
    if not count or known.table is None or known.anatomy is None:
        return []
    found = simulate_power(design, known.table, known.anatomy, given, how=Simulation(count))
    return [
        {
            "factor_id": f.factor_id,
            "name": f.name,
            "power": f.power,
            "monte_carlo_error": f.error,
            "simulations": f.simulations,
        }
        for f in found
    ]


def _in_words(line: "Json") -> str:
    assert isinstance(line, dict)  # noqa: S101 - made above
    return (
        f"{line['name']}: {line['power']:.1%} of {line['simulations']:,} simulated experiments "
        f"find it (Monte Carlo error {line['monte_carlo_error']:.1%})."
    )


def _print_power(found: "tuple[FactorPower, ...]") -> None:
    from experimentos.cli import show

    console = show.output()
    made = show.table(console, ("Treatment", "Tested against", "D.f.", "Power"), numeric=(2, 3))
    for f in found:
        made.add_row(
            show.cell(f.name), show.cell(f.error), f"{f.df}, {f.error_df}", f"{f.power:.1%}"
        )
    console.print(made)


def _write_workbook(content: bytes, out: str) -> None:
    from experimentos.errors import StoreError

    if out == "-":
        raise typer.BadParameter("A workbook needs a file.", param_hint="--output")
    try:
        Path(out).write_bytes(content)
    except OSError as error:
        raise StoreError(
            f"{out} could not be written: {error.strerror}.", hint="Choose another place with -o."
        ) from error
    typer.echo(f"Written: {out}.")
