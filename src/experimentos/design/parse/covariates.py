"""Extractor for what is recorded and not set."""

import re
from collections.abc import Iterator

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import group_kind, lexicon, pattern, words
from experimentos.design.parse.phrases import Phrase, is_verbal, split_items
from experimentos.design.parse.text import Text

LEADING = pattern("covariates_leading", ignore_case=True)
SUBJECT_AFTER = pattern("covariates_subject_after")
OBJECT_VERBS = pattern("covariates_object_verbs")
RESPONSE_WORDS = re.compile(r"\b(?:outcome|response|readout|endpoint|primary)\b")
NOT_NAMES = words("covariates_not_names")


def covariates(text: Text) -> Iterator[Candidate]:
    """Yield covariates from clauses with a cue such as "recorded at baseline"."""
    for first, last in text.sentences:
        for a, b in _clauses(text, first, last - 1):
            clause = text.words(a, b)
            match = lexicon().cues["covariate"].search(clause.lower())
            if match is None or RESPONSE_WORDS.search(clause.lower()):
                continue
            yield from _from_clause(text, a, b)


def _clauses(text: Text, first: int, last: int) -> Iterator[tuple[int, int]]:
    start = first
    for j in range(first, last + 1):
        if text.tokens[j].text == ";" or (
            text.tokens[j].text == "," and _opens_clause(text, j + 1, last)
        ):
            if j > start:
                yield start, j - 1
            start = j + 1
    if start <= last:
        yield start, last


def _opens_clause(text: Text, j: int, last: int) -> bool:
    words = [token.lower for token in text.tokens[j : min(j + 2, last + 1)]]
    return bool(words) and (
        words[0] in {"because", "so", "but", "which", "since", "we", "while", "although"}
        or words[:2] in (["and", "we"], ["and", "the"])
    )


def _from_clause(text: Text, first: int, last: int) -> Iterator[Candidate]:
    lower = text.words(first, last).lower()
    subject, verb = SUBJECT_AFTER.search(lower), OBJECT_VERBS.search(lower)
    offset = text.tokens[first].start
    known = list(_known(text, first, last))
    if verb is not None and (subject is None or verb.start() <= subject.start()):
        a = _token_at(text, offset + verb.end(), first, last)
        found = list(_items(text, a, last))
    elif subject is not None:
        b = _token_at(text, offset + subject.start(), first, last) - 1
        found = list(_items(text, first, b))
    else:
        found = []
    yield from (found or known)


def _token_at(text: Text, position: int, first: int, last: int) -> int:
    return next((j for j in range(first, last + 1) if text.tokens[j].start >= position), last)


def _items(text: Text, first: int, last: int) -> Iterator[Candidate]:
    if first > last:
        return
    for item in split_items(text, first, last):
        trimmed = _trim(text, item)
        if trimmed is None:
            continue
        known = _is_known(trimmed.name)
        yield Candidate(
            trimmed.name,
            "covariate",
            trimmed.first,
            trimmed.last,
            "covariate",
            0.8 if known else 0.5,
        )


ENDS = words("covariates_ends")


def _trim(text: Text, item: Phrase) -> Phrase | None:
    """Cut a clause down to its noun phrase."""
    words = text.words(item.first, item.last)
    cut = LEADING.match(words)
    first = _token_at(
        text, text.tokens[item.first].start + (cut.end() if cut else 0), item.first, item.last
    )
    last = first
    while last < item.last and last - first < 5 and not _ends(text, last + 1):
        last += 1
    phrase = text.words(first, last)
    at = re.match(
        r"\s?at (induction|baseline|harvest|planting|entry|inclusion|start)\b",
        text.clean[text.tokens[last].end :],
    )
    if at and at.group(1) == "induction":
        last += 2
        phrase = text.words(first, last)
    token = text.tokens[first]
    if not token.is_word or token.lower in NOT_NAMES | lexicon().stop:
        return None
    if is_verbal(token.lower) and not _is_known(phrase):
        return None
    if group_kind(phrase.split(" of ")[0]) is not None or len(phrase.split()) > 6:
        return None
    return Phrase(phrase, first, last)


SINCE = frozenset({"last", "first", "start", "diagnosis", "onset", "surgery", "planting", "birth"})


def _ends(text: Text, j: int) -> bool:
    """Return whether the noun phrase of a covariate ends before this token."""
    word = text.tokens[j].lower
    if word == "since":
        return j + 1 >= len(text.tokens) or text.tokens[j + 1].lower not in SINCE
    return word in ENDS


def _is_known(name: str) -> bool:
    lower = name.lower()
    return any(re.search(rf"\b{re.escape(noun)}\b", lower) for noun in lexicon().covariates)


def _known(text: Text, first: int, last: int) -> Iterator[Candidate]:
    """Yield covariates of the lexicon that stand in the clause."""
    for noun in lexicon().covariates:
        words = noun.split()
        for j in range(first, last - len(words) + 2):
            if [t.lower for t in text.tokens[j : j + len(words)]] == words:
                yield Candidate(noun, "covariate", j, j + len(words) - 1, "known_covariate", 0.55)
                break
