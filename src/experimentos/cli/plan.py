"""`experimentos plan`: a charter is checked, frozen before the data, and shown."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from experimentos.cli.options import AsJson

app = typer.Typer(
    help="Freeze a plan before the data, and check a frozen one.", no_args_is_help=True
)

CharterFile = Annotated[
    str, typer.Argument(metavar="CHARTER", help="YAML or JSON; - for standard input.")
]


@app.command("freeze")
def freeze(
    file: CharterFile,
    out: Annotated[
        str, typer.Option("--output", "-o", metavar="PLAN.json", help="- prints it.")
    ] = "-",
) -> None:
    """Write the charter as canonical JSON with its SHA-256 and the moment of freezing.

    Give the result to check, analyze and memo as --charter: they hold the analysis to it.
    """
    from experimentos.cli.inputs import read_plan
    from experimentos.cli.memo import write
    from experimentos.ids import canonical_json
    from experimentos.plan.freeze import freeze as frozen

    plan = frozen(read_plan(file), datetime.now(UTC).replace(microsecond=0))
    text = canonical_json(plan.model_dump(mode="json")).decode() + "\n"
    if out == "-":
        typer.echo(text, nl=False)
        return
    write(Path(out), text)
    stamp = plan.frozen
    if stamp is not None:
        typer.echo(f"Frozen at {stamp.frozen_at:%Y-%m-%d %H:%M} UTC, sha256 {stamp.sha256}: {out}.")


@app.command("show")
def show(file: CharterFile, as_json: AsJson = False) -> None:
    """Show a charter and whether it is frozen and unchanged.

    Exit status 1 when a frozen plan was changed.
    """
    from experimentos.cli import show as terminal
    from experimentos.cli.inputs import read_plan
    from experimentos.cli.status import Exit
    from experimentos.flows.encode import encode
    from experimentos.flows.report import SCHEMA_VERSION
    from experimentos.plan.freeze import is_intact, plan_hash

    plan = read_plan(file)
    is_changed = plan.frozen is not None and not is_intact(plan)
    state = "not frozen" if plan.frozen is None else "changed" if is_changed else "frozen"
    if as_json:
        terminal.print_json(
            {
                "schema_version": SCHEMA_VERSION,
                "report": "plan",
                "state": state,
                "sha256": plan_hash(plan),
                "charter": encode(plan),
            }
        )
    else:
        terminal.show_plan(plan, state, plan_hash(plan))
    raise typer.Exit(Exit.NO if is_changed else Exit.DONE)
