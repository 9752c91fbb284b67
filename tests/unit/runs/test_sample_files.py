"""Files of samples: five forms, and every defect named with its row and column."""

import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experimentos.policy import Policy
from experimentos.runs.sample_files import read_samples

HEADER = "scenario,model,sample_index,score\n"


def codes(found):
    return {issue.code for issue in found.issues}


def places(found, code):
    return [(i.where.row, i.where.column) for i in found.issues if i.code == code]


def test_parquet_and_jsonl_hold_the_same_samples_as_csv():
    rows = [
        {"scenario": f"s{i}", "model": "m", "sample_index": 0, "score": i / 4} for i in range(5)
    ]
    text = HEADER + "".join(f"s{i},m,0,{i / 4}\n" for i in range(5))
    parquet = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), parquet)
    lines = "\n".join(json.dumps(row) for row in rows)
    files = {"a.csv": text.encode(), "a.parquet": parquet.getvalue(), "a.jsonl": lines.encode()}
    found = {name: read_samples(content, name) for name, content in files.items()}
    for file in found.values():
        assert file.samples.scenarios == tuple(f"s{i}" for i in range(5))
        assert file.samples.scores["score"].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert {f.form for f in found.values()} == {"tidy CSV", "tidy Parquet", "tidy JSON"}


def test_an_inspect_log_has_epochs_letters_and_tokens():
    log = {
        "version": 2,
        "status": "success",
        "eval": {"task": "t", "model": "openai/m"},
        "samples": [
            {
                "id": item,
                "epoch": epoch,
                "output": {"completion": "Paris"},
                "scores": {"match": {"value": letter}, "judge": {"value": {"tone": 0.5}}},
                "model_usage": {"openai/m": {"total_tokens": 12}},
                "total_time": 1.5,
            }
            for item, epoch, letter in ((1, 1, "C"), (1, 2, "I"), (2, 1, "P"), (2, 2, "N"))
        ],
    }
    found = read_samples(json.dumps(log).encode(), "log.json")
    samples = found.samples
    assert found.form == "Inspect log"
    assert samples.models == ("openai/m",)
    assert samples.sample_index.tolist() == [0, 1, 0, 1]
    assert samples.scores["match"].tolist() == [1, 0, 0.5, 0]
    assert samples.scores["judge/tone"].tolist() == [0.5] * 4
    assert samples.measures["tokens"].sum() == 48
    assert samples.transcripts[0] == "Paris"


def test_an_inspect_log_that_did_not_finish_says_so_and_a_failed_sample_is_missing():
    sample = {"id": 1, "epoch": 1, "scores": {"match": {"value": "C"}}}
    failed = {"id": 2, "epoch": 1, "error": {"message": "timeout"}}
    log = {"status": "error", "eval": {"model": "m"}, "samples": [sample, failed]}
    found = read_samples(json.dumps(log).encode(), "log.json")
    assert {"unfinished_log", "missing_scores"} <= codes(found)
    assert np.isnan(found.samples.scores["match"]).tolist() == [False, True]


def test_harness_samples_have_documents_and_one_score_per_metric_and_filter():
    rows = [
        {
            "doc_id": doc,
            "arguments": {},
            "resps": [["yes"]],
            "filter": name,
            "metrics": ["exact_match"],
            "exact_match": value,
        }
        for doc, name, value in ((0, "strict", 0.0), (0, "flex", 1.0), (1, "strict", 1.0))
    ]
    found = read_samples("\n".join(map(json.dumps, rows)).encode(), "samples_gsm8k.jsonl")
    assert found.form == "lm-evaluation-harness samples"
    assert found.samples.metrics == ("exact_match,strict", "exact_match,flex")
    assert found.samples.scenarios == ("0", "1")
    assert "one_model" in codes(found)


def test_runs_of_mlflow_are_samples_and_unfinished_ones_are_missing():
    text = (
        "run_id,status,metrics.acc,params.model,params.scenario,params.seed\n"
        "r1,FINISHED,0.5,a,x,0\nr2,FINISHED,0.7,a,x,1\nr3,FAILED,0.9,a,x,2\n"
    )
    found = read_samples(text.encode(), "runs.csv")
    assert found.form == "MLflow runs"
    assert found.samples.metrics == ("acc",)
    assert np.isnan(found.samples.scores["acc"]).tolist() == [False, False, True]
    assert "unfinished_runs" in codes(found)


@pytest.mark.parametrize(
    ("body", "code", "row", "column"),
    [
        ("a,m,0,1\na,m,0,1\n", "duplicate_sample", 3, "sample_index"),
        ("a,m,0,1\na,m,1,high\n", "not_a_number", 3, "score"),
        ("a,m,0,1\na,m,1.5,1\n", "sample_index", 3, "sample_index"),
        ("a,m,-1,1\n", "sample_index", 2, "sample_index"),
        ("a,m,,1\n", "not_a_number", 2, "sample_index"),
        ("a,m,0,1\n,m,1,1\n", "no_name", 3, "scenario"),
        ("a,m,0,1_000\n", "not_a_number", 2, "score"),
        ("a,m,0,1\na,m,1\n", "ragged_row", 3, None),
    ],
)
def test_a_defect_blocks_the_file_and_is_named_by_row_and_column(body, code, row, column):
    found = read_samples((HEADER + body).encode(), "x.csv")
    assert found.samples is None
    assert (row, column) in places(found, code)


