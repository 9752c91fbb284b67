"""The contract: columns, arms, segments and days, metrics, and where each break is reported."""

from datetime import date

import pytest

from experimentos.metrics import KINDS
from experimentos.metrics.contract import read_summary, suggest_mapping
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments

ODD = ("incomplete_metric", 1, "a_num_num_sum")
NOBODY = ("sums_of_nobody", 2, "orders")
HEADER = "variant,users,conversions"


def table(header, *rows):
    return "\n".join((header, *rows)) + "\n"


def with_metrics(names, control, treatment):
    return table(f"{HEADER},{names}", f"control,100,10,{control}", f"treatment,100,12,{treatment}")


def read(text, **options):
    return read_summary(text.encode(), "results.csv", **options)


def found(reading):
    return [(i.severity.value, i.code, i.where.row, i.where.column) for i in reading.issues]


@pytest.mark.parametrize(
    ("text", "issue"),
    [
        (table("variant,users"), ("missing_columns", 1, "conversions")),
        (table("group,n,k", "a,1,1"), ("missing_columns", 1, "variant")),
        (table("user_id,variant,converted", "u1,a,1"), ("missing_columns", 1, "users")),
        (table("variant,us\u0435rs,conversions", "control,1,1"), ("missing_columns", 1, "users")),
        (table("variant,Users,users,conversions", "c,1,1,1"), ("duplicate_column", 1, "users")),
        (table("vari\u200bant,users,conversions", "c,1,1"), ("hidden_character", 1, "variant")),
        (table(HEADER), ("no_rows", None, None)),
        (table(HEADER, "control,100,10"), ("one_arm", None, "variant")),
        (table(HEADER, "A,100,10", "B,100,12"), ("no_control", 2, "variant")),
        (table(HEADER, "X,100,10", "Y,100,12"), ("no_control", 2, "variant")),
        (table(HEADER, "control,100,10", ",100,12"), ("bad_arm_name", 3, "variant")),
        (table(HEADER, "control,100,10", "Total,100,12"), ("bad_arm_name", 3, "variant")),
        (table(HEADER, "control,100,10", HEADER), ("bad_arm_name", 3, "variant")),
        (table(HEADER, "control,100,10", "1st,100,12"), ("bad_arm_name", 3, "variant")),
        (table(HEADER, "control,100,10", "b" * 65 + ",100,12"), ("bad_arm_name", 3, "variant")),
        (table(HEADER, "control,100,10", "t\u202e,100,12"), ("bad_arm_name", 3, "variant")),
        (table(HEADER, "\u0441ontrol,100,10", "b,100,12"), ("bad_arm_name", 2, "variant")),
        (table(HEADER, "control,100,10", "CONTROL,1,1", "b,1,1"), ("duplicate_row", 3, "variant")),
        (table(HEADER, "control,-1,0", "b,1,1"), ("negative_count", 2, "users")),
        (table(HEADER, "control,1,1", "b,10,11"), ("more_than_users", 3, "conversions")),
        (table(HEADER, "control,1,1", "b,10"), ("blank", 3, "conversions")),
        (with_metrics("bounces", "101", "3"), ("more_than_users", 2, "bounces")),
        (with_metrics("bounces", "5", ""), ("blank", 3, "bounces")),
        (with_metrics("bounces", "1.000", "1.000"), ("ambiguous_number", 2, "bounces")),
        (with_metrics("K\u00e4ufe", "5", "6"), ("bad_metric_name", 1, "Käufe")),
        (with_metrics("[x](y)_sum", "5", "6"), ("bad_metric_name", 1, "[x](y)_sum")),
        (with_metrics("conversion", "5", "6"), ("duplicate_metric", 1, "conversion")),
        (with_metrics("x,x_sum,x_sum_sq", "1,2,3", "1,2,3"), ("duplicate_metric", 1, "x_sum")),
        (with_metrics("pay_sum", "5", "6"), ("incomplete_metric", 1, "pay_sum_sq")),
        (with_metrics("pay_sum_sq", "5", "6"), ("incomplete_metric", 1, "pay_sum")),
        (with_metrics("pay_mean", "5", "6"), ("incomplete_metric", 1, "pay_var")),
        (with_metrics("a_den_sum", "5", "6"), ("incomplete_metric", 1, "a_num_sum")),
        (with_metrics("a_num_den_sum_sq,a_num_den_sum", "5,1", "6,1"), ODD),
        (with_metrics("a_cov_sum", "5", "6"), ("incomplete_metric", 1, "a_sum")),
        (with_metrics("aov_sum,aov_sum_sq", "5,6", "6,7"), ("missing_orders", 1, "orders")),
        (with_metrics("orders,aov_sum,aov_sum_sq", "0,6,7", "1,6,7"), NOBODY),
        (with_metrics("pay_sum,pay_sum_sq", "1e200,1", "1,1"), ("out_of_range", 2, "pay_sum")),
        (with_metrics("pay_sum,pay_sum_sq", "1,1", "1,"), ("blank", 3, "pay_sum_sq")),
        (with_metrics("segment", "US", ""), ("bad_segment", 3, "segment")),
        (with_metrics("segment", "US", "All"), ("bad_segment", 3, "segment")),
        (with_metrics("segment", "US", "a\u200b"), ("bad_segment", 3, "segment")),
        (with_metrics("segment", "US", "a" * 65), ("bad_segment", 3, "segment")),
        (with_metrics("date", "2026-01-01", "01/02/2026"), ("bad_date", 3, "date")),
        (with_metrics("date", "2026-01-01", "2026-02-30"), ("bad_date", 3, "date")),
        (with_metrics("date", "2026-01-01", "2026-01-01 12:00:00"), ("bad_date", 3, "date")),
        (with_metrics("date", "2026-01-01", "2026-W01-1"), ("bad_date", 3, "date")),
        (with_metrics("date", "2026-01-01", ""), ("bad_date", 3, "date")),
    ],
)  # fmt: skip
def test_a_break_of_the_contract_is_blocked_at_its_row_and_column(text, issue):
    reading = read(text)
    assert ("blocked", *issue) in found(reading)
    assert all(i.fix for i in reading.issues)


