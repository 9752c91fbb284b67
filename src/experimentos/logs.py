"""Logs that a machine or a person can read, without secrets and without user data."""

import json
import logging
import re
import secrets
import sys
from datetime import UTC, datetime
from typing import Protocol, TextIO, override

from experimentos.errors import ContractError

NAME = "experimentos"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
FORMS = ("plain", "json")

SECRETS = (
    re.compile(r"\b(?:sk|pk|rk)-[A-Za-z0-9_-]{8,}"),
    re.compile(r"\bgh[pousr]_[A-Za-z0-9]{16,}|\bgithub_pat_\w{16,}|\bxox[abprs]-[\w-]{10,}"),
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{30,}"),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"),
    re.compile(r"(?i)(?<=\bbearer )\S+|(?<=\bbasic )[A-Za-z0-9+/=]{8,}"),
    re.compile(
        r"(?i)(?<![a-z])(?:[a-z0-9_-]*(?:api[_-]?key|passwd|password|secret|token))"
        r"[\"']?\s*[=:]\s*[\"']?(?P<value>[^\s\"',;&]+)"
    ),
)
HIDDEN = "[hidden]"

# What every record carries by itself; anything else was given as `extra`.
STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class Settings(Protocol):
    """The part of `wiring.Settings` that logs need."""

    @property
    def log_level(self) -> str:
        """Return one of `LEVELS`, in any case."""
        ...

    @property
    def log_format(self) -> str:
        """Return one of `FORMS`."""
        ...


def redact(text: str) -> str:
    """Return the text with keys, tokens and passwords replaced by `[hidden]`."""
    for pattern in SECRETS:
        text = pattern.sub(_hide, text)
    return text


def _hide(match: re.Match[str]) -> str:
    value = match.groupdict().get("value")
    return match[0].replace(value, HIDDEN) if value else HIDDEN


class PlainFormatter(logging.Formatter):
    """One line for people: time, level, module, message."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    @override
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))

    @override
    def formatMessage(self, record: logging.LogRecord) -> str:
        extra = " ".join(f"{key}={value}" for key, value in _extra(record).items())
        line = f"{super().formatMessage(record)} {extra}".rstrip()
        # A message that quotes a line break must not look like two records.
        return line.replace("\r", "\\r").replace("\n", "\\n")


class JsonFormatter(logging.Formatter):
    """One JSON object per line: time, level, logger, message, the extras, the traceback."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        line |= {key: redact(str(value)) for key, value in _extra(record).items()}
        if record.exc_info:
            line["traceback"] = redact(self.formatException(record.exc_info))
        return json.dumps(line)


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in record.__dict__.items() if key not in STANDARD}


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send this package's logs to standard error, in the form that the settings ask for.

    Calling it again replaces what it did before; other packages' loggers are left alone.

    Raises
    ------
    ContractError
        If the level or the format is not known.
    """
    level, form = settings.log_level.upper(), settings.log_format.lower()
    if level not in LEVELS:
        raise ContractError(
            f"EXPERIMENTOS_LOG_LEVEL is {settings.log_level!r}.",
            hint=f"Use one of {', '.join(LEVELS)}.",
        )
    if form not in FORMS:
        raise ContractError(
            f"EXPERIMENTOS_LOG_FORMAT is {settings.log_format!r}.", hint="Use plain or json."
        )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else PlainFormatter())
    logger = logging.getLogger(NAME)
    logger.handlers = [handler]
    logger.setLevel(level)
    logger.propagate = False


def incident(error: BaseException, where: str = "") -> str:
    """Log an unexpected failure and return the 8-character id that the reader sees.

    The log holds the traceback, never the values of variables and never the error's own text when
    that could quote user data: the exception's message is cut to its type.

    Parameters
    ----------
    error
        What was raised.
    where
        The page or command, in our own words.
    """
    number = secrets.token_hex(4)
    frames = _frames(error)
    logging.getLogger(NAME).error(
        "unexpected failure",
        extra={
            "incident": number,
            "where": where,
            "error": type(error).__name__,
            "frames": frames,
        },
    )
    return number


def _frames(error: BaseException) -> str:
    """Return where the error came from, innermost first, without messages or source lines."""
    places: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        module = trace.tb_frame.f_globals.get("__name__", "?")
        places.append(f"{module}.{code.co_qualname}:{trace.tb_lineno}")
        trace = trace.tb_next
    cause = error.__cause__ or error.__context__
    tail = f" caused by {type(cause).__name__}" if cause else ""
    return " < ".join(reversed(places)) + tail
