"""Extractor for what is measured."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, zip_longest

from experimentos.design.parse.clauses import clauses
from experimentos.design.parse.lexicon import pattern
from experimentos.design.parse.measured import Measured
from experimentos.design.parse.stated import LABELLED, SECONDARY, objects
from experimentos.design.parse.text import Text
from experimentos.design.parse.unspoken import FRAGMENT, fragment, mentioned
from experimentos.design.parse.verbs import NOTED, SECOND, of_verbs

DERIVED = re.compile(r"\b(?:computed|calculated|derived|fitted|integrated)\b")
COURSE = re.compile(r"\b(?:every|hourly|daily|followed|over time|for \d+ (?:h|min|hours|days))\b")
LABEL = pattern("responses_label")
DISMISSED = pattern("responses_dismissed")


def responses(text: Text) -> Iterator[Measured]:
    """Yield the responses that the text names."""
    for first, end in text.sentences:
        found: list[Measured] = []
        before = ""
        for a, b in clauses(text, first, end - 1):
            told = list(_of_clause(text, a, b))
            if max((m.confidence for m in told), default=0.0) <= FRAGMENT:
                told.extend(fragment(text, a, b))
            if told and DERIVED.search(text.words(a, b).lower()) and COURSE.search(before):
                found = [replace(m, confidence=min(m.confidence, NOTED)) for m in found]
            before = text.words(first, b).lower()
            found.extend(told)
        yield from found
        if not found:
            yield from islice(mentioned(text, first, end - 1), 1)


def _of_clause(text: Text, first: int, last: int) -> Iterator[Measured]:
    words = text.words(first, last).lower()
    labels = list(LABEL.finditer(words))
    if labels:
        yield from _of_labels(text, first, last, labels)
        return
    passing = DISMISSED.search(words) is not None
    for measured in of_verbs(text, first, last, words):
        yield replace(measured, confidence=min(measured.confidence, NOTED)) if passing else measured


def _of_labels(
    text: Text, first: int, last: int, labels: list[re.Match[str]]
) -> Iterator[Measured]:
    """Yield what stands after "Outcome:" or "the primary endpoint is"."""
    start = text.tokens[first].start
    for label, following in zip_longest(labels, labels[1:]):
        end = text.token_from(start + following.start()) - 1 if following else last
        rank = SECONDARY if SECOND.search(label.group()) else LABELLED
        for said in objects(text, text.token_from(start + label.end()), end, rank):
            event = "success" in label.group() and said.family in {"normal", "negative_binomial"}
            yield replace(said, family="bernoulli") if event else said
