"""JSON: records, read with the digits of the file; what programs read differently is refused."""

import json

import pytest

from experimentos.metrics.contract import read_summary

CONTROL = {"variant": "control", "users": 10_000, "conversions": 1_200}
TREATMENT = {"variant": "treatment", "users": 10_000, "conversions": 1_320}


def read(document, name="results.json"):
    content = document if isinstance(document, (str, bytes)) else json.dumps(document)
    return read_summary(content.encode() if isinstance(content, str) else content, name)


def found(reading):
    return [(i.severity.value, i.code, i.where.row, i.where.column) for i in reading.issues]


@pytest.mark.parametrize(
    ("document", "codes"),
    [
        ([CONTROL, TREATMENT], []),
        ({"rows": [CONTROL, TREATMENT]}, ["rows_key"]),
        (f"{json.dumps(CONTROL)}\n\n{json.dumps(TREATMENT)}\n", ["json_lines"]),
        ([CONTROL, TREATMENT | {"users": "10000"}], ["numbers_as_text"]),
        ([CONTROL, TREATMENT | {"users": 10_000.0}], ["decimals"]),
        (json.dumps([CONTROL, TREATMENT]).replace("10000", "1e4"), ["scientific"]),
        (b"\xef\xbb\xbf" + json.dumps([CONTROL, TREATMENT]).encode(), ["byte_order_mark"]),
        (json.dumps([CONTROL, TREATMENT]).encode("utf-16"), ["encoding"]),
        ([CONTROL | {"note": 'a "quote" [ \\'}, TREATMENT], ["ignored_column"]),
        ([CONTROL | {"constructor": {"a": [1]}}, TREATMENT], ["ignored_column"]),
        ([CONTROL | {"__proto__": 5}, TREATMENT], ["ignored_column"]),
        ([CONTROL | {"note": "\ud800"}, TREATMENT], ["ignored_column"]),
    ],
)
def test_records_are_read_with_a_note_on_variety(document, codes):
    reading = read(document)
    assert [issue.code for issue in reading.issues] == codes
    assert [arm.users for arm in reading.summary.arms] == [10_000, 10_000]


@pytest.mark.parametrize(
    ("document", "code", "row"),
    [
        ("", "empty_file", None),
        (" \n", "empty_file", None),
        ("[", "bad_json", None),
        ("[1] [2]", "bad_json", None),
        ('{"a": 1}\n[2]', "bad_json", None),
        ('{"a": 1}\n{"a": ', "bad_json", None),
        ("{}", "bad_shape", None),
        ("5", "bad_shape", None),
        ('{"rows": 5}', "bad_shape", None),
        ("[{}, 5]", "bad_shape", 2),
        ('[{"a": 1, "a": 2}]', "repeated_key", None),
        ('[{"a": NaN}]', "not_finite", None),
        ('[{"a": -Infinity}]', "not_finite", None),
        (f'[{{"a": -{"9" * 19}}}]', "too_large", None),
        ("[" * 65 + "]" * 65, "too_deep", None),
        ("[" * 1_000_000, "too_deep", None),
        ("[" + "1," * 500_000 + "1]", "too_many_rows", None),
        ("{" * 200_000, "too_many_rows", None),
        (b'[{"a": "\xff"}]', "encoding", None),
        (json.dumps([{}] * 1_001), "too_many_rows", None),
        (json.dumps([{str(i): 1 for i in range(201)}]), "too_many_columns", None),
    ],
)
def test_what_is_no_list_of_records_is_refused(document, code, row):
    assert found(read(document)) == [("unreadable", code, row, None)]


@pytest.mark.parametrize(
    ("change", "issue"),
    [
        ({"users": True}, ("blocked", "boolean", 2, "users")),
        ({"users": False}, ("blocked", "boolean", 2, "users")),
        ({"users": None}, ("blocked", "blank", 2, "users")),
        ({"users": [1, 2]}, ("blocked", "not_a_number", 2, "users")),
        ({"users": -1}, ("blocked", "negative_count", 2, "users")),
        ({"variant": "\ud800"}, ("blocked", "bad_arm_name", 2, "variant")),
    ],
)
def test_a_value_that_is_no_count_is_blocked_at_its_record(change, issue):
    assert issue in found(read([CONTROL, TREATMENT | change]))


@pytest.mark.parametrize("document", [[], {"rows": []}, [{}]])
def test_no_records_are_no_rows(document):
    assert ("blocked", "no_rows", None, None) in found(read(document))


def test_a_pasted_list_of_records_is_json():
    assert read([CONTROL, TREATMENT], "").form == "json"