def test_a_repeated_row_is_told_by_its_arm_segment_and_day():
    text = with_metrics("segment,date", "US,2026-01-01", "US,2026-01-01")
    again = text + "treatment,1,1,US,2026-01-01\n"
    (issue,) = read(again).issues
    assert "arm treatment, segment US, date 2026-01-01 of row 3" in issue.message


def test_rows_of_single_users_are_told_to_aggregate():
    text = table(HEADER, *["control,1,0", "treatment,1,1"] * 20)
    assert found(read(text)) == [("blocked", "unit_level", None, "variant")]


def test_a_look_alike_column_name_is_explained_and_ids_ask_for_aggregation():
    assert "CYRILLIC" in read(table("variant,us\u0435rs,conversions")).issues[0].message
    assert "aggregated" in read(table("user_id,variant", "u1,a")).issues[0].message


def test_more_conversions_than_users_are_still_shown_as_read():
    assert read(table(HEADER, "control,1,1", "b,10,11")).summary.arm("b").statistics == {
        "conversion": Counts(10, 11)
    }


def test_a_count_beyond_two_to_the_53_is_a_warning():
    reading = read(table(HEADER, f"control,{2**53 + 1},1", "b,10,1"))
    assert found(reading) == [("warning", "beyond_exact_integer", 2, "users")]
    assert reading.summary.arm("control").users == 2**53 + 1


