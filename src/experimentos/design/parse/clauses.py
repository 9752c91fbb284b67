"""Sentences cut into clauses, and where the subject of a clause begins."""

from collections.abc import Iterator

from experimentos.design.parse.lexicon import lexicon, unit_at, words
from experimentos.design.parse.text import Text

FINITE = words("clauses_finite")
OPENERS = frozenset({"while", "whereas", "but", "although", "though", "because"})
PRONOUNS = frozenset({"we", "i", "they", "it", "he", "she", "you", "nobody", "everyone"})
RELATIVES = frozenset({"that", "which", "who", "whom", "where", "when", "if", "whether", "as"})
PREPOSITIONS = frozenset(
    {"at", "on", "in", "after", "during", "from", "for", "before", "within", "over", "with", "by",
     "under", "once", "when", "until", "as", "to", "throughout", "between", "per"}
)  # fmt: skip
DETERMINERS = frozenset(
    {"the", "each", "every", "a", "an", "all", "their", "its", "both", "his", "her", "our", "any"}
)
ADVERBS = frozenset(
    {"then", "also", "finally", "and", ",", "but", "moreover", "further", "while", "whereas"}
)
TIMES = frozenset(
    {"day", "week", "month", "year", "hour", "h", "d", "min", "minute", "second", "season"}
)
REACH = 11
"""Tokens from a joint to the verb of the clause that it opens."""


def clauses(text: Text, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield the clauses between two tokens (both included)."""
    start, has_verb, depth = first, False, 0
    for i in range(first, last + 1):
        word = text.at(i)
        depth += {"(": 1, ")": -1}.get(word, 0)
        if word == ";" or (depth == 0 and i > start and _opens(text, i, last, has_verb=has_verb)):
            if i > start:
                yield start, i - 1
            start, has_verb = i + 1, False
        has_verb = has_verb or word in FINITE or word in PRONOUNS
    if start <= last:
        yield start, last


def _opens(text: Text, i: int, last: int, *, has_verb: bool) -> bool:
    """Return whether a clause of its own starts after this joint."""
    if text.at(i) in OPENERS or not has_verb:
        return has_verb and text.at(i) in OPENERS
    if text.at(i) not in {",", "and"} or text.at(i + 1) in RELATIVES:
        return False
    k = i + 2 if text.at(i) == "," and text.at(i + 1) == "and" else i + 1
    if text.at(k) in PRONOUNS and text.at(k + 1) not in {",", "and", ""}:
        return True
    return _has_verb_soon(text, k, last)


def _has_verb_soon(text: Text, k: int, last: int) -> bool:
    """Return whether a verb follows before another joint does."""
    for j in range(k, min(k + REACH, last) + 1):
        if text.at(j) in FINITE:
            return j > k
        later = text.at(j) == "," and text.at(j + 1) in {"and", "then"}
        if later or text.at(j) in RELATIVES | PRONOUNS | {";", ":"}:
            return False
    return False


def subject_start(text: Text, first: int, last: int) -> int:
    """Return where the subject begins past "then", "at harvest" or "after ten weeks,"."""
    i = first
    while i < last and text.at(i) in ADVERBS:
        i += 1
    if text.at(i) in {"every", "each"} and text.lemma(i + 1) in TIMES and i + 2 < last:
        return i + 2
    return _past_adverbial(text, i, last) if text.at(i) in PREPOSITIONS else i


def _past_adverbial(text: Text, i: int, last: int) -> int:
    """Return where the subject begins past the preposition that stands here."""
    end = min(i + REACH, last)
    plain = (j for j in range(i + 1, end) if text.tokens[j + 1].kind != "number")
    comma = next((j for j in plain if text.at(j) == ","), None)
    if comma is not None:
        return comma + 1
    following = i + 3 if text.at(i + 1) in DETERMINERS else i + 2
    for j in range(following, end + 1):
        if text.at(j) in DETERMINERS and text.at(j - 1) not in PREPOSITIONS | {"of", "and", "or"}:
            return j
    return _past_time(text, i, last)


def _past_time(text: Text, i: int, last: int) -> int:
    """Return the first token after "after ten weeks", "on day 28" or "at harvest"."""
    if i < last and text.tokens[i + 1].value is not None:
        unit = unit_at(text.clean, text.tokens[i + 1].end)
        j = i + 2 if unit is not None else min(i + 3, last)
        while j < last and unit is not None and text.tokens[j].start < unit.end:
            j += 1
        return j
    is_time = text.lemma(i + 1) in TIMES and text.tokens[min(i + 2, last)].kind == "number"
    step = 3 if is_time else 2
    return min(i + step, last) if text.lemma(i + step) not in lexicon().stop else i


def clause_around(text: Text, i: int) -> str:
    """Return the clause that holds this token, in lower case."""
    first, end = text.sentence_of(i)
    for a, b in clauses(text, first, end - 1):
        if a <= i <= b:
            return text.words(a, b).lower()
    return text.sentence_words(i)
