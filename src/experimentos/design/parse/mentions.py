"""Mentions of what an experiment is made of: plots, patients, batches, days, and how many."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from experimentos.design.parse.lexicon import AREAS, lexicon, unit_at, words
from experimentos.design.parse.mention import (
    OLDS,
    Mention,
    is_left_out,
    same_people,
    same_things,
)
from experimentos.design.parse.phrases import is_verbal
from experimentos.design.parse.text import Text
from experimentos.design.parse.turns import is_agent

ADJECTIVES_LIMIT = 4
QUALIFIERS = words("mentions_qualifiers")
DISTRIBUTIVE = words("mentions_distributive")
CONDITIONS = words("mentions_conditions")
WITHIN = words("mentions_within")
TIMES = words("mentions_times")
SINGLED = frozenset({"each", "every", "all", "any", "one"})
VERBS = words("mentions_verbs")
MOMENTS = frozenset({"at", "after", "until", "within", "of"})
CLOSERS = frozenset({",", ".", ";", "", ")", "(", "so"})
AT_RANDOM = frozenset({"in random", "at random"})
HOLDING = frozenset(
    {"with", "of", "holding", "containing", "having", "hold", "holds", "contain", "have", "had"}
)
SEXES = frozenset({"sex", "gender"})
NEAR, PARENT_REACH, SIZE_REACH = 6, 13, 8
"""Words back to the "each" of "at each site", near and in the longest clause."""

CONDITION_REACH = 9
"""Words after a noun in which "at each dose" may follow."""

MOST_MENTIONS = 400
"""Ten times those of the longest description."""

LARGEST_COUNT = 100_000_000


def mentions(text: Text) -> tuple[Mention, ...]:
    """Return the mentions of a text, in its order, the first `MOST_MENTIONS` of them."""
    found = tuple(islice(_mentions(text), MOST_MENTIONS))
    same = {**same_things(found), **same_people(found)}
    return tuple(_under_one_name(text, m, same) for m in found)


def _under_one_name(text: Text, m: Mention, same: dict[str, str]) -> Mention:
    """Return the mention by the noun that the text uses, without a count of who left."""
    left = m.count is not None and is_left_out(text, m)
    if m.noun not in same and m.parent not in same and not left:
        return m
    return replace(
        m,
        noun=same.get(m.noun, m.noun),
        parent=same.get(m.parent, m.parent),
        count=None if left else m.count,
    )


def _mentions(text: Text) -> Iterator[Mention]:
    unknown = _unknown_nouns(text)
    i = 0
    while i < len(text.tokens):
        last = noun_at(text, i)
        if last is None and text.lemmas[i] in unknown and text.tokens[i].is_word:
            last = i
        if last is None:
            i += 1
            continue
        yield _mention(text, i, last)
        i = last + 1


def noun_at(text: Text, i: int) -> int | None:
    """Return the last token of the group noun that starts here, or None.

    A noun before another noun only describes it: a plate reader is no plate.
    """
    token, groups = text.tokens[i], lexicon().groups
    if not token.is_word:
        return None
    if f"{token.lower} {text.lemma(i + 1)}" in groups:
        return i + 1
    if token.lower.endswith(("-old", "-olds")) and OLDS.fullmatch(token.lower):
        return i
    plain = text.lemmas[i] in groups and not _describes(text, i)
    return i if plain and not _is_idiom(text, i) else None


def _is_idiom(text: Text, i: int) -> bool:
    """Return whether this is "by lot", "took part", "the pilot", "within subjects"."""
    before = text.at(i - 1)
    return (
        text.at(i) == "pilot"
        or (text.at(i) == "stand" and text.at(i + 1) in {"on", "in", "at", "under", "next"})
        or (text.at(i) == "lot" and before in {"a", "by"})
        or (text.at(i) == "part" and before in {"take", "takes", "took", "taking"})
        or _tells_the_design(text, i)
    )


def _tells_the_design(text: Text, i: int) -> bool:
    """Return whether "within subjects" or "between participants" only names a kind of design."""
    plural = text.at(i) != text.lemmas[i]
    return (
        plural
        and text.at(i - 1) in {"within", "between"}
        and lexicon().groups.get(text.lemmas[i]) == "person"
    )


def _describes(text: Text, i: int) -> bool:
    """Return whether this noun describes the noun after it."""
    following = text.lemma(i + 1)
    if following == "point" and text.at(i) in {"centre", "center"}:
        return True
    if not following or not text.tokens[i + 1].is_word or text.at(i) != text.lemmas[i]:
        return False
    return following in lexicon().nouns


def _unknown_nouns(text: Text) -> frozenset[str]:
    """Return nouns that are both counted and distributed: "9 looms ... each loom"."""
    counted = {
        text.lemmas[i]
        for i, token in enumerate(text.tokens)
        if token.is_word and token.lower != text.lemmas[i] and _count_before(text, i)[1]
    }
    distributed = {
        text.lemmas[i]
        for i in range(1, len(text.tokens))
        if text.at(i - 1) in DISTRIBUTIVE
        or text.at(i + 1) == "each"
        or (text.at(i + 1) == "of" and text.at(i + 2) == "each")
    }
    known = lexicon().nouns | lexicon().stop | (lexicon().units.keys() - {"meter"})
    return frozenset((counted & distributed) - known)


def _mention(text: Text, first: int, last: int) -> Mention:
    noun = " ".join([*(text.at(j) for j in range(first, last)), text.lemmas[last]])
    start, count = _count_before(text, first)
    if count is None and text.at(last + 1) == "(" and _is_all(text, last + 3):
        count = count_at(text, last + 2)
        start = first
    if count is None and text.at(last) != text.lemmas[last]:
        count = _size_aside(text, last + 1)
    if _is_no_count(text, noun, start, last) or (
        text.at(start - 1) == "or" and count and count_at(text, start - 2) is not None
    ):
        start, count = first, None
    if noun not in lexicon().groups and noun == text.words(first, last).lower():
        start, count = first, None
    if count is not None and text.at(start - 1) == "and":
        count += _count_joined(text, start - 1)
    lead = start - 1 if text.at(start - 1) not in {"the", "these", "those", "of"} else start - 2
    return Mention(
        noun=noun,
        kind="person"
        if noun.endswith("-old") or is_agent(noun)
        else lexicon().groups.get(noun, ""),
        count=count,
        first=start if count else first,
        last=last,
        each=text.at(lead) in DISTRIBUTIVE or text.at(first - 1) in DISTRIBUTIVE,
        parent=_parent(text, start, last, noun),
        per_cell=_is_per_cell(text, last) and not _holder(text, start, last),
        joined=count is not None and text.at(start - 1) in {"and", ","},
    )


def _is_no_count(text: Text, noun: str, start: int, last: int) -> bool:
    """Return whether the number is a moment, "two at a time" or "10 plants per m2"."""
    moment = noun in TIMES and text.at(start - 1) in MOMENTS and text.at(start - 2) not in SINGLED
    dense = text.at(last + 1) in {"per", "/"} and text.at(last + 2) in AREAS
    return moment or dense or text.words(last + 1, last + 3).lower() == "at a time"


def _size_aside(text: Text, first: int) -> int | None:
    """Return the 150 of "patients with osteoarthritis (n = 150)"."""
    for i in range(first, min(first + SIZE_REACH, len(text.tokens) - 4)):
        if text.at(i) in {".", ";", ",", ":"}:
            break
        if text.at(i) == "(":
            told = text.at(i + 1) == "n" and text.at(i + 2) == "=" and text.at(i + 4) in {")", ","}
            return count_at(text, i + 3) if told else None
    return None


def _count_joined(text: Text, joint: int) -> int:
    """Return the first six of "six urban and six rural boxes", 0 where nothing is summed."""
    trait = text.at(joint - 1)
    if trait in lexicon().stop or trait in lexicon().units or text.lemma(joint - 1) != trait:
        return 0
    return count_at(text, joint - 2) or 0 if text.lemma(joint - 1) not in lexicon().groups else 0


def _is_all(text: Text, i: int) -> bool:
    """Return whether "(48)" or "(48 of them)" ends here."""
    return text.at(i) == ")" or (text.at(i) == "of" and text.at(i + 1) == "them")


def _count_before(text: Text, noun: int) -> tuple[int, int | None]:
    """Return the first token of "24 primary schools" and its count, past the adjectives."""
    for i in range(noun - 1, max(noun - 2 - ADJECTIVES_LIMIT, -1), -1):
        token = text.tokens[i]
        count = None if _is_part_of_code(text, i) else count_at(text, i)
        if count is not None:
            digits = token.kind == "number" and i + 1 < noun
            measured = digits and unit_at(text.clean, token.end) is not None
            return (noun, None) if measured or count < 2 else (i, count)
        if _is_part_of_code(text, i):
            continue
        if (
            not token.is_word
            or token.lower in VERBS
            or (token.lower in lexicon().stop and token.lower not in QUALIFIERS)
        ):
            break
        if is_verbal(token.lower) and token.lower not in QUALIFIERS and i == noun - 1:
            continue
    return noun, None


def _is_part_of_code(text: Text, i: int) -> bool:
    """Return whether this is a piece of "C57BL/6"."""
    if text.at(i) == "/":
        return 0 < i < len(text.tokens) - 1 and text.tokens[i + 1].start == text.tokens[i].end
    return i > 1 and text.at(i - 1) == "/" and text.tokens[i - 1].end == text.tokens[i].start


def count_at(text: Text, i: int) -> int | None:
    """Return the whole number at this token, "sixty thousand" included, or None."""
    if not 0 <= i < len(text.tokens):
        return None
    token = text.tokens[i]
    value = token.value
    if value is None or value != int(value) or not 0 < value < LARGEST_COUNT:
        return None
    glued = text.at(i - 1) == ":" and text.tokens[i - 1].end == token.start
    return None if glued or text.at(i - 1) in {"^", "/", "-", "no."} else int(value)


def _parent(text: Text, first: int, last: int, noun: str) -> str:
    """Return the noun of "from every batch" after or right before a mention."""
    if text.at(last + 1) in {"a", "an"}:
        parent = _noun_name(text, last + 2)
        return parent if parent in lexicon().groups else ""
    for i in range(last + 1, min(last + 5, len(text.tokens) - 2)):
        if text.at(i) in {".", ";", ","}:
            break
        if text.at(i) in WITHIN and text.at(i + 1) in {"each", "every", "the"}:
            parent = _noun_name(text, i + 2)
            return parent if parent != noun and _distributes(text, i) else ""
    if text.at(last + 1) == "per" and _is_holder(text, last + 2):
        return _noun_name(text, last + 2)
    parent = _holder(text, first, last) or _held_by(text, first) or _each_before(text, first)
    return parent if parent != noun else ""


def _is_holder(text: Text, i: int) -> bool:
    """Return whether "per block" names what holds the things counted before it."""
    alone = text.at(i + 1) not in {"and", "x"} and text.lemma(i) not in CONDITIONS
    return alone and lexicon().groups.get(text.lemma(i)) in {"blocking", "nuisance"}


def _each_before(text: Text, first: int) -> str:
    """Return the noun of "at each site", "from every batch" before a count."""
    for i in range(first - 1, max(first - PARENT_REACH, -1), -1):
        if text.at(i) in {".", ";", ":"} or (text.at(i) == "," and i < first - 1):
            break
        led = text.at(i) in {"a", "an", "one"} and text.at(i - 1) == "within"
        if (led or text.at(i) in {"each", "every", "per"}) and _opens_clause(text, i, first):
            far = first - i > NEAR and text.at(i - 2) not in {"", "."}
            return "" if far else _noun_name(text, i + 1)
    return ""


def _held_by(text: Text, first: int) -> str:
    """Return the plot of "plots of 12 vines", "tanks of 40 fish"."""
    if text.at(first - 1) != "of" or count_at(text, first) is None:
        return ""
    holder = text.lemma(first - 2)
    if lexicon().groups.get(text.lemma(first + 1)) == "blocking":
        return ""
    return holder if lexicon().groups.get(holder) in {"unit", "nuisance", "blocking"} else ""


def _holder(text: Text, counted: int, last: int) -> str:
    """Return the sections of "eight sections with about 22 students each"."""
    if text.at(last + 1) != "each":
        return ""
    i = counted - 1
    while i > counted - 4 and text.at(i) not in HOLDING:
        i -= 1
    for j in range(i - 1, max(i - NEAR, -1), -1):
        if text.at(j) in {".", ";", ","}:
            break
        if text.lemma(j) in lexicon().groups and text.at(j) != text.lemma(j):
            return _noun_name(text, j)
    return ""


def _opens_clause(text: Text, i: int, counted: int) -> bool:
    """Return whether "in every ward", here at "every", belongs to the count after it."""
    lead = text.at(i - 1)
    if lead in {"", ".", ";", "-"}:
        return True
    clause = text.at(i - 2) in {"", ".", ";", ",", ":", "and", "-"}
    return lead in WITHIN and (clause or text.at(counted - 1) != ",")


def _distributes(text: Text, i: int) -> bool:
    return text.at(i) == "per" or text.at(i + 1) in {"each", "every"}


def _noun_name(text: Text, i: int) -> str:
    while text.at(i) in {"of", "the"} or count_at(text, i) is not None:
        i += 1
    if i >= len(text.tokens) or not text.tokens[i].is_word:
        return ""
    last = noun_at(text, i)
    if last is None:
        return text.lemmas[i]
    return " ".join([*(text.at(j) for j in range(i, last)), text.lemmas[last]])


def _is_per_cell(text: Text, last: int) -> bool:
    """Return whether what follows is "per combination", "for each diet", "each"."""
    i = last + 1
    after = i + 1 if text.at(i) == "of" else i
    ends = text.at(after + 1) in CLOSERS or text.words(i + 1, i + 2).lower() in AT_RANDOM
    if (text.at(after) == "each" and ends) or _is_told_of_each(text, last):
        return True
    for j in range(i, min(i + CONDITION_REACH, len(text.tokens))):
        leads = text.at(j) == "," and text.at(j + 1) not in {"per", "for", "in", "to"}
        if text.at(j) in {".", ";", ":"} or leads or count_at(text, j) is not None:
            return False
        distributes = text.at(j) in {"for", "to", "of", "in", "at", "with", "on", "under"}
        start = j + 2 if distributes and text.at(j + 1) in {"each", "every"} else j + 1
        if (text.at(j) == "per" or start == j + 2) and text.lemma(start) not in SEXES:
            return _is_condition(text, start)
    return False


def _is_told_of_each(text: Text, last: int) -> bool:
    """Return whether the sentence begins "every combination is brewed in"."""
    first, _ = text.sentence_of(last)
    if text.at(first) not in {"each", "every"} or last - first > 14:
        return False
    if any(text.at(i) in {",", ";", ":"} for i in range(first, last)):
        return False
    return any(text.lemma(i) in CONDITIONS for i in range(first + 1, min(first + 6, last)))


def _is_condition(text: Text, i: int) -> bool:
    while text.at(i) in {"of", "the", "treatment", "factor"} or count_at(text, i):
        i += 1
    for j in range(i, min(i + 4, len(text.tokens))):
        if text.at(j) == "and":
            continue
        if text.lemma(j) in CONDITIONS:
            return True
        if text.lemma(j) in lexicon().attributes and text.lemma(j) not in lexicon().groups:
            return True
        if text.at(j) in lexicon().stop:
            return False
    return False
