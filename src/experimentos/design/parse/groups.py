"""Extractors for blocks, subjects and other groups, and for counted factors without levels."""

import re
from collections.abc import Iterator

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import group_kind, lexicon, pattern, words
from experimentos.design.parse.phrases import head, is_verbal
from experimentos.design.parse.text import Text, singular

ADJECTIVES_LIMIT = 3
DURATION_BEFORE = words("groups_duration_before")
TIMES = frozenset(
    {"day", "week", "month", "season", "period", "shift", "session", "year", "occasion"}
)


def counted_groups(text: Text) -> Iterator[Candidate]:
    """Yield groups from "six blocks", "24 primary schools", "three casks from every batch"."""
    tokens = text.tokens
    for i, token in enumerate(tokens):
        if token.value is None or token.value != int(token.value) or token.value < 2:
            continue
        found = _group_noun(text, i + 1)
        if found is None:
            continue
        last, name = found
        kind = group_kind(name) or "nuisance"
        if kind == "unit" or (head(name) in TIMES and _is_duration(text, i, last)):
            continue
        if i and tokens[i - 1].text in {"^", "/", "-"}:
            continue
        count = int(token.value) * _parents(text, last)
        yield Candidate(head_name(name), kind, i, last, "counted", 0.6, (), None, count)


def _group_noun(text: Text, i: int) -> tuple[int, str] | None:
    """Return the group noun after up to three adjectives, with its last token."""
    for j in range(i, min(i + ADJECTIVES_LIMIT + 1, len(text.tokens))):
        token = text.tokens[j]
        if not token.is_word or token.lower in lexicon().stop - {
            "independent",
            "different",
            "new",
            "other",
            "same",
            "separate",
            "of",
        }:
            return None
        pair = f"{token.lower} {text.tokens[j + 1].lower}" if j + 1 < len(text.tokens) else ""
        if pair and group_kind(pair) is not None and group_kind(token.lower) != group_kind(pair):
            return j + 1, pair
        if group_kind(token.lower) is not None:
            follows = text.tokens[j + 1] if j + 1 < len(text.tokens) else None
            if follows is not None and follows.is_word and group_kind(follows.lower) is not None:
                continue
            return j, token.lower
    return None


def head_name(name: str) -> str:
    """Return the group noun in the singular, two words only where the lexicon has both."""
    words = name.lower().split()
    two = " ".join([*words[-2:-1], singular(words[-1])])
    return two if len(words) > 1 and two in lexicon().groups else singular(words[-1])


def _is_duration(text: Text, i: int, last: int) -> bool:
    before = text.tokens[i - 1].lower if i else ""
    after = text.tokens[last + 1].lower if last + 1 < len(text.tokens) else ""
    if before in {"over", "on", "across"} and head(text.tokens[last].lower) in {
        "day",
        "shift",
        "session",
        "season",
        "week",
    }:
        return not re.search(
            r"\bblock|\bper (?:day|shift|session|week)|\beach (?:day|shift|session|week)",
            text.lower,
        )
    return (
        before in DURATION_BEFORE
        or before.isdigit()
        or after in {"later", "old", "after", "before", "ago", "apart", "long", "of"}
        or bool(before)
    )


def _parents(text: Text, last: int) -> int:
    """Return how many parents there are when the count is "from every PARENT"."""
    rest = text.lower[text.tokens[last].end : text.tokens[last].end + 40]
    before = text.lower[: text.tokens[last].start]
    match = re.match(
        r"\W*(?:were |are |was )?(?:[a-z-]+ )?(?:from|in|per|of|within) (?:each|every) (\w+)", rest
    )
    if match is None:
        start = max(before.rfind("."), before.rfind(";"), before.rfind(","))
        match = re.search(r"(?:from|in|per|within) (?:each|every) (\w+)[^.;]*$", before[start:])
    if match is None or singular(match.group(1)) == singular(text.tokens[last].lower):
        return 1
    parent = singular(match.group(1))
    for token, following in zip(text.tokens, text.tokens[1:], strict=False):
        if token.value and token.value > 1 and singular(following.lower) == parent:
            return int(token.value)
    pattern = re.compile(rf"\b(\d+|[a-z]+) (?:[a-z-]+ )?{re.escape(parent)}(?:s|es)?\b")
    for found in pattern.finditer(text.lower):
        value = _number(found.group(1))
        if value and value > 1:
            return value
    return 1


def _number(word: str) -> int | None:
    from experimentos.design.parse.text import NUMBER_WORDS

    if word.isdigit():
        return int(word)
    return NUMBER_WORDS.get(word)


def cued_groups(text: Text) -> Iterator[Candidate]:
    """Yield groups that the text calls a block or a nuisance without a count beside them."""
    for kind in ("blocking", "nuisance"):
        for match in lexicon().cues[kind].finditer(text.lower):
            named = _near_group(text, match.start(), match.end())
            if named is not None and group_kind(named[1]) != "unit":
                i, name = named
                yield Candidate(name, kind, i, i, f"cue_{kind}", 0.8)


