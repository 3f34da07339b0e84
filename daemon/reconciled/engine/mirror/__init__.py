"""Files travel: from a source that hands them out to every place that a mirror names, once and whole.

One file's journey is fetched, judged by what is declared of it and by its real bytes, and named, by parts
that know nothing of each other; what decides (content, naming, conflict, measures) is pure. Who walks the
filesets, keeps the ledger and talks to the targets stands above these parts.
"""
