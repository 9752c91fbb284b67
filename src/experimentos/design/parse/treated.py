"""Extractor for treatments that are given: "treat them with PBS, LPS 10 ng/ml or LPS 100"."""

import re
from collections.abc import Iterator
from itertools import takewhile

from experimentos.design.parse.alternatives import RECEIVE, plain, without_articles
from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import group_kind, lexicon, pattern, words
from experimentos.design.parse.mentions import count_at
from experimentos.design.parse.phrases import PARTICIPLES, Phrase, split_items
from experimentos.design.parse.text import Text

REWARD = pattern("alternatives_reward")
BY = words("treated_by")
LIST_ENDS = words("treated_ends")
KEPT = re.compile(r"^(?:keep|keeps|kept|retain|retains|stay with|stays with) (?:the |their )?")
SHARE = re.compile(r"\(\d{1,3} ?%\)")
JOINED = re.compile(r"\bor\b|,[^,]{1,60}\band\b")
MOST_TREATMENTS, LONGEST_TREATMENT, LONGEST_LIST = 10, 6, 40
PREPOSITIONS = frozenset({"with", "to", "of", "using"})
JOINTS = frozenset({"or", "and", "%"})
PARTING = frozenset({"at", "in", "for", "on", "under", "each"})
CLAUSE_VERBS = frozenset(
    {"is", "are", "was", "were", "has", "have", "we", "they", "receive", "receives", "gets"}
)
DISTRIBUTIVE = frozenset({"each", "every", "all"})


def treated_with(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "treat them with PBS, LPS 10 ng/ml or LPS 100 ng/ml"."""
    joint = 0
    for i in range(len(text.tokens) - 3):
        while joint < len(text.tokens) and (joint <= i or text.at(joint) not in JOINTS):
            joint += 1
        if joint - i > LONGEST_LIST:
            continue
        if text.at(i) not in BY or (text.at(i) in PREPOSITIONS and not _verb_before(text, i)):
            continue
        if text.at(i + 1) == "part":
            continue
        last = _list_end(text, i + 1)
        levels = _treatments(text, i + 1, last)
        if 2 <= len(levels) <= MOST_TREATMENTS:
            yield Candidate(
                _lettered_noun(levels), "treatment", i, last, "treated_with", 0.6, levels, None,
                len(levels),
            )  # fmt: skip


def _treatments(text: Text, first: int, last: int) -> tuple[str, ...]:
    """Return the items of a list that are treatments, () when one of them cannot be."""
    listed = text.words(first, last).lower()
    shares = len(SHARE.findall(listed)) > 1
    if not (JOINED.search(listed) or shares) or "either" in listed or REWARD.search(listed):
        return ()
    split = split_items(text, first, last)
    items = list(takewhile(lambda item: not _ends_list(text, item), split))
    names = [without_articles(plain(item.name)) for item in items]
    names = [KEPT.sub("", name) for name in names]
    if names and names[-1] in {"one", "ones"}:
        names = [_with_adjective(text, item) for item in items]
        names[-1] = names[-1].rsplit(" ", 1)[0]
    numbers = any(text.tokens[item.first].kind == "number" for item in items[1:2])
    numbers = numbers and bool(items) and _holds_a_number(text, items[0])
    if numbers or any(_is_clause(text, item) for item in items):
        return ()
    fitting = all(name and len(name.split()) <= LONGEST_TREATMENT for name in names)
    return tuple(names) if fitting else ()


def _lettered_noun(levels: tuple[str, ...]) -> str:
    """Return "drug" for "drug A or placebo", else "treatment"."""
    words = levels[0].split()
    lettered = len(words) == 2 and len(words[1]) == 1 and words[0] in lexicon().attributes
    return words[0] if lettered else "treatment"


def _holds_a_number(text: Text, item: Phrase) -> bool:
    """Return whether an item is a number, or ends with one as "lead at 0" does."""
    whole = text.tokens[item.first].kind == "number"
    return whole or (
        text.tokens[item.last].kind == "number" and text.at(item.last - 1) in {"at", "of"}
    )


def _with_adjective(text: Text, item: Phrase) -> str:
    """Return "new diet", whose adjective alone tells it from "the old one"."""
    lead = text.at(item.first - 1)
    return f"{lead} {item.name}" if lead in {"new", "current", "usual"} else item.name


def _ends_list(text: Text, item: Phrase) -> bool:
    """Return whether an item is no level: "16 per arm", "drawn by lot"."""
    return _is_count(text, item) or text.at(item.first) in PARTICIPLES


def _is_clause(text: Text, item: Phrase) -> bool:
    """Return whether an item is no treatment: a clause, "every food", "heads"."""
    inside = {text.at(i) for i in range(item.first, item.last + 1)}
    led = text.at(item.first) in DISTRIBUTIVE or _is_counted(text, item)
    return led or bool(inside & (CLAUSE_VERBS | {"heads", "tails"}))


def _is_counted(text: Text, item: Phrase) -> bool:
    """Return whether an item starts a clause of its own: "three dogs randomly put on"."""
    counted = text.tokens[item.first].kind == "word" and count_at(text, item.first) is not None
    return counted and group_kind(text.lemma(item.first + 1)) is not None


def _is_count(text: Text, item: Phrase) -> bool:
    """Return whether an item says how many there are: "four sections each", "16 per arm"."""
    counted = count_at(text, item.first) is not None
    words = {text.at(i) for i in range(item.first, item.last + 1)}
    return counted and (
        bool(words & {"each", "per", "apiece"}) or group_kind(item.name) is not None
    )


def _verb_before(text: Text, i: int) -> bool:
    reach = {"of": 5, "to": 14 if text.at(i - 1) in {",", ")"} else 7}.get(text.at(i), 3)
    if any(token.lower in RECEIVE for token in text.tokens[max(i - reach, 0) : i]):
        return True
    made = text.at(i - 1).endswith("ed") and text.at(i - 1) not in {"crossed", "combined"}
    return text.at(i) in {"with", "using"} and made


def _starts_anew(text: Text, i: int) -> bool:
    """Return whether another list starts: "coarse or fine mesh", "and watered to 80 or 50 %"."""
    if text.at(i) == "and" and text.at(i + 1).endswith("ed"):
        return True
    return "or" in {text.at(j) for j in range(i + 1, i + 4)} and text.at(i) not in {"and", "or"}


def _at_number(text: Text, i: int) -> bool:
    """Return whether "at 12 and 18 C" follows, a list of its own."""
    return text.at(i) == "at" and i + 1 < len(text.tokens) and text.tokens[i + 1].kind == "number"


def _list_end(text: Text, first: int) -> int:
    _, end = text.sentence_of(first)
    end = min(end, first + LONGEST_LIST)
    depth = 0
    joined, seen = text.at(first - 1) != "to", False
    for i in range(first, end - 1):
        depth += {"(": 1, ")": -1}.get(text.at(i), 0)
        seen = seen or text.at(i) in {"or", "and"}
        joined = joined or seen
        following = text.at(i + 1)
        parted = following == "," and (
            text.at(i + 2) in PARTING or (seen and _starts_anew(text, i + 2))
        )
        ends = (
            following in {".", ";", ":", ")"}
            or _at_number(text, i + 1)
            or (joined and (parted or following in LIST_ENDS))
        )
        if depth == 0 and ends:
            return i
    return end - 1
