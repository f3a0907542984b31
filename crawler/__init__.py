"""Facts: fetch, spool, archive and read what sites say about AI. Never imports `analysis` or `reports`."""

__version__ = "0.1.0"
