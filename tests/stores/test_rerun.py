"""Every sample file is saved, and computed again in another process, bit by bit."""

import json
import os
import subprocess
import sys
from pathlib import Path

import experimentos
from experimentos.flows import ab_test, history
from experimentos.plan.charter import Charter
from experimentos.wiring import Settings, open_services

SAMPLES = sorted((Path(__file__).parents[2] / ".tmp" / "samples").glob("*.csv"))

AGAIN = """
import json, sys
from pathlib import Path
from experimentos.flows import history
from experimentos.wiring import Settings, open_services

store = open_services(Settings(Path(sys.argv[1]))).store
again = {
    record.title: history.rerun(store, record.id).differences
    for record in history.list_analyses(store, limit=500)
}
assert all(history.rerun(store, r.id).identical for r in history.list_analyses(store))
store.close()
print(json.dumps(again))
"""


def test_every_sample_is_computed_again_bit_by_bit_in_another_process(tmp_path):
    store = open_services(Settings(tmp_path)).store
    for sample in SAMPLES:
        content = sample.read_bytes()
        outcome = ab_test.run(content, sample.name, Charter(owner="Ana", alpha=0.01))
        history.save_analysis(
            store, outcome, content, title=sample.name, memo_markdown="m", memo_html="h"
        )
    store.close()
    said = subprocess.run(
        [sys.executable, "-c", AGAIN, str(tmp_path)],
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(experimentos.__file__).parents[1]),
            "PYTHONHASHSEED": "4711",
        },
    )
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout) == {sample.name: [] for sample in SAMPLES}
    assert len(SAMPLES) >= 8
