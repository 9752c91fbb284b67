"""Values to JSON and back, exactly."""

import json
import math
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.analysis.result import Interval, Role, Unavailable
from experimentos.flows.encode import decode_float, encode
from experimentos.plan.charter import Charter


@dataclass(frozen=True, slots=True)
class Holder:
    shown: object
    _cache: int = 0


@given(st.floats())
def test_a_float_survives_encoding_with_every_bit(value):
    back = decode_float(json.loads(json.dumps(encode(value), allow_nan=False)))
    assert back == value or (math.isnan(back) and math.isnan(value))


@given(st.integers())
def test_an_integer_of_any_size_stays_exact(value):
    assert json.loads(json.dumps(encode(value))) == value


def test_infinities_are_words_and_nan_is_null():
    assert encode((math.inf, -math.inf, math.nan)) == ["Infinity", "-Infinity", None]


def test_a_dataclass_becomes_an_object_without_its_private_fields():
    assert encode(Holder(Interval(-1.0, 2.0, 0.95), 7)) == {
        "shown": {"low": -1.0, "high": 2.0, "level": 0.95}
    }


def test_enumerations_dates_decimals_and_mappings_have_one_spelling():
    class Colour(StrEnum):
        RED = "red"

    assert encode(
        {
            Role.PRIMARY: Colour.RED,
            "day": date(2026, 2, 3),
            "at": datetime(2026, 2, 3, 4, 5, tzinfo=UTC),
            "exact": Decimal("0.10"),
            "numpy": np.float64(0.1),
            "yes": True,
            "nothing": None,
        }
    ) == {
        "primary": "red",
        "day": "2026-02-03",
        "at": "2026-02-03T04:05:00+00:00",
        "exact": "0.10",
        "numpy": 0.1,
        "yes": True,
        "nothing": None,
    }


def test_a_path_is_reduced_to_its_name():
    assert encode(Path("/home/somebody/results.csv")) == "results.csv"


def test_a_charter_is_encoded_so_that_it_reads_back_the_same():
    charter = Charter(title="T", split=(0.5, 0.5), start=date(2026, 1, 1), mde=0.01)
    assert Charter.model_validate_json(json.dumps(encode(charter))) == charter


def test_a_missing_result_keeps_its_reason():
    assert encode(Unavailable("welch", "no_variation", "Everyone spent the same.")) == {
        "method": "welch",
        "code": "no_variation",
        "why": "Everyone spent the same.",
    }


@pytest.mark.parametrize("value", [object(), b"bytes", {1, 2}, np.int64(3), Holder])
def test_what_json_cannot_hold_is_refused_and_not_guessed(value):
    with pytest.raises(TypeError, match="has no JSON form"):
        encode(value)


@pytest.mark.parametrize("value", ["nan", "1", [1], {}])
def test_only_what_encode_writes_is_decoded(value):
    with pytest.raises(ValueError, match="number"):
        decode_float(value)
