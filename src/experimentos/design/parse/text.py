"""Text to tokens that remember where they stood, so that every field can show its words."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import islice, pairwise

CHARACTERS_LIMIT = 20_000
"""Longer texts are cut here: a description of an experiment fits in a tenth of it."""

TOKENS_LIMIT = 1_200
"""Tokens that are read: some 7,000 characters of English, ten descriptions."""

RUN_LIMIT = 100
"""Characters of a run without a space, or of spaces, that are read."""

PADDING = 64
"""No rule looks further back than this many tokens before the text."""

SENTENCE_LIMIT = 120
"""Tokens after which a sentence is taken to end."""

LARGEST_NUMBER = 1e12
"""No experiment counts further; what is written longer is an identifier."""

SMALL_NUMBERS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
NUMBER_WORDS = {
    **SMALL_NUMBERS,
    **TENS,
    **{f"{ten}-{one}": TENS[ten] + SMALL_NUMBERS[one] for ten in TENS for one in SMALL_NUMBERS},
    "hundred": 100,
    "dozen": 12,
    "both": 2,
}
MULTIPLIERS = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
"""Words that multiply the number before them: "two hundred", "1.2 million"."""

TOKEN = re.compile(
    r"(?P<code>[A-Za-z]+\d+\([A-Za-z0-9]+\))"
    r"|(?P<ratio>(?<![\w.:])\d{1,4}(?::\d{1,4}){1,3}(?![\w:]))"
    r"|(?P<number>(?<![\w.])[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE]-?\d+)?k?(?![\w-]*[A-Za-z]-))"
    r"|(?P<word>\d+-[A-Za-z]+(?:-[A-Za-z]+)*|[A-Za-z][A-Za-z0-9]*(?:[-'.][A-Za-z0-9]+)*'?|\d+\.?\d*[A-Za-z]+\d*)"
    r"|(?P<mark>[^\w\s])"
)
ENUMERATOR = re.compile(r"(?<![\w(])\(?(?:i{1,3}|iv|vi?|[a-h]|[1-9])\)(?=\s\w)")
FIRST_ENUMERATORS = frozenset({"i", "a", "1"})
LONG_RUN = re.compile(rf"\S{{{RUN_LIMIT + 1}}}|\s{{{RUN_LIMIT + 1}}}")
GLUED = re.compile(r"(\d+(?:\.\d+)?)([A-Za-z%]+(?:/[A-Za-z]+)?)$")
SENTENCE_END = re.compile(r"[.!?](?=\s+\S)|\n+")
ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|vs|approx|ca|cf|no|fig|resp)$")
BEFORE_SMALL = re.compile(r"\b(?:[A-Z]|etc|min|max|sp|spp)$")
"""These end a sentence when a capital follows: "after 30 min. Tablets ...", and not "E. coli"."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or mark.

    Attributes
    ----------
    text : str
        As it stands in the normalised text.
    lower : str
    kind : str
        "word", "number", "ratio" ("2:1") or "mark".
    value : float | None
        For numbers and number words.
    start, end : int
        Offsets into the normalised text.
    sentence : int
    """

    text: str
    lower: str
    kind: str
    value: float | None
    start: int
    end: int
    sentence: int

    @property
    def is_word(self) -> bool:
        """Return whether this is a word that is not a number word."""
        return self.kind == "word" and self.value is None


@dataclass(frozen=True)
class Text:
    """A normalised text with its tokens.

    Attributes
    ----------
    raw : str
        As typed.
    clean : str
        NFKC, straight quotes, one kind of dash.
    origin : tuple[int, ...]
        For each character of `clean`, its offset in `raw`; one more entry for the end.
    tokens : tuple[Token, ...]
    """

    raw: str
    clean: str
    origin: tuple[int, ...]
    tokens: tuple[Token, ...]

    @cached_property
    def lower(self) -> str:
        """Return the text that was cut into tokens, in lower case."""
        return self.clean[: self.tokens[-1].end].lower() if self.tokens else ""

    @cached_property
    def sentences(self) -> tuple[tuple[int, int], ...]:
        """Return for each sentence the range of its tokens."""
        return tuple(self._bounds.values())

    @cached_property
    def _bounds(self) -> dict[int, tuple[int, int]]:
        bounds: dict[int, tuple[int, int]] = {}
        for i, token in enumerate(self.tokens):
            first, _ = bounds.get(token.sentence, (i, i))
            bounds[token.sentence] = (first, i + 1)
        return bounds

    @cached_property
    def _ends(self) -> tuple[int, ...]:
        return tuple(token.end for token in self.tokens)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return tuple(token.start for token in self.tokens)

    def sentence_of(self, i: int) -> tuple[int, int]:
        """Return the range of tokens of the sentence that holds this token."""
        return self._bounds[self.tokens[i].sentence]

    def sentence_words(self, i: int) -> str:
        """Return the sentence that holds this token, in lower case."""
        return self._sentence_words[self.tokens[i].sentence]

    @cached_property
    def _sentence_words(self) -> dict[int, str]:
        return {n: self.words(a, b - 1).lower() for n, (a, b) in self._bounds.items()}

    @cached_property
    def _said(self) -> dict[tuple[re.Pattern[str], int], bool]:
        return {}

    def says(self, pattern: re.Pattern[str], i: int) -> bool:
        """Return whether the sentence that holds this token has the words; each is read once."""
        key = pattern, self.tokens[i].sentence
        if key not in self._said:
            self._said[key] = pattern.search(self.sentence_words(i)) is not None
        return self._said[key]

    @cached_property
    def _clauses(self) -> tuple[str, ...]:
        """The clause of each token: what stands between semicolons, in lower case."""
        clauses: list[str] = []
        for first, end in self.sentences:
            cuts = [i for i in range(first, end) if self.at(i) == ";"]
            for start, stop in pairwise([first - 1, *cuts, end]):
                words = self.words(start + 1, stop - 1).lower() if stop > start + 1 else ""
                clauses.extend([words] * (min(stop + 1, end) - start - 1))
        return tuple(clauses)

    def clause_words(self, i: int) -> str:
        """Return what stands around this token between semicolons, in lower case."""
        return self._clauses[i]

    def token_ending_after(self, position: int) -> int:
        """Return the first token that ends after this offset of the clean text."""
        return bisect_right(self._ends, position)

    def token_from(self, position: int) -> int:
        """Return the first token that starts at or after this offset of the clean text."""
        return bisect_left(self._starts, position)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return the raw span of the tokens first..last (both included)."""
        start, end = self.tokens[first].start, self.tokens[last].end
        return self.origin[start], self.origin[end - 1] + 1

    def at(self, i: int) -> str:
        """Return this token in lower case, "" outside the text."""
        try:
            return self._padded[i]
        except IndexError:
            return ""

    @cached_property
    def _size(self) -> int:
        return len(self.tokens)

    @cached_property
    def _padded(self) -> tuple[str, ...]:
        """The tokens, and then nothing: a small negative index finds nothing as well."""
        return (*(token.lower for token in self.tokens), *[""] * PADDING)

    @cached_property
    def lemmas(self) -> tuple[str, ...]:
        """Return each token in lower case and in the singular."""
        return tuple(singular(token.lower) for token in self.tokens)

    def lemma(self, i: int) -> str:
        """Return this token in lower case and in the singular, "" outside the text."""
        return self.lemmas[i] if 0 <= i < len(self.tokens) else ""

    def words(self, first: int, last: int) -> str:
        """Return the clean text of the tokens first..last (both included), "" for none."""
        first, last = max(first, 0), min(last, len(self.tokens) - 1)
        if last < first:
            return ""
        return self.clean[self.tokens[first].start : self.tokens[last].end]