def _near_group(text: Text, start: int, end: int) -> tuple[int, str] | None:
    sentence = next((t.sentence for t in text.tokens if t.end > start), -1)
    inside = [
        (i, t) for i, t in enumerate(text.tokens) if t.sentence == sentence and t.is_word
        and group_kind(t.lower) is not None and t.lower not in {"block", "blocks"}
    ]  # fmt: skip
    before = [(i, t) for i, t in inside if t.end <= start]
    after = [(i, t) for i, t in inside if t.start >= end]
    if re.search(r"\b(?:by|on)$", text.lower[start:end]) and after:
        chosen = after[0]
    elif before:
        chosen = before[-1]
    elif after:
        chosen = after[0]
    else:
        return None
    return chosen[0], head_name(chosen[1].lower)


SQUARE = re.compile(r"\blatin[- ]square|\bgraeco")


def square_blocks(text: Text) -> Iterator[Candidate]:
    """Yield rows and columns of a Latin square laid out on a grid."""
    match = SQUARE.search(text.lower)
    if match is None:
        return
    grid = re.search(r"(\d+) ?(?:x|by) ?(\d+)", text.lower)
    size = int(grid.group(1)) if grid and grid.group(1) == grid.group(2) else None
    if size is not None and size > 40:
        size = None
    for name in ("row", "column"):
        i = next((i for i, t in enumerate(text.tokens) if singular(t.lower) == name), None)
        if i is not None:
            yield Candidate(name, "blocking", i, i, "square", 0.85, (), None, size)


def counted_factors(text: Text) -> Iterator[Candidate]:
    """Yield treatments of which only the number is given: "eight strengths of lime sulphur"."""
    tokens = text.tokens
    for i, token in enumerate(tokens):
        if token.value is None or not 2 <= token.value <= 60 or token.value != int(token.value):
            continue
        j = i + 1
        while (
            j < len(tokens)
            and j - i <= 3
            and tokens[j].is_word
            and tokens[j].lower not in lexicon().attributes
        ):
            if (
                singular(tokens[j].lower) in lexicon().attributes
                or tokens[j].lower in lexicon().stop
                or is_verbal(tokens[j].lower)
            ):
                break
            j += 1
        if j >= len(tokens) or singular(tokens[j].lower) not in lexicon().attributes:
            continue
        if singular(tokens[j].lower) == tokens[j].lower or group_kind(tokens[j].lower):
            continue
        if (
            singular(tokens[j].lower)
            in {
                "level",
                "condition",
                "time",
                "treatment",
                "group",
                "arm",
                "type",
                "method",
                "size",
                "weight",
            }
            and j == i + 1
        ):
            name = _of_name(text, j) or singular(tokens[j].lower)
        else:
            name = _of_name(text, j) or " ".join(
                [*(t.text for t in tokens[i + 1 : j]), singular(tokens[j].lower)]
            )
        yield Candidate(name, "treatment", i, j, "counted_factor", 0.45, (), None, int(token.value))


def _of_name(text: Text, j: int) -> str | None:
    from experimentos.design.parse.phrases import phrase_after

    if j + 2 >= len(text.tokens) or text.tokens[j + 1].lower != "of":
        return None
    phrase = phrase_after(text, j + 2, 3)
    if phrase is None:
        return None
    measure = singular(text.tokens[j].lower)
    return phrase.name if measure in {"level", "type", "kind"} else f"{phrase.name} {measure}"


RANGE = re.compile(
    r"(?:between|from)? ?(-?\d+(?:\.\d+)?) ?([^\s\d,;.()]{0,12}) ?(?:and|to|-) ?(-?\d+(?:\.\d+)?)"
)


def ranges(text: Text) -> Iterator[Candidate]:
    """Yield numeric factors given as a range: "reaction temp between 40 and 80 C"."""
    from experimentos.design.parse.lexicon import unit_at
    from experimentos.design.parse.lists import UNIT_NAMES
    from experimentos.design.parse.phrases import phrase_before

    curved = is_response_surface(text)
    for i, token in enumerate(text.tokens[:-2]):
        if token.kind != "number" or i == 0:
            continue
        before = text.tokens[i - 1].lower
        unit = unit_at(text.clean, token.end)
        j = i + 1
        while unit is not None and j < len(text.tokens) and text.tokens[j].start < unit.end:
            j += 1
        if j + 1 >= len(text.tokens) or text.tokens[j + 1].kind != "number":
            continue
        joint = text.tokens[j].lower
        cued = before in {"between", "from", "(", "range", ":"} or curved
        if joint not in {"and", "to", "-"} or not cued or (joint == "and" and before != "between"):
            continue
        unit = unit_at(text.clean, text.tokens[j + 1].end) or unit
        phrase = phrase_before(text, i)
        name = phrase.name if phrase else UNIT_NAMES.get(unit.name if unit else "", "")
        if not name or is_verbal(head(name)) or group_kind(name) == "unit":
            continue
        if not curved and (unit is None or head(name) not in lexicon().attributes):
            continue
        low, high = token.text, text.tokens[j + 1].text
        levels = (low, _middle(low, high), high) if curved else (low, high)
        kind = "covariate" if head(name) in {"age"} else "treatment"
        yield Candidate(
            name, kind, phrase.first if phrase else i, j + 1, "range", 0.7 if curved else 0.4,
            levels, unit.name if unit else None, len(levels),
        )  # fmt: skip


def _middle(low: str, high: str) -> str:
    return f"{(float(low.replace(',', '')) + float(high.replace(',', ''))) / 2:g}"


SURFACE = pattern("groups_surface")


def is_response_surface(text: Text) -> bool:
    """Return whether the text asks for a response-surface design."""
    return bool(SURFACE.search(text.lower))
