"""Extractors for blocks, subjects and other groups."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import group_kind, lexicon, pattern, words
from experimentos.design.parse.mention import Mention, is_recipient, totals
from experimentos.design.parse.mentions import TIMES, count_at
from experimentos.design.parse.phrases import (
    Phrase,
    closing,
    head,
    is_verbal,
    phrase_after,
    phrase_before,
)
from experimentos.design.parse.text import NUMBER_WORDS, Text, singular
from experimentos.design.parse.turns import PANEL, is_in_turn

ON_DAYS = pattern("groups_on_days")
WHOLE_PLOT = pattern("groups_whole_plot")
SUBJECT_LEADS = frozenset(
    {"", ".", ",", ";", ":", "so", "and", "the", "each", "every", "that", "-"}
)
PREPOSITIONS = frozenset({"to", "with", "in", "at", "by", "on", "of", "as"})
OBJECT_ENDS = frozenset({"", ".", ",", ";", ":", "(", ")", "and"})
COUNTED_REACH, MOST_OBJECTS, ASIDE = 7, 4, 16
COMPLETE = pattern("groups_complete")
SAMPLED = frozenset({"person", "nuisance", "blocking"})
COMPONENTS = pattern("class_nested")
REPEATED = pattern("groups_repeated")
SETTINGS = frozenset({"on", "in", "at", "over", "across", "from", "within", "with", "using"})
IN_TURN = frozenset({"consecutive", "successive"})
ORDERS = frozenset({"order", "orders", "position", "positions", "place", "places", "layout"})
CLAUSE_EDGES = frozenset({"", ",", ".", ";"})
DRAWN_ANEW = frozenset({"seed", "random seed", "initialisation seed", "training seed"})
OCCASIONS = frozenset({"period", "session", "occasion", "visit"})
RANDOM = words("allotment_random") | {"coin", "lot", "chosen", "decides"}
ALLOTTED = frozenset({"random", "randomly", "randomised", "randomized", "assigned", "allocated"})
FREQUENCIES = frozenset({"every", "per", "any", "all"})


def is_repeated(text: Text) -> bool:
    """Return whether the text says that one unit is measured more than once."""
    return _says_repeated(text.lower) or is_in_turn(text)


@lru_cache(maxsize=8)
def _says_repeated(words: str) -> bool:
    return REPEATED.search(words) is not None


def counted_groups(text: Text, found: Sequence[Mention]) -> Iterator[Candidate]:
    """Yield groups from "six blocks", "24 primary schools", "three casks from every batch"."""
    own: dict[str, list[Mention]] = {}
    for m in found:
        own.setdefault(m.noun, []).append(m)
    holders = {m.parent for m in found if m.parent and (m.count or 0) > 1}
    repeated, size = is_repeated(text), totals(found)
    people: set[int | None] = set()
    for noun, places in own.items():
        if _is_group(text, places, holds=noun in holders, repeated=repeated):
            if places[0].kind == "person" and size.get(noun) in people:
                continue
            people |= {size.get(noun)} if places[0].kind == "person" else set()
            if noun in TIMES and any(_is_day_of(text, m, found) for m in places):
                continue
            if noun in TIMES and any(IN_TURN & set(_led(text, m)) for m in places if m.count):
                yield replace(_group("treatment", places, size.get(noun)), rule="time_points")
                continue
            compares = places[0].kind == "blocking" or _is_compared_within(text, places)
            compares = compares or (noun == "consumer" and repeated)
            compares = compares and not _is_whole_plot(text, noun)
            kind = "blocking" if compares else "nuisance"
            yield _group(kind, places, size.get(noun))


def _is_whole_plot(text: Text, noun: str) -> bool:
    """Return whether each of the group gets one level only: "each shift runs at one speed"."""
    said = (
        match.group("noun") or match.group("set") or match.group("per")
        for match in WHOLE_PLOT.finditer(text.lower)
    )
    return any(singular(word) == noun for word in said)


def _are_on_days(text: Text, m: Mention) -> bool:
    """Return whether these are "three plates on three days"."""
    i = m.last + 1
    return text.at(i) == "on" and count_at(text, i + 1) == m.count and text.lemma(i + 2) in TIMES


def _is_day_of(text: Text, m: Mention, found: Sequence[Mention]) -> bool:
    """Return whether "four vats on four days" only says when each vat was made."""
    if not m.count or text.at(m.first - 1) != "on":
        return False
    return any(o.last == m.first - 2 and o.count == m.count for o in found)


def _led(text: Text, m: Mention) -> list[str]:
    """Return the words of a mention: its count, its adjectives and its noun."""
    return text.words(m.first, m.last).lower().split()


def _is_compared_within(text: Text, places: Sequence[Mention]) -> bool:
    """Return whether the treatments are drawn "in every school", so that it is a block."""
    return any(m.each and _is_drawn_within(text, m) for m in places)


def _is_drawn_within(text: Text, m: Mention) -> bool:
    """Return whether something is drawn "in each school", and no order "for each cyclist"."""
    sentence = text.sentence_words(m.first)
    leads = {text.at(m.first - 2), text.at(m.first - 3)}
    inside = leads & {"in", "within"} or ("for" in leads and "order" not in sentence)
    return bool(inside) and bool(RANDOM.intersection(sentence.split()))


def _group(kind: str, places: Sequence[Mention], total: int | None) -> Candidate:
    counted = [m for m in places if m.count is not None and not m.per_cell]
    best = max(counted, key=lambda m: (m.count == total, not m.parent), default=places[0])
    return Candidate(
        best.noun, kind, best.first, best.last, "counted", 0.6 if counted else 0.45, (), None,
        best.count if counted else None, parent=best.parent,
    )  # fmt: skip


def _is_group(text: Text, places: Sequence[Mention], *, holds: bool, repeated: bool) -> bool:
    """Return whether the noun groups observations, by its usual role and by the text."""
    sizes = [m for m in places if m.count]
    counted = [m for m in sizes if not _is_cell_size(text, m)]
    if places[0].noun in TIMES and (counted or not sizes):
        return _is_occasion(text, places, repeated=repeated)
    if sizes and places[0].noun in DRAWN_ANEW and "train" in text.lower:
        return True
    components = _asks_for_components(text.lower)
    each = any(m.each for m in places)
    if counted and components and (places[0].kind in SAMPLED or (each and len(places) > 1)):
        return True
    rated = repeated and any(m.count and text.at(m.first - 1) == "all" for m in places)
    if not counted or (len(sizes) > 1 and any(m.per_cell for m in sizes)):
        return bool(counted) and (holds or rated)
    return _groups_by_kind(text, places, counted, holds=holds or rated, repeated=repeated)


def _groups_by_kind(
    text: Text,
    places: Sequence[Mention],
    counted: Sequence[Mention],
    *,
    holds: bool,
    repeated: bool,
) -> bool:
    """Return whether a counted noun groups observations as nouns of its kind do."""
    each = any(m.each for m in places)
    match places[0].kind:
        case "person" | "unit" as kind:
            several = any((m.count or 0) > 2 for m in counted)
            drawn = any(m.each and _is_drawn_within(text, m) for m in counted)
            return (holds or repeated or drawn) and several if kind == "person" else holds
        case "blocking":
            noun = places[0].noun
            if any(is_recipient(text, m) for m in places):
                return holds
            held = [group_kind(m.parent) for m in counted if m.parent]
            within = any(kind not in {"unit", "nuisance"} for kind in held)
            if held and not within and not holds:
                return False
            named = noun in PANEL or noun.endswith("block") or within
            return named or each or holds or any(_is_setting(text, m) for m in counted)
        case _:
            nested = [group_kind(m.parent) for m in counted if m.parent]
            inner = nested and len(nested) == len(counted)
            inner = inner and not any(text.at(m.first - 1) == "whole" for m in places)
            dated = any(_are_on_days(text, m) for m in counted)
            single = any(m.per_cell for m in places)
            seen = bool(nested) or (each and not single)
            outer = not inner or repeated
            return holds or dated or (outer and seen and "unit" not in nested)


def _is_cell_size(text: Text, m: Mention) -> bool:
    """Return whether so many make a cell, and the cell is not done "with three seeds"."""
    return m.per_cell and not (m.kind == "blocking" and text.at(m.first - 1) in {"with", "using"})


def _is_setting(text: Text, m: Mention) -> bool:
    """Return whether the experiment is done "at four sites", "on 4 days"."""
    rep = head(m.noun) in {"replicate", "rep", "repeat", "replication"}
    again = rep and text.at(m.first - 1) in {"in", "with"}
    alone = not rep and text.at(m.first - 1) in CLAUSE_EDGES and text.at(m.last + 1) in CLAUSE_EDGES
    placed = text.at(m.first - 1) in SETTINGS or (alone and m.kind == "blocking")
    return placed and not again and not _is_unrestricted(text.lower)


@lru_cache(maxsize=8)
def _asks_for_components(words: str) -> bool:
    """Return whether the text asks where the variation comes from."""
    return COMPONENTS.search(words) is not None


@lru_cache(maxsize=8)
def _is_unrestricted(words: str) -> bool:
    """Return whether the text says that the randomisation ignores where units stand."""
    return COMPLETE.search(words) is not None


def _is_occasion(text: Text, places: Sequence[Mention], *, repeated: bool) -> bool:
    """Return whether days or periods group observations, and are no duration."""
    if not any(m.count for m in places):
        return repeated and places[0].noun in OCCASIONS and any(m.each for m in places)
    return any(
        _is_each_time(text, m) or _is_counted_time(text, m, repeated=repeated) for m in places
    )


def _is_each_time(text: Text, m: Mention) -> bool:
    """Return whether something is done on each day, or is drawn anew every day."""
    if not m.each:
        return False
    if text.at(m.first - 1) in FREQUENCIES | {"within"}:
        drawn = ALLOTTED.intersection(text.sentence_words(m.first).split())
        return bool(drawn) and text.at(m.first - 1) in {"every", "each"}
    return True


def _is_counted_time(text: Text, m: Mention, *, repeated: bool) -> bool:
    if not m.count:
        return False
    if text.at(m.first - 1) in {"on", "across"} or (repeated and m.noun in OCCASIONS):
        return True
    return "separate" in text.words(m.first, m.last)


def cued_groups(text: Text, found: Sequence[Mention]) -> Iterator[Candidate]:
    """Yield groups that the text calls a block or a nuisance."""
    counts = totals(found)
    runs = ON_DAYS.search(text.lower)
    if runs is not None:
        counts.setdefault(singular(runs.group("noun")), _as_count(runs.group("n")) or 0)
    for kind in ("blocking", "nuisance"):
        for match in lexicon().cues[kind].finditer(text.lower):
            i = text.token_from(match.start())
            if match.group().startswith("blocks") and text.at(i - 1) in {"within", "in", "inside"}:
                continue
            for m in _named_by(text, found, match):
                yield Candidate(
                    m.noun,
                    kind,
                    m.first,
                    m.last,
                    f"cue_{kind}",
                    0.8,
                    count=m.count
                    or counts.get(m.noun)
                    or counts.get(head(m.noun))
                    or _counted(text, m.noun),
                )


def _counted(text: Text, noun: str) -> int | None:
    """Return the six of "six planks are used", where the noun is no usual group."""
    if group_kind(noun) is not None:
        return None
    places = (i for i, lemma in enumerate(text.lemmas) if lemma == noun != text.at(i))
    return next(filter(None, (count_at(text, i - 1) for i in places)), None)


def _as_count(word: str) -> int | None:
    return int(word) if word.isdecimal() else NUMBER_WORDS.get(word)


def _named_by(text: Text, found: Sequence[Mention], cue: re.Match[str]) -> list[Mention]:
    """Return the groups that a cue speaks of: its subject, or its object after "by" and "on"."""
    first, end = text.token_from(cue.start()), text.token_from(cue.end())
    if not 0 < end < len(text.tokens) + 1 or first >= len(text.tokens):
        return []
    sentence = text.tokens[first].sentence
    if text.at(first - 1) == ")":
        first = next(
            (i for i in range(first - 2, max(first - ASIDE, 0), -1) if text.at(i) == "("), first
        )
    drawn = cue.group().endswith("random") and bool(
        ORDERS.intersection(text.words(first - 6, first - 1).lower().split())
    )
    alias = cue.group() == "blocked by" and any(m.noun == "block" and m.count for m in found)
    inside = [] if drawn or alias else [
        m for m in found
        if m.noun != "block" and text.tokens[m.first].sentence == sentence
    ]  # fmt: skip
    after = [m for m in inside if m.first >= end]
    if cue.group().endswith((" by", " on", " within", " inside", " each")):
        return [] if alias else _object(text, end, after) or _coordinated(text, after)
    before = [m for m in inside if m.last < first]
    named = _subject(text, first - 1)
    if named is not None and not drawn and not any(m.last >= named.first for m in before):
        named = replace(named, count=named.count or _told_aside(text, named.last + 1))
        return [*_joined_to(text, named, before), named]
    if text.at(first - 1) in {"it", "they", "which", "that"}:
        clause = max((i for i in range(first) if text.at(i) == ";"), default=-1)
        return [m for m in before if m.first > clause][:1]
    several = 4 if text.at(first - 1) != text.lemma(first - 1) else 1
    return _coordinated(text, before[::-1])[:several] or after[:1]


def _object(text: Text, first: int, found: Sequence[Mention]) -> list[Mention]:
    """Return the nouns after "stratified by", each with its count: "sex and site (3 sites)"."""
    ending = {m.last: m for m in found}
    named: list[Mention] = []
    i = first
    while len(named) < MOST_OBJECTS:
        phrase = phrase_after(text, i, 3)
        if phrase is None or phrase.first - i > 1 or phrase.name.lower() in lexicon().stop:
            break
        ends = text.at(phrase.last + 1) in OBJECT_ENDS and text.at(i) not in PREPOSITIONS
        if named and not ends:
            break
        usual = ending.get(phrase.last)
        whole = usual is not None and usual.first <= phrase.first
        count = _count_aside(text, phrase)
        named.append(
            usual if usual and whole and not count
            else _unknown(phrase.name, phrase.first, phrase.last, count)
        )  # fmt: skip
        i = phrase.last + 1
        if text.at(i) == "(":
            i = (closing(text, i) or i) + 1
        if text.at(i) not in {",", "and"}:
            break
        i += 2 if text.at(i) == "," and text.at(i + 1) == "and" else 1
    return named


def _count_aside(text: Text, phrase: Phrase) -> int | None:
    """Return the number of "district (4 districts)"."""
    for i in range(phrase.last + 1, min(phrase.last + 4, len(text.tokens) - 1)):
        if count_at(text, i) and text.lemma(i + 1) == head(phrase.name):
            return count_at(text, i)
    return None


def _subject(text: Text, last: int) -> Mention | None:
    """Return what stands right before a cue and is no usual group: "TA acts as a block"."""
    phrase = phrase_before(text, last + 1, 2)
    if phrase is None or phrase.last != last or group_kind(phrase.name) is not None:
        return _counted_subject(text, last)
    drawn = head(phrase.name) in {"assignment", "allocation", "order", "sequence", "choice"}
    if drawn or text.at(phrase.first - 1) not in SUBJECT_LEADS or is_verbal(head(phrase.name)):
        return None
    return _unknown(phrase.name, phrase.first, last, None)


def _told_aside(text: Text, i: int) -> int | None:
    """Return the three of "compartment (3 of them) is the block"."""
    return count_at(text, i + 1) if text.at(i) == "(" else None


def _joined_to(text: Text, named: Mention, before: Sequence[Mention]) -> list[Mention]:
    """Return the "runs" of "runs and positions"."""
    if text.at(named.first - 1) != "and":
        return []
    last = named.first - 2
    known = [m for m in before if m.last == last]
    noun = text.lemma(last)
    return known or ([_unknown(noun, last, last, None)] if noun.isalpha() else [])


def _counted_subject(text: Text, last: int) -> Mention | None:
    """Return the plural of "five blends of it are used as blocks"."""
    for i in range(last, max(last - COUNTED_REACH, 1), -1):
        count = count_at(text, i - 1)
        if text.at(i) in {".", ";", ","}:
            return None
        if count is not None and text.lemmas[i] != text.at(i) and text.tokens[i].is_word:
            return _unknown(text.lemmas[i], i - 1, i, count)
    return None


def _unknown(noun: str, first: int, last: int, count: int | None) -> Mention:
    return Mention(noun, "", count, first, last, each=False, parent="", per_cell=False)


def _coordinated(text: Text, near: Sequence[Mention]) -> list[Mention]:
    """Return the first mention and those joined to it by "and" or a comma."""
    chain = list(near[:1])
    for m in near[1:]:
        left, right = sorted((chain[-1], m), key=lambda x: x.first)
        if text.words(left.last + 1, right.first - 1).strip() not in {"and", ",", ", and"}:
            break
        chain.append(m)
    return chain
