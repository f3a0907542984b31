"""Run by every Python that the tests start: asking the system's resolver for a name fails, and is written down.

`LOOK_UPS` names the file. Addresses are no names, and what a test puts in the resolver's place is not the system's.
"""

from __future__ import annotations

import ipaddress
import os
import sys

_WORDS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")


def _is_name(host: object) -> bool:
    if host is None or host in ("", b""):
        return False
    text = os.fsdecode(host) if isinstance(host, str | bytes) else str(host)
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return True
    return False


def _heed(event: str, arguments: tuple[object, ...]) -> None:
    if event in _WORDS and (event == "socket.gethostbyaddr" or _is_name(arguments[0])):
        place = os.environ.get("LOOK_UPS")
        if place:
            with open(place, "a", encoding="utf-8") as file:  # noqa: PTH123
                file.write(f"{event} {arguments[0]!r} by {sys.argv[:2]}\n")
        raise OSError(f"the tests look no name up: {event} {arguments[0]!r}")


sys.addaudithook(_heed)