SINGLE = {
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{EN DASH}": "-",
    "\N{EM DASH}": ";",
    "\N{MINUS SIGN}": "-",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{MICRO SIGN}": "u",
    "\N{GREEK SMALL LETTER MU}": "u",
}


def read(raw: str) -> Text:
    """Return the text normalised and cut into tokens; total and linear in its length.

    No run without a space is read beyond `RUN_LIMIT` and no sentence beyond `SENTENCE_LIMIT`, so
    that every look-around of the grammar is bounded.
    """
    raw = raw[:CHARACTERS_LIMIT]
    if raw.isascii() and LONG_RUN.search(raw) is None:
        clean = _without_enumerators(raw)
        return Text(raw, clean, tuple(range(len(raw) + 1)), tuple(_tokens(clean)))
    pieces: list[str] = []
    origin: list[int] = []
    run, in_space = 0, False
    for i, character in enumerate(raw):
        run = run + 1 if character.isspace() is in_space else 1
        in_space = character.isspace()
        if run > RUN_LIMIT:
            continue
        piece = character
        if not character.isascii():
            piece = SINGLE.get(character) or unicodedata.normalize("NFKC", character)
        pieces.append(piece)
        origin.extend([i] * len(piece))
    clean = _without_enumerators("".join(pieces))
    origin.append(len(raw))
    return Text(raw, clean, tuple(origin), tuple(_tokens(clean)))


def _without_enumerators(clean: str) -> str:
    """Return the text with the marks of "(i) heat, (ii) light" blanked, its length kept."""
    marks = list(islice(ENUMERATOR.finditer(clean), 2))
    if len(marks) < 2 or marks[0].group().strip("()") not in FIRST_ENUMERATORS:
        return clean
    return ENUMERATOR.sub(lambda mark: " " * len(mark.group()), clean)


