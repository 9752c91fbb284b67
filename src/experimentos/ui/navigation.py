"""The six screens: where they live, what they are called, how to link to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).resolve().parents[3] / "pages"


@dataclass(frozen=True, slots=True)
class Screen:
    """One entry of the menu.

    Attributes
    ----------
    name : str
        File name without its extension, and the key of `SCREENS`.
    title, icon, purpose : str
    group : str
        Heading in the menu; "" for none.
    path : str
        Last part of the address.
    width : int
        Pixels that the page may use.
    """

    name: str
    title: str
    icon: str
    purpose: str
    group: str
    path: str
    width: int = 1080

    @property
    def script(self) -> str:
        """Return the absolute path of the page's script."""
        return str(FOLDER / f"{self.name}.py")


SCREENS = {
    screen.name: screen
    for screen in (
        Screen("home", "Home", ":material/home:", "Start here: new, recent, samples", "", "home"),
        Screen(
            "design_session",
            "Design session",
            ":material/architecture:",
            "Describe and plan an experiment before it runs",
            "Plan",
            "design",
            1480,
        ),
        Screen(
            "health_check",
            "Health check",
            ":material/health_and_safety:",
            "Bring the results in and see whether they can be trusted",
            "Analyse",
            "health",
        ),
        Screen(
            "results",
            "Results",
            ":material/monitoring:",
            "What the data says: primary metric, guardrails, uncertainty",
            "Analyse",
            "results",
        ),
        Screen(
            "decision_memo",
            "Decision memo",
            ":material/gavel:",
            "Write down the decision, download it, keep it",
            "Decide",
            "memo",
        ),
        Screen(
            "runs",
            "Runs",
            ":material/history:",
            "Repeated runs of models and scripts, compared",
            "Decide",
            "runs",
        ),
    )
}


def menu() -> dict[str, list[st.Page]]:
    """Return fresh page objects by menu heading; they carry flags of one run."""
    groups: dict[str, list[st.Page]] = {}
    for screen in SCREENS.values():
        page = st.Page(
            screen.script,
            title=screen.title,
            icon=screen.icon,
            url_path=screen.path,
            default=screen.name == "home",
            help=screen.purpose,
        )
        groups.setdefault(screen.group, []).append(page)
    return groups


def width_of(path: str) -> int:
    """Return how many pixels the page at an address may use."""
    return next((s.width for s in SCREENS.values() if s.path == path), SCREENS["home"].width)


def link(name: str, label: str, icon: str | None = None) -> None:
    """Draw a link to another screen."""
    st.page_link(SCREENS[name].script, label=label, icon=icon or SCREENS[name].icon)


def go(name: str, address: Mapping[str, str] | None = None) -> None:
    """Leave this screen for another; does not return.

    Parameters
    ----------
    address
        What is put into its address, such as the id of a design.
    """
    st.switch_page(SCREENS[name].script, query_params=dict(address or {}))
