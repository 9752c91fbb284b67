"""The grammar of numbers: what a cell may say, and nothing is guessed.

ASCII digits with an optional sign, decimal point and exponent; thousands in groups of exactly
three. A text that two readers could take for two numbers is not a number here.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

MOST_CHARACTERS = 100
MOST_DIGITS_OF_A_COUNT = 18
LARGEST_EXPONENT = 308
LARGEST_DOUBLE = Decimal("1.7976931348623157e308")
SPACES = " \u00a0\u2009\u202f"
PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
DOT_GROUPS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+(,[0-9]+)?")
COMMA_GROUPS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(\.[0-9]+)?")
OTHER_GROUPS = re.compile(
    rf"[+-]?[1-9][0-9]{{0,2}}(?:([{SPACES}'\u2019])[0-9]{{3}})(?:\1[0-9]{{3}})*([.,][0-9]+)?"
)
DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
NOT_AVAILABLE = frozenset(
    {
        "na",
        "n/a",
        "#n/a",
        "nan",
        "null",
        "none",
        "nil",
        "-",
        "--",
        "\u2014",
        "\u2013",
        "?",
        ".",
        "missing",
    }
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that was read.

    Attributes
    ----------
    value : int | Decimal
        Exact; int when a whole number was asked for.
    variety : tuple[str, ...]
        Ways of writing that deserve a note: "thousands", "scientific", "decimals", "zeros",
        "decimal comma", "spaces".
    """

    value: int | Decimal
    variety: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A text that is no number of the kind asked for.

    Attributes
    ----------
    code, reason, fix : str
        As in `issue.Issue`; the reason completes "found X, ...".
    """

    code: str
    reason: str
    fix: str


def read_count(text: str, *, semicolon: bool = False) -> Quantity | Rejected:
    """Read a whole number; the sign is the caller's concern.

    Parameters
    ----------
    text
        The cell as found.
    semicolon
        Whether semicolons separate the cells of the file: then `10,000` may mean ten.
    """
    spelled = _spelled(text, whole=True, semicolon=semicolon)
    if isinstance(spelled, Rejected):
        return spelled
    plain, variety = spelled
    value = _in_range(plain)
    if isinstance(value, Rejected):
        return value
    if value != value.to_integral_value():
        return Rejected("not_whole", "which is not a whole number", "Give a count of users.")
    if value.adjusted() >= MOST_DIGITS_OF_A_COUNT:
        return Rejected(
            "too_large",
            f"which has more than {MOST_DIGITS_OF_A_COUNT} digits",
            "Check the export: no experiment has so many users.",
        )
    return Quantity(int(value), (*variety, *_variety_of_a_count(plain)))


def read_amount(text: str, *, semicolon: bool = False) -> Quantity | Rejected:
    """Read any finite number that a double can hold."""
    spelled = _spelled(text, whole=False, semicolon=semicolon)
    if isinstance(spelled, Rejected):
        return spelled
    value = _in_range(spelled[0])
    return value if isinstance(value, Rejected) else Quantity(value, spelled[1])


def _variety_of_a_count(plain: str) -> tuple[str, ...]:
    found = {
        "scientific": "e" in plain.lower(),
        "decimals": "." in plain,
        "zeros": re.match(r"[+-]?0[0-9]", plain) is not None,
    }
    return tuple(name for name, present in found.items() if present)


def _spelled(text: str, *, whole: bool, semicolon: bool) -> tuple[str, tuple[str, ...]] | Rejected:
    stripped = text.strip(SPACES + "\t")
    if len(stripped) > MOST_CHARACTERS:
        return Rejected(
            "too_long",
            f"which is longer than {MOST_CHARACTERS} characters",
            "Give the number with at most 17 digits.",
        )
    spelled = _spelling(stripped, whole=whole, semicolon=semicolon)
    if isinstance(spelled, Rejected) or stripped == text:
        return spelled
    return spelled[0], (*spelled[1], "spaces")


def _spelling(text: str, *, whole: bool, semicolon: bool) -> tuple[str, tuple[str, ...]] | Rejected:
    """Return the number in plain form with its variety, or why there is none."""
    if DOT_GROUPS.fullmatch(text) or COMMA_GROUPS.fullmatch(text):
        return _grouped(text, whole=whole, semicolon=semicolon)
    if PLAIN.fullmatch(text):
        return text, ()
    if OTHER_GROUPS.fullmatch(text):
        return re.sub(rf"[{SPACES}'\u2019]", "", text).replace(",", "."), ("thousands",)
    if DECIMAL_COMMA.fullmatch(text) and not whole:
        return text.replace(",", "."), ("decimal comma",)
    return _ambiguous(text) if DECIMAL_COMMA.fullmatch(text) else _reason(text)


def _grouped(text: str, *, whole: bool, semicolon: bool) -> tuple[str, tuple[str, ...]] | Rejected:
    """Read digits in threes, which a point or a comma parts."""
    group, other = (".", ",") if DOT_GROUPS.fullmatch(text) else (",", ".")
    # Two groups, or a group and a decimal mark, can be read in one way only.
    if text.count(group) > 1 or other in text:
        return text.replace(group, "").replace(other, "."), ("thousands",)
    if group == "." and not (whole or semicolon):
        return text, ()
    if group == "," and whole and not semicolon:
        return text.replace(",", ""), ("thousands",)
    return _ambiguous(text)


def _in_range(plain: str) -> Decimal | Rejected:
    mantissa, _, exponent = plain.lower().partition("e")
    significant = Decimal(mantissa)
    if significant == 0:
        return Decimal(0)
    # The exponent is capped before it is used: 1e999999999 must not be expanded.
    power = int(exponent or "0")
    if abs(significant.adjusted() + power) <= LARGEST_EXPONENT:
        value = Decimal(f"{mantissa}e{power}")
        if abs(value) <= LARGEST_DOUBLE:
            return value
    return Rejected(
        "out_of_range",
        "which is beyond what a double-precision number can hold",
        "Check the export, or give the metric in a larger unit.",
    )


def _ambiguous(text: str) -> Rejected:
    mark = "." if "." in text else ","
    joined = text.replace(mark, "")
    return Rejected(
        "ambiguous_number",
        f"which is ambiguous: it could be {joined} or {text.replace(mark, '.')}",
        f"Write it without a separator, as {joined} or with a decimal point, and read the file "
        "again.",
    )


REASONS = (
    (r"", "blank", "but the cell is blank", "Give a number; a blank is not zero."),
    (r".*%.*", "percent", "which is a percentage", "Give the count of users, not the percent."),
    (r"#.*", "sheet_error", "which is a spreadsheet error", "Repair the formula in the sheet."),
    (
        r"(?i:true|false|yes|no)",
        "boolean",
        "which is a yes or no, not a number",
        "Give the count of users.",
    ),
    (
        r".*[$€£¥₹].*|(?i:(usd|eur|gbp)\b.*|.*\b(usd|eur|gbp))",
        "currency",
        "which carries a currency sign",
        "Remove the currency sign and name the unit in the column name.",
    ),
    (r"[+-]?[0-9_]+", "underscore", "which has underscores", "Write the digits alone."),
    (
        r"(?i:[+-]?(inf|infinity|∞))",
        "not_finite",
        "which is infinite",
        "Give a finite number.",
    ),
    (
        r"(?i:[+-]?0[xob][0-9a-f]+)",
        "not_decimal",
        "which is not in decimal notation",
        "Write it in ordinary digits.",
    ),
    (
        r"\([0-9.,]+\)",
        "parentheses",
        "which uses parentheses",
        "Write negative numbers with a minus sign.",
    ),
    (
        r"[=@].*",
        "formula_text",
        "which is the text of a formula and is never evaluated",
        "Export the value in place of the formula.",
    ),
    (
        r"[+-]?[0-9][0-9.,' ]*",
        "bad_groups",
        "which is no number: thousands come in groups of exactly three",
        "Write the digits without separators.",
    ),
)


def _reason(text: str) -> Rejected:
    if text.lower() in NOT_AVAILABLE:
        return Rejected(
            "blank", "which stands for a missing value", "Give a number; missing is not zero."
        )
    for pattern, code, reason, fix in REASONS:
        if re.fullmatch(pattern, text, re.DOTALL):
            return Rejected(code, reason, fix)
    if any(character.isnumeric() and not character.isascii() for character in text):
        return Rejected(
            "foreign_digits",
            "whose digits are not the digits 0 to 9",
            "Type it with digits 0 to 9.",
        )
    return Rejected("not_a_number", "which is not a number", "Give a number in digits 0 to 9.")
