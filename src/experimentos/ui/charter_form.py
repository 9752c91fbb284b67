"""The charter: what was planned, typed in or read from the draft, saved as it changes."""

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st
from pydantic import ValidationError

from experimentos.flows.ab_test import AbTest
from experimentos.metrics.summary import Summary
from experimentos.plan.charter import Charter, Way
from experimentos.ui import format as fmt
from experimentos.ui.belief_fields import belief_fields
from experimentos.ui.bound import bound, bound_choice
from experimentos.ui.charter_plan import ahead, frozen_view, plan_actions
from experimentos.ui.metric_roles import WAY_LABELS, is_rate, metric_roles, rescaled
from experimentos.ui.state import change, session

WAYS: tuple[Way, ...] = ("higher", "lower")


def charter_form(test: AbTest | None) -> None:
    """Draw every field of the charter; a change is saved and the page computed anew.

    A frozen plan is shown as text; only title, owner and notes stay open.
    """
    charter = session().draft.charter
    if charter.frozen is not None:
        values = {**_identity(charter), **_notes(charter)}
        frozen_view(charter, charter.frozen, test)
    else:
        summary = test.reading.summary if test else None
        values = {
            **_identity(charter),
            **_primary(charter, summary),
            **_plan(charter, summary),
            **ahead(charter),
            **metric_roles(charter, test),
            **_beliefs(charter),
        }
    plan_actions(test)
    _keep(charter, values)


def identity_fields() -> None:
    """Draw title, owner, hypothesis and notes alone, as the memo shows them."""
    charter = session().draft.charter
    _keep(charter, _identity(charter) | _notes(charter))


def belief_inputs() -> None:
    """Draw the two ranges of the Bayesian view alone; a change is saved in the charter."""
    charter = session().draft.charter
    _keep(charter, belief_fields(charter))


def _beliefs(charter: Charter) -> dict[str, Any]:
    with st.expander("Expectations for the Bayesian view", icon=":material/blur_on:"):
        st.caption("They inform that view only; no decision reads them.")
        return belief_fields(charter)


def _keep(charter: Charter, values: dict[str, Any]) -> None:
    try:
        fresh = Charter.model_validate({**charter.model_dump(), **values})
    except ValidationError as exc:
        for error in exc.errors():
            field = fmt.words(str(error["loc"][0])) if error["loc"] else "Charter"
            problem = fmt.plain(error["msg"].removeprefix("Value error, "))
            st.error(f"{field}: {problem}. The last valid value is still in use.")
        return
    if fresh != charter:
        change(charter=fresh, title=fresh.title)
        st.rerun()


def _identity(charter: Charter) -> dict[str, Any]:
    left, right = st.columns([2, 1])
    with left:
        title = bound(
            st.text_input, "Title", "title", charter.title, max_chars=200,
            placeholder="What a colleague would call this experiment",
        )  # fmt: skip
    with right:
        owner = bound(st.text_input, "Owner", "owner", charter.owner, max_chars=200)
    if charter.frozen is not None:
        return {"title": title or "", "owner": owner or ""}
    hypothesis = bound(
        st.text_area, "Hypothesis", "hypothesis", charter.hypothesis, max_chars=2_000, height=80,
        placeholder="If we change …, then … will rise, because …",
    )  # fmt: skip
    return {"title": title or "", "owner": owner or "", "hypothesis": hypothesis or ""}


def _notes(charter: Charter) -> dict[str, Any]:
    notes = bound(
        st.text_area, "Notes", "notes", charter.notes, max_chars=2_000, height=100,
        help="Context, known problems, links. Markdown; pictures and raw HTML are left out.",
    )  # fmt: skip
    return {"notes": notes or ""}


def _primary(charter: Charter, summary: Summary | None) -> dict[str, Any]:
    names = [metric.name for metric in summary.metrics] if summary else []
    options = list(dict.fromkeys((*names, charter.primary)))
    with st.grid(min_column_width=190):
        primary = bound_choice("Primary metric", "primary", options, charter.primary)
        direction = bound_choice(
            "Better when", "direction", WAYS, charter.direction, format_func=WAY_LABELS.__getitem__
        )
        alpha = bound(
            st.number_input, "Significance level (alpha)", "alpha", charter.alpha,
            min_value=0.001, max_value=0.5, step=0.01, format="%.3f",
            help="Two-sided. The intervals shown have the level 1 - alpha.",
        )  # fmt: skip
        rate = is_rate(summary, primary)
        scale = 100 if rate else 1
        mde = bound(
            st.number_input, f"Smallest effect ({'points' if rate else 'units'})",
            f"mde.{rate}", None if charter.mde is None else charter.mde * scale,
            min_value=0.0, format="%.4g", placeholder="not planned",
            help="Smallest absolute difference of the primary metric worth finding (the MDE). "
            "With it a Hold can say whether the effect was shown to be negligible.",
        )  # fmt: skip
    planned = rescaled(mde or None, charter.mde, scale)
    return {"primary": primary, "direction": direction, "alpha": alpha, "mde": planned}


def _plan(charter: Charter, summary: Summary | None) -> dict[str, Any]:
    arms = [arm.name for arm in summary.arms] if summary else ["control", "treatment"]
    with st.grid(min_column_width=190):
        text = bound(
            st.text_input, "Planned split", "split", _split_text(charter.split),
            placeholder=", ".join("1" for _ in arms),
            help=f"Shares in the order {fmt.listed(map(fmt.plain, arms))}; empty is an equal "
            "split. 50, 50 and 1, 1 are the same plan; 0 marks an arm that must get nobody.",
        )  # fmt: skip
        users = bound(
            st.number_input, "Planned users in all", "planned_users", charter.planned_users,
            min_value=1, step=1000, placeholder="not planned",
        )  # fmt: skip
        start = bound(st.date_input, "First day", "start", charter.start, format="YYYY-MM-DD")
        stop = bound(st.date_input, "Last day", "stop", charter.stop, format="YYYY-MM-DD")
    split = _split(text or "", len(arms), charter)
    return {"split": split, "planned_users": users, "start": start, "stop": stop}


def _split_text(split: Sequence[float] | None) -> str:
    return ", ".join(f"{share:g}" for share in split or ())


def _split(text: str, arms: int, charter: Charter) -> tuple[float, ...] | None:
    if not text.strip():
        return None
    try:
        shares = tuple(float(part) for part in text.replace(";", ",").replace("/", ",").split(","))
    except ValueError:
        shares = ()
    if len(shares) != arms or min(shares) < 0 or not 0 < sum(shares) < math.inf:
        st.warning(
            f"The split needs {fmt.plural(arms, 'number')} that are not negative, such as "
            f"{', '.join('50' for _ in range(arms))}. The last valid split is still in use."
        )
        return charter.split
    return shares
