"""The factor board: cards that are selected, renamed, copied, deleted and put in order."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_BOARD = st.components.v2.component(
    "experimentos_factor_board",
    html='<div class="board"></div>',
    css=(_HERE / "board.css").read_text(encoding="utf-8"),
    js=(_HERE / "board.js").read_text(encoding="utf-8"),
)
WORDS = {
    "edit": "Edit",
    "ask": "Ask about it",
    "duplicate": "Duplicate",
    "delete": "Delete",
    "up": "Move up",
    "down": "Move down",
    "rename": "Double-click or F2 to rename",
    "name": "Name",
}


def board(
    groups: Sequence[Mapping[str, object]], *, selected: str, empty: str, key: str
) -> Mapping[str, object] | None:
    """Draw the board and return what was done on it since the last run, None for nothing.

    Parameters
    ----------
    groups
        Each with `title`, `movable` and `cards`; a card has `key`, `kind`, `icon`, `tone`, `name`,
        `lines`, `extra`, `mark`, `markIcon`, `status` and `isCopyable`. All text is shown as typed.
    selected
        Key of the card that is open, "" for none.
    empty
        What stands there when there are no cards.

    Returns
    -------
    Mapping or None
        `type` ("select", "edit", "ask", "rename", "duplicate", "delete", "order") and `key`.
    """
    shown = {"groups": groups, "selected": selected, "empty": empty, "words": WORDS}
    happened = _BOARD(key=key, data=shown, on_event_change=_noted).event
    return happened if isinstance(happened, Mapping) else None


def _noted() -> None:
    """Let the page know that there is something to read; it is read where the board is drawn."""
