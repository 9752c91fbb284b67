"""What the hot paths cost, as ratios to a reference run in the same minute on the same machine.

Usage: PYTHONPATH=src python benchmarks/run.py [--only NAME,...] [--rounds 3] [--json FILE]
       [--against FILE]

`EXPERIMENTOS_BENCH_ROWS` is how many raw rows are summed up, 1e6 unless set.

Times are CPU times, medians of interleaved rounds. A fast wrong answer fails: `error` is the
distance from an exact result. Exit status 1 when a path misses its bound twice.
"""

import argparse
import json
import os
import platform
import sys
from pathlib import Path as File

import moments_paths
import numpy
import samples_paths
import scipy
import statistics_paths
import store_paths
import tab_paths
import tracking_paths
from measure import Measured, measure

import experimentos

PATHS = [
    *moments_paths.PATHS,
    *statistics_paths.PATHS,
    *samples_paths.PATHS,
    *store_paths.PATHS,
    *tab_paths.PATHS,
    *tracking_paths.PATHS,
]


def main() -> int:
    options = _options()
    chosen = [path for path in PATHS if path.name.startswith(tuple(options.only.split(",")))]
    if not chosen:
        print(f"no path is called {options.only}", file=sys.stderr)
        return 2
    before = _ratios(options.against)
    print(_machine())
    print(_row(("path", "work", "cpu ms", "spread", "reference", "ratio", "error", "verdict")))
    done = []
    for path in chosen:
        seen = measure(path, options.rounds)
        done.append(seen)
        print(_line(seen, before.get(path.name)), flush=True)
    bad = [each for each in done if each.verdict == "MISS"]
    print(f"{len(done)} paths, {sum(each.verdict == 'ok' for each in done)} ok.")
    if options.json:
        File(options.json).write_text(json.dumps(_document(done), indent=1) + "\n")
    return 1 if bad else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="beginnings of names, with commas")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", help="write every round to this file")
    parser.add_argument("--against", help="an earlier file: print how each ratio has changed")
    return parser.parse_args()


def _ratios(file: str | None) -> dict[str, float]:
    if not file:
        return {}
    return {row["name"]: row["ratio"] for row in json.loads(File(file).read_text())["paths"]}


def _machine() -> str:
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "?"
    return (
        f"ExperimentOS {experimentos.__version__}  Python {platform.python_version()}  "
        f"numpy {numpy.__version__}  scipy {scipy.__version__}  {os.cpu_count()} cores  load {load}"
    )


def _line(seen: Measured, before: float | None) -> str:
    path = seen.path
    verdict = "; ".join([seen.verdict, *seen.misses])
    if path.reference:
        verdict += f" (<= {_ratio(path.bound)})"
    if path.budget_ms < float("inf"):
        verdict += f" (<= {path.budget_ms:g} ms)"
    if before:
        verdict += f" {100 * (seen.ratio / before - 1):+.0f} %"
    return _row(
        (
            path.name,
            path.work,
            _ms(seen.cpu),
            f"{_ms(min(seen.cpu_ms))}-{_ms(max(seen.cpu_ms))}",
            path.reference,
            _ratio(seen.ratio) if seen.ratios else "",
            seen.error.text if seen.error else "",
            verdict,
        )
    )


def _ratio(value: float) -> str:
    return f"1/{1 / value:,.0f}" if value <= 0.1 else f"{value:.2f}"


def _ms(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _row(cells: tuple[str, ...]) -> str:
    widths = (20, 36, 7, 12, 30, 9, 24, 0)
    return " ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def _document(done: list[Measured]) -> dict[str, object]:
    return {
        "schema_version": 1,
        "machine": _machine(),
        "cpu": platform.processor(),
        "paths": [
            {
                "name": seen.path.name,
                "work": seen.path.work,
                "reference": seen.path.reference,
                "cpu_ms": seen.cpu_ms,
                "ratios": seen.ratios,
                "ratio": seen.ratio if seen.ratios else None,
                "error": seen.error.value if seen.error else None,
                "verdict": seen.verdict,
            }
            for seen in done
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
