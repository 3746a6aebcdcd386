"""Queries: one file a page or report. They read, and show only what the reader may know of."""
