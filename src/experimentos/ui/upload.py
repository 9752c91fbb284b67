"""Ways to bring results in: a file, a pasted table, an example."""

import streamlit as st

from experimentos.flows.drafts import Draft
from experimentos.policy import DEFAULT_POLICY
from experimentos.ui.raw_state import choice
from experimentos.ui.raw_view import from_raw_data
from experimentos.ui.samples import SAMPLES, Sample
from experimentos.ui.size_form import PAGE as SIZE
from experimentos.ui.state import change, session, start

TYPES = ["csv", "tsv", "txt", "xlsx", "parquet", "json"]
PASTED = "pasted.csv"
RAW = ":material/database: From raw data"
WAYS_IN = [
    ":material/upload_file: File",
    ":material/content_paste: Paste a table",
    RAW,
    ":material/science: Example",
]
_EXAMPLE = """variant,users,conversions
control,10000,1200
treatment,10000,1320"""


def bring_in(*, is_seen: bool = True) -> None:
    """Draw the four ways in; what comes in replaces the results of this draft.

    Parameters
    ----------
    is_seen
        Whether it is unfolded; raw rows are not looked at for nobody.
    """
    file, pasted, rows, example = st.tabs(
        WAYS_IN,
        default=RAW if choice().place is not None else WAYS_IN[0],
        key=session().key("way_in"),
        on_change="rerun",
    )
    with file:
        _from_file()
    with pasted:
        _from_text()
    if rows.open and is_seen:
        with rows:
            from_raw_data()
    with example:
        if sample_picker("way_in"):
            st.rerun()


def take(content: bytes, name: str) -> None:
    """Make these bytes the results of this draft and draw the page anew."""
    kept = {name: value for name, value in session().draft.page.items() if name == SIZE}
    change(content, file_name=name, mapping={}, analysis_id="", page=kept)
    session().uploads += 1
    st.rerun()


def take_sample(sample: Sample) -> None:
    """Begin a draft of its own with an example."""
    draft = Draft(title=sample.charter.title, file_name=sample.file, charter=sample.charter)
    start(draft, sample.path.read_bytes())


def sample_picker(place: str) -> bool:
    """Draw one button per example; return whether one was pressed and is now the draft."""
    pressed = None
    with st.container(horizontal=True, gap="small"):
        for sample in SAMPLES:
            key = f"sample.{place}.{sample.file}"
            if st.button(sample.label, key=key, icon=sample.icon, help=sample.story):
                pressed = sample
    if pressed is not None:
        take_sample(pressed)
    return pressed is not None


def _from_file() -> None:
    # The key changes with every file that was taken, which empties the box for the next one.
    uploaded = st.file_uploader(
        "Results file: CSV, TSV, Excel, Parquet or JSON",
        TYPES,
        key=session().key(f"file.{session().uploads}"),
        max_upload_size=DEFAULT_POLICY.upload_bytes // 2**20,
        help="One row per arm: variant, users, conversions, and any further columns of the "
        "contract. Aggregated numbers only; no row about a person is needed.",
    )
    if uploaded is not None:
        take(uploaded.getvalue(), uploaded.name)


def _from_text() -> None:
    with st.form(session().key("paste"), border=False):
        text = st.text_area(
            "Table with a header, separated by commas, tabs or semicolons",
            placeholder=_EXAMPLE,
            height=150,
            key=session().key(f"pasted.{session().uploads}"),
        )
        pressed = st.form_submit_button("Check this table", icon=":material/check:")
    if pressed and text and text.strip():
        take(text.encode(), PASTED)
    elif pressed:
        st.warning("The box is empty: paste a table with a header row first.")
