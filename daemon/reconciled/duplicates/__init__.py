"""Finds the same sheet scanned twice among thousands that only look alike: pure functions over texts.

Needs the extra `duplicates` (numpy, rapidfuzz, xxhash); page images need `images` (Pillow). Imports nothing
else of ours, keeps nothing, asks nobody: papers go in, a `Likeness` for each pair worth a look comes out.

What speaks for one sheet is never how much two texts have in common, for a series of invoices has nearly
everything in common. It is that every difference between the two can be a scanner's error at the rate at
which this very pair errs, and that none of them stands where papers of that template differ.
"""
