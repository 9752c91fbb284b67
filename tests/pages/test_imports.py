"""The web process stays light."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from streamlit.testing.v1 import AppTest
from experimentos.access import Visit
from experimentos.ui import access
access.visit = lambda: Visit(None, {"host": ("localhost",)}, {})
at = AppTest.from_file("src/experimentos/ui/main.py", default_timeout=60).run()
assert at.title[0].value == "Experiments", at
heavy = {"pymc", "arviz", "nutpie", "altair", "openai", "statsmodels", "matplotlib", "plotly"}
print("loaded:", ",".join(sorted(heavy & set(sys.modules))))
"""


def test_the_router_and_its_first_page_load_no_sampler_and_no_plotting_library(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={"PYTHONPATH": "src", "EXPERIMENTOS_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.strip().endswith("loaded:")
