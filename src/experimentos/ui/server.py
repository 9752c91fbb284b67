"""What the server does once: warm the imports, open and close the services, log failures."""

import gc
import importlib
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from experimentos import logs
from experimentos.errors import ExperimentOSError
from experimentos.flows.ab_test import run
from experimentos.memo.decision_memo import decision_memo
from experimentos.memo.html import render_html
from experimentos.memo.subject import MemoFacts
from experimentos.ui import services
from experimentos.ui.samples import SAMPLES, Sample
from experimentos.wiring import settings_from_environment

WARM = ("pandas", "pyarrow", "duckdb", "experimentos.store.duckdb", "experimentos.ui.memo_view")


def warm() -> None:
    """Import what the first visitor will need, then take it out of the collector's sight.

    Streamlit collects garbage after every script run while holding the interpreter lock; what is
    frozen is not walked again (43 to 248 ms of CPU per run without it, 0 with it).
    """
    for name in WARM:
        with suppress(ImportError):
            importlib.import_module(name)
    with suppress(ExperimentOSError, OSError):
        rehearse(SAMPLES[0])
    gc.collect()
    gc.freeze()


def rehearse(sample: Sample) -> str:
    """Take an example to its memo: what is imported on the way is there for the first visitor."""
    test = run(sample.path.read_bytes(), sample.file, sample.charter)
    return render_html(decision_memo(test, facts=MemoFacts(made_at=datetime.now(UTC))))


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Start warming in the background; close the history when the server stops."""
    logs.configure(settings_from_environment())
    threading.Thread(target=warm, name="warm-imports", daemon=True).start()
    yield
    services.close()
