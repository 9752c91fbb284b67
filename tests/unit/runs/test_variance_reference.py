"""Forty cases from numpy, scipy, statsmodels, pingouin, rliable and published tables."""

import json
from pathlib import Path

import pytest

from experimentos.errors import ContractError
from experimentos.flows.variance_cases import VARIANCE_KINDS

HERE = Path(__file__).resolve().parents[2] / "reference" / "variance"
CASES = json.loads((HERE / "cases.json").read_text())["cases"]


def agree(got, expected, tolerance):
    if isinstance(expected, dict):
        assert got.keys() == expected.keys()
        for key in expected:
            agree(got[key], expected[key], tolerance)
    elif isinstance(expected, list):
        assert len(got) == len(expected)
        for g, e in zip(got, expected, strict=True):
            agree(g, e, tolerance)
    elif expected is None or isinstance(expected, str):
        assert got == expected
    else:
        slack = tolerance.get("abs", 0) + tolerance.get("rel", 0) * abs(expected)
        assert abs(got - expected) <= slack


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_every_kind_agrees_with_its_source(case):
    compute = VARIANCE_KINDS[case["kind"]]
    if "error" in case["expected"]:
        with pytest.raises(ContractError, match=case["expected"]["error"]):
            compute(case["inputs"], HERE)
        return
    got = compute(case["inputs"], HERE)
    for field, expected in case["expected"].items():
        agree(got[field], expected, case["tolerance"].get(field, case["tolerance"]))
