"""Print the parser's milliseconds per shared text, and for 20,000 hostile characters.

usage: python benchmarks/parse_descriptions.py
"""

import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from experimentos.design.parse.describe import parse_design  # noqa: E402 - needs the path

TEXTS = sorted((ROOT / "tests" / "reference" / "descriptions").glob("*.json"))
HOSTILE = (
    "a,", "((", "()", "1", "1,", "either or ", "between a and b ", "each ", "3 blocks ", "a vs b ",
    "a: b, c; ", "half get a, ", "age recorded ", "temp (low/high) ", "between 4 and 8 C ",
    "treated with a, b or c ", "nested in each ", "randomised to ", "a-", "AB12 or ", "2^", "\n",
)  # fmt: skip
CHARACTERS = 20_000


def milliseconds(text: str) -> float:
    """Return the processor time of one parse, the best of three."""
    times = []
    for _ in range(3):
        start = time.process_time()
        parse_design(text)
        times.append(time.process_time() - start)
    return 1000 * min(times)


def main() -> None:
    """Print the table."""
    texts = [json.loads(path.read_text(encoding="utf-8"))["text"] for path in TEXTS]
    parse_design(texts[0])
    each = [milliseconds(text) for text in texts]
    print(f"{len(each)} texts: mean {sum(each) / len(each):.1f} ms, slowest {max(each):.1f} ms")
    for piece in HOSTILE:
        text = (piece * CHARACTERS)[:CHARACTERS]
        half, whole = milliseconds(text[: CHARACTERS // 2]), milliseconds(text)
        print(f"{piece!r:28} {CHARACTERS // 2:,}: {half:6.1f} ms  {CHARACTERS:,}: {whole:6.1f} ms")


if __name__ == "__main__":
    main()
