"""Experiments of the tests that ask models."""

from experimentos.runs.documents import Experiment


def experiment(**changes) -> Experiment:
    """Return a small experiment: four capitals, one model, two ways of asking, two samples."""
    document = {
        "name": "Capitals",
        "project": "Trials",
        "variants": [
            {"name": "plain", "parameters": {"manner": "Answer"}},
            {"name": "terse", "parameters": {"manner": "One word", "temperature": 0.9}},
        ],
        "baseline": "plain",
        "evaluation": {
            "prompt": "{manner}: the capital of {country}?",
            "scenarios": [
                {"id": "france", "values": {"country": "France"}, "target": "Paris"},
                {"id": "peru", "values": {"country": "Peru"}, "target": "Lima"},
                {"id": "chad", "values": {"country": "Chad"}, "target": "N'Djamena"},
                {"id": "fiji", "values": {"country": "Fiji"}, "target": "Suva"},
            ],
            "models": [{"name": "small", "input_price": 1, "output_price": 2}],
            "samples_per_scenario": 2,
            "scorer": {"kind": "contains"},
            "generation": {"temperature": 0.5, "seed": 7},
            "limits": {"retries": 1, "concurrency": 2},
        },
    }
    return Experiment.model_validate(document | changes)
