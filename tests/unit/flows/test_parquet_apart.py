"""Parquet is decoded by another process: the same rows, and no crash of ours."""

import io
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import experimentos as xos
from experimentos.flows import parquet_apart, parquet_child
from experimentos.flows.parquet_apart import grid_apart, samples_apart
from experimentos.metrics.contract import read_summary
from experimentos.metrics.reading.columnar import read_parquet
from experimentos.metrics.reading.grid import Refusal
from experimentos.policy import DEFAULT_POLICY
from experimentos.runs.sample_files import read_samples

GOOD = {"variant": ["control", "B"], "users": ["10000", "10000"], "conversions": [1_200, 1_320]}
SAMPLES = {
    "scenario": ["a", "a", "b", "b"],
    "model": ["x", "y", "x", "y"],
    "sample_index": [0, 0, 0, 0],
    "score": [0.5, 1.0, None, 0.25],
}


def parquet(columns):
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def test_what_comes_back_is_what_is_read_here():
    content = parquet(GOOD)
    assert grid_apart(content, DEFAULT_POLICY) == read_parquet(content, DEFAULT_POLICY)
    apart = read_summary(content, "x.parquet", parquet=grid_apart)
    assert apart == read_summary(content, "x.parquet")
    assert [issue.code for issue in apart.issues] == ["numbers_as_text"]


def test_samples_come_back_as_they_are_read_here():
    content = parquet(SAMPLES)
    here = read_samples(content, "x.parquet")
    apart = read_samples(content, "x.parquet", parquet=samples_apart)
    assert apart.issues == here.issues
    assert apart.samples.models == here.samples.models


def test_a_refusal_travels_with_its_words():
    small = replace(DEFAULT_POLICY, upload_rows=1)
    with pytest.raises(Refusal) as here:
        read_parquet(parquet(GOOD), small)
    with pytest.raises(Refusal) as apart:
        grid_apart(parquet(GOOD), small)
    assert apart.value.issue == here.value.issue


def test_a_parser_that_crashes_is_a_refusal(monkeypatch, tmp_path):
    (tmp_path / "child.py").write_text("import os\nos.abort()\n")
    run = subprocess.run

    def crash(_command, **options):
        return run([sys.executable, str(tmp_path / "child.py")], **options)

    monkeypatch.setattr(parquet_apart.subprocess, "run", crash)
    test = xos.run(parquet(GOOD), "x.parquet")
    (issue,) = test.health.issues
    assert issue.code == "damaged_parquet"
    assert test.health.status == "unreadable"


def test_the_child_is_bounded_and_knows_no_secret(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    seen = {}
    run = subprocess.run

    def look(command, **options):
        seen.update(options["env"])
        return run(command, **options)

    monkeypatch.setattr(parquet_apart.subprocess, "run", look)
    grid_apart(parquet(GOOD), DEFAULT_POLICY)
    assert "sk-secret" not in seen.values()
    assert set(seen) <= {"PYTHONPATH", "PATH", "SYSTEMROOT", "LD_LIBRARY_PATH"}


def test_a_child_that_takes_too_much_dies():
    program = (
        "from experimentos.flows.parquet_child import limit\n"
        "limit(1, 2**30)\n"
        "try:\n    bytearray(2**31)\n"
        "except MemoryError:\n"
        "    while True: pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": "src"}, check=False
    )
    assert done.returncode in (-signal.SIGXCPU, -signal.SIGKILL)


@pytest.mark.parametrize(("kind", "columns"), [("grid", GOOD), ("samples", SAMPLES)])
@pytest.mark.parametrize("whole", [True, False])
def test_the_child_answers_on_standard_output(kind, columns, whole, monkeypatch):
    content = parquet(columns) if whole else b"PAR1 no PAR1"
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, write_through=True))
    assert parquet_child.main([kind, "{}"]) == 0
    assert out.getvalue()[:1] == (b"M" if whole else b"R")