@pytest.mark.parametrize(
    ("names", "cells", "code"),
    [
        ("note", "x", "ignored_column"),
        ("note", "", "ignored_column"),
        ("rate", "0.5", "ignored_column"),
        ("experiment_id", "7", "ignored_column"),
        ("Unnamed: 0", "7", "ignored_column"),
        ("orders", "7", "ignored_column"),
        ("pay_sum,pay_sum_sq,pay_mean,pay_var", "1,2,3,4", "ignored_column"),
        ("", "7", "unnamed_column"),
        ("", "", "unnamed_column"),
    ],
)
def test_a_column_that_is_no_metric_is_ignored_with_a_note(names, cells, code):
    reading = read(with_metrics(names, cells, cells))
    assert [(i.severity.value, i.code) for i in reading.issues] == [("note", code)]
    assert reading.summary is not None


@pytest.mark.parametrize(
    ("names", "cells", "kind", "statistic"),
    [
        ("Refunds", "7", "conversion", Counts(100, 7)),
        ("pay_sum,pay_sum_sq", "500,2600", "mean", Moments(100, 5.0, 100.0)),
        ("pay_sum,pay_sumsq", "-500,2600", "mean", Moments(100, -5.0, 100.0)),
        ("pay_mean,pay_var", "5,2", "mean", Moments(100, 5.0, 198.0)),
        ("pay_num_sum,pay_num_sum_sq", "500,2600", "mean", Moments(100, 5.0, 100.0)),
        (
            "a_num_sum,a_den_sum,a_num_sum_sq,a_den_sum_sq,a_num_den_sum",
            "100,200,110,450,230",
            "ratio",
            CrossMoments(100, 1.0, 2.0, 10.0, 50.0, 30.0),
        ),
        (
            "a_sum,a_sum_sq,a_cov_sum,a_cov_sum_sq,a_cov_cross",
            "100,110,200,450,230",
            "adjusted",
            CrossMoments(100, 1.0, 2.0, 10.0, 50.0, 30.0),
        ),
    ],
)
def test_columns_become_the_statistic_of_their_kind(names, cells, kind, statistic):
    reading = read(with_metrics(names, cells, cells))
    conversion, metric = reading.summary.metrics
    assert (conversion.name, conversion.kind) == ("conversion", "conversion")
    assert (metric.kind, metric.columns) == (kind, tuple(names.split(",")))
    assert reading.summary.arm("treatment").statistics[metric.name] == statistic


def test_a_metric_per_order_has_orders_as_its_n():
    reading = read(with_metrics("aov_sum,aov_sum_sq,orders", "60,400,20", "66,450,22"))
    metric = reading.summary.metric("aov")
    assert (metric.unit, metric.columns) == ("order", ("aov_sum", "aov_sum_sq", "orders"))
    assert reading.summary.arm("control").statistics["aov"] == Moments(20, 3.0, 220.0)


@pytest.mark.parametrize(
    ("names", "cells"),
    [
        ("pay_sum,pay_sum_sq", "0,0"),
        ("pay_mean,pay_var", "0,0"),
        ("a_num_sum,a_den_sum,a_num_sum_sq,a_den_sum_sq,a_num_den_sum", "0,0,0,0,0"),
    ],
)
def test_a_cell_without_users_is_empty_and_pools_away(names, cells):
    text = table(
        f"{HEADER},segment,{names}",
        f"control,0,0,a,{cells}",
        f"control,9,1,b,{cells}",
        f"x,9,1,a,{cells}",
    )
    (metric,) = read(text).summary.metrics[1:]
    assert read(text).summary.arm("control").statistics[metric.name].n == 9


def test_metrics_follow_conversion_in_the_order_of_the_file():
    names = "z,b_sum,b_sum_sq,a"
    assert [m.name for m in read(with_metrics(names, "1,2,3,4", "1,2,3,4")).summary.metrics] == [
        "conversion",
        "z",
        "b",
        "a",
    ]


