"""Exit codes of the command, and the base of every error that is an answer to its user and not a bug."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class Exit(IntEnum):
    """What the command's exit code says (documented in `openweb -h`)."""

    DONE = 0
    FINDING = 1
    USAGE = 2
    BELOW_FLOOR = 3
    ARCHIVE = 4
    INTERRUPTED = 130


class OpenwebError(Exception):
    """Something that went wrong outside our code; the message says what happened, where, and what to do."""

    exit_code: ClassVar[Exit] = Exit.USAGE


class InputError(OpenwebError):
    """An input file, column or value that cannot be used as a whole."""
