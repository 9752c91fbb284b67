"""What the server writes down: no user data, and an id for every unexpected failure."""

import json
import logging
import secrets
import sys
from datetime import UTC, datetime

from experimentos.wiring import Settings

logger = logging.getLogger("experimentos")


class JsonLines(logging.Formatter):
    """One JSON object per record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        incident_id = getattr(record, "incident", None)
        if incident_id:
            line["incident"] = incident_id
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def configure(settings: Settings) -> None:
    """Send this package's records to standard error in the form that the settings ask for."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonLines()
        if settings.log_format == "json"
        else logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    )
    logger.handlers = [handler]
    logger.setLevel(settings.log_level.upper())
    logger.propagate = False


def incident(failure: BaseException) -> str:
    """Log an unexpected failure with its traceback; return the id that finds it in the log."""
    incident_id = secrets.token_hex(4).upper()
    logger.error(
        "incident %s: %s",
        incident_id,
        type(failure).__name__,
        exc_info=failure,
        extra={"incident": incident_id},
    )
    return incident_id
