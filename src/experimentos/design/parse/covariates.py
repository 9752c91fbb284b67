"""Extractor for what is recorded and not set."""

import re
from collections.abc import Iterator
from functools import cache

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import group_kind, lexicon, pattern, words
from experimentos.design.parse.phrases import Phrase, is_verbal, split_items
from experimentos.design.parse.text import Text, singular

LEADING = pattern("covariates_leading", ignore_case=True)
SUBJECT_AFTER = pattern("covariates_subject_after")
OBJECT_VERBS = pattern("covariates_object_verbs")
AS_COVARIATE = pattern("covariates_as_covariate")
BEFORE = pattern("covariates_before")
EARLIER = pattern("responses_covariate")
VERB = re.compile(r"\b(?:is|are|was|were|be|analysed|analyzed|adjusted|compared)\b")
STARTS = frozenset({"at the start", "at the beginning", "at the outset"})
EARLIER_SPAN = re.compile(
    r"(?:in|over|during) (?:the )?(?:[a-z]{3,9} )?(?:day|week|month|year|season|term)s? before$"
)
VERBLESS = pattern("covariates_verbless")
COUNT_OF = re.compile(r"(?:years|months|weeks|hours|number) of \w")
TRAITS = pattern("covariates_traits")
LATER = pattern("covariates_later")
RESPONSE_WORDS = re.compile(r"\b(?:outcome|response|readout|endpoint|primary)\b")
NOT_NAMES = words("covariates_not_names")
ENDS = words("covariates_ends")
SINCE = frozenset({"last", "first", "start", "diagnosis", "onset", "surgery", "planting", "birth"})
OPENERS = frozenset(
    {"because", "so", "but", "which", "since", "we", "while", "although", "though", "where"}
)
LABEL_WORDS = 3
"""A colon after so few words only announces a list."""
LONGEST_NAME, LONGEST_PHRASE, LONGEST_BEFORE = 8, 4, 3


def _has_cue(clause: str) -> bool:
    """Return whether the clause speaks of what is known or noted, and not set."""
    if lexicon().cues["covariate"].search(clause) is not None:
        return True
    if VERBLESS.search(clause) is not None:
        return True
    told = SUBJECT_AFTER.search(clause) is not None
    if OBJECT_VERBS.search(clause) is not None and TRAITS.search(clause) is not None:
        return True
    return told and (EARLIER.search(clause) is not None or TRAITS.search(clause) is not None)


NOTING = frozenset({"record", "note", "log", "weigh", "recorded", "noted", "logged"})


def covariates(text: Text) -> Iterator[Candidate]:
    """Yield covariates from clauses with a cue such as "recorded at baseline"."""
    for first, end in text.sentences:
        for a, b in _clauses(text, first, end - 1):
            clause = text.words(a, b).lower()
            if not _has_cue(clause) or LATER.search(clause):
                continue
            yield from _from_clause(text, a, b, clause)


def _clauses(text: Text, first: int, last: int) -> Iterator[tuple[int, int]]:
    start = first
    for j in range(first, last + 1):
        label = text.at(j) == ":" and j - start > LABEL_WORDS
        opens = text.at(j) == "," and _opens_clause(text, j + 1)
        if text.at(j) == ";" or label or opens or _notes_down(text, j):
            if j > start:
                yield start, j - 1
            start = j + 1
    if start <= last:
        yield start, last


def _opens_clause(text: Text, j: int) -> bool:
    return text.at(j) in OPENERS or (text.at(j) == "and" and text.at(j + 1) in {"we", "the"})


def _notes_down(text: Text, j: int) -> bool:
    """Return whether "and record soil moisture" starts a clause at its "and"."""
    return text.at(j) == "and" and text.at(j + 1) in NOTING


def _from_clause(text: Text, first: int, last: int, clause: str) -> Iterator[Candidate]:
    offset = text.tokens[first].start
    named = AS_COVARIATE.search(clause)
    if named is not None:
        led = clause.rfind(" with ", named.start("name"), named.end("name"))
        told = led >= 0 and VERB.search(clause[:led]) is not None
        begin = led + len(" with ") if told else named.start("name")
        start = text.token_from(offset + begin)
        end = text.token_from(offset + named.end("name")) - 1
        yield from _items(text, start, end, sure=True)
        return
    if RESPONSE_WORDS.search(clause):
        return
    sure = BEFORE.search(clause) is not None
    subject, verb = SUBJECT_AFTER.search(clause), OBJECT_VERBS.search(clause)
    found: list[Candidate] = []
    if verb is not None and (subject is None or verb.start() <= subject.start()):
        found = list(_items(text, text.token_from(offset + verb.end()), last, sure=sure))
    announced = text.token_from(offset + clause.find(":")) if ":" in clause else None
    if not found and announced is not None:
        found = list(_items(text, announced + 1, last, sure=True))
    if not found and subject is not None:
        end = text.token_from(offset + subject.start()) - 1
        found = list(_items(text, first, end, sure=sure))
    if not found and (verbless := VERBLESS.search(clause)):
        cut = verbless.start("cue") if verbless.group("cue") else len(clause)
        end = min(text.token_from(offset + cut) - 1, last)
        found = list(_items(text, first, end, sure=True))
    yield from (found or _known(text, first, last))


