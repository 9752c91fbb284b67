"""Would this method have been right on data like mine? Simulated beside the screens."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from experimentos.analysis import numbers
from experimentos.analysis.result import Analysis, MetricResult
from experimentos.errors import ExperimentOSError, StoreError
from experimentos.flows.ab_test import AbTest
from experimentos.metrics.summary import Summary
from experimentos.ui import background
from experimentos.ui import format as fmt
from experimentos.ui.services import services
from experimentos.ui.state import session
from experimentos.ui.table import small_table

if TYPE_CHECKING:
    from experimentos.flows.calibrate import Calibration, Share
    from experimentos.flows.simulate import World
    from experimentos.store.run_port import RunStore

SIMULATIONS = (2_000, 10_000, 100_000)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be simulated."""

    method: str
    world: World
    simulations: int
    seed: int


def calibrate_section(test: AbTest, analysis: Analysis) -> None:
    """Draw the section; while it is folded it computes nothing."""
    box = st.expander(
        "Would this method have been right on data like mine?", icon=":material/casino:",
        key="calibrate", on_change="rerun",
    )  # fmt: skip
    summary = test.reading.summary
    if not box.open or summary is None:
        return
    with box:
        st.markdown(
            "Thousands of experiments like this one are simulated, half of them without any "
            "effect: how often does the method find one that is not there, and how often does it "
            "miss one that is?"
        )
        try:
            _section(test, analysis.frequentist.primary, summary)
        except ExperimentOSError as failure:
            st.warning(f"{fmt.plain(failure.message)} {fmt.plain(failure.hint or '')}")


def _section(test: AbTest, primary: MetricResult, summary: Summary) -> None:
    if primary.metric not in [metric.name for metric in summary.metrics]:
        st.info(f"{fmt.plain(primary.metric)} is not in the data: there is nothing to be like.")
        return
    asked = _ask(test, primary, summary)
    key = f"calibrate.{session().draft.id}.{asked!r}"
    job = background.board().find(key)
    if job is not None and not job.is_over:
        background.progress(key, "Simulated experiments")
        return
    if job is None or job.answer is None:
        if job is not None and job.failure:
            st.warning(fmt.plain(job.failure))
        if st.button("Simulate", key="calibrate.run", icon=":material/play_arrow:"):
            runs = services().store.runs
            background.board().start(key, lambda report: _run(asked, runs, report))
            st.rerun()
        return
    _result(job.answer)


def _run(asked: Asked, runs: RunStore, report: background.Progress) -> Calibration:
    from experimentos.flows.calibrate import calibrate
    from experimentos.flows.calibration_runs import keep_calibration
    from experimentos.flows.run_record import utc_now

    began = utc_now()
    found = calibrate(asked.method, asked.world, asked.simulations, asked.seed, report)
    # A history that is read-only takes nothing from the answer.
    with suppress(StoreError):
        keep_calibration(runs, found, began)
    return found


def _ask(test: AbTest, primary: MetricResult, summary: Summary) -> Asked:
    from experimentos.flows.own_world import (
        MOST_LOOKS,
        likely_method,
        looks_in,
        methods_for,
        world_like,
    )
    from experimentos.flows.simulate import SIMULATED

    rate = primary.kind == numbers.RATE
    methods = methods_for(is_rate=rate)
    place = methods.index(likely_method(test.charter, is_rate=rate))
    arms = [arm.name for arm in summary.treatments]
    with st.grid(min_column_width=190):
        method = st.selectbox(
            "Method", methods, index=place, format_func=lambda name: SIMULATED[name].title,
            key=session().key("calibrate.method"), persist_state="session",
        )  # fmt: skip
        arm = arms[0]
        if len(arms) > 1:
            arm = st.selectbox(
                "Arm", arms, key=session().key("calibrate.arm"), persist_state="session"
            )
        effect = _effect(test, primary, rate=rate)
        looks = 1
        if SIMULATED[method].looks:
            looks = st.number_input(
                "Looks", 2, MOST_LOOKS, looks_in(summary),
                key=session().key("calibrate.looks"), persist_state="session",
            )  # fmt: skip
        simulations = st.selectbox(
            "Simulated experiments", SIMULATIONS, index=1, format_func=numbers.count,
            key=session().key("calibrate.simulations"), persist_state="session",
        )  # fmt: skip
        seed = st.number_input(
            "Seed", 0, 2**31 - 1, 1, help="The same seed gives the same answer.",
            key=session().key("calibrate.seed"), persist_state="session",
        )  # fmt: skip
    world = world_like(summary, primary.metric, arm, test.charter, effect)
    steps = tuple((look + 1) / looks for look in range(looks))
    world = replace(world, looks=steps)
    _describe(world, primary)
    return Asked(method, world, simulations, seed)


