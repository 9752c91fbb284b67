"""Defining an experiment: a short form, or the whole of it as YAML."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import streamlit as st

from experimentos.errors import ExperimentOSError
from experimentos.flows.projects import create_experiment
from experimentos.runs.experiment_evaluation import MEAN_SCORE
from experimentos.runs.experiment_file import ExperimentFile, read_experiment
from experimentos.runs.variant_evaluation import NAMED
from experimentos.runs.variant_lines import EXAMPLE, read_variants
from experimentos.ui import format as fmt
from experimentos.ui.banner import issue_list
from experimentos.ui.questions_form import VARIANTS, asked, question_fields
from experimentos.ui.questions_form import YAML as QUESTIONS
from experimentos.ui.services import services

if TYPE_CHECKING:
    from experimentos.runs.documents import Project

CALLS, ASKS = "Calls a function", "Asks models"
WAYS = {"Higher is better": "higher", "Lower is better": "lower"}
YAML = """name: temperature
project: {project}
hypothesis: A higher temperature gives more diverse answers.
entry_point: examples.temperature:simulate
variants:
  - name: low
    parameters: {{temperature: 0.3}}
  - name: mid
    parameters: {{temperature: 0.7}}
  - name: high
    parameters: {{temperature: 1.0}}
baseline: mid
evaluation:
  metrics: [diversity]
  min_runs_per_variant: 5
"""


def define_experiment(project: Project, *, is_first: bool) -> str:
    """Draw the definition; return the short name of the experiment that was made, or ""."""
    box = st.expander(
        "Define an experiment", is_first, icon=":material/add:", key=f"define.{project.slug}",
        on_change="rerun",
    )  # fmt: skip
    if not box.open:
        return ""
    with box:
        with st.container(horizontal=True, gap="medium"):
            way = st.segmented_control(
                "As", ["Form", "YAML"], default="Form", required=True, key="define.way",
                label_visibility="collapsed",
            )  # fmt: skip
            what = st.segmented_control(
                "A run", [CALLS, ASKS], default=CALLS, required=True, key="define.what",
                label_visibility="collapsed",
            )  # fmt: skip
        asks = what == ASKS
        found = _form(project, asks=asks) if way == "Form" else _yaml(project, asks=asks)
        return _made(found) if found is not None else ""


def _form(project: Project, *, asks: bool) -> ExperimentFile | None:
    with st.form("define.form", border=False):
        left, right = (st.container(), st.container()) if asks else st.columns(2)
        name = left.text_input("Experiment name", max_chars=64, key="define.name")
        entry, questions = "", {}
        if not asks:
            entry = right.text_input(
                "Entry point", key="define.entry", placeholder="module:function",
                help="A Python function; it is called with the parameters and returns numbers.",
            )  # fmt: skip
        hypothesis = st.text_input("Hypothesis", max_chars=2_000, key="define.hypothesis")
        lines = st.text_area(
            "Variants, one a line", key="define.variants", height=110,
            placeholder=VARIANTS if asks else EXAMPLE,
            help="name: parameter=value, parameter=value. The first one is the baseline."
            + (f" A parameter is {fmt.listed(NAMED, 'or')}, or a place of the prompt." * asks),
        )  # fmt: skip
        if asks:
            questions = question_fields()
        left, middle, right = st.columns(3)
        metric = left.text_input(
            "Metric that ranks", key="define.metric", placeholder=MEAN_SCORE if asks else "score"
        )
        direction = middle.selectbox("Good is", list(WAYS), key="define.direction")
        least = right.number_input(
            "Runs of each, at least", 1, 10_000, 1 if asks else 5,
            key="define.least.asked" if asks else "define.least",
        )  # fmt: skip
        if not st.form_submit_button("Create experiment", type="primary"):
            return None
    try:
        variants = read_variants(lines)
        questions = asked(questions) if asks else {}
    except ExperimentOSError as wrong:
        st.error(fmt.plain(str(wrong)), icon=":material/error:")
        return None
    document = {
        "name": name.strip(),
        "project": project.name,
        "hypothesis": hypothesis,
        "variants": variants,
        "baseline": variants[0]["name"] if variants else "",
        "entry_point": entry.strip() or None,
        "evaluation": {
            "metrics": [metric.strip()] if metric.strip() else [],
            "direction": WAYS[direction],
            "min_runs_per_variant": int(least),
            **questions,
        },
    }
    return read_experiment(json.dumps(document).encode(), "form.json")


def _yaml(project: Project, *, asks: bool) -> ExperimentFile | None:
    example = (QUESTIONS if asks else YAML).format(project=project.name)
    text = st.text_area(
        "Experiment (YAML)", example, height=330,
        key="define.yaml.asked" if asks else "define.yaml",
        help="docs/runs.md has every field; experimentos experiment schema prints the JSON Schema.",
    )  # fmt: skip
    if not st.button("Create experiment", type="primary", key="define.create"):
        return None
    return read_experiment(text.encode(), "page.yaml")


def _made(found: ExperimentFile) -> str:
    issue_list(found.issues)
    if found.plan is None:
        return ""
    try:
        saved = create_experiment(services().store, found.plan)
    except ExperimentOSError as wrong:
        st.error(fmt.plain(str(wrong)), icon=":material/error:")
        return ""
    return saved.experiment.slug
