"""Columns to what is probably meant, and a metrics file that a form and a text share."""

from hypothesis import given
from hypothesis import strategies as st

from experimentos.engine.columns import SourceColumns
from experimentos.engine.expression import Type
from experimentos.engine.spec import MetricsFile, read_metrics
from experimentos.flows.raw_metrics import (
    arm_names,
    entries_of,
    suggested,
    write_entries,
    write_metrics,
)

TYPES = {
    "user_id": Type.NUMBER,
    "group": Type.TEXT,
    "bought": Type.BOOLEAN,
    "visited": Type.NUMBER,
    "refund_total": Type.NUMBER,
    "größe": Type.NUMBER,
    "session_id": Type.TEXT,
    "country": Type.TEXT,
    "comment": Type.TEXT,
    "day": Type.TIME,
    "1 2": Type.NUMBER,
}
ROWS = [
    (str(i), "ab"[i % 2], "true", str(i % 2), f"{i}.5", "3", f"s{i}", "DE" if i % 3 else "FR",
     f"text {i}", "2026-01-01", "4")
    for i in range(60)
]  # fmt: skip


def look(types, rows):
    return suggested(SourceColumns(types, dict.fromkeys(types, "WORD")), rows)


def test_columns_are_read_by_name_type_and_values():
    found = look(TYPES, ROWS)
    assert (found.variant, found.control, found.date) == ("group", "a", "day")
    assert found.units == ("user_id", "session_id")
    assert found.segments == ("country",)
    kinds = [(m.name, m.kind, m.direction) for m in found.metrics]
    assert kinds[:2] == [("bought", "conversion", "higher"), ("visited", "conversion", "higher")]
    assert ("refund_total", "mean", "lower") in kinds
    assert ("gr_e", "mean", "higher") in kinds
    assert ("m_1 2", "mean", "higher") in kinds


def test_an_unknown_table_suggests_nothing_that_is_not_there():
    found = look({"a": Type.TEXT, "b": Type.OTHER}, [])
    assert (found.variant, found.control, found.units, found.date) == (None, None, (), None)
    assert not found.metrics


def test_a_column_with_a_control_in_it_is_the_variant_whatever_it_is_called():
    found = look({"x": Type.TEXT, "y": Type.TEXT}, [("DE", "control"), ("FR", "new")])
    assert (found.variant, found.control) == ("y", "control")


names = st.from_regex(r"[A-Za-z][A-Za-z0-9_ -]{0,10}[A-Za-z0-9]", fullmatch=True)
columns = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")),
                  min_size=1, max_size=20)  # fmt: skip
specs = st.one_of(
    st.fixed_dictionaries({"kind": st.sampled_from(["mean", "conversion"]), "column": columns}),
    st.fixed_dictionaries(
        {
            "kind": st.just("mean"),
            "column": columns,
            "filter": st.sampled_from(["a = 'it''s'", '"order value" > 1.5', "x is not null"]),
            "winsorise": st.sampled_from([{"cap": 500.0}, {"quantile": 0.999}]),
            "direction": st.sampled_from(["lower", "higher"]),
            "nulls": st.sampled_from(["zero", "exclude"]),
        }
    ),
    st.fixed_dictionaries({"kind": st.just("retention"), "days": st.integers(1, 3_650)}),
)


@given(st.lists(st.tuples(names, specs), min_size=1, max_size=4, unique_by=lambda p: p[0].lower()))
def test_the_text_of_metrics_is_read_back_to_the_same_metrics(pairs):
    document = {"metrics": [{"name": name, **spec} for name, spec in pairs]}
    metrics = MetricsFile.model_validate(document)
    assert read_metrics(write_metrics(metrics).encode(), "m.yaml") == metrics


def test_entries_hold_what_is_not_right_yet_and_keep_what_stands_beside_them():
    text = "schema_version: 1\nmetrics:\n- {name: m, kind: retention, days: '7', filter: ''}\n"
    entries = entries_of(text)
    assert entries == [{"name": "m", "kind": "retention", "days": "7", "filter": ""}]
    written = write_entries([*entries, {"name": "n", "kind": "ratio"}], text)
    assert written.startswith("schema_version: 1\n")
    assert "filter" not in written
    assert [entry["name"] for entry in entries_of(written)] == ["m", "n"]


def test_a_text_that_is_no_list_of_metrics_has_no_entries():
    for text in ("metrics: 3", "metrics: [1]", "- a\n- b", "a: &x 1"):
        assert entries_of(text) is None


def test_arms_that_no_report_can_carry_are_offered_names():
    assert arm_names(["0", "1"], "0") == {"0": "control", "1": "treatment"}
    assert arm_names(["0", "1", "2"], "0") == {"0": "control", "1": "arm_1", "2": "arm_2"}
    assert arm_names(["control", "<b>"], "control") == {"<b>": "treatment"}
    assert arm_names(["control", "%%", "new"], "control") == {"%%": "arm_1"}
    assert arm_names(["control", "new"], "control") == {}
