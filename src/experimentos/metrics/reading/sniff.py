"""What a file is: by the end of its name, held against its first bytes."""

import re

from experimentos.metrics.reading.grid import Refusal, refusal
from experimentos.metrics.reading.names import extension, safe_name
from experimentos.policy import Policy

ACCEPTED = "Give a CSV, TSV, XLSX, Parquet or JSON file, or paste the table as text."
FORMS = {
    "csv": "csv",
    "txt": "csv",
    "psv": "csv",
    "tsv": "tsv",
    "tab": "tsv",
    "xlsx": "xlsx",
    "parquet": "parquet",
    "pq": "parquet",
    "json": "json",
    "jsonl": "json",
    "ndjson": "json",
    "": "pasted",
}
SHEETS_TO_CONVERT = frozenset({"xls", "xlsm", "xlsb", "xltx", "xltm", "ods", "numbers"})
COMPRESSED = frozenset({"gz", "zip", "bz2", "xz", "zst", "7z", "rar", "tar", "tgz"})

WORKBOOK = b"PK\x03\x04"
PARQUET = b"PAR1"
COMPRESSION = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!", "RAR"),
    (WORKBOOK, "zip"),
    (b"PK\x05\x06", "zip"),
)
OTHERS = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old .xls workbook or one with a password"),
    (PARQUET, "a Parquet file"),
    (b"PARE", "an encrypted Parquet file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"ARROW1", "an Arrow or Feather file"),
    (b"Obj\x01", "an Avro file"),
    (b"ORC", "an ORC file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"{\\rtf", "a rich text document"),
)
MARKUP = re.compile(rb"\s*<(?:!doctype|html|table|\?xml|body|head|script|svg)\b", re.IGNORECASE)


def form_of(content: bytes, name: str, policy: Policy) -> str:
    """Return the form to read the bytes as.

    Raises
    ------
    Refusal
        If the bytes are too many, or are not what the name says they are.
    """
    if len(content) > policy.upload_bytes:
        raise refusal(
            "too_large",
            f"The file has {len(content):,} bytes; an aggregated result has at most "
            f"{policy.upload_bytes:,}.",
            "Aggregate the rows first: one row per arm, or per arm and segment or day.",
        )
    form = _form_by_name(name)
    if not content:
        raise empty()
    if form == "pasted":
        return _form_by_content(content)
    if form == "xlsx" and not content.startswith(WORKBOOK):
        raise _not_what_it_says("an XLSX workbook", content)
    if form == "parquet" and not content.startswith(PARQUET):
        raise _not_what_it_says("a Parquet file", content)
    if form in ("csv", "tsv", "json"):
        refuse_binary(content)
    return form


def empty() -> Refusal:
    """Return the refusal of a file without content."""
    return refusal(
        "empty_file",
        "The file is empty.",
        "Export the table again; it needs a header and one row per arm.",
    )


def refuse_binary(content: bytes) -> None:
    """Raise a refusal when the bytes are known to be something other than text."""
    for magic, what in COMPRESSION:
        if content.startswith(magic):
            raise refusal(
                "compressed",
                f"The file is compressed ({what}), not text; it is never unpacked silently.",
                "Unpack it and give the table inside; a workbook needs a name ending in .xlsx.",
            )
    known = _known_content(content)
    if known is not None:
        raise refusal("not_text", f"The file is {known}, not a text table.", ACCEPTED)


def _known_content(content: bytes) -> str | None:
    for magic, what in OTHERS:
        if content.startswith(magic):
            return what
    return "a web page or XML" if MARKUP.match(content[:1_000]) else None


def _form_by_name(name: str) -> str:
    ending = extension(name)
    if ending in FORMS:
        return FORMS[ending]
    shown = safe_name(name)
    if ending in SHEETS_TO_CONVERT:
        raise refusal(
            "workbook_format",
            f"{shown} is a .{ending} workbook; only .xlsx is read.",
            "Open it and save it as .xlsx, or export the sheet as CSV.",
        )
    if ending in COMPRESSED:
        raise refusal(
            "compressed",
            f"{shown} is compressed; it is never unpacked silently.",
            "Unpack it and give the table inside.",
        )
    raise refusal("unknown_format", f"The name {shown} does not end in a known format.", ACCEPTED)


def _form_by_content(content: bytes) -> str:
    if content.startswith(PARQUET):
        return "parquet"
    if content.startswith(WORKBOOK):
        return "xlsx"
    refuse_binary(content)
    return "json" if content.lstrip()[:1] in (b"[", b"{") else "pasted"


def _not_what_it_says(claimed: str, content: bytes) -> Refusal:
    what = _known_content(content) or "something else"
    return refusal(
        "not_what_it_says",
        f"The name says {claimed}, but the bytes are {what}.",
        "Save it again as .xlsx or CSV; an old .xls workbook or one with a password is not read.",
    )
