"""The decision: its verdict, its reason, what to do next."""

from datetime import UTC

import streamlit as st

from experimentos.decision.decision import Decision, Verdict
from experimentos.flows.ab_test import AbTest
from experimentos.plan.deviations import deviations
from experimentos.ui import format as fmt

TONES = {"Launch": "green", "Hold": "orange", "Rollback": "red"}
ICONS = {
    "Launch": ":material/rocket_launch:",
    "Hold": ":material/pause_circle:",
    "Rollback": ":material/undo:",
}


def verdict_badge(verdict: str) -> str:
    """Return the verdict as a Markdown badge."""
    return f":{TONES[verdict]}-badge[{ICONS[verdict]} {verdict}]"


def decision_callout(decision: Decision) -> None:
    """Draw the verdict large, its sentence, the reasons and the next actions."""
    verdict = decision.verdict.value
    heading = verdict_heading(decision)
    with st.container(border=True, key="decision"):
        st.subheader(f":{TONES[verdict]}[{ICONS[verdict]} {fmt.plain(heading)}]", anchor=False)
        st.markdown(fmt.plain(after_heading(decision)))
        why, following = st.columns([3, 2], gap="medium")
        with why:
            _listed("Why", decision.reasons, "-")
        with following:
            _listed("What to do next", decision.next_actions, "1.")


def deviations_expander(test: AbTest) -> None:
    """Draw what the analysis does otherwise than its frozen plan; nothing without one."""
    stamp, summary = test.charter.frozen, test.reading.summary
    if stamp is None or summary is None:
        return
    found = deviations(summary, test.charter)
    when = f"the plan frozen {stamp.frozen_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if not found:
        st.caption(f":material/lock: The analysis follows {when}.")
        return
    title = f"{fmt.plural(len(found), 'deviation')} from {when}"
    with st.expander(title, icon=":material/rule:"):
        st.markdown("\n".join(f"- {fmt.plain(line)}" for line in found))
        st.caption("The memo states them too.")


def verdict_heading(decision: Decision) -> str:
    """Return "Launch shorter_form", "Rollback treatment" or "Hold"."""
    verdict = decision.verdict.value
    return verdict if decision.verdict is Verdict.HOLD else f"{verdict} {decision.arm}".strip()


def after_heading(decision: Decision) -> str:
    """Return the sentence without the verdict that stands above it already."""
    return without_verdict(decision.sentence, decision.verdict.value, decision.arm)


def without_verdict(sentence: str, verdict: str, arm: str) -> str:
    """Return a decision's sentence without its opening "Hold: " or "Launch treatment: "."""
    for opening in (f"{verdict} {arm}: ", f"{verdict} {arm}. ", f"{verdict}: ", f"{verdict}. "):
        if sentence.startswith(opening):
            rest = sentence.removeprefix(opening)
            return rest[:1].upper() + rest[1:]
    return sentence


def _listed(title: str, items: tuple[str, ...], mark: str) -> None:
    if items:
        st.markdown(f"**{title}**\n\n" + "\n".join(f"{mark} {fmt.plain(i)}" for i in items))
