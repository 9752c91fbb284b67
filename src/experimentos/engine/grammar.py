"""Text to `Expression`: columns, numbers, texts, + - * /, comparisons, and, or, not, is null.

    revenue - refunds                     numbers
    clicks > 0 and country = 'DE'         truths, for conversions and filters
    paid_at is not null
    "order value" / 100                   a name that is not one plain word

Names are case-sensitive, words of the grammar are not. Nothing here calls a function, so there is
no function to be called that should not be.
"""

import re
from collections.abc import Callable
from typing import NoReturn, cast

from experimentos.engine.expression import (
    Arithmetic,
    ArithmeticSign,
    Column,
    Comparison,
    ComparisonSign,
    Expression,
    Flag,
    IsNull,
    Logic,
    Negative,
    Not,
    Number,
    Text,
)
from experimentos.errors import ContractError

MOST_CHARACTERS = 2_000
DEEPEST = 40
TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.]))
      | (?P<text>'(?:[^'\x00]|'')*')
      | (?P<quoted>"(?:[^"\x00]|"")+")
      | (?P<word>[^\W\d]\w*)
      | (?P<sign><=|>=|<>|!=|==|[-+*/=<>()])
    )""",
    re.VERBOSE,
)
WORDS = frozenset({"and", "or", "not", "is", "null", "true", "false"})
COMPARISONS = {"=": "=", "==": "=", "!=": "!=", "<>": "!="} | {s: s for s in ("<", "<=", ">", ">=")}

type Token = tuple[str, str]


def parse(text: str) -> Expression:
    """Return the expression that a text of this grammar writes.

    Raises
    ------
    ContractError
        With what was found and what was needed there.
    """
    if len(text) > MOST_CHARACTERS:
        raise ContractError(
            f"The expression has {len(text):,} characters; at most {MOST_CHARACTERS:,} are read.",
            hint="Compute it in a column of the source.",
        )
    return _Parser(text).whole()


class _Parser:
    """One recursive descent over the tokens of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.place = 0
        self.depth = 0

    def whole(self) -> Expression:
        found = self.either()
        if self.next != ("end", ""):
            self.refuse("an operator or the end")
        return found

    @property
    def next(self) -> Token:
        return self.tokens[self.place]

    def take(self, *wanted: str) -> str | None:
        """Return the next sign or word and step over it, if it is one of these."""
        kind, value = self.next
        if kind not in ("sign", "keyword") or value not in wanted:
            return None
        self.place += 1
        return value

    def refuse(self, needed: str) -> NoReturn:
        kind, value = self.next
        found = "the end" if kind == "end" else repr(value)
        raise ContractError(
            f"The expression {self.text!r} has {found} where {needed} was needed.",
            hint="Columns, numbers, 'text', + - * /, comparisons, and, or, not, is null.",
        )

    def either(self) -> Expression:
        left = self.both()
        while self.take("or"):
            left = Logic("or", left, self.both())
        return left

    def both(self) -> Expression:
        left = self.negation()
        while self.take("and"):
            left = Logic("and", left, self.negation())
        return left

    def negation(self) -> Expression:
        if self.take("not"):
            return Not(self.deeper(self.negation))
        return self.comparison()

    def comparison(self) -> Expression:
        left = self.total()
        if self.take("is"):
            negated = self.take("not") is not None
            if not self.take("null"):
                self.refuse("null")
            return IsNull(left, negated)
        sign = self.take(*COMPARISONS)
        if sign is None:
            return left
        return Comparison(cast("ComparisonSign", COMPARISONS[sign]), left, self.total())

    def total(self) -> Expression:
        return self.chain(("+", "-"), self.product)

    def product(self) -> Expression:
        return self.chain(("*", "/"), self.signed)

    def chain(self, signs: tuple[str, ...], part: Callable[[], Expression]) -> Expression:
        left = part()
        while sign := self.take(*signs):
            left = Arithmetic(cast("ArithmeticSign", sign), left, part())
        return left

    def signed(self) -> Expression:
        if self.take("-"):
            return Negative(self.deeper(self.signed))
        return self.primary()

    def primary(self) -> Expression:
        if self.take("("):
            found = self.deeper(self.either)
            if not self.take(")"):
                self.refuse("a closing bracket")
            return found
        flag = self.take("true", "false")
        if flag is not None:
            return Flag(flag == "true")
        kind, value = self.next
        if kind not in ("number", "text", "name"):
            self.refuse("a column, a number or a text")
        self.place += 1
        if kind == "number":
            return Number(int(value) if value.isdigit() else float(value))
        return Text(value) if kind == "text" else Column(value)

    def deeper(self, part: Callable[[], Expression]) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ContractError(
                f"The expression is nested deeper than {DEEPEST} levels.",
                hint="Compute a part of it in a column of the source.",
            )
        found = part()
        self.depth -= 1
        return found


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    place = 0
    while text[place:].strip():
        found = TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            rest = text[place:].strip()
            raise ContractError(
                f"The expression {text!r} holds {rest[:10]!r}, which is not of its grammar.",
                hint="Columns, numbers, 'text', + - * /, comparisons, and, or, not, is null.",
            )
        tokens.append(_token(found.lastgroup, found[found.lastgroup]))
        place = found.end()
    return [*tokens, ("end", "")]


def _token(group: str, written: str) -> Token:
    match group:
        case "text":
            return "text", written[1:-1].replace("''", "'")
        case "quoted":
            return "name", written[1:-1].replace('""', '"')
        case "word" if written.lower() in WORDS:
            return "keyword", written.lower()
        case "word":
            return "name", written
        case _:
            return group, written
