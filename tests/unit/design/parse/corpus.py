"""Score the parser on a folder of descriptions with the reference scorer of that folder."""

import importlib.util
import json
from dataclasses import asdict
from functools import cache
from pathlib import Path

from experimentos.design.parse.describe import parse_design

REFERENCE = Path(__file__).resolve().parents[3] / "reference"
SHARED = REFERENCE / "descriptions"
OWN = REFERENCE / "descriptions_own"


@cache
def scorer():
    spec = importlib.util.spec_from_file_location("description_scorer", SHARED / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def texts(folder):
    paths = sorted(Path(folder).glob("*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def predicted(text):
    draft = asdict(parse_design(text))
    return draft | {"response": draft["responses"]}


@cache
def scores(folder):
    return scorer().summary([scorer().one(d["gold"], predicted(d["text"])) for d in texts(folder)])