def test_disjoint_cells_of_segments_and_days_are_added_up():
    text = table(
        f"{HEADER},segment,date",
        "control,100,10,US,2026-01-01",
        "control,50,4,US,2026-01-02",
        "control,25,1,'-5,2026-01-01",
        "b,90,9,US,2026-01-01",
    )
    summary = read(text).summary
    assert summary.arm("control").statistics["conversion"] == Counts(175, 15)
    assert [(c.segment, c.day, c.row) for c in summary.cells][1:3] == [
        ("US", date(2026, 1, 2), 3),
        ("-5", date(2026, 1, 1), 4),
    ]


def test_case_and_spaces_are_read_with_notes():
    reading = read(table(" Variant ,USERS,conversions", "Control, 100 ,10", "Variant B,100,12"))
    assert [i.code for i in reading.issues] == ["header_spelling", "arm_spelling", "spaces"]
    assert [arm.name for arm in reading.summary.arms] == ["control", "Variant B"]


def test_a_mapping_renames_columns_and_arms_and_says_so():
    text = table("Group,visitors,orders_count,total", "A,100,10,5", "B,100,12,6")
    reading = read(text)
    assert suggest_mapping(reading) == {
        "variant": "Group",
        "users": "visitors",
        "conversions": "orders_count",
        "variant=control": "A",
        "variant=treatment": "B",
    }
    mapped = read(text, mapping=suggest_mapping(reading))
    assert [i.code for i in mapped.issues] == ["mapped_columns", "arm_spelling"]
    assert [arm.name for arm in mapped.summary.arms] == ["control", "treatment"]
    assert [m.name for m in mapped.summary.metrics] == ["conversion", "total"]


def test_a_mapping_wins_over_a_column_of_that_name_and_counts_only_if_its_column_is_there():
    text = with_metrics("visitors", "50", "60")
    mapped = read(text, mapping={"users": "visitors"})
    assert [arm.users for arm in mapped.summary.arms] == [50, 60]
    assert [i.code for i in mapped.issues] == ["ignored_column", "mapped_columns"]
    assert [arm.users for arm in read(text, mapping={"users": "n"}).summary.arms] == [100, 100]


def test_a_mapped_metric_takes_the_name_it_is_mapped_to():
    text = with_metrics("Umsatz,Quadrate", "500,2600", "500,2600")
    mapping = {"revenue_sum": "Umsatz", "revenue_sum_sq": "Quadrate"}
    assert read(text, mapping=mapping).summary.metrics[1].name == "revenue"


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        (table(HEADER, "control,1,1", "b,1,1"), {}),
        (table(HEADER, "X,1,1", "Y,1,1"), {}),
        (table(HEADER, "old,1,1", "treatment,1,1"), {"variant=control": "old"}),
        (table(HEADER, "A,1,1", "B,1,1", "C,1,1"), {"variant=control": "A"}),
        (table("Users,n,clicks", "1,2,3"), {"conversions": "clicks"}),
        ("", {}),
    ],
)
def test_a_mapping_is_suggested_only_where_a_synonym_is_known(text, suggestion):
    assert suggest_mapping(read(text)) == suggestion


def test_the_control_may_have_another_name():
    reading = read(table(HEADER, "B,100,12", "old page,100,10"), control="old page")
    assert reading.issues == ()
    assert [arm.name for arm in reading.summary.arms] == ["old page", "B"]


def test_every_kind_has_a_method_and_its_forms_name_different_columns():
    assert {kind.name: kind.method for kind in KINDS.values()} == {
        "conversion": "score",
        "mean": "welch",
        "ratio": "delta",
        "adjusted": "cuped",
        "quantile": "quantile_se",
    }
    for kind in KINDS.values():
        for form in kind.forms:
            endings = [ending for part in form.parts for ending in part]
            assert len(set(endings)) == len(endings)


def test_a_message_never_shows_a_hidden_character():
    text = table(HEADER, "con\u202etrol\x07,1\u200b0,1", "b,1,1", "c,=1+1,1")
    for issue in read(text).issues:
        assert f"{issue.message}{issue.fix}".isprintable()
