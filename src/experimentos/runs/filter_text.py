"""The text of a filter to its value: `search.Filter`, or what is wrong and where."""

import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from experimentos.errors import ContractError
from experimentos.runs.search import (
    ALIASES,
    COLUMNS,
    INSIDE,
    ORDERED,
    WORDS,
    Among,
    And,
    Between,
    Compare,
    Empty,
    Field,
    FieldType,
    Filter,
    Not,
    Operator,
    Or,
    Value,
)

LONGEST = 2_000
MOST_TERMS = 100
DEEPEST = 30


class FilterError(ContractError):
    """A filter that cannot be understood.

    Attributes
    ----------
    position : int
        Where in the text, from 0.
    """

    def __init__(self, position: int, message: str, hint: str) -> None:
        super().__init__(f"Character {position + 1}: {message}", hint=hint)
        self.position = position


def parse_filter(text: str, known: Collection[str] = ()) -> Filter | None:
    """Return the filter that a text says; None for a blank one.

    Parameters
    ----------
    text
        At most 2,000 characters.
    known
        The places that the runs have (`params.lr`, `metrics.loss`, ...). With them, a place that no
        run has is an error that names the nearest one, and a bare name (`loss`) finds its place
        when there is one.

    Raises
    ------
    FilterError
        With the character where it stops making sense, and what to write instead.
    """
    if not text.strip():
        return None
    if len(text) > LONGEST:
        raise FilterError(LONGEST, f"the filter is longer than {LONGEST:,}.", "Shorten it.")
    return _Parser(_tokens(text), frozenset(known), len(text)).whole()


TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<sign><=|>=|!=|<>|==|=|<|>|\(|\)|,)
    | (?P<range>\.\.)
    | (?P<word>(?:(?!\.\.)[^\s"'<>=!(),])+)
    )""",
    re.VERBOSE,
)
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")
ESCAPED = re.compile(r"\\(.)")
KEYWORDS = frozenset({"and", "or", "not", "in", "contains", "between", "is", "empty"})


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of the text: kind "text", "sign", "range", "word" or "end"."""

    kind: str
    text: str
    at: int

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text.lower() in words

    def is_sign(self, *signs: str) -> bool:
        return self.kind in ("sign", "range") and self.text in signs


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        if match is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            if text[start] in "\"'":
                raise FilterError(start, "the quotation mark is never closed.", "Close it.")
            raise FilterError(
                start, f"{text[start]!r} is not understood here.", "Put text in quotes."
            )
        kind = str(match.lastgroup)
        found.append(_Token(kind, match[kind], match.start(kind)))
        at = match.end()
    return found


class _Parser:
    """Recursive descent over the tokens, bounded in depth and number of comparisons."""

    def __init__(self, tokens: list[_Token], known: frozenset[str], length: int) -> None:
        self.tokens = tokens
        self.known = known
        self.end = _Token("end", "", length)
        self.place = 0
        self.terms = 0

    def whole(self) -> Filter:
        found = self._any(0)
        token = self._next()
        if token.kind != "end":
            raise FilterError(
                token.at,
                f"{token.text!r} follows a complete condition.",
                "Join conditions with AND or OR.",
            )
        return found

    def _peek(self, ahead: int = 0) -> _Token:
        place = self.place + ahead
        return self.tokens[place] if place < len(self.tokens) else self.end

    def _next(self) -> _Token:
        token = self._peek()
        self.place += 1
        return token

    def _takes_word(self, *words: str) -> bool:
        if self._peek().is_word(*words):
            self.place += 1
            return True
        return False

    def _any(self, depth: int) -> Filter:
        parts = [self._all(depth)]
        while self._takes_word("or"):
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self, depth: int) -> Filter:
        parts = [self._factor(depth)]
        while self._takes_word("and"):
            parts.append(self._factor(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _factor(self, depth: int) -> Filter:
        if depth > DEEPEST:
            raise FilterError(self._peek().at, f"nested deeper than {DEEPEST}.", "Flatten it.")
        if self._takes_word("not"):
            return Not(self._factor(depth + 1))
        if self._peek().is_sign("("):
            opened = self._next()
            inner = self._any(depth + 1)
            if not self._next().is_sign(")"):
                raise FilterError(opened.at, "the bracket is never closed.", "Add a ).")
            return inner
        return self._comparison()

    def _comparison(self) -> Filter:
        self.terms += 1
        token = self._next()
        if self.terms > MOST_TERMS:
            raise FilterError(token.at, f"more than {MOST_TERMS} conditions.", "Use IN (a, b).")
        if token.kind != "word" or token.text.lower() in KEYWORDS:
            found = repr(token.text) if token.text else "nothing"
            raise FilterError(
                token.at, f"a field is needed here, found {found}.", "Such as status = completed."
            )
        field = self._field(token)
        if self._takes_word("is"):
            return self._emptiness(field)
        negated = self._takes_word("not")
        found_filter = self._relation(field, negated=negated)
        return Not(found_filter) if negated else found_filter

    def _emptiness(self, field: Field) -> Filter:
        negated = self._takes_word("not")
        token = self._next()
        if not token.is_word("empty"):
            raise FilterError(token.at, "IS is followed by EMPTY or NOT EMPTY.", "Write EMPTY.")
        return Not(Empty(field)) if negated else Empty(field)

    def _relation(self, field: Field, *, negated: bool) -> Filter:
        token = self._next()
        if token.is_word("contains"):
            return Compare(field, Operator.CONTAINS, self._text(field))
        if token.is_word("in"):
            return self._membership(field)
        if token.is_word("between"):
            start, low = self._peek().at, self._value(field)
            if not self._takes_word("and"):
                raise FilterError(self._peek().at, "BETWEEN low AND high.", "Write AND.")
            return self._range(field, low, start)
        sign = {"==": "=", "<>": "!="}.get(token.text, token.text)
        if token.kind != "sign" or sign in "(),," or negated:
            raise FilterError(
                token.at,
                f"{field.name} is followed by {token.text or 'nothing'!r}.",
                "Write =, !=, <, <=, >, >=, CONTAINS, IN, BETWEEN or IS EMPTY.",
            )
        return self._compared(field, Operator(sign), token.at)

    def _compared(self, field: Field, operator: Operator, at: int) -> Filter:
        value = self._value(field)
        if operator in ORDERED and (isinstance(value, bool) or field.path[-1] in WORDS):
            raise FilterError(at, f"{field.name} has no order.", "Use = or !=.")
        return Compare(field, operator, value)

    def _membership(self, field: Field) -> Filter:
        opened = self._peek()
        if not opened.is_sign("("):
            low = self._value(field)
            if not self._next().is_sign(".."):
                raise FilterError(
                    opened.at, "IN needs a list or a range.", "Write IN (a, b) or IN 0.2..0.8."
                )
            return self._range(field, low, opened.at)
        self.place += 1
        values = [self._value(field)]
        while self._peek().is_sign(","):
            self.place += 1
            values.append(self._value(field))
        if not self._next().is_sign(")"):
            raise FilterError(opened.at, "the list is never closed.", "Write IN (a, b).")
        return Among(field, tuple(values))

    def _range(self, field: Field, low: Value, at: int) -> Filter:
        high = self._value(field)
        if type(low) is not type(high) or isinstance(low, bool):
            raise FilterError(
                at, "the ends of a range are not alike.", "Give two numbers or two dates."
            )
        if low > high:  # type: ignore[operator]  # of one type, and not bool
            raise FilterError(at, f"the range begins after its end: {low}..{high}.", "Swap them.")
        return Between(field, low, high)

    def _text(self, field: Field) -> str:
        token = self._next()
        if token.kind not in ("text", "word"):
            raise FilterError(token.at, "CONTAINS needs a text.", "Such as title CONTAINS 'v2'.")
        if field.type in (FieldType.NUMBER, FieldType.MOMENT):
            raise FilterError(token.at, f"{field.name} is no text.", "Use =, < or IN low..high.")
        return _unquoted(token)

    def _value(self, field: Field) -> Value:
        token = self._next()
        if token.kind not in ("text", "word"):
            raise FilterError(
                token.at,
                f"{field.name} needs a value here, found {token.text or 'nothing'!r}.",
                "Put text in quotes.",
            )
        return _typed(field, token)

    def _field(self, token: _Token) -> Field:
        head, _, rest = token.text.partition(".")
        if head in INSIDE and rest:
            return self._inside(token)
        name = ALIASES.get(token.text.lower(), token.text.lower())
        if name in COLUMNS:
            return Field((name,), COLUMNS[name])
        places = [place for place in self.known if place.partition(".")[2] == token.text]
        if len(places) == 1:
            return _place(places[0])
        if places:
            raise FilterError(
                token.at,
                f"{token.text!r} could be {' or '.join(sorted(places))}.",
                "Write it in full.",
            )
        raise self._no_field(token)

    def _inside(self, token: _Token) -> Field:
        if "" in token.text.split("."):
            raise FilterError(token.at, f"{token.text!r} has an empty part.", "params.name")
        known = self.known
        of_kind = {place for place in known if place.startswith(token.text.partition(".")[0])}
        whole = any(p == token.text or p.startswith(token.text + ".") for p in of_kind)
        if known and not whole and not token.text.startswith("environment."):
            raise self._no_field(token)
        return _place(token.text)

    def _no_field(self, token: _Token) -> FilterError:
        names = [*COLUMNS, *ALIASES, *self.known]
        tails = {place.partition(".")[2]: place for place in sorted(self.known)}
        near = difflib.get_close_matches(token.text, [*names, *tails], n=3, cutoff=0.6)
        found = list(dict.fromkeys(tails.get(name, name) for name in near))
        hint = (
            f"Did you mean {' or '.join(found)}?"
            if found
            else (
                "Use status, variant, experiment, project, score, created, cost, params.NAME, "
                "metrics.NAME or tags.NAME."
            )
        )
        return FilterError(token.at, f"no run has a field {token.text!r}.", hint)


def _place(name: str) -> Field:
    head = name.partition(".")[0]
    types = {"metrics": FieldType.NUMBER, "tags": FieldType.TEXT}
    path = (
        tuple(name.split("."))
        if head in ("params", "environment")
        else (head, name.partition(".")[2])
    )
    return Field(path, types.get(head, FieldType.ANY))


def _unquoted(token: _Token) -> str:
    return ESCAPED.sub(r"\1", token.text[1:-1]) if token.kind == "text" else token.text


def _typed(field: Field, token: _Token) -> Value:
    text = _unquoted(token)
    match field.type:
        case FieldType.NUMBER:
            return _number(field, text, token.at)
        case FieldType.MOMENT:
            return _moment(field, text, token.at)
        case FieldType.TEXT:
            return _word(field, text, token.at)
        case FieldType.ANY:
            return _any_value(text, is_quoted=token.kind == "text")


def _number(field: Field, text: str, at: int) -> float:
    if NUMBER.fullmatch(text) is None:
        raise FilterError(at, f"{field.name} is a number, found {text!r}.", "Such as 0.5 or 1e-3.")
    return float(text)


def _moment(field: Field, text: str, at: int) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as exc:
        raise FilterError(
            at,
            f"{field.name} is a date, found {text!r}.",
            "Such as 2026-11-28 or 2026-11-28T14:30.",
        ) from exc
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _word(field: Field, text: str, at: int) -> str:
    words = WORDS.get(field.name)
    if words is not None and text not in words:
        near = difflib.get_close_matches(text, words, n=1, cutoff=0.5)
        start = f"Did you mean {near[0]}? " if near else ""
        raise FilterError(
            at, f"{field.name} is never {text!r}.", f"{start}It is one of {', '.join(words)}."
        )
    return text


def _any_value(text: str, *, is_quoted: bool) -> Value:
    if is_quoted:
        return text
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    return float(text) if NUMBER.fullmatch(text) else text
