"""Addresses: which files are read, and which are not."""

import os

import pytest

from experimentos.engine.files import Form, find, fingerprint
from experimentos.engine.opening import open_engine
from experimentos.errors import ContractError, UnreadableError, Unsupported


@pytest.fixture
def workspace(tmp_path):
    place = tmp_path / "workspace"
    (place / "raw").mkdir(parents=True)
    for name in ("a.parquet", "b.parquet", "c.csv.gz"):
        (place / "raw" / name).write_bytes(name.encode())
    (tmp_path / "secret.csv").write_text("a,b\n")
    (place / "raw" / "link.csv").symlink_to(tmp_path / "secret.csv")
    return place


def test_a_pattern_names_its_files_in_order(workspace):
    found = find("raw/*.parquet", inside=workspace)
    assert [path.name for path in found.paths] == ["a.parquet", "b.parquet"]
    assert found.form is Form.PARQUET
    assert found.name == "*.parquet (2 files)"
    assert find(str(workspace / "raw" / "c.csv.gz")).form is Form.CSV


@pytest.mark.parametrize(
    "address",
    [
        "../secret.csv", "/etc/passwd.csv", "raw/../../secret.csv", "raw\\..\\secret.csv",
        "C:\\secret.csv", "C:secret.csv", "\\\\host\\share\\x.csv", "raw/link.csv", "raw/l*.csv",
        "raw/\x00.csv", "../*.csv",
    ],
)  # fmt: skip
def test_no_address_leads_out_of_the_workspace(workspace, address):
    with pytest.raises((ContractError, UnreadableError)):
        find(address, inside=workspace)


@pytest.mark.parametrize("address", ["raw/none.csv", "raw/*.csv.gz.csv", "raw/x\x00.csv"])
def test_a_file_that_is_not_there_is_said_so(workspace, address):
    with pytest.raises(UnreadableError):
        find(str(workspace / address))


@pytest.mark.parametrize("address", ["notes.txt", "x.pickle", "a.csv#table", "users"])
def test_other_forms_are_refused(address):
    with pytest.raises(ContractError):
        find(address)


def test_a_fingerprint_changes_with_the_bytes_of_any_file(workspace):
    paths = find("raw/*.parquet", inside=workspace).paths
    before = fingerprint(paths), fingerprint(paths[:1])
    paths[0].write_bytes(b"other")
    assert fingerprint(paths) != before[0]
    assert fingerprint(paths[:1]) != before[1]


def test_a_huge_file_is_told_apart_by_its_ends(workspace):
    path = workspace / "huge.csv"
    path.touch()
    os.truncate(path, 2**24 + 1)
    os.utime(path, ns=(1, 1))
    before = fingerprint((path,))
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"x")
    os.utime(path, ns=(1, 1))
    assert fingerprint((path,)) != before


def test_a_page_opens_no_database_and_reads_no_variable(workspace, monkeypatch):
    monkeypatch.setenv("SHOP", "postgres://host/shop")
    for address in ("postgres://host/shop", "https://host/x.csv", "env:SHOP"):
        with pytest.raises(ContractError):
            open_engine(address, inside=workspace)


def test_an_address_may_stand_in_the_environment(workspace, monkeypatch):
    monkeypatch.setenv("ROWS", str(workspace / "raw" / "none.parquet"))
    with pytest.raises(UnreadableError, match=r"none\.parquet"):
        open_engine("env:ROWS")
    monkeypatch.delenv("ROWS")
    with pytest.raises(ContractError, match="ROWS"):
        open_engine("env:ROWS")
    with pytest.raises(Unsupported):
        open_engine("gopher://host/x")
