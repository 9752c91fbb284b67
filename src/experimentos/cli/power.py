"""`experimentos power`: how many users, how much power, how small an effect."""

import math
from typing import TYPE_CHECKING, Annotated

import typer

from experimentos.cli.options import AsJson

if TYPE_CHECKING:
    from experimentos.flows.power_plan import PowerPlan
    from experimentos.plan.power import Metric


def power(
    baseline: Annotated[
        float | None, typer.Option(help="Control rate, in (0, 1); or the mean with --sd.")
    ] = None,
    sd: Annotated[
        float | None,
        typer.Option(help="Standard deviation per user: plans a mean, or a ratio per user."),
    ] = None,
    history: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="FILE", help="An earlier experiment: baseline and variance."
        ),
    ] = None,
    name: Annotated[
        str, typer.Option("--metric", help="Which metric of that file; else the first.")
    ] = "",
    effect: Annotated[
        float | None, typer.Option(help="Smallest difference worth finding: 0.01 is one point.")
    ] = None,
    lift: Annotated[
        float | None, typer.Option(help="The same relative to the baseline: 0.05 is +5 %.")
    ] = None,
    n: Annotated[float | None, typer.Option("--n", help="Users in the control.")] = None,
    wanted: Annotated[float, typer.Option("--power", help="Wanted power.")] = 0.8,
    alpha: Annotated[float, typer.Option(help="Level of the whole test.")] = 0.05,
    sides: Annotated[int, typer.Option(min=1, max=2, help="1 or 2.")] = 2,
    ratio: Annotated[float, typer.Option(help="Treatment users per control user.")] = 1.0,
    arms: Annotated[int, typer.Option(min=1, help="Treatment arms (Dunnett).")] = 1,
    looks: Annotated[
        str, typer.Option(metavar="4 or 0.25,0.5,1", help="Looks, equally spaced or named.")
    ] = "1",
    spending: Annotated[
        str, typer.Option(help="obrien_fleming, pocock, linear, kim2, ...")
    ] = "obrien_fleming",
    margin: Annotated[
        float | None, typer.Option(help="Non-inferiority margin; one-sided at alpha.")
    ] = None,
    lower_is_better: Annotated[
        bool, typer.Option("--lower-is-better", help="For a margin or the smallest effect.")
    ] = False,
    explained: Annotated[
        float, typer.Option(help="Share of variance a covariate explains (CUPED), 0 to 1.")
    ] = 0.0,
    traffic: Annotated[float | None, typer.Option(help="New users a day, for the days.")] = None,
    ramp: Annotated[
        str, typer.Option(metavar="0.05,0.25,1", help="Share of traffic on each first day.")
    ] = "1",
    as_json: AsJson = False,
) -> None:
    """Solve for users, power or the smallest effect of the very test that will be run.

    Give an effect (or lift) for the users, --n for the smallest effect, both for the power.
    """
    from experimentos.cli import show
    from experimentos.flows.power_plan import PowerQuestion, plan_power, power_report
    from experimentos.plan.duration import Traffic
    from experimentos.plan.scheme import Scheme

    if margin is not None:
        sides = 1
        effect = 0.0 if effect is None and n is None else effect
    if history is not None:
        metric, baseline = _known(history, name, explained)
    else:
        metric = _metric(baseline, sd, explained)
    question = PowerQuestion(
        metric=metric,
        effect=_effect(effect, lift, baseline),
        control=n,
        power=wanted,
        scheme=Scheme(
            alpha=alpha,
            sides=sides,
            ratio=ratio,
            arms=arms,
            looks=fractions(looks),
            spending=spending,
            margin=margin,
            higher_is_better=not lower_is_better,
        ),
        increase=not lower_is_better,
        traffic=Traffic(traffic, numbers(ramp, "--ramp")) if traffic is not None else None,
    )
    plan = plan_power(question)
    show.answer(power_report(plan, question), lambda: _print(plan, baseline), as_json=as_json)


def numbers(text: str, option: str) -> tuple[float, ...]:
    """Return the numbers in `0.25,0.5,1`."""
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not found or not all(math.isfinite(value) for value in found):
        raise typer.BadParameter(f"{text!r} is not a list of numbers.", param_hint=option)
    return found


def fractions(text: str) -> tuple[float, ...]:
    """Return the information fractions of `4` equal looks, or those in `0.25,0.5,1`."""
    if text.isdecimal() and text.isascii() and 1 <= int(text[:4]) <= 200:
        return tuple((look + 1) / int(text[:4]) for look in range(int(text[:4])))
    return numbers(text, "--looks")


def _known(file: str, name: str, explained: float) -> tuple["Metric", float]:
    from pathlib import Path

    from experimentos.cli.inputs import read_bytes
    from experimentos.errors import UnreadableError
    from experimentos.flows.power_plan import known_from
    from experimentos.metrics.contract import read_summary

    reading = read_summary(read_bytes(file), Path(file).name)
    if reading.summary is None:
        first = reading.issues[0]
        raise UnreadableError(f"{Path(file).name}: {first.message}", hint=first.fix)
    known = known_from(reading.summary, name, explained)
    return known.metric, known.baseline


def _metric(baseline: float | None, sd: float | None, explained: float) -> "Metric":
    from experimentos.plan.power import Mean, Rate

    if sd is not None:
        return Mean(sd, explained=explained)
    if baseline is None:
        raise typer.BadParameter(
            "Give the control's rate, or --sd for a mean.", param_hint="--baseline"
        )
    if explained:
        spread = math.sqrt(baseline * (1 - baseline)) if 0 < baseline < 1 else 0.0
        return Mean(spread, explained=explained)
    return Rate(baseline)


def _effect(effect: float | None, lift: float | None, baseline: float | None) -> float | None:
    if lift is None:
        return effect
    if effect is not None or baseline is None:
        raise typer.BadParameter("A lift needs a --baseline and no --effect.", param_hint="--lift")
    return lift * abs(baseline)


def _print(plan: "PowerPlan", baseline: float | None) -> None:
    from experimentos.analysis import numbers as written
    from experimentos.cli import show

    console = show.output()
    console.print(show.cell(f"{plan.method[0].upper()}{plan.method[1:]}."))
    table = show.table(console, ("", ""), numeric=(1,))
    table.add_row("Users in the control", written.count(plan.control))
    table.add_row("Users in each treatment arm", written.count(plan.treatment))
    table.add_row("Users in all arms", written.count(plan.total))
    effect = "none reaches the power" if plan.effect is None else f"{plan.effect:.6g}"
    if plan.effect is not None and baseline:
        effect += f" ({plan.effect / abs(baseline):+.2%} of the baseline)"
    table.add_row("Effect", effect)
    table.add_row("Power", f"{plan.power:.1%}")
    if plan.days is not None:
        table.add_row("Days", f"{plan.days} ({plan.whole_weeks_days} in whole weeks)")
    console.print(table)
