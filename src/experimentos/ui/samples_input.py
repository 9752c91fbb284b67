"""Bringing repeated samples in: a file of one of five forms, or an example."""

import streamlit as st

from experimentos.flows.kept_samples import list_samples, open_samples, remove_samples
from experimentos.health.report import Status
from experimentos.policy import DEFAULT_POLICY
from experimentos.ui import format as fmt
from experimentos.ui.banner import bullets, issue_list
from experimentos.ui.samples_state import SampleWork, forget, take_example, take_samples
from experimentos.ui.services import services

TYPES = ["csv", "tsv", "txt", "json", "jsonl", "ndjson", "parquet"]
EXAMPLES = (
    ("samples_demo.csv", "tau-bench airline", "50 tasks, one model, four samples each, 0 or 1"),
    ("samples_atari.csv", "Atari 100k", "26 games, two agents, five seeds each, graded"),
)

PARTS = {
    "scenario": "The task or question that was asked.",
    "score": "How well the answer was: 0 or 1, or any number.",
    "model": "Who answered; without one, all samples are of one model.",
    "sample_index": "Which repeat; without one, rows are numbered in their order.",
    "cluster": "Scenarios that are alike, such as a topic. Optional.",
    "transcript": "What was answered. Optional.",
}


def bring_in_samples() -> None:
    """Draw the upload box and the examples."""
    uploaded = st.file_uploader(
        "Samples: tidy CSV, JSONL or Parquet; Inspect log; lm-evaluation-harness; MLflow",
        TYPES,
        key=f"samples.file.{st.session_state.get('samples.uploads', 0)}",
        max_upload_size=DEFAULT_POLICY.samples_bytes // 2**20,
        help="One row per sample: scenario, model, sample_index, score. Optional: cluster, "
        "transcript, tokens, cost, latency.",
    )
    if uploaded is not None:
        take_samples(uploaded.getvalue(), uploaded.name, is_new=True)
    with st.container(horizontal=True, gap="small"):
        for file, label, story in EXAMPLES:
            if st.button(label, key=f"samples.{file}", icon=":material/science:", help=story):
                take_example(file)


def kept_samples() -> None:
    """List the files of samples that this workspace keeps, the newest first."""
    store = services().store
    records = list_samples(store)
    if not records:
        return
    st.markdown("**Kept in this workspace**")
    for record in records:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{fmt.plain(record.title)}**, {fmt.plain(str(record.body['form']))}, "
                f"{fmt.when(record.created_at)}",
                width="stretch",
            )
            if st.button("Open", key=f"kept.open.{record.id}", icon=":material/open_in_new:"):
                take_samples(*open_samples(store, record))
            if st.button("Delete", key=f"kept.delete.{record.id}", icon=":material/delete:"):
                remove_samples(store, record.id)
                st.rerun()


def file_line(current: SampleWork) -> None:
    """Say what was read, its issues, and offer to take another file."""
    file = current.file
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{fmt.plain(file.name)}**, {fmt.plain(file.form)}, SHA-256 `{file.sha256[:12]}`",
            width="stretch",
        )
        with st.container(horizontal=True, width="content"):
            if current.file.samples is not None and current.file.columns:
                with st.popover("Columns", icon=":material/view_column:"):
                    columns_form(current)
            if st.button("Another file", key="samples.other", icon=":material/swap_horiz:"):
                forget()


def columns_form(current: SampleWork) -> None:
    """Let each part of a sample be read from a column of one's own choice."""
    chosen = {}
    with st.form("samples.columns", border=False), st.grid(min_column_width=180):
        for part, meaning in PARTS.items():
            known = current.mapping.get(part)
            chosen[part] = st.selectbox(
                part, current.file.columns, key=f"samples.columns.{part}", help=meaning,
                index=current.file.columns.index(known) if known in current.file.columns else None,
                placeholder="by its name",
            )  # fmt: skip
        if st.form_submit_button("Read with these columns", icon=":material/refresh:"):
            named = {part: column for part, column in chosen.items() if column}
            take_samples(current.content, current.file.name, named, is_new=True)


def issues_banner(current: SampleWork, status: Status) -> None:
    """Draw what was found while reading, worst first."""
    acting = [i for i in current.file.issues if i.severity.rank > 0]
    match status:
        case Status.HEALTHY:
            pass
        case Status.WARNING:
            st.warning(bullets(acting), title="Read this first", icon=":material/warning:")
        case _:
            st.error(
                bullets(acting), title="These samples cannot be analysed", icon=":material/block:"
            )
            if current.file.columns:
                st.markdown("Say which column of the file holds what:")
                columns_form(current)
    notes = [i for i in current.file.issues if i.severity.rank == 0]
    if notes:
        with st.expander(fmt.plural(len(notes), "note on the file", "notes on the file")):
            issue_list(notes)
