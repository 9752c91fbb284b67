"""Laws of reading: any bytes are answered, numbers agree with another reader, rows add up."""

import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from experimentos.issue import Severity
from experimentos.metrics.contract import Reading, read_summary
from experimentos.metrics.contract_csv import write_csv
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.metrics.reading.numbers import Quantity, read_amount, read_count
from experimentos.metrics.summary import Cell, Metric, Source, Summary

NAMES = ["a.csv", "a.tsv", "a.json", "a.xlsx", "a.parquet", "", "a.exe"]
HEADER = "variant,users,conversions,pay_sum,pay_sum_sq\n"
MAGIC = st.sampled_from([b"", b"PK\x03\x04", b"PAR1", b"\xff\xfe", b"[{", HEADER.encode()])


def is_sound(reading):
    return isinstance(reading, Reading) and (
        reading.summary is not None
        or any(i.severity in (Severity.BLOCKED, Severity.UNREADABLE) for i in reading.issues)
    )


@given(MAGIC, st.binary(max_size=400), st.sampled_from(NAMES))
def test_any_bytes_are_read_or_refused_with_a_reason(magic, rest, name):
    assert is_sound(read_summary(magic + rest, name))


@given(
    st.lists(st.lists(st.text(max_size=8), min_size=1, max_size=6), max_size=6),
    st.sampled_from([",", ";", "\t", "|"]),
    st.text(max_size=30),
)
def test_any_table_of_text_is_read_or_refused_with_a_reason(rows, delimiter, name):
    lines = [HEADER.strip().replace(",", delimiter)] + [delimiter.join(row) for row in rows]
    content = "\n".join(lines).encode(errors="surrogatepass")
    assert is_sound(read_summary(content, name))
    assert is_sound(read_summary(content, "a.csv"))


NUMBERLIKE = st.text(alphabet="0123456789+-.,eE_ '", min_size=1, max_size=12)


def oracle(text, *, whole):
    """Return the numbers that a plain reader and a reader of thousands may see in a text."""
    readings = set()
    for group, mark in (("", "."), ("", ","), (",", "."), (".", ","), (" ", "."), ("'", ".")):
        plain = text.strip(" ")
        if group:
            head = re.split(r"[.,eE]" if group in " '" else f"[{re.escape(mark)}eE]", plain)[0]
            if not re.fullmatch(rf"[+-]?[1-9]\d{{0,2}}({re.escape(group)}\d{{3}})+", head):
                continue
            plain = plain.replace(group, "")
        plain = plain.replace(mark, ".") if mark == "," and "." not in plain else plain
        if not re.fullmatch(r"[+-]?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d+)?", plain):
            continue
        try:
            readings.add(Decimal(plain))
        except InvalidOperation:
            continue
    return {value for value in readings if not whole or value == value.to_integral_value()}


@given(NUMBERLIKE)
def test_a_number_that_is_read_is_one_that_an_independent_reader_sees(text):
    for read, whole in ((read_count, True), (read_amount, False)):
        found = read(text)
        if isinstance(found, Quantity):
            assert found.value in oracle(text, whole=whole)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15))
def test_a_plain_decimal_is_read_exactly(value):
    text = f"{value:f}"
    found = read_amount(text)
    if len(text) <= 100 and not isinstance(found, Quantity):
        assert value != 0
        assert abs(value) < Decimal("1e-307")
    elif len(text) <= 100:
        assert found.value == value


@given(st.integers(0, 10**18 - 1))
def test_a_whole_number_is_the_same_with_and_without_thousands(value):
    assert read_count(str(value)).value == value
    assert read_count(f"{value:,}").value == value
    assert read_count(f"{value:,}".replace(",", "\u00a0")).value == value


VALUES = st.lists(st.decimals(-1000, 1000, places=2, allow_nan=False), min_size=2, max_size=9)


def row(arm, segment, values):
    squares = sum(value * value for value in values)
    return f"{arm},{len(values)},1,{sum(values)},{squares},{segment}\n"


