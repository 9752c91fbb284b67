"""Defining an experiment that asks models: prompt, scenarios as a table, models with prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from experimentos.errors import ContractError
from experimentos.policy import DEFAULT_POLICY
from experimentos.runs.scenario_files import read_scenarios

if TYPE_CHECKING:
    from experimentos.runs.documents import Parameters

SCENARIOS = "id,country,target\nfrance,France,Paris\nperu,Peru,Lima"
MODELS = "gpt-4o-mini, 0.15, 0.6\ngpt-4o, 2.5, 10"
VARIANTS = "plain: temperature=0.2\ncreative: temperature=1.0"
SCORERS = {
    "The answer contains the target": "contains",
    "The answer is the target": "exact",
    "The last number is the target": "numeric",
}
YAML = """name: capitals
project: {project}
hypothesis: Asking for one word makes answers right more often.
variants:
  - name: plain
    parameters: {{manner: Answer the question.}}
  - name: one word
    parameters: {{manner: Answer with one word.}}
baseline: plain
evaluation:
  prompt: "{{manner}} What is the capital of {{country}}?"
  scenarios:
    - {{id: france, values: {{country: France}}, target: Paris}}
    - {{id: peru, values: {{country: Peru}}, target: Lima}}
  models:
    - {{name: gpt-4o-mini, input_price: 0.15, output_price: 0.6}}
  samples_per_scenario: 5
  scorer: {{kind: contains}}
  generation: {{temperature: 0.7, max_tokens: 50, seed: 1}}
  limits: {{concurrency: 4, budget_usd: 1}}
"""


def question_fields() -> dict[str, Any]:
    """Draw the fields of what is asked; return them as they were typed."""
    prompt = st.text_area(
        "Prompt", key="define.prompt", height=80, placeholder="What is the capital of {country}?",
        help="Places like {country} are filled from a column of the scenarios, or by a parameter "
        "of the variants.",
    )  # fmt: skip
    left, right = st.columns(2)
    scenarios = left.text_area(
        "Scenarios (CSV)", key="define.scenarios", placeholder=SCENARIOS, height=130,
        help="id, and as you need them target, cluster, prompt; every other column fills the "
        "place of its name.",
    )  # fmt: skip
    models = right.text_area(
        "Models, one a line", key="define.models", placeholder=MODELS, height=130,
        help="Name, US dollars a million tokens in, and out. Without prices the cost is unknown. "
        "A variant picks one with model=NAME.",
    )  # fmt: skip
    left, middle, right = st.columns(3)
    soft = DEFAULT_POLICY.samples_per_cell_soft
    samples = left.number_input(
        "Samples of each scenario", 1, DEFAULT_POLICY.samples_per_cell, 3, key="define.samples",
        help=f"Above {soft} new scenarios tell more than further repeats.",
    )  # fmt: skip
    scorer = middle.selectbox("Right is", list(SCORERS), key="define.scorer")
    tokens = right.number_input(
        "Tokens of an answer, at most", 1, 200_000, 200, key="define.tokens"
    )
    return {
        "prompt": prompt,
        "scenarios": scenarios,
        "models": models,
        "samples_per_scenario": int(samples),
        "scorer": {"kind": SCORERS[scorer]},
        "generation": {"max_tokens": int(tokens)},
    }


def asked(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields as an experiment's evaluation has them; ContractError says what is off."""
    scenarios = read_scenarios(str(fields["scenarios"]).encode(), "scenarios.csv")
    return {
        **fields,
        "scenarios": [scenario.model_dump(mode="json") for scenario in scenarios],
        "models": read_models(str(fields["models"])),
    }


def read_models(text: str) -> list[Parameters]:
    """Return the models of a text, one a line: a name, and the prices of tokens in and out."""
    found: list[Parameters] = []
    for number, line in enumerate(text.splitlines(), start=1):
        name, *prices = [part.strip() for part in line.split(",")]
        if not line.strip():
            continue
        try:
            costs = [float(price) for price in prices]
        except ValueError:
            costs = []
        if len(prices) not in (0, 2) or len(costs) != len(prices):
            raise ContractError(
                f"Models, line {number}: {line.strip()[:60]!r} is not a name with two prices.",
                hint="Write name, price in, price out: small, 0.15, 0.6",
            )
        priced = dict(zip(("input_price", "output_price"), costs, strict=False))
        found.append({"name": name, **priced})
    return found
