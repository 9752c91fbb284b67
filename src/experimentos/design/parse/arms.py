"""Extractors for arms told one by one: "12 get the new programme, 12 carry on as usual"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from experimentos.design.parse.alternatives import RECEIVE
from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import lexicon, pattern, words
from experimentos.design.parse.mentions import TIMES, count_at
from experimentos.design.parse.text import Text, singular

SHARES = words("arms_shares")
DETERMINERS = frozenset({"the", "one", "a", "another", "other"})
VERBS = words("arms_verbs")
ARM_NOUNS = frozenset({"control", "treatment", "variant", "a", "b", "c", "d", "arm", "placebo"})
BE = frozenset({"is", "are", "was", "were"})
DRAWN = re.compile(r"(?:randomi[sz]|allott|allocat|assign|match|recruit|enrol|drawn|chosen|select)")
LINKS = frozenset({"to", "as", "with"})
ENDS = frozenset({",", ";", ".", "(", ")", ":"})
KEPT_VERBS = frozenset({"play", "plays", "sleep", "slept", "watch", "read", "train"})
LISTED = re.compile(r" or |/|, ")
NO_ARM = pattern("arms_none")
OTHERS = frozenset({"other", "others", "rest", "second"})
NOISE = pattern("arms_noise")
TAIL = pattern("arms_tail")
WORD = re.compile(r"[a-z][a-z-]*")
SMALL_WORDS = words("arms_small_words")
OPENERS = DETERMINERS | SHARES | {"one", "which"}
NOT_ELLIPTIC = words("arms_not_elliptic")
LONGEST_ELLIPSIS, ATTRIBUTE = 4, 6
LONGEST_SUBJECT, LONGEST_ARM, MOST_ARMS = 8, 12, 6


@dataclass(frozen=True, slots=True)
class Arm:
    """What one share of the units gets, and the last token that says so."""

    level: str
    first: int
    last: int


def shares(text: Text) -> Iterator[Candidate]:
    """Yield the factor of arms that are told one by one within a sentence."""
    for first, end in text.sentences:
        arms = _arms(text, first, end - 1)
        levels = tuple(dict.fromkeys(arm.level for arm in arms))
        if 2 <= len(levels) <= MOST_ARMS and not any(NO_ARM.search(level) for level in levels):
            yield Candidate(
                _shared_word(levels), "treatment", arms[0].first, arms[-1].last, "shares", 0.65,
                levels, None, len(levels),
            )  # fmt: skip


def named_arms(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "control = popular items, treatment = personal items"."""
    for first, end in text.sentences:
        arms = [
            Arm(_level("", text.words(start, last)), i, last)
            for i in range(first, end - 2)
            if text.lemmas[i] in ARM_NOUNS
            and not (text.at(i + 1) == ":" and text.at(i + 3) == "=")
            and (start := _named_from(text, i)) is not None
            for last in [_arm_end(text, start, end - 1)]
        ]
        levels = tuple(dict.fromkeys(arm.level for arm in arms if arm.level))
        if any(LISTED.search(level) for level in levels):
            continue
        if 2 <= len(levels) <= MOST_ARMS:
            yield Candidate(
                "treatment", "treatment", arms[0].first, arms[-1].last, "shares", 0.7, levels,
                None, len(levels),
            )  # fmt: skip


