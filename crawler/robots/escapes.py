"""The normal forms in which paths and patterns are compared, octet by octet.

RFC 9309 section 2.2.2: unreserved characters are never escaped, octets outside US-ASCII and those not allowed in a URL
always are, hexadecimal digits are upper case, and a reserved character equals its escape unless it is a delimiter
there: `%2F` and `%3F` in a path, `%2A`, `%24`, `%23` anywhere.
"""

from __future__ import annotations

import re

_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_RESERVED = b":[]@!&'()+,;="
PLAIN = _UNRESERVED + _RESERVED + b"/?"
PLAIN_PATTERN = PLAIN + b"*$"
IN_PATH = frozenset(_UNRESERVED + _RESERVED + b"/")
IN_QUERY = frozenset(_UNRESERVED + _RESERVED + b"/?")
_ESCAPABLE = re.compile(rb"%[0-9A-Fa-f]{2}|[^" + re.escape(_UNRESERVED + _RESERVED + b"/") + rb"]", re.DOTALL)


def escape(part: bytes, literal: frozenset[int]) -> bytes:
    """One part of a path in normal form; `literal` are the characters that stand for themselves there."""

    def one(match: re.Match[bytes]) -> bytes:
        found = match[0]
        octet = int(found[1:], 16) if len(found) == 3 else found[0]
        # In a query both "?" and "%3F" are data; in a path "%2F" and "%3F" are data and "/" is not.
        if octet in literal and not (len(found) == 3 and octet == 0x2F and literal is IN_PATH):
            return bytes((octet,))
        return b"%%%02X" % octet

    return _ESCAPABLE.sub(one, part)


def normalise(path: bytes) -> bytes:
    """A URL's path and query in the form patterns are compared with; a raw `*` or `$` there is data."""
    if not path.translate(None, PLAIN):
        return path
    before, mark, query = path.partition(b"?")
    return escape(before, IN_PATH) + mark + escape(query, IN_QUERY)


_ESCAPE = re.compile(rb"%[0-9A-Fa-f]{2}|[\x80-\xff]")


def google_form(value: bytes) -> bytes:
    """`MaybeEscapePattern`: octets outside ASCII are escaped, escapes are written in upper case, nothing else."""
    return _ESCAPE.sub(lambda found: found[0].upper() if len(found[0]) == 3 else b"%%%02X" % found[0][0], value)
