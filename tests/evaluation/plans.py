"""Plans of the tests."""

from experimentos.runs.evaluation import EvaluationPlan


def plan(**changes) -> EvaluationPlan:
    """Return a small plan: two capitals, two models, two samples."""
    document = {
        "name": "capitals",
        "prompt": "The capital of {country}?",
        "scenarios": [
            {"id": "france", "values": {"country": "France"}, "target": "Paris", "cluster": "eu"},
            {"id": "peru", "values": {"country": "Peru"}, "target": "Lima"},
        ],
        "models": [
            {"name": "small", "input_price": 1, "output_price": 2},
            {"name": "large", "input_price": 10, "output_price": 20},
        ],
        "samples_per_scenario": 2,
        "scorer": {"kind": "contains"},
        "generation": {"seed": 7, "temperature": 0.5},
    }
    return EvaluationPlan.model_validate(document | changes)
