"""The power of a design: what it rests on, what it is, what it takes to reach the goal."""

from collections.abc import Mapping
from datetime import UTC, datetime

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.design.names import several
from experimentos.design.parts import Response
from experimentos.design.power_simulation import SimulatedPower
from experimentos.design.rules.finding import Context
from experimentos.errors import DesignError
from experimentos.flows import design_power as flow
from experimentos.flows.design_charter import frozen_charter, is_ab
from experimentos.flows.design_power import PowerView
from experimentos.ui import background, navigation
from experimentos.ui import format as fmt
from experimentos.ui.design_state import edit, tab
from experimentos.ui.state import change, start
from experimentos.ui.table import small_table

SHARE_HELP = (
    "Of all variation, the share that lies between units rather than within them (the intraclass "
    "correlation). At 1, measuring a unit again adds nothing."
)


def power_tab(document: ExperimentDescription, given: Context) -> None:
    """Draw assumptions, power, simulation, the number of units needed and the hand-over."""
    _assumptions(document)
    share = _share(given)
    try:
        view = flow.power_view(given, share)
    except DesignError as failure:
        st.info(
            f"{fmt.plain(failure.message)} {fmt.plain(failure.hint)}",
            title="Power is not known yet", icon=":material/bolt:",
        )  # fmt: skip
    else:
        known = _simulation(document, share)
        _powers(document, view, known)
        _needed(document, share)
    _hand_over(document)


def _assumptions(document: ExperimentDescription) -> None:
    primary = document.primary
    if primary is None:
        st.info("Power is about the primary response. Mark one on its card.")
        return
    name = f"{primary.name} ({primary.unit})" if primary.unit else primary.name
    with st.form(tab().key("power.assume")):
        st.markdown(f"**What the power rests on: {fmt.plain(name)}**")
        response, conduct = _fields(document, primary)
        is_set = st.form_submit_button("Use these", icon=":material/check:")
    if not is_set:
        return
    try:
        patch = flow.assume_patch(document, response, conduct)
    except DesignError as failure:
        st.warning(f"{fmt.plain(failure.message)} {fmt.plain(failure.hint)}")
        return
    edit(patch, is_autosave=True)
    st.rerun()


def _fields(
    document: ExperimentDescription, primary: Response
) -> tuple[Mapping[str, object], Mapping[str, float]]:
    low, high = primary.expected_range or (None, None)
    with st.grid(min_column_width=190, gap="small"):
        effect = _number("effect", "Smallest difference that matters", primary.smallest_effect)
        centre = _number("centre", "Expected value at the reference", primary.expected_centre)
        start = _number("low", "Nine in ten values above", low)
        end = _number("high", "Nine in ten values below", high)
        conduct = document.conduct
        alpha = st.number_input(
            "Alpha", 0.0001, 0.5, conduct.alpha, 0.01, format="%g", key=tab().key("power.alpha"),
            help="How often an effect may be found that is not there.",
        )  # fmt: skip
        goal = st.number_input(
            "Power goal", 0.05, 0.999, conduct.power_goal, 0.05, format="%g",
            key=tab().key("power.goal"),
        )  # fmt: skip
    response = {
        "smallest_effect": effect,
        "expected_centre": centre,
        "expected_range": None if start is None or end is None else (start, end),
    }
    return response, {"alpha": float(alpha), "power_goal": float(goal)}


def _number(name: str, label: str, value: float | None) -> float | None:
    known = None if value is None else float(value)
    key = tab().key(f"power.{name}")
    return st.number_input(label, value=known, format="%g", key=key)


def _share(given: Context) -> float:
    """Draw the share of variation between units where several measurements share a unit."""
    table = given.table
    sizes = [int(c.codes.max()) + 1 for c in table.units] if table else []
    if table is None or not any(1 < size < table.n for size in sizes):
        return 1.0
    return float(
        st.number_input(
            "Share of variation between units", 0.0, 1.0, 1.0, 0.05, key=tab().lasting("power.icc"),
            width=280, help=SHARE_HELP,
        )
    )  # fmt: skip