def told_by_group(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "the control group gets nothing; the other group gets a text"."""
    arms: list[Arm] = []
    for i in range(1, len(text.tokens) - 2):
        if text.lemmas[i] not in {"group", "arm"}:
            continue
        labelled = text.tokens[i + 1].value is not None or len(text.at(i + 1)) == 1
        verb = i + 1 + labelled
        spoken = text.at(verb) in VERBS - BE
        if spoken or (labelled and arms and text.at(verb) in {"in", "on", "at", "with", "not"}):
            _, end = text.sentence_of(i)
            last = _arm_end(text, verb + spoken, end - 1)
            arms.append(Arm(_level(text.at(verb), text.words(verb + spoken, last)), i, last))
    levels = tuple(dict.fromkeys(arm.level for arm in arms if arm.level))
    near = bool(arms) and arms[-1].first - arms[0].first <= LONGEST_ARM * MOST_ARMS
    if near and 2 <= len(levels) <= MOST_ARMS and not any(NO_ARM.search(x) for x in levels):
        yield Candidate(
            "treatment", "treatment", arms[0].first, arms[-1].last, "shares", 0.65, levels, None,
            len(levels),
        )  # fmt: skip


def _named_from(text: Text, i: int) -> int | None:
    """Return where the level starts after "control =", "variant B:" or "treatment 2 ("."""
    for j in (i + 1, i + 2):
        if text.at(j) in {"=", ":", "("}:
            return j + 1
        if len(text.at(j)) > 1 and count_at(text, j) is None:
            return None
    return None


def _arms(text: Text, first: int, last: int) -> list[Arm]:
    arms: list[Arm] = []
    i = first
    while i <= last:
        arm = _arm(text, i, last) if _opens(text, i, first) else None
        if arm is None and arms and _opens(text, i, first):
            arm = _elliptic(text, i, last)
        if arm is not None:
            arms.append(arm)
            i = arm.last
        i += 1
    single = [arm for arm in arms if text.at(arm.first) == "one"]
    return single if len(single) > 1 else arms


def _elliptic(text: Text, opening: int, last: int) -> Arm | None:
    """Return what "18 only next year (waiting list)" gets: the verb stands with the first arm."""
    shared = text.at(opening + 1) in SHARES | {"half", "third", "other"}
    start = opening + (2 if shared else 1)
    start += text.at(start) in {"half", "third"}
    end = _arm_end(text, start, last)
    if text.at(end + 1) == "(" and text.at(end + 4) == ")":
        return Arm(text.words(end + 2, end + 3), opening, end + 4)
    level = _level("", text.words(start, end))
    words = level.split() if any(c.isalnum() for c in level) else []
    plain = 0 < len(words) <= LONGEST_ELLIPSIS and text.at(start) not in NOT_ELLIPTIC
    counts = len(words) == 1 and singular(words[0]) != words[0]
    counts = counts or (not shared and text.lemma(start) != text.at(start))
    group = {text.lemma(start), singular(words[-1]) if words else ""} & lexicon().groups.keys()
    return Arm(level, opening, end) if plain and not counts and not group else None


def _opens(text: Text, i: int, first: int) -> bool:
    """Return whether a share of the units starts here: "half", "the rest", "12", "one section"."""
    if i >= len(text.tokens) or (text.tokens[i].value is None and text.at(i) not in OPENERS):
        return False
    if text.at(i) in DETERMINERS and text.at(i + 1) in SHARES | {"half", "other", "third"}:
        return True
    if _is_one_of_two(text, i):
        return True
    aside = text.at(i - 1) == "(" and text.at(i + 1) == ")"
    starts = text.at(i - 2) in {"each", "every"} and text.at(i - 3) in {"in", "within", "at"}
    starts = (
        starts
        or i == first
        or text.at(i - 1) in ENDS | {"and", "while", "whereas", "the", "one", "a"}
    )
    counted = text.at(i) in SHARES | {"one"} or count_at(text, i) is not None
    return starts and counted and not aside and text.lemma(i + 1) not in TIMES


def _is_one_of_two(text: Text, i: int) -> bool:
    """Return whether "one section" has its other, or stands once more."""
    if text.at(i) not in {"one", "which"}:
        return False
    other = text.at(i) == "one" and text.at(i - 1) != "the" and _has_other(text, i)
    return other or _recurs(text, i)


def _has_other(text: Text, i: int) -> bool:
    """Return whether "the other" follows within the sentence."""
    _, end = text.sentence_of(i)
    return any(text.at(j) == "the" and text.at(j + 1) in OTHERS for j in range(i + 2, end - 1))


def _recurs(text: Text, i: int) -> bool:
    """Return whether "one section" or "which store" stands once more in the sentence."""
    _, end = text.sentence_of(i)
    first, _ = text.sentence_of(i)
    return any(
        j != i
        and text.at(j) == text.at(i)
        and (text.lemma(j + 1) == text.lemma(i + 1) or "one" in {text.at(j + 1), text.at(i + 1)})
        for j in range(first, end)
    )


def _arm(text: Text, opening: int, last: int) -> Arm | None:
    """Return what the share gets, after its verb or "to", "as", "with"."""
    for i in range(opening + 1, min(opening + LONGEST_SUBJECT + 1, last)):
        if text.at(i) in ENDS - {"(", ")"}:
            return None
        if text.at(i) == "with" and any(text.at(k) in BE for k in range(i + 1, i + ATTRIBUTE)):
            continue
        if (
            (text.at(i) in VERBS and not _is_counted_noun(text, i))
            or (text.at(i) in LINKS and i > opening)
            or (text.at(i) in {"in", "on"} and text.at(opening) == "one" and i == opening + 1)
        ):
            if text.at(i) in {"do", "did"} and text.at(i + 1) == "not":
                return Arm(text.words(i, i + 1), opening, i + 1)
            end = _arm_end(text, i + 1, last)
            level = _level(text.at(i), text.words(i + 1, end))
            return Arm(level, opening, end) if any(c.isalnum() for c in level) else None
    return None


def _is_counted_noun(text: Text, i: int) -> bool:
    """Return whether "runs" in "20 runs" is a noun."""
    return count_at(text, i - 1) is not None and text.lemmas[i] in lexicon().groups


def _arm_end(text: Text, first: int, last: int) -> int:
    i = first
    while i < last and i - first < LONGEST_ARM and text.at(i + 1) not in ENDS:
        if text.at(i + 1) in {"and", "while", "whereas"} and _opens(text, i + 2, i + 2):
            break
        i += 1
    return i


def _level(verb: str, words: str) -> str:
    """Return what an arm gets, "" for how its units were drawn."""
    if verb in BE and DRAWN.match(words.lower()):
        _, _, words = words.partition(" to ")
    given, _, rest = words.strip().partition(" ")
    if verb in BE and given.lower() in RECEIVE and rest:
        words = rest
    rest = TAIL.split(NOISE.sub("", words.strip() + " ").strip())[0].strip(" .,:'\"")
    return f"{verb} {rest}".strip() if verb in KEPT_VERBS else rest


def _shared_word(levels: tuple[str, ...]) -> str:
    """Return the word that all levels share, or "treatment"."""
    sides: list[list[str]] = [
        [word for word in WORD.findall(level.lower()) if word not in SMALL_WORDS]
        for level in levels
    ]
    shared = (word for word in sides[0] if all(word in side for side in sides[1:]))
    named = (side[-1] for side in sides if side and side[-1] in lexicon().attributes)
    return next(shared, None) or next(named, "treatment")