def _sentence_ends(clean: str) -> list[int]:
    ends = []
    for match in SENTENCE_END.finditer(clean):
        before = clean[max(0, match.start() - 8) : match.start()]
        small = not clean[match.end() : match.end() + 2].strip()[:1].isupper()
        abbreviated = ABBREVIATION.search(before) or (small and BEFORE_SMALL.search(before))
        if match.group() == "." and abbreviated:
            continue
        ends.append(match.end())
    return ends


def _tokens(clean: str) -> list[Token]:
    ends = [*_sentence_ends(clean), len(clean) + 1]
    tokens: list[Token] = []
    passed = sentence = begun = 0
    for match in islice(TOKEN.finditer(clean), TOKENS_LIMIT):
        ended = match.start() >= ends[passed]
        while match.start() >= ends[passed]:
            passed += 1
        if ended or len(tokens) - begun >= SENTENCE_LIMIT:
            sentence, begun = sentence + 1, len(tokens)
        tokens.extend(_split(match, sentence))
    return _with_whole_numbers(clean, tokens)


def _with_whole_numbers(clean: str, tokens: list[Token]) -> list[Token]:
    """Return the tokens with "one hundred and eighty" and "1.2 million" as one number each."""
    if not any(token.lower in MULTIPLIERS for token in tokens):
        return tokens
    joined: list[Token] = []
    i = 0
    while i < len(tokens):
        number, end = _whole_number(tokens, i)
        token = tokens[i]
        if end > i + 1:
            last = tokens[end - 1]
            words = clean[token.start : last.end]
            token = replace(token, text=words, lower=words.lower(), value=number, end=last.end)
        joined.append(token)
        i = end
    return joined


def _whole_number(tokens: list[Token], i: int) -> tuple[float | None, int]:
    """Return the number that starts at this token, and the first token after it."""
    value = tokens[i].value
    end = i + 1
    while value is not None and end < len(tokens) and tokens[end].lower in MULTIPLIERS:
        value, end = value * MULTIPLIERS[tokens[end].lower], end + 1
    if value is None or end == i + 1:
        return value, i + 1
    rest = end + 1 if end < len(tokens) and tokens[end].lower == "and" else end
    added = tokens[rest].value if rest < len(tokens) and tokens[rest].kind == "word" else None
    if added is not None and added < MULTIPLIERS["hundred"]:
        value, end = value + added, rest + 1
    return value, end


def _split(match: re.Match[str], sentence: int) -> list[Token]:
    text, start = match.group(), match.start()
    glued = GLUED.fullmatch(text) if match.lastgroup == "word" else None
    if glued and not text.endswith("k"):
        cut = start + len(glued.group(1))
        return [
            _token(glued.group(1), "number", start, sentence),
            _token(glued.group(2), "word", cut, sentence),
        ]
    kind = "word" if match.lastgroup == "code" else str(match.lastgroup)
    if glued:
        kind = "number"
    return [_token(text, kind, start, sentence)]


def _token(text: str, kind: str, start: int, sentence: int) -> Token:
    lower = text.lower()
    value: float | None = None
    if kind == "number":
        digits = lower.replace(",", "")
        value = float(digits[:-1]) * 1000 if digits.endswith("k") else float(digits)
        value = value if abs(value) < LARGEST_NUMBER else None
    elif kind == "word":
        value = NUMBER_WORDS.get(lower)
    return Token(text, lower, kind, value, start, start + len(text), sentence)


@lru_cache(maxsize=4096)
def singular(word: str) -> str:
    """Return the singular of an English noun; good enough for lab words."""
    irregular = {
        "mice": "mouse", "leaves": "leaf", "children": "child", "people": "person",
        "men": "man", "women": "woman", "feet": "foot", "series": "series", "species": "species",
        "batches": "batch", "loaves": "loaf", "calves": "calf", "matrices": "matrix",
        "geese": "goose", "teeth": "tooth", "larvae": "larva", "media": "media",
        "analyses": "analysis", "data": "data",
    }  # fmt: skip
    lower = word.lower()
    if lower in irregular:
        return irregular[lower]
    for ending, replacement, least in (
        ("ies", "y", 5), ("sses", "ss", 5), ("ches", "ch", 5), ("shes", "sh", 5), ("xes", "x", 4),
        ("zes", "ze", 5),
    ):  # fmt: skip
        if lower.endswith(ending) and len(lower) >= least:
            return word[: -len(ending)] + replacement
    plain = lower.endswith("s") and not lower.endswith(("ss", "us", "is"))
    return word[:-1] if plain and len(lower) > 3 else word