def _items(text: Text, first: int, last: int, *, sure: bool) -> Iterator[Candidate]:
    """Yield the items of a list; what is no usual covariate needs a sure cue or a plain name."""
    if first > last:
        return
    for item in split_items(text, first, last):
        trimmed = _trim(text, item, said=sure)
        if trimmed is None:
            continue
        known = next(_known_at(text, trimmed.first, trimmed.last), None) is not None
        aside = text.at(trimmed.last + 1) == "("
        if not (known or sure or aside or item.last - trimmed.last <= LONGEST_PHRASE):
            continue
        yield Candidate(
            trimmed.name, "covariate", trimmed.first, trimmed.last, "covariate",
            0.8 if known else 0.65 if sure else 0.55,
        )  # fmt: skip


def _trim(text: Text, item: Phrase, *, said: bool) -> Phrase | None:
    """Cut a clause down to its noun phrase."""
    cut = LEADING.match(text.words(item.first, item.last))
    first = text.token_from(text.tokens[item.first].start + (cut.end() if cut else 0))
    if first > item.last or not text.tokens[first].is_word:
        return None
    last = first
    while last < item.last and last - first < 5 and not _ends(text, last + 1):
        last += 1
    last = _extended(text, item, first, last, said=said)
    while last > first and text.at(last) in {"of", "measured"}:
        last -= 1
    phrase = Phrase(text.words(first, last), first, last)
    return phrase if _is_name(text, phrase, said=said) else None


def _extended(text: Text, item: Phrase, first: int, last: int, *, said: bool) -> int:
    """Return the last token of a name such as "days in milk", "test score at the start"."""
    whole = next((end for i, end in _known_at(text, first, item.last) if i == first), last)
    last = max(last, whole)
    rest = text.words(last + 1, item.last).lower()
    more = said and rest.startswith("with ") and item.last - last <= LONGEST_PHRASE + 1
    usual = next(_known_at(text, first, last), None) is not None
    before = text.at(last + 1) == "before"
    if EARLIER_SPAN.match(rest) or (more and "of" in {text.at(i) for i in range(first, last)}):
        return item.last
    if before and item.last - last <= (1 if usual else LONGEST_BEFORE):
        return item.last
    if text.words(last + 1, last + 3).lower() in STARTS:
        return last + 3
    return last + 2 if text.words(last + 1, last + 2).lower() == "at induction" else last


def _is_name(text: Text, phrase: Phrase, *, said: bool = False) -> bool:
    lower = text.at(phrase.first)
    known = next(_known_at(text, phrase.first, phrase.last), None) is not None
    if (lower in NOT_NAMES and phrase.first == phrase.last) or (
        lower in lexicon().stop and not known and not _leads_a_noun(text, phrase)
    ):
        return False
    if is_verbal(lower) and not known and _is_alone(text, phrase):
        return False
    if len(phrase.name.split()) > LONGEST_NAME:
        return False
    group = group_kind(phrase.name.split(" of ")[0])
    counts = " since " in phrase.name or COUNT_OF.match(phrase.name.lower()) is not None
    kinds = " of " in phrase.name or (is_verbal(lower) and phrase.last > phrase.first)
    return group is None or known or counts or (said and kinds)


def _leads_a_noun(text: Text, phrase: Phrase) -> bool:
    """Return whether a small word is part of a name: "last year's grade", "test score"."""
    following = text.at(phrase.first + 1)
    return following.endswith("'s") or (text.at(phrase.first) == "test" and following == "score")


def _is_alone(text: Text, phrase: Phrase) -> bool:
    """Return whether a word in -ing is a verb and no part of a name such as "working memory"."""
    following = text.at(phrase.first + 1)
    return phrase.first == phrase.last or following in lexicon().stop


def _ends(text: Text, j: int) -> bool:
    """Return whether the noun phrase of a covariate ends before this token."""
    if text.at(j) == "since":
        return (text.at(j + 2) if text.at(j + 1) == "the" else text.at(j + 1)) not in SINCE
    return text.at(j) in ENDS or (text.at(j) == "of" and text.at(j + 1) in {"the", "each", "every"})


@cache
def _nouns() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return the usual covariates by their first word, the longest first."""
    table: dict[str, list[tuple[str, ...]]] = {}
    for noun in lexicon().covariates:
        lemmas = tuple(singular(word) for word in noun.split())
        table.setdefault(lemmas[0], []).append(lemmas)
    return {first: tuple(sorted(rest, key=len, reverse=True)) for first, rest in table.items()}


def _known_at(text: Text, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield where usual covariates stand between two tokens (both included)."""
    for i in range(first, last + 1):
        for lemmas in _nouns().get(text.lemmas[i], ()):
            end = i + len(lemmas) - 1
            if end <= last and text.lemmas[i : end + 1] == lemmas:
                yield i, end
                break


def _known(text: Text, first: int, last: int) -> Iterator[Candidate]:
    """Yield usual covariates that stand in a clause whose grammar is not understood."""
    for i, end in _known_at(text, first, last):
        if text.tokens[min(end + 1, last)].kind != "number":
            yield Candidate(text.words(i, end), "covariate", i, end, "known_covariate", 0.5)
