"""Decision memo: write it, see exactly what will be downloaded, keep it."""

import streamlit as st

from experimentos.ui import experiment, guard, navigation
from experimentos.ui import format as fmt
from experimentos.ui.banner import health_banner
from experimentos.ui.charter_form import identity_fields
from experimentos.ui.decision_view import after_heading, verdict_badge
from experimentos.ui.memo_view import Memo, downloads, preview, renewed, save, saved_record, written
from experimentos.ui.notices import draw_notices

SAVE = ":material/save:"


def page() -> None:
    st.title("Decision memo")
    draw_notices()
    test = experiment.current()
    if test is None:
        guard.nothing_yet(
            "No decision yet",
            "A memo needs the results of an experiment: one row per arm with its users and "
            "conversions.",
        )
        return
    health_banner(test.health)
    if test.reading.summary is None:
        st.markdown("There is nothing to decide about until the file can be read.")
        navigation.link("health_check", "Go to the health check")
        return
    badge = verdict_badge(test.decision.verdict.value)
    st.markdown(f"{badge} {fmt.plain(after_heading(test.decision))}")
    with st.container(border=True):
        identity_fields()
    memo = written(test)
    with st.container(horizontal=True, vertical_alignment="center"):
        keep(memo, test)
        downloads(memo, test)
    preview(memo)


def keep(memo: Memo, test: experiment.AbTest) -> None:
    record = saved_record()
    label = "Save to history" if record is None else "Save the changes"
    if st.button(label, key="memo.save", type="primary", icon=SAVE, shortcut="Mod+S"):
        save(memo, test, over=record)
        done()
    if record is not None and st.button("Save as a new entry", key="memo.save_new"):
        save(renewed(test), test, over=None)
        done()


def done() -> None:
    st.toast("Saved to the history.", icon=":material/check:")
    st.rerun()


guard.run(page)
