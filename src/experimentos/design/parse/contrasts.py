"""Extractors for factors told by a contrast: "coolant on or off", "six urban and six rural"."""

import re
from collections.abc import Iterator

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import group_kind, lexicon, pairs, words
from experimentos.design.parse.lists import is_named_factor, is_outcome
from experimentos.design.parse.measured import VERB_NOUNS
from experimentos.design.parse.mentions import count_at
from experimentos.design.parse.phrases import (
    Phrase,
    Quantity,
    head,
    is_verbal,
    phrase_after,
    phrase_before,
    quantity_at,
)
from experimentos.design.parse.quantities import UNIT_NAMES
from experimentos.design.parse.text import Text

JOINTS = frozenset({"or", "and", "/", "vs", "versus"})
BETWEEN = frozenset({"was", "were", "is", "are", "either", "(", ",", ":", "-", "being", "level"})
LEADS = frozenset({"with", "under", "at", "in", "for", "to"})
NOT_COMPARED = words("contrasts_not_compared")
PAIR_ENDS = frozenset({"", ".", ",", ";", ":", ")", "and"})
ONE = frozenset({"one", "half", "some", "first"})
OTHER = frozenset({"other", "others", "rest", "second", "remaining", "half"})
DEGREES = r"-?\d{1,3}(?: ?(?:\u00b0 ?C|\u00b0|degrees(?: C)?|deg C|C\b))?"
ROOM_ITEM = rf"(?:at )?(?:(?:room|ambient) temperature|{DEGREES})"
ROOM = re.compile(
    rf"\b{ROOM_ITEM}(?:(?:, (?:or |and )?| or | and | versus | vs\.? ){ROOM_ITEM}){{1,4}}"
)
ROOM_LEVEL = re.compile(r"(?:room|ambient) temperature|-?\d{1,3}")
MOST_ROOM = 5
OTHER_REACH, NEAR = 9, 8
LONGEST_TRAIT = 2
"""Words of "heat-treated" or "non-smoking" before the noun that both sides share."""


def opposites(text: Text) -> Iterator[Candidate]:
    """Yield factors whose two levels are opposites of the lexicon, after or before their name."""
    known = pairs("opposites")
    for i in range(len(text.tokens) - 2):
        if text.at(i + 1) not in JOINTS:
            continue
        again = text.at(i + 1) == "or" and text.at(i + 2) == text.at(i - 1) == "the"
        placed = text.at(i + 2) in LEADS | {"by", "on"} and text.at(i - 1) in LEADS
        right = i + 3 if again or placed else i + 2
        if (text.at(i), text.at(right)) not in known:
            continue
        named = _named(text, i, right)
        if named is not None:
            name, first, last = named
            levels = (text.tokens[i].text, text.tokens[right].text)
            yield Candidate(name, "treatment", first, last, "named", 0.75, levels, None, 2)


def _named(text: Text, i: int, right: int) -> tuple[str, int, int] | None:
    """Return the name of the pair at these tokens, and its evidence."""
    after = right + 1
    follows = after < len(text.tokens) and text.tokens[after].is_word
    if follows and (right > i + 2 or text.at(i - 1) in LEADS):
        phrase = phrase_after(text, after, 2)
        if phrase is not None and phrase.first == after:
            return phrase.name, i, phrase.last
    if (
        follows
        and text.lemmas[after] in lexicon().attributes
        and group_kind(text.at(after)) is None
    ):
        last = after
        while text.lemma(last + 1) in lexicon().attributes:
            last += 1
        words = [*(text.at(j) for j in range(after, last)), text.lemmas[last]]
        return " ".join(words), i, last
    phrase = phrase_before(text, i)
    near = phrase is not None and all(text.at(j) in BETWEEN for j in range(phrase.last + 1, i))
    if phrase is not None and _is_answer(text, i, phrase):
        return None
    if phrase is None or not near or is_verbal(head(phrase.name)) or group_kind(phrase.name):
        led = text.at(i - 1) in {"with", "under"} or right > i + 2 or text.at(i - 1).endswith("ed")
        return ("treatment", i, right) if led else None
    return phrase.name, phrase.first, right


def _is_answer(text: Text, i: int, phrase: Phrase) -> bool:
    """Return whether "attendance (yes/no)" is an outcome and not a factor."""
    outcome = text.at(i) in {"yes", "no"} and is_outcome(text, phrase)
    return outcome or (text.at(i) == "yes" and not is_named_factor(text, phrase))