def test_rows_below_a_quoted_line_break_keep_their_line():
    body = 'scenario,model,sample_index,score,transcript\na,m,0,1,"one\ntwo"\na,m,1,bad,x\n'
    assert places(read_samples(body.encode(), "x.csv"), "not_a_number") == [(4, "score")]


def test_missing_scores_are_counted_and_infinite_ones_warned_of():
    found = read_samples((HEADER + "a,m,0,\na,m,1,NA\na,m,2,inf\na,m,3,1\n").encode(), "x.csv")
    assert np.isnan(found.samples.scores["score"]).tolist() == [True, True, True, False]
    assert {"missing_scores", "not_finite"} <= codes(found)


def test_more_than_a_hundred_samples_of_a_cell_block_and_more_than_twenty_are_noted():
    def read(n):
        body = "".join(f"a,m,{i},{i}\n" for i in range(n))
        return read_samples((HEADER + body).encode(), "x.csv")

    assert "too_many_samples" in codes(read(101))
    assert "many_samples" in codes(read(21))
    assert not codes(read(20)) & {"many_samples", "too_many_samples"}
    assert read(100).samples.rows == 100


def test_synonyms_are_noted_a_choice_of_two_is_refused_and_a_mapping_decides():
    text = b"task_id,reward,passed\na,0.5,1\nb,0.25,0\n"
    assert "ambiguous_column" in codes(read_samples(text, "x.csv"))
    found = read_samples(text, "x.csv", mapping={"score": "reward"})
    assert {"column_synonym", "one_model"} <= codes(found)
    assert found.samples.scores["score"].tolist() == [0.5, 0.25]
    assert "mapped_column" in codes(read_samples(text, "x.csv", mapping={"score": "gone"}))


def test_rows_without_an_index_are_numbered_with_a_warning():
    found = read_samples(b"scenario,model,score\na,m,1\nb,m,1\na,m,0\n", "x.csv")
    assert found.samples.sample_index.tolist() == [0, 0, 1]
    assert "no_sample_index" in codes(found)


def test_clusters_are_read_and_a_scenario_in_two_is_a_defect():
    head = "scenario,model,sample_index,score,cluster\n"
    good = read_samples((head + "a,m,0,1,x\nb,m,0,1,x\n").encode(), "x.csv")
    assert good.samples.clusters == ("x",)
    bad = read_samples((head + "a,m,0,1,x\na,m,1,1,y\n").encode(), "x.csv")
    assert "two_clusters" in codes(bad)


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "x.csv", "empty_file"),
        (b"scenario,score\n", "x.csv", "no_rows"),
        (b"a\n1\n", "x.csv", "columns"),
        (b"score,score\n1,2\n", "x.csv", "duplicate_column"),
        (b"scenario,weight\na,2\n", "x.csv", "no_score_column"),
        (b"{", "x.json", "not_json"),
        (b'{"a":1,"a":2}\n{"a":1}', "x.jsonl", "not_json"),
        (b"[1]", "x.json", "not_a_record"),
        (b"[]", "x.json", "no_records"),
        (b"PAR1xxxx", "x.parquet", "not_parquet"),
        (b"PAR1xxxxxxxxPAR1", "x.parquet", "damaged"),
        (b"PK\x03\x04xx", "x.eval", "inspect_binary"),
        (b"\x1f\x8bxx", "x.csv", "compressed"),
    ],
)
def test_what_cannot_be_read_says_why(content, name, code):
    found = read_samples(content, name)
    assert found.samples is None
    assert code in codes(found)
    assert all(issue.fix for issue in found.issues)


def test_caps_are_held_before_the_numbers_are_read():
    text = (HEADER + "a,m,0,1\nb,m,0,1\n").encode()
    assert "too_large" in codes(read_samples(text, "x.csv", policy=Policy(samples_bytes=10)))
    assert "too_many_rows" in codes(read_samples(text, "x.csv", policy=Policy(samples_rows=1)))


@pytest.mark.parametrize(
    "document",
    [
        5,
        [[1]],
        {"eval": {}, "samples": [{"id": 1, "epoch": "x", "scores": {"a": {"value": "C"}}}]},
        {"eval": {}, "samples": [{"id": 1, "scores": [1]}]},
        {"eval": {}, "samples": 3},
        {"samples": {"a": 1}},
        [{"doc_id": [1], "arguments": 1, "metrics": "acc", "acc": {}}],
        [{"doc_id": 1, "arguments": 1, "metrics": [["a"]], "filter": []}],
        [{"scenario": {"a": [1]}, "score": [1]}],
    ],
    ids=str,
)
def test_json_of_another_shape_is_refused_and_never_raises(document):
    found = read_samples(json.dumps(document).encode(), "x.json")
    assert found.samples is None
    assert found.issues


@pytest.mark.parametrize(
    "content",
    [b"scenario,score\n,1\n", b"scenario,model,score\n,,1\na,m,1\n", b"scenario,score\n,1\n,0\n"],
)
def test_a_row_without_a_name_is_named_wherever_it_stands(content):
    found = read_samples(content, "mine.csv")
    assert found.samples is None
    assert ("no_name", 2) in [(issue.code, issue.where.row) for issue in found.issues]
