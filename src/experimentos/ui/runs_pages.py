"""Turning the pages of the list of runs: by where the last one ended, never by counting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from experimentos.ui.services import services

if TYPE_CHECKING:
    from collections.abc import Sequence

    from experimentos.flows.run_list import Wanted
    from experimentos.runs.documents import Run

KEY = "runs.pages"
MOST = 8


@dataclass(slots=True)
class Pages:
    """The pages that were turned so far.

    Attributes
    ----------
    wanted : Wanted
        What they list; another list begins at its first page.
    cursors : list[str]
        Where each page begins, the present one last.
    """

    wanted: Wanted
    cursors: list[str] = field(default_factory=lambda: [""])

    @property
    def cursor(self) -> str:
        """Return where the present page begins."""
        return self.cursors[-1]

    @property
    def number(self) -> int:
        """Return the number of the present page, from 1."""
        return len(self.cursors)

    def buttons(self, following: str) -> None:
        """Draw the ways to the page before and the page after."""
        if self.number > 1 and st.button("Previous", key="runs.previous", icon=":material/west:"):
            self.cursors.pop()
            st.rerun()
        if following and st.button("Next", key="runs.next", icon=":material/east:"):
            self.cursors.append(following)
            st.rerun()


def pages(wanted: Wanted) -> Pages:
    """Return the pages of this list; the first one when it is another list than before."""
    known = st.session_state.get(KEY)
    if not isinstance(known, Pages) or known.wanted != wanted:
        known = Pages(wanted)
        st.session_state[KEY] = known
    return known


def diff_button(chosen: Sequence[Run]) -> None:
    """Draw the comparison of the runs that are ticked: two in full, more side by side."""
    if not 2 <= len(chosen) <= MOST:
        return
    label = "Compare the two" if len(chosen) == 2 else f"Compare these {len(chosen)}"
    if not st.button(label, key="runs.diff", icon=":material/difference:", type="primary"):
        return
    draw = st.dialog("Runs side by side", width="large")
    if len(chosen) == 2:
        draw(_two)(chosen[1].run_id, chosen[0].run_id)
    else:
        draw(_several)([run.run_id for run in chosen])


def _several(ids: list[str]) -> None:
    from experimentos.memo.run_words import brief
    from experimentos.runs.run_diff import side_by_side
    from experimentos.ui import access
    from experimentos.ui import format as fmt
    from experimentos.ui.table import small_table

    access.admit()
    runs = [services().store.runs.load_run(run_id) for run_id in ids]
    rows = side_by_side(runs)
    if not rows:
        st.success("These runs do not differ.", icon=":material/verified:")
        return
    names = [fmt.plain(f"{run.variant} {run.repeat} …{run.run_id[-4:]}") for run in runs]
    small_table(
        [
            {"What": fmt.plain(name)}
            | dict(zip(names, (fmt.plain(brief(v, 24)) for v in values), strict=True))
            for name, values in rows
        ],
        "Where the runs differ",
    )


def _two(first: str, second: str) -> None:
    from experimentos.flows.reproduce import diff
    from experimentos.ui import access
    from experimentos.ui.run_dialog import diff_table

    access.admit()
    found = diff(services().store, first, second)
    if not found.lines:
        st.success("The two runs do not differ.", icon=":material/verified:")
        return
    diff_table(found.lines, (f"…{first[-8:]}", f"…{second[-8:]}"))
    if found.code:
        st.code(found.code, language="diff")