def _effect(test: AbTest, primary: MetricResult, *, rate: bool) -> float:
    planned = test.charter.mde if test.charter.mde is not None else primary.mde
    scale = 100 if rate else 1
    sign = 1 if test.charter.direction == "higher" else -1
    likely = sign * abs(planned or 0.0) * scale
    typed = st.number_input(
        f"True effect ({'points' if rate else 'units'})", value=float(f"{likely:.4g}"),
        format="%.4g", key=session().key(f"calibrate.effect.{rate}"), persist_state="session",
        help="In the experiments that have one. Filled in: the planned smallest effect, or the "
        "one that is detectable at this size.",
    )  # fmt: skip
    return typed / scale


def _describe(world: World, primary: MetricResult) -> None:
    kind = primary.kind
    spread = "" if world.sd is None else f", standard deviation {numbers.quantity(world.sd)}"
    st.caption(
        f"Like this data: {fmt.plain(primary.metric)} "
        f"{fmt.plain(numbers.metric_value(world.control, kind))}{fmt.plain(spread)} in the "
        f"control, {numbers.count(world.n_control)} and {numbers.count(world.n_treatment)} users, "
        f"two-sided alpha {world.alpha:g}."
    )


def _result(found: Calibration) -> None:
    from experimentos.flows.calibrate import calibration_report, in_words

    broken = found.size.value > found.world.alpha + 3 * found.size.se
    draw = st.error if broken else st.success
    draw(
        fmt.plain(in_words(found)),
        title="Not on data like yours" if broken else "Its promise holds on data like yours",
        icon=":material/error:" if broken else ":material/check_circle:",
    )
    if not found.is_complete:
        st.caption("Cancelled early: the shares are those of the experiments that were done.")
    allowed, level = numbers.level(found.world.alpha), numbers.level(1 - found.world.alpha)
    rows = [
        _row("Found an effect where there is none", found.size, f"at most {allowed}"),
        _row("Interval held 0 where there is no effect", found.coverage_null, level),
    ]
    if found.power is not None:
        stated = "" if found.stated_power is None else f"{found.stated_power:.1%} by calculation"
        rows.append(_row("Found the true effect (power)", found.power, stated))
    if found.coverage is not None:
        rows.append(_row("Interval held the true effect", found.coverage, level))
    small_table(rows, "Simulated shares with their Monte Carlo errors")
    st.caption(
        f"{numbers.count(found.simulations)} simulated experiments for each of no effect and the "
        f"effect, seed {found.seed}. The error is one Monte Carlo standard error."
    )
    st.download_button(
        "Calibration as JSON", lambda: json.dumps(calibration_report(found), indent=1),
        "calibration.json", "application/json", key="calibrate.json",
        icon=":material/download:", on_click="ignore",
        help="What `experimentos calibrate --json` prints.",
    )  # fmt: skip


def _row(what: str, share: Share, promised: str) -> dict[str, str]:
    return {
        "In the simulations": what,
        "Share": f"**{share.value:.2%}** :small[:gray[± {share.se:.2%}]]",
        "Promised": fmt.plain(promised),
    }