def _powers(
    document: ExperimentDescription, view: PowerView, known: Mapping[str, SimulatedPower]
) -> None:
    goal = document.conduct.power_goal
    if not view.powers:
        st.info("There is no treatment whose effect could be tested.", icon=":material/bolt:")
        return
    rows = []
    for found in view.powers:
        best = known[found.factor_id].power if found.factor_id in known else found.power
        mark = ":green-badge[:material/check: reaches the goal]"
        if best < goal:
            mark = ":orange-badge[:material/warning: below the goal]"
        rows.append(
            {
                "Treatment": fmt.plain(found.name),
                "Tested against": f"{fmt.plain(found.error)}, {found.error_df:,} d.f.",
                "Closed form": f"{found.power:.0%}",
                "Simulated": _simulated(known.get(found.factor_id)),
                f"Goal {goal:.0%}": mark,
            }
        )
    small_table(rows, "Power of the design for each treatment")
    kind = flow.CLOSED_FORM_OF_SURFACE if view.is_surface else flow.CLOSED_FORM
    if not view.is_exact:
        kind = (
            "For this family the closed form is a first approximation; the simulation draws values "
            f"from the family and analyses them {view.analysed}."
        )
    st.caption(
        f"Difference {view.given.effect:g}, standard deviation {view.given.sd:.3g}, alpha "
        f"{view.given.alpha:g}. {kind}"
    )


def _simulated(found: SimulatedPower | None) -> str:
    if found is None:
        return "not yet"
    return f"{found.power:.1%} ± {1.96 * found.error:.1%}"


def _simulation(document: ExperimentDescription, share: float) -> dict[str, SimulatedPower]:
    """Draw the way to a simulation beside the screen; return its answer once there is one."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = st.selectbox(
            "Simulated experiments", flow.SIMULATIONS, format_func="{:,}".format, width=200,
            key=tab().lasting("power.count"),
        )  # fmt: skip
        key = f"design.power.{document.hash()}.{share}.{count}"
        job = background.board().find(key)
        if st.button(
            "Simulate", key=tab().key("power.run"), icon=":material/play_arrow:",
            disabled=job is not None and not job.is_over,
        ):  # fmt: skip
            background.board().start(key, lambda tick: flow.simulated(document, share, count, tick))
            st.rerun()
    if job is None:
        return {}
    if not job.is_over:
        background.progress(key, "Simulated experiments")
    elif job.failure:
        st.warning(fmt.plain(job.failure))
    answer: tuple[SimulatedPower, ...] = job.answer or ()
    return {found.factor_id: found for found in answer}


def _needed(document: ExperimentDescription, share: float) -> None:
    units = {u.id: u for u in flow.countable_units(document)}
    if not units or not document.treatments:
        return
    st.markdown("**How many do I need?**")
    goal = document.conduct.power_goal
    with st.container(horizontal=True, vertical_alignment="bottom"):
        unit_id = st.selectbox(
            "Of which unit", list(units), key=tab().lasting("power.unit"), width=220,
            format_func=lambda i: units[i].plural or several(units[i].name),
        )  # fmt: skip
        key = f"design.needed.{document.hash()}.{share}.{unit_id}"
        job = background.board().find(key)
        if st.button("Work it out", key=tab().key("power.needed"), icon=":material/calculate:"):
            background.board().start(key, lambda _: (flow.needed(document, unit_id, share, goal),))
            st.rerun()
    if job is None:
        return
    if not job.is_over:
        background.progress(key, "Counting")
    elif job.answer is not None:
        _answer(document, unit_id, job.answer[0], goal)
    else:
        st.warning(fmt.plain(job.failure or "It was stopped."))


def _answer(document: ExperimentDescription, unit_id: str, count: int | None, goal: float) -> None:
    unit = document.unit(unit_id)
    if unit is None:
        return
    plural = fmt.plain(unit.plural or several(unit.name))
    if count is None:
        st.warning(
            f"No number of {plural} up to {flow.MOST_UNITS:,} reaches {goal:.0%}: they do not "
            "replicate the treatment that is weakest. Add units of the level it is applied to."
        )
        return
    where = " in each unit above" if unit.parent else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/flag: **{count:,} {plural}**{where} bring every treatment to {goal:.0%} "
            f"(closed form). The design has {unit.count:,}.",
            width="stretch",
        )
        if count != unit.count and st.button(
            f"Use {count:,}", key=tab().key("power.use"), icon=":material/check:"
        ):
            edit(flow.count_patch(document, unit_id, count))
            st.rerun()


def _hand_over(document: ExperimentDescription) -> None:
    if not is_ab(document):
        return
    with st.container(border=True):
        st.markdown(
            "**Take it to the analysis.** The design becomes a frozen plan: hypothesis, primary "
            "metric, alpha, smallest effect, split and size. Health check, results and memo say "
            "every deviation from it."
        )
        if st.button(
            "Freeze as the plan of an A/B test", key=tab().key("charter"), icon=":material/lock:"
        ):
            try:
                charter = frozen_charter(document, datetime.now(UTC).replace(microsecond=0))
            except DesignError as failure:
                st.warning(f"{fmt.plain(failure.message)} {fmt.plain(failure.hint)}")
                return
            start()
            change(charter=charter, title=charter.title)
            navigation.go("health_check")
