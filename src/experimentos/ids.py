"""Content hashes and time-ordered ids; the clock and the randomness come in as arguments."""

import hashlib
import json
from datetime import datetime

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def content_hash(content: bytes) -> str:
    """Return the SHA-256 of bytes as 64 lower-case hex characters."""
    return hashlib.sha256(content).hexdigest()


def canonical_json(document: object) -> bytes:
    """Return the one JSON spelling of a document: sorted keys, no spaces, finite numbers only.

    Raises
    ------
    ValueError
        If the document holds NaN or an infinity, which JSON cannot.
    """
    text = json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def ordered_id(at: datetime, entropy: bytes) -> str:
    """Return a 26-character id that sorts by time (the ULID layout).

    Parameters
    ----------
    at
        The moment, with a time zone.
    entropy
        10 random bytes.

    Raises
    ------
    ValueError
        If the moment has no time zone or the entropy is not 10 bytes.
    """
    if at.tzinfo is None or len(entropy) != 10:
        raise ValueError("ordered_id needs an aware datetime and 10 bytes of entropy.")
    number = int(at.timestamp() * 1000) << 80 | int.from_bytes(entropy)
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def named_id(kind: str, name: str) -> str:
    """Return the one id that a thing of this name has: 26 characters of a hash.

    It does not sort by time; two things of one kind and name cannot both be saved.
    """
    number = int.from_bytes(hashlib.sha256(f"{kind}:{name}".encode()).digest()[:16])
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
