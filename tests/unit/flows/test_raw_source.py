"""What a page may read: one folder, uploads by their hash, databases by their variable."""

import os

import pytest

from experimentos.errors import ContractError, StoreError, UnreadableError
from experimentos.flows.raw_source import (
    Place,
    Reach,
    address_of,
    database_title,
    is_there,
    keep_upload,
    list_files,
    remove_upload,
    source_now,
)
from experimentos.ids import content_hash
from experimentos.wiring import Settings, reach, settings_from_environment

CSV = b"id,arm\n1,a\n2,b\n"
PARQUET = b"PAR1 and the rest"


@pytest.fixture
def within(tmp_path):
    data = tmp_path / "data"
    (data / "logs" / "a" / "b" / "c" / "d").mkdir(parents=True)
    for name in ("users.csv", "logs/2.parquet", "logs/1.parquet", "notes.txt", ".hidden.csv"):
        (data / name).write_bytes(CSV)
    (data / "logs" / "a" / "b" / "c" / "d" / "deep.csv").write_bytes(CSV)
    (tmp_path / "secret.csv").write_bytes(CSV)
    (data / "link.csv").symlink_to(tmp_path / "secret.csv")
    (data / "out").symlink_to(tmp_path)
    return Reach(data, tmp_path / "uploads", ("EXPERIMENTOS_SOURCE_SHOP",))


def test_files_are_listed_and_nothing_that_leads_out_of_the_folder(within):
    assert [(one.at, one.files) for one in list_files(within)] == [
        ("logs/*.parquet", 2),
        ("logs/1.parquet", 1),
        ("logs/2.parquet", 1),
        ("users.csv", 1),
    ]


def test_a_folder_that_is_not_there_lists_nothing(tmp_path):
    assert list_files(Reach(tmp_path / "none", tmp_path)) == ()


@pytest.mark.parametrize(
    "at", ["../secret.csv", "link.csv", "/etc/x.csv", "out/secret.csv", "C:\\x.csv"]
)
def test_a_path_that_leads_out_is_not_there(within, at):
    assert not is_there(Place(kind="file", at=at, name=at), within)


@pytest.mark.parametrize(
    "place",
    [
        Place(kind="upload", at="../data/users.csv", name="x"),
        Place(kind="database", at="HOME", name="x"),
        Place(kind="database", at="EXPERIMENTOS_SOURCE_OTHER", name="x"),
        Place(kind="command", at="users.csv", name="x"),
    ],
)
def test_only_what_is_offered_has_an_address(within, place):
    with pytest.raises(ContractError, match="is not offered here"):
        address_of(place, within)


def test_a_database_is_named_by_its_variable_and_never_by_its_url(within, monkeypatch):
    place = Place(kind="database", at="EXPERIMENTOS_SOURCE_SHOP", name="shop", table="orders")
    assert address_of(place, within) == ("env:EXPERIMENTOS_SOURCE_SHOP#orders", None)
    monkeypatch.setenv("EXPERIMENTOS_SOURCE_SHOP", "postgres://h/d#public.users")
    assert address_of(place, within) == ("env:EXPERIMENTOS_SOURCE_SHOP", None)
    assert database_title("EXPERIMENTOS_SOURCE_BIG_SHOP", "EXPERIMENTOS_SOURCE_") == "big shop"


@pytest.mark.parametrize(
    "name",
    ["users.csv", "../../etc/cron.d/x.csv", "..\\..\\x.csv", "a\u202eb.csv", "x" * 300 + ".csv"],
)
def test_an_upload_is_kept_by_its_hash_whatever_it_is_called(within, name):
    place = keep_upload(within, CSV, name)
    assert place.at == f"{content_hash(CSV)}.csv"
    assert [path.name for path in within.uploads.iterdir()] == [place.at]
    assert (within.uploads / place.at).stat().st_mode & 0o077 == 0
    assert is_there(place, within)
    assert keep_upload(within, CSV, "again.csv").at == place.at
    remove_upload(within, place)
    remove_upload(within, place)
    assert not is_there(place, within)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("rows.xlsx", b"PK", "no form"),
        ("rows", CSV, "no form"),
        ("rows.csv", b"", "empty"),
        ("rows.csv", b"\x00\x01", "not what its name says"),
        ("rows.parquet", CSV, "not what its name says"),
        ("rows.duckdb", PARQUET, "not what its name says"),
        ("rows.arrow", PARQUET, "not what its name says"),
        ("rows.csv.gz", CSV, "not what its name says"),
    ],
)
def test_an_upload_that_cannot_be_rows_is_told(within, name, content, words):
    with pytest.raises(UnreadableError, match=words) as told:
        keep_upload(within, content, name)
    assert told.value.hint
    assert not within.uploads.exists()


def test_an_upload_that_is_too_large_is_told(within, monkeypatch):
    monkeypatch.setattr("experimentos.flows.raw_source.MOST_UPLOADED", 4)
    with pytest.raises(UnreadableError, match="larger than 50 MB"):
        keep_upload(within, CSV, "rows.csv")


def test_a_full_disk_is_told(within):
    within.uploads.write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="could not be kept"):
        keep_upload(within, CSV, "rows.csv")


def test_a_changed_a_vanished_and_an_unchanged_source_are_told_apart(within):
    path = within.data / "users.csv"
    place = Place(kind="file", at="users.csv", name="users.csv")
    before = content_hash(CSV)
    assert "is unchanged" in source_now(place, before, within)
    path.write_bytes(CSV + b"3,a\n")
    os.utime(path, (1_800_000_000, 1_800_000_000))
    assert "has changed since then (2027-01-15" in source_now(place, before, within)
    path.unlink()
    assert "no longer there" in source_now(place, before, within)


@pytest.mark.parametrize(("kind", "words"), [("database", "not known"), ("command", "--source")])
def test_what_cannot_be_told_is_not_claimed(within, kind, words):
    place = Place(kind=kind, at="EXPERIMENTOS_SOURCE_SHOP", name="shop")
    assert words in source_now(place, "0" * 64, within)


def test_settings_name_the_folder_and_the_databases(monkeypatch, tmp_path):
    monkeypatch.setenv("EXPERIMENTOS_HOME", str(tmp_path))
    monkeypatch.setenv("EXPERIMENTOS_DATA", str(tmp_path / "lake"))
    monkeypatch.setenv("EXPERIMENTOS_SOURCE_SHOP", "postgres://h/d")
    monkeypatch.setenv("EXPERIMENTOS_SOURCE_NONE", "")
    found = reach(settings_from_environment())
    assert found == Reach(tmp_path / "lake", tmp_path / "uploads", ("EXPERIMENTOS_SOURCE_SHOP",))
    assert reach(Settings(tmp_path)).data == tmp_path / "data"