def before_or_after(text: Text) -> Iterator[Candidate]:
    """Yield the timing of "applied before or after emergence"."""
    for i in range(1, len(text.tokens) - 3):
        if text.words(i, i + 2).lower() in {"before or after", "before versus after"}:
            yield Candidate(
                "timing", "treatment", i, i + 2, "named", 0.6, ("before", "after"), None, 2
            )


def at_room_temperature(text: Text) -> Iterator[Candidate]:
    """Yield the temperature of "at room temperature, at 4 or at -20 C"."""
    for match in ROOM.finditer(text.clean):
        first = text.token_from(match.start())
        last = min(text.token_ending_after(match.end() - 1), len(text.tokens) - 1)
        levels = tuple(ROOM_LEVEL.findall(match.group()))
        named = "temperature" in match.group() and match.group().count("C") > 0
        if named and first < last and 2 <= len(levels) <= MOST_ROOM:
            yield Candidate(
                "temperature", "treatment", first, last, "named", 0.86, levels, "degC", len(levels)
            )


def attribute_pairs(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "build orientation flat or upright"."""
    for i in range(len(text.tokens) - 4):
        if text.at(i + 2) != "or" or text.at(i + 4) not in PAIR_ENDS:
            continue
        if text.lemmas[i] not in lexicon().attributes or text.lemmas[i] in lexicon().groups:
            continue
        sides = text.tokens[i + 1], text.tokens[i + 3]
        phrase = phrase_before(text, i + 1)
        if phrase is None or any(not t.is_word or t.lower in lexicon().stop for t in sides):
            continue
        levels = (sides[0].text, sides[1].text)
        yield Candidate(
            phrase.name, "treatment", phrase.first, i + 3, "named", 0.65, levels, None, 2
        )


def or_not(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "inoculated or not with mycorrhiza"."""
    for i in range(1, len(text.tokens) - 2):
        if text.at(i) != "or" or text.at(i + 1) != "not" or not text.at(i - 1).endswith("ed"):
            continue
        if (
            text.at(i - 1) in VERB_NOUNS
            or text.at(i - 2) in {"(", "each", "all"}
            or text.at(i + 2) in {text.at(i - 1), ")"}
        ):
            continue
        done = text.tokens[i - 1].text
        phrase = phrase_after(text, i + 3, 2) if text.at(i + 2) in {"with", "to"} else None
        last = phrase.last if phrase else i + 1
        yield Candidate(
            phrase.name if phrase else done, "treatment", i - 1, last, "named", 0.7,
            (done, f"not {done}"), None, 2,
        )  # fmt: skip


def stems(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "nitrate-rich juice ... nitrate-depleted juice"."""
    for first, end in text.sentences:
        hyphened = [
            i for i in range(first, end - 1)
            if text.at(i).count("-") == 1 and text.tokens[i].is_word and text.tokens[i + 1].is_word
        ]  # fmt: skip
        earlier: dict[str, int] = {}
        for j in hyphened:
            i = earlier.setdefault(text.lemmas[j + 1], j)
            (a, b), (c, d) = text.at(i).split("-"), text.at(j).split("-")
            if (a == c) != (b == d):
                levels = (text.tokens[i].text, text.tokens[j].text)
                yield Candidate(
                    text.lemmas[i + 1], "treatment", i, j + 1, "named", 0.65, levels, None, 2
                )


def undone(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "inoculated with Rhizophagus or left uninoculated"."""
    for i in range(1, len(text.tokens) - 4):
        if text.at(i) != "with" or not text.at(i - 1).endswith("ed"):
            continue
        phrase = phrase_after(text, i + 1, 3)
        j = phrase.last + 1 if phrase is not None else i
        if phrase is None or text.at(j) != "or":
            continue
        j += 1 + (text.at(j + 1) in {"left", "kept", "remained"})
        if text.at(j) == f"un{text.at(i - 1)}":
            levels = (text.tokens[i - 1].text, text.tokens[j].text)
            yield Candidate(phrase.name, "treatment", i - 1, j, "named", 0.75, levels, None, 2)


def contrasted(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "six urban and six rural boxes" and "40 smokers and 40 non-smokers"."""
    for i in range(len(text.tokens) - 4):
        if text.at(i) not in {"and", "versus", "vs"} or count_at(text, i + 1) is None:
            continue
        left = _counted_trait(text, i)
        right = _trait_after(text, i + 2)
        if left is None or not right or left[1] == right or count_at(text, left[0]) is None:
            continue
        levels = (left[1], right)
        if _are_compared(text, i, levels):
            yield Candidate(
                "group", "treatment", left[0], i + 1 + len(right.split()), "contrasted", 0.6,
                levels, None, 2,
            )  # fmt: skip


def paired_quantities(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "one runs at 400 ppm CO2 and the other one at 800 ppm"."""
    for first, end in text.sentences:
        joint = next((i for i in range(first + 4, end - 1) if _is_other(text, i)), None)
        if joint is None:
            continue
        before = [q for i in range(first, joint) if (q := _with_unit(text, i))]
        after = [
            q for i in range(joint + 1, min(joint + OTHER_REACH, end)) if (q := _with_unit(text, i))
        ]
        if (
            not after and len(before) > 1
        ):  # "to 2 bar in half of the runs and to 4 bar in the others"
            before, after = before[:-1], before[-1:]
        if not before or not after or before[-1].unit != after[0].unit:
            continue
        a, b = before[-1], after[0]
        if not any(text.at(i) in ONE for i in range(first, joint)) or joint - a.after > NEAR:
            continue
        named = _substance(text, a.after) or _substance(text, b.after)
        name = named or UNIT_NAMES.get(a.unit or "", "level")
        yield Candidate(
            name, "treatment", a.token, b.after - 1, "number_list", 0.7, (a.value, b.value),
            a.unit, 2,
        )  # fmt: skip


def parted_quantities(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "at 18 C overnight or 37 C for 4 h"."""
    for i in range(2, len(text.tokens) - 1):
        if text.at(i) not in {"or", "vs", "versus"}:
            continue
        b = _with_unit(text, i + 1)
        if b is None:
            continue
        for j in range(i - 2, max(i - 6, -1), -1):
            a = _with_unit(text, j)
            if a is not None:
                words = all(text.tokens[k].is_word for k in range(a.after, i))
                if a.unit == b.unit and words and a.after < i:
                    name = UNIT_NAMES.get(a.unit or "", "level")
                    yield Candidate(
                        name, "treatment", j, b.after - 1, "number_list", 0.6,
                        (a.value, b.value), a.unit, 2,
                    )  # fmt: skip
                break


def _is_other(text: Text, i: int) -> bool:
    return text.at(i) in OTHER and text.at(i - 1) in {"the", ",", "and", ";"}


def _with_unit(text: Text, i: int) -> Quantity | None:
    quantity = quantity_at(text, i)
    return quantity if quantity is not None and quantity.unit else None


def _substance(text: Text, i: int) -> str:
    """Return what stands right after a quantity: "CO2" in "400 ppm CO2"."""
    i += text.at(i) == "of"
    if i >= len(text.tokens) or not text.tokens[i].is_word or text.at(i) in lexicon().stop:
        return ""
    phrase = phrase_after(text, i, 2)
    return phrase.name if phrase is not None and phrase.first == i else ""


def _counted_trait(text: Text, joint: int) -> tuple[int, str] | None:
    """Return where the count before this joint stands, and the words between them."""
    for j in range(joint - 1, max(joint - 3 - LONGEST_TRAIT, -1), -1):
        if count_at(text, j) is not None:
            return (j, text.words(j + 1, joint - 1)) if j < joint - 1 else None
        if not text.tokens[j].is_word or text.at(j) in lexicon().stop:
            return None
    return None


def _trait_after(text: Text, first: int) -> str:
    """Return the words that tell the second group: "rural" before the noun, or "non-smokers"."""
    if first >= len(text.tokens) or not text.tokens[first].is_word:
        return ""
    return "" if text.at(first) in lexicon().stop else text.tokens[first].text


def _are_compared(text: Text, joint: int, levels: tuple[str, str]) -> bool:
    """Return whether the two are kinds of one thing, and not two things that are counted."""
    left, right = (levels[0].split(), levels[1].split())
    if any(word.lower() in NOT_COMPARED for word in (*left, *right)):
        return False
    nouns = [group_kind(text.lemma(joint - 1)), group_kind(text.lemma(joint + 2))]
    if any(kind is not None for kind in nouns):
        return False
    named = text.lemma(joint + 2) in lexicon().nouns or text.lemma(joint - 1) in lexicon().nouns
    return not named and len(left) <= LONGEST_TRAIT