@given(VALUES, VALUES, st.integers(1, 8))
def test_splitting_a_row_in_two_segments_leaves_the_summary(control, treatment, place):
    cut = min(place, len(control) - 1)
    header = HEADER.strip() + ",segment\n"
    whole = header + row("control", "a", control) + row("treatment", "a", treatment)
    split = header + row("control", "a", control[:cut]) + row("control", "b", control[cut:])
    split += row("treatment", "a", treatment)
    before, after = (
        read_summary(text.encode(), "x.csv").summary.arm("control") for text in (whole, split)
    )
    assert after.users == before.users
    one, two = before.statistics["pay"], after.statistics["pay"]
    size = max(abs(float(value)) for value in control)
    assert abs(one.mean - two.mean) <= 1e-12 * size
    assert abs(one.m2 - two.m2) <= 1e-11 * (1 + size * size * len(control))


@given(VALUES)
def test_moments_from_sums_equal_those_from_exact_rationals(values):
    exact = [Fraction(value) for value in values]
    mean = sum(exact) / len(exact)
    moments = Moments.from_sums(len(values), sum(values), sum(v * v for v in values))
    assert moments.mean == float(mean)
    assert moments.m2 == float(sum((value - mean) ** 2 for value in exact))


@given(VALUES)
def test_joint_moments_from_sums_equal_those_from_exact_rationals(values):
    pairs = [(Fraction(a), Fraction(b)) for a, b in zip(values, reversed(values), strict=True)]
    n = len(pairs)
    x, y = (sum(column) for column in zip(*pairs, strict=True))
    joint = CrossMoments.from_sums(
        n,
        (x, y),
        (sum(a * a for a, _ in pairs), sum(b * b for _, b in pairs)),
        sum(a * b for a, b in pairs),
    )
    exact = sum((a - x / n) * (b - y / n) for a, b in pairs)
    assert (joint.mean_x, joint.c_xy) == (float(x / n), float(exact))
    assert joint.x == Moments(n, joint.mean_x, joint.m2_x)


MEANS = st.floats(-1e3, 1e3)
SQUARES = st.floats(0, 1e6)
JOINT = st.builds(CrossMoments, st.integers(1, 1000), MEANS, MEANS, SQUARES, SQUARES, MEANS)


def is_close(one, two):
    pairs = zip(
        (one.n, one.mean_x, one.mean_y, one.m2_x, one.m2_y, one.c_xy),
        (two.n, two.mean_x, two.mean_y, two.m2_x, two.m2_y, two.c_xy),
        strict=True,
    )
    return all(abs(a - b) <= 1e-9 * (1e9 + abs(a)) for a, b in pairs)


@given(JOINT, JOINT, JOINT)
def test_pooling_is_commutative_and_associative(a, b, c):
    assert is_close(a + b, b + a)
    assert is_close((a + b) + c, a + (b + c))
    assert is_close(CrossMoments(0, 0.0, 0.0, 0.0, 0.0, 0.0) + a, a)
    assert Counts(3, 1) + Counts(a.n, 0) == Counts(a.n, 0) + Counts(3, 1)


MEAN_CELLS = st.tuples(
    st.integers(1, 10**7), st.floats(-1e9, 1e9, allow_subnormal=False), st.floats(1e-6, 1e15)
)


@given(MEAN_CELLS, MEAN_CELLS)
def test_a_written_summary_is_read_back_the_same(control, treatment):
    metrics = (Metric("conversion", "conversion", ()), Metric("pay", "mean", ()))
    cells = tuple(
        Cell(arm, n, {"conversion": Counts(n, n // 2), "pay": Moments(n, mean, m2)}, line)
        for line, arm, (n, mean, m2) in ((2, "control", control), (3, "b", treatment))
    )
    text = write_csv(Summary(cells, metrics, "control", Source("x", "", "engine")))
    assert read_summary(text.encode(), "x.csv").summary.cells == cells
