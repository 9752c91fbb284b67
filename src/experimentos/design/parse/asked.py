"""What is asked as a question: whether, how many, how long, the time until, the share that."""

from experimentos.design.parse.events import (
    BE,
    DETERMINERS,
    DO,
    END,
    HAVE,
    REACH,
    RELATIVES,
    Answer,
    act,
    noun_of,
    past_adverbs,
    phrase_end,
    thing,
    whether,
)
from experimentos.design.parse.lexicon import lexicon, words
from experimentos.design.parse.text import Text

UNTIL = words("responses_time_until")
TIMES = frozenset({"time", "second", "minute", "hour", "day", "week", "month", "year", "cycle"})
SHARES = frozenset({"number", "proportion", "share", "percentage", "fraction", "percent", "%"})
DEGREES = {
    "long": ("duration", "lognormal"), "far": ("distance", "normal"),
    "fast": ("speed", "lognormal"), "quickly": ("time", "lognormal"),
    "heavy": ("weight", "normal"), "tall": ("height", "normal"), "high": ("height", "normal"),
    "deep": ("depth", "normal"), "thick": ("thickness", "normal"), "wide": ("width", "normal"),
    "well": ("performance", None),
}  # fmt: skip
MONEY_WORDS = frozenset({"dollar", "euro", "pound", "money", "cent", "token", "dollars"})
PAID = frozenset({"spend", "payment", "giving", "donation"})
PERSONS = frozenset({"visitor", "account", "member", "subscriber"})


def asked_at(text: Text, i: int, last: int) -> Answer | None:
    """Return the response that the question at this token asks for, if it is one."""
    word = text.at(i)
    if word in {"whether", "if"}:
        return whether(text, i, last)
    if word == "how":
        return _how(text, i, last)
    if word == "what" and text.at(i + 1) in {"they", "he", "she", "people"}:
        return _how_much(text, i, i + 1, last)
    if text.lemma(i) in TIMES:
        return _until(text, i, last)
    return _share_that(text, i, last) if word in SHARES and text.at(i + 1) == "of" else None


def _how(text: Text, i: int, last: int) -> Answer | None:
    asked = text.at(i + 1)
    if asked == "many":
        return _how_many(text, i, i + 2, last)
    if asked == "much":
        return _how_much(text, i, i + 2, last)
    if asked == "often":
        noun, j = _noun_after(text, i + 2, last)
        return Answer(f"number of {noun}s", "negative_binomial", i, j) if noun else None
    if asked in DEGREES:
        return _degree(text, i, last)
    is_word = i < last and text.tokens[i + 1].is_word and asked not in END | {"it", "they"}
    return Answer(text.tokens[i + 1].text, None, i, i + 1) if is_word else None


def _degree(text: Text, i: int, last: int) -> Answer:
    """Return "time to find the platform" for how long it takes to, else the usual noun."""
    name, family = DEGREES[text.at(i + 1)]
    for j in range(i + 2, min(i + REACH, last) + 1):
        if text.at(j) == "to" and text.at(i + 1) in {"long", "quickly"}:
            end = phrase_end(text, j + 1, last)
            return Answer(f"time {text.words(j, end - 1)}", family, i, end - 1)
        if text.tokens[j].kind == "mark":
            break
    return Answer(name, family, i, i + 1)


def _noun_after(text: Text, k: int, last: int) -> tuple[str | None, int]:
    """Return the noun of the next verb, and where that stands."""
    for j in range(k, min(k + REACH, last) + 1):
        noun = noun_of(text.at(j))
        if noun is not None:
            return noun, j
    return None, k


def _how_many(text: Text, i: int, k: int, last: int) -> Answer | None:
    """Return what "how many eggs hatch" or "how many of the 20 were dead" names."""
    of = text.at(k) == "of"
    while k <= last and (text.at(k) in DETERMINERS | {"of"} or text.tokens[k].kind == "number"):
        k += 1
    if text.at(k) in BE:
        state = text.at(k + 1)
        return Answer(f"number {state}", "binomial", i, k + 1) if state else None
    if text.lemma(k) in MONEY_WORDS:
        noun, _ = _noun_after(text, k + 1, last)
        return Answer(noun or "amount", "gamma", i, k)
    name, end = _with_state(text, k, last)
    return Answer(name, "binomial" if of else "negative_binomial", i, end - 1) if name else None


def _how_much(text: Text, i: int, k: int, last: int) -> Answer | None:
    """Return what "how much they spent" or "how much feed was eaten" names."""
    if text.at(k) in {"they", "he", "she", "it", "we", "the", "each", "every", "people"}:
        noun, j = _noun_after(text, k + 1, last)
        return Answer(noun, "gamma" if noun in PAID else "normal", i, j) if noun else None
    name, end = _with_state(text, k, last)
    family = "gamma" if text.lemma(k) in MONEY_WORDS else None
    return Answer(name, family, i, end - 1) if name else None


def _with_state(text: Text, k: int, last: int) -> tuple[str, int]:
    """Return "eggs hatched" for "eggs are hatched", and the first token after it."""
    end = k
    while end <= last and end - k < 3 and text.tokens[end].is_word and text.at(end) not in END:
        end += 1
    state = end
    while state <= last and text.at(state) in BE:
        state += 1
    name = text.words(k, end - 1)
    told = end < state <= last and text.tokens[state].is_word and text.at(state) not in END
    return (f"{name} {text.at(state)}", state + 1) if told and name else (name, end)


def _until(text: Text, i: int, last: int) -> Answer | None:
    """Return "time to flowering", "minutes until flank wear", "days from sowing to emergence"."""
    j = i + 2 if text.at(i + 1) in {"taken", "needed", "required", "elapsed"} else i + 1
    if text.at(j) == "in" and text.lemma(j + 1) in TIMES:
        j += 2
    if text.at(j) == "from":
        ends = (k for k in range(j + 1, min(j + 6, last)) if text.at(k) in {"to", "until"})
        j = next(ends, last)
    k = j + 1
    while k <= last and text.at(k) in DETERMINERS | {"first", "it", "they", "he", "she"}:
        k += 1
    end = phrase_end(text, k, last, 3)
    if text.at(j) not in UNTIL or end == k:
        return None
    said = text.words(k, end - 1)
    return Answer(f"{text.tokens[i].text} {text.at(j)} {said}", "lognormal", i, end - 1)


def _share_that(text: Text, i: int, last: int) -> Answer | None:
    """Return what "the proportion of users who return" names: a yes or no of each of them."""
    counted = text.at(i) == "number"
    k = i + 2
    while k <= last and text.at(k) in DETERMINERS:
        k += 1
    joints = (
        j
        for j in range(k + 1, min(k + 4, last))
        if text.at(j) in RELATIVES or (text.at(j) in {"with", "having"} and not counted)
    )
    j = next(joints, None)
    kind = lexicon().groups.get(text.lemma(j - 1)) if j is not None else None
    if j is None or kind is None:
        return None
    v = past_adverbs(text, j + 1, last)
    while v < last and text.at(v) in BE | HAVE | DO:
        v = past_adverbs(text, v + 1, last)
    told = text.at(j) in RELATIVES
    found = act(text, i, v, last) if told else thing(text, i, j + 1, last)
    person = kind == "person" or text.lemma(j - 1) in PERSONS
    if found is None or (person and not counted):
        return found
    return Answer(f"{text.words(k, j - 1)} {text.words(v, v)}", None, i, found.last)
