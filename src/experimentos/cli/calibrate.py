"""`experimentos calibrate`: whether a method would have been right on data like one's own."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from experimentos.cli.options import AsJson

if TYPE_CHECKING:
    from datetime import datetime

    from experimentos.flows.calibrate import Calibration, Share


def calibrate(
    method: Annotated[
        str,
        typer.Option(
            help="score, wald, newcombe, welch, peeking, group_sequential, confidence_sequence."
        ),
    ] = "score",
    n: Annotated[
        str, typer.Option("--n", metavar="N,N", help="Users of control and treatment.")
    ] = "1000,1000",
    rate: Annotated[float | None, typer.Option(help="True rate of the control.")] = None,
    mean: Annotated[float | None, typer.Option(help="True mean of the control.")] = None,
    sd: Annotated[float | None, typer.Option(help="Standard deviation per user.")] = None,
    skewed: Annotated[
        bool, typer.Option("--skewed", help="Log-normal users instead of normal ones.")
    ] = False,
    effect: Annotated[float, typer.Option(help="True difference, for power and coverage.")] = 0.0,
    alpha: Annotated[float, typer.Option(help="Two-sided level.")] = 0.05,
    looks: Annotated[
        str, typer.Option(metavar="4 or 0.25,0.5,1", help="Looks, equally spaced or named.")
    ] = "1",
    spending: Annotated[str, typer.Option(help="Spending function.")] = "obrien_fleming",
    simulations: Annotated[int, typer.Option(help="Simulated experiments.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same answer.")] = 1,
    save: Annotated[bool, typer.Option("--save", help="Keep it in the history, as a run.")] = False,
    as_json: AsJson = False,
) -> None:
    """Simulate a method on data like yours: false positives, coverage and power.

    Exit status 1 when it rejects too often without an effect.
    """
    from experimentos.cli import show
    from experimentos.cli.power import fractions
    from experimentos.cli.status import Exit
    from experimentos.flows.calibrate import calibrate as run
    from experimentos.flows.calibrate import calibration_report
    from experimentos.flows.run_record import utc_now
    from experimentos.flows.simulate import World

    control, treatment = _sizes(n)
    world = World(
        n_control=control,
        n_treatment=treatment,
        control=_level(rate, mean, sd),
        effect=effect,
        sd=sd,
        skewed=skewed,
        alpha=alpha,
        looks=fractions(looks),
        spending=spending,
    )
    began = utc_now()
    found = run(method, world, simulations, seed, _progress if sys.stderr.isatty() else None)
    if save:
        _save(found, began)
    show.answer(calibration_report(found), lambda: _print(found), as_json=as_json)
    broken = found.size.value > alpha + 3 * found.size.se
    raise typer.Exit(Exit.NO if broken else Exit.DONE)


def _save(found: "Calibration", began: "datetime") -> None:
    from experimentos.flows.calibration_runs import keep_calibration
    from experimentos.wiring import open_services, settings_from_environment

    store = open_services(settings_from_environment()).store
    try:
        keep_calibration(store.runs, found, began)
    finally:
        store.close()


def _sizes(text: str) -> tuple[int, int]:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2 or not all(p.isascii() and p.isdecimal() and len(p) < 12 for p in parts):
        raise typer.BadParameter(f"{text!r} is not two sizes such as 1000,1000.", param_hint="--n")
    return int(parts[0]), int(parts[1])


def _level(rate: float | None, mean: float | None, sd: float | None) -> float:
    level = rate if sd is None else mean
    if level is None or (rate is not None and mean is not None):
        raise typer.BadParameter(
            "Give --rate for conversions, or --mean and --sd.", param_hint="--rate"
        )
    return level


def _progress(done: int, total: int) -> bool:
    sys.stderr.write(f"\r{done:,} of {total:,}")
    if done == total:
        sys.stderr.write("\n")
    return True


def _print(found: "Calibration") -> None:
    from experimentos.cli import show
    from experimentos.flows.calibrate import in_words

    console = show.output()
    console.print(show.cell(in_words(found)))
    table = show.table(console, ("", "Simulated", "Error"), numeric=(1, 2))
    rows: tuple[tuple[str, Share | None], ...] = (
        ("Rejected without an effect", found.size),
        ("Interval held 0 without an effect", found.coverage_null),
        ("Rejected at the effect", found.power),
        ("Interval held the effect", found.coverage),
    )
    for name, share in rows:
        if share is not None:
            table.add_row(name, f"{share.value:.2%}", f"{share.se:.2%}")
    if found.stated_power is not None:
        table.add_row("Power as planned", f"{found.stated_power:.2%}", "")
    console.print(table)
