"""The charter as a plan: looks and segments named in advance, freezing, and its file."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from experimentos.analysis import numbers
from experimentos.flows.ab_test import AbTest
from experimentos.flows.drafts import draft_input
from experimentos.ids import canonical_json
from experimentos.memo.exports import download_name
from experimentos.plan.charter import Belief, Charter, GuardrailPlan, LiftRange, Monitoring, Stamp
from experimentos.plan.documents import read_charter
from experimentos.plan.freeze import freeze, is_intact
from experimentos.policy import DEFAULT_POLICY
from experimentos.ui import format as fmt
from experimentos.ui.banner import bullets
from experimentos.ui.bound import bound, bound_choice
from experimentos.ui.metric_roles import is_rate
from experimentos.ui.services import services
from experimentos.ui.size_form import SPENDING
from experimentos.ui.state import change, session, start
from experimentos.ui.table import small_table

SIDES = {2: "Two-sided", 1: "One-sided, each direction by itself"}
CORRECTIONS = {
    "guardrails": "The guardrails",
    "all_metrics": "All metrics",
    "none": "None, each has its own",
}
ONCE, PLANNED, ANY_TIME = "once", "group_sequential", "always_valid"
LOOKING = {
    ONCE: "Once, at the end",
    PLANNED: "Early, spending alpha (group-sequential)",
    ANY_TIME: "At any time (always valid)",
}
FILE_TYPES = ["yaml", "yml", "json"]


def ahead(charter: Charter) -> dict[str, Any]:
    """Draw what has to be named before the data: segments and looks; return the fields."""
    plan = charter.monitoring
    with st.grid(min_column_width=190):
        text = bound(
            st.text_input, "Segments named in advance", "segments", ", ".join(charter.segments),
            placeholder="mobile, desktop",
            help="Values of the segment column, separated by commas. Every other segment is "
            "labelled as not planned.",
        )  # fmt: skip
        kind = bound_choice(
            "Results are looked at", "monitoring", tuple(LOOKING), plan.kind if plan else ONCE,
            format_func=LOOKING.__getitem__,
            help="Looking early with a single-look test finds effects that are not there. Early "
            "looks need planned users.",
        )  # fmt: skip
        spending = plan.spending if plan else "obrien_fleming"
        if kind == PLANNED:
            options = tuple(dict.fromkeys((*SPENDING, spending)))
            spending = bound_choice(
                "Spending of alpha", "spending", options, spending,
                format_func=lambda name: SPENDING.get(name, name),
            )  # fmt: skip
        sides = bound_choice(
            "Sides", "sides", tuple(SIDES), charter.sides, format_func=SIDES.__getitem__,
            help="One-sided: two-sided p-values are held against twice alpha, in either direction.",
        )  # fmt: skip
        correction = bound_choice(
            "Metrics that share alpha", "correction", tuple(CORRECTIONS), charter.correction,
            format_func=CORRECTIONS.__getitem__,
            help="By Holm's step-down. The arms of one metric always share it, by Dunnett.",
        )  # fmt: skip
    if kind != ONCE and charter.planned_users is None:
        st.warning("Early looks are tuned to the planned users: give them too.")
    segments = tuple(dict.fromkeys(part.strip() for part in (text or "").split(",")))
    looks = None if kind == ONCE else {"kind": kind, "spending": spending}
    return {
        "segments": tuple(name for name in segments if name),
        "monitoring": looks,
        "sides": sides,
        "correction": correction,
    }


def plan_actions(test: AbTest | None) -> None:
    """Draw the freezing of the charter, its file as a download, and a file to read it from."""
    charter = session().draft.charter
    has_data = test is not None and test.reading.summary is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        if charter.frozen is None:
            _freeze_button(charter)
        elif st.button("Copy as a new plan", key="charter.copy", icon=":material/content_copy:"):
            _copy(charter)
        _download(charter)
    if charter.frozen is None:
        st.caption(
            "The results are here already: freezing now keeps the plan from changing, but it does "
            "not make it a plan from before the data."
            if has_data
            else "Freezing writes down the moment and a fingerprint (SHA-256); the memo then "
            "states every deviation from the plan."
        )
        _upload()


def frozen_view(charter: Charter, stamp: Stamp, test: AbTest | None) -> None:
    """Draw a frozen plan: when, its hash, whether it still fits, and every field as text."""
    moment = f"{stamp.frozen_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if is_intact(charter):
        st.success(
            f"SHA-256 `{stamp.sha256}`",
            title=f"Frozen {moment}",
            icon=":material/lock:",
        )
    else:
        st.error(
            "Its hash no longer fits what it says: it was changed after it was frozen. Get the "
            "file as it was frozen, or copy it as a new plan.",
            title=f"Frozen {moment}, and changed since",
            icon=":material/lock_open:",
        )
    summary = test.reading.summary if test else None
    rows = plan_rows(charter, rate=is_rate(summary, charter.primary))
    small_table([{"Planned": k, "": v} for k, v in rows], "The frozen plan")


def plan_rows(charter: Charter, *, rate: bool) -> list[tuple[str, str]]:
    """Return every planned field with its value in words, as Markdown."""
    mde = "not planned"
    if charter.mde is not None:
        mde = numbers.plain_points(charter.mde) if rate else numbers.quantity(charter.mde)
    users = numbers.count(charter.planned_users) if charter.planned_users else "not planned"
    split = " : ".join(f"{share:g}" for share in charter.split or ()) or "equal"
    days = f"{charter.start or 'open'} to {charter.stop or 'open'}"
    guards = "every other count, guessed"
    if charter.guardrails is not None:
        guards = fmt.listed(_guard(plan) for plan in charter.guardrails) or "none"
    return [
        ("Hypothesis", fmt.plain(charter.hypothesis) or "not written"),
        ("Primary metric", f"{fmt.plain(charter.primary)}, {charter.direction} is better"),
        ("Guardrails", guards),
        ("Only reported", fmt.listed(fmt.plain(p.name) for p in charter.secondary) or "none named"),
        ("Significance level (alpha)", f"{charter.alpha:g}, {SIDES[charter.sides].lower()}"),
        ("Metrics that share alpha", CORRECTIONS[charter.correction]),
        ("Smallest effect", mde),
        ("Planned split", split),
        ("Planned users in all", users),
        ("Days", days),
        ("Segments named in advance", fmt.listed(map(fmt.plain, charter.segments)) or "none"),
        ("Results are looked at", _looking(charter.monitoring)),
        ("Lift expected, for the Bayesian view", fmt.plain(expected_text(charter.belief))),
        ("Too small to matter, for the Bayesian view", fmt.plain(range_text(charter.rope))),
    ]


def range_text(lifts: LiftRange | None) -> str:
    """Return a range of lifts in words."""
    if lifts is None:
        return "not stated"
    return f"{numbers.signed_percent(lifts.low)} to {numbers.signed_percent(lifts.high)}"


def expected_text(belief: Belief | None) -> str:
    """Return a belief in words."""
    sure = f" ({numbers.percent(belief.level, 0)} sure)" if belief else ""
    return f"{range_text(belief)}{sure}"


def _guard(plan: GuardrailPlan) -> str:
    margin = "" if plan.margin is None else f", margin {plan.margin:g}"
    return f"{fmt.plain(plan.name)} ({plan.direction} is better{margin})"


def _looking(plan: Monitoring | None) -> str:
    if plan is None:
        return LOOKING[ONCE]
    if plan.kind == ANY_TIME:
        return LOOKING[ANY_TIME]
    return f"{LOOKING[PLANNED]}, {SPENDING.get(plan.spending, plan.spending)}"


def _freeze_button(charter: Charter) -> None:
    if st.button(
        "Freeze the plan", key="charter.freeze", icon=":material/lock:",
        help="Afterwards only title, owner and notes can change.",
    ):  # fmt: skip
        frozen = freeze(charter, datetime.now(UTC).replace(microsecond=0))
        session().version += 1
        change(charter=frozen)
        st.rerun()


def _copy(charter: Charter) -> None:
    draft = session().draft
    title = f"Copy of {charter.title}"[:200] if charter.title else ""
    fresh = charter.model_copy(update={"frozen": None, "title": title})
    content = draft_input(services().store, draft)
    start(draft.model_copy(update={"charter": fresh, "title": title, "analysis_id": ""}), content)
    session().notices.append("This is a new plan that may be changed. The frozen one stays.")
    st.rerun()


def _download(charter: Charter) -> None:
    frozen = charter.frozen is not None
    text = canonical_json(charter.model_dump(mode="json")).decode() + "\n"
    st.download_button(
        "Download the frozen plan" if frozen else "Download the charter", text,
        download_name(charter.title or "charter", charter.frozen.sha256[:12] if charter.frozen
        else "", "json"), "application/json",
        key="charter.json", icon=":material/download:", on_click="ignore",
        help="JSON: the form that `experimentos plan freeze` writes and `--charter` reads.",
    )  # fmt: skip


def _upload() -> None:
    with st.expander("Read the charter from a file", icon=":material/description:"):
        uploaded = st.file_uploader(
            "Charter file: YAML or JSON", FILE_TYPES,
            key=session().key(f"charter.file.{session().uploads}"),
            max_upload_size=max(1, DEFAULT_POLICY.document_bytes // 2**20),
            help="It replaces every field above.",
        )  # fmt: skip
        if uploaded is None:
            return
        read = read_charter(uploaded.getvalue(), uploaded.name)
        if isinstance(read, Sequence):
            st.error(bullets(read), title="This charter cannot be used", icon=":material/error:")
            return
        session().uploads += 1
        session().version += 1
        session().notices.append(f"The charter was read from {fmt.plain(uploaded.name)}.")
        change(charter=read, title=read.title)
        st.rerun()
