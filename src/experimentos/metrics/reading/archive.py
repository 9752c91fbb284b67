"""A workbook's zip and XML, opened with limits: no entities, no bombs, no climbing paths."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from experimentos.metrics.reading.grid import Refusal, refusal
from experimentos.policy import Policy

MOST_ENTRIES = 1_000
MOST_ELEMENTS = 200_000
MOST_DEPTH = 64
SMALL_PART = 1 << 16
SAVE_AGAIN = "Open it in a spreadsheet program and save it again as .xlsx, or export it as CSV."
ENCRYPTED = 0x1


@dataclass(slots=True)
class Element:
    """An XML element with the prefixes of its names dropped."""

    name: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return the character data directly inside the element."""
        return "".join(self.pieces)

    def all(self, name: str) -> Iterator["Element"]:
        """Yield the descendants of that name in the order of the document."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.all(name)


class _Entities(Exception):  # noqa: N818 - a signal out of the parser's callbacks
    """The XML declares a document type."""


class _TooMuch(Exception):  # noqa: N818 - a signal out of the parser's callbacks
    """The XML is larger or deeper than any table needs."""


@dataclass(frozen=True, slots=True)
class Archive:
    """An opened workbook whose declared sizes are within the limits."""

    parts: zipfile.ZipFile

    def __contains__(self, path: str) -> bool:
        return path in self.parts.namelist()

    def xml(self, path: str) -> Element:
        """Return the root of one XML part.

        Raises
        ------
        Refusal
            If the part is missing, damaged, too large, or declares entities.
        """
        if path not in self:
            raise _damaged("a part of it is missing")
        try:
            # Reading stops at the declared size, which was checked; a false one fails the checksum.
            return _parsed(self.parts.read(path))
        except _Entities as exc:
            raise refusal(
                "xml_entities",
                "The workbook declares XML entities, which no spreadsheet program writes.",
                SAVE_AGAIN,
            ) from exc
        except _TooMuch as exc:
            raise _too_much() from exc
        except (expat.ExpatError, ValueError) as exc:
            raise _damaged("its XML does not parse") from exc
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as exc:
            raise _damaged("it does not unpack") from exc


def open_archive(content: bytes, policy: Policy) -> Archive:
    """Open the zip of a workbook after looking at its table of contents.

    Raises
    ------
    Refusal
        If it is no workbook, is encrypted, holds macros, or unpacks to too much.
    """
    try:
        parts = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError) as exc:
        raise _damaged("its zip has no table of contents; it may have been cut short") from exc
    entries = parts.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if (
        len(entries) > MOST_ENTRIES
        or unpacked > policy.zip_bytes
        or any(_ratio(entry) > policy.zip_ratio for entry in entries)
    ):
        raise _too_much()
    if any(".." in entry.filename or entry.filename.startswith("/") for entry in entries):
        raise refusal(
            "not_a_workbook",
            "The zip holds paths that climb out of it; no spreadsheet program writes them.",
            SAVE_AGAIN,
        )
    _refuse_foreign(entries)
    return Archive(parts)


def _refuse_foreign(entries: list[zipfile.ZipInfo]) -> None:
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names or len(names) != len(entries):
        raise refusal("not_a_workbook", "The file is a zip, but not an XLSX workbook.", SAVE_AGAIN)
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise refusal(
            "encrypted", "The workbook is protected by a password.", "Save it without a password."
        )
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise refusal(
            "macros", "The workbook holds macros.", "Save it as .xlsx, which holds no macros."
        )


def _ratio(entry: zipfile.ZipInfo) -> float:
    # Small parts compress very well and harm nobody.
    return entry.file_size / max(entry.compress_size, 1) if entry.file_size > SMALL_PART else 0.0


def _parsed(document: bytes) -> Element:
    parser = expat.ParserCreate(namespace_separator=" ")
    root = Element("", {})
    open_elements = [root]
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > MOST_ELEMENTS or len(open_elements) > MOST_DEPTH:
            raise _TooMuch
        local = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        element = Element(name.rpartition(" ")[2], local)
        open_elements[-1].children.append(element)
        open_elements.append(element)

    def end(_: str) -> None:
        open_elements.pop()

    def text(piece: str) -> None:
        open_elements[-1].pieces.append(piece)

    def doctype(*_: object) -> None:
        raise _Entities

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    parser.Parse(document, True)  # noqa: FBT003 - expat takes the flag by position
    return root


def _too_much() -> Refusal:
    return refusal(
        "unpacks_to_too_much",
        "The workbook holds far more than an aggregated table does; it was not read.",
        "Save only the sheet with the aggregated table.",
    )


def _damaged(how: str) -> Refusal:
    return refusal("damaged_workbook", f"The workbook is damaged: {how}.", SAVE_AGAIN)
