"""Logs keep secrets and user data out, and explain every incident."""

import io
import json
import logging
from dataclasses import dataclass

import pytest

from experimentos import logs
from experimentos.errors import ContractError


@dataclass(frozen=True)
class Wanted:
    log_level: str = "INFO"
    log_format: str = "json"


@pytest.fixture
def stream():
    logger = logging.getLogger(logs.NAME)
    before = logger.handlers, logger.level, logger.propagate
    stream = io.StringIO()
    logs.configure(Wanted(), stream)
    yield stream
    logger.handlers, logger.level, logger.propagate = before


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def fail_with_user_data():
    raise ValueError("could not parse 'Ada Lovelace, +44 20 7946 0000'")


PLANTED = [
    "sk-proj-abcdefghijklmnop123456",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "AKIAABCDEFGHIJKLMNOP",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    "hunter2horse",
]


@pytest.mark.parametrize(
    ("sentence", "secret"),
    [
        ("calling with {} now", PLANTED[0]),
        ("git said {}", PLANTED[1]),
        ("key {}", PLANTED[2]),
        ("Authorization: Bearer {}", PLANTED[3]),
        ("postgresql://reader:{}@db.example:5432/events", PLANTED[4]),
        ("OPENAI_API_KEY={}", PLANTED[4]),
        ('{{"password": "{}"}}', PLANTED[4]),
        ("client_secret: {}", PLANTED[4]),
        ("token={}&x=1", PLANTED[4]),
    ],
)
@pytest.mark.parametrize("form", logs.FORMS)
def test_a_planted_secret_never_reaches_the_log(stream, sentence, secret, form):
    logs.configure(Wanted(log_format=form), stream)
    logging.getLogger("experimentos.engine").warning(
        sentence.format(secret), extra={"detail": sentence.format(secret)}
    )
    assert secret not in stream.getvalue()
    assert stream.getvalue().count(logs.HIDDEN) == 2


def test_ordinary_words_are_left_alone():
    text = "the tokens per second rose; task-force at http://localhost:8501/?s=01ABC"
    assert logs.redact(text) == text


def test_a_json_line_holds_time_level_message_and_extras(stream):
    logging.getLogger("experimentos.flows").info("run finished", extra={"run": "01ABC"})
    [line] = lines(stream)
    assert line["time"].endswith("+00:00")
    assert {k: line[k] for k in ("level", "logger", "message", "run")} == {
        "level": "INFO",
        "logger": "experimentos.flows",
        "message": "run finished",
        "run": "01ABC",
    }


def test_a_plain_line_is_one_line(stream):
    logs.configure(Wanted(log_format="plain"), stream)
    logging.getLogger("experimentos").info("first\nsecond", extra={"run": "01ABC"})
    assert stream.getvalue().splitlines() == [stream.getvalue().rstrip("\n")]
    assert stream.getvalue().endswith("INFO experimentos: first\\nsecond run=01ABC\n")


def test_the_level_is_obeyed_in_any_case(stream):
    logs.configure(Wanted(log_level="warning"), stream)
    logging.getLogger("experimentos").info("quiet")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("wanted", [Wanted(log_level="LOUD"), Wanted(log_format="xml")])
def test_an_unknown_setting_is_refused_with_the_known_ones(wanted):
    with pytest.raises(ContractError, match=r"Use (one of DEBUG|plain)"):
        logs.configure(wanted)


def test_an_incident_is_found_in_the_log_by_the_id_that_was_shown(stream):
    try:
        fail_with_user_data()
    except ValueError as error:
        number = logs.incident(error, "analyze")
    [line] = lines(stream)
    assert len(number) == 8
    assert line["incident"] == number
    assert (line["where"], line["error"]) == ("analyze", "ValueError")
    assert "fail_with_user_data" in line["frames"]


def test_an_incident_does_not_quote_what_the_error_quotes(stream):
    try:
        fail_with_user_data()
    except ValueError as error:
        logs.incident(error, "analyze")
    assert "Lovelace" not in stream.getvalue()


def test_an_incident_names_the_kind_of_its_cause(stream):
    try:
        try:
            fail_with_user_data()
        except ValueError as cause:
            raise RuntimeError("outer") from cause
    except RuntimeError as error:
        logs.incident(error)
    assert lines(stream)[0]["frames"].endswith("caused by ValueError")


def test_a_logged_exception_keeps_its_traceback_without_secrets(stream):
    try:
        int("password=hunter2horse")
    except ValueError:
        logging.getLogger("experimentos").exception("failed")
    [line] = lines(stream)
    assert "Traceback" in line["traceback"]
    assert "hunter2horse" not in line["traceback"]
