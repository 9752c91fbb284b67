"""The launcher: `streamlit run app.py`."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "src"))

import streamlit as st  # noqa: E402 - the path to the package comes first

from experimentos.ui.failure import show_incident  # noqa: E402 - the same
from experimentos.ui.server import lifespan  # noqa: E402 - the same

app = st.App(
    ROOT / "src" / "experimentos" / "ui" / "main.py",
    lifespan=lifespan,
    on_script_error=show_incident,
)
