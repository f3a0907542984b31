"""Doors into the archive: each source reads one kind of input and yields portions of snapshots and visits."""
