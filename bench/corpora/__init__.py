"""Made-up paper libraries, to fit and to judge the search for duplicates.

Three generators that share nothing but the shape of a `Sheet`: their languages, words, families, layouts and
the errors of their scanners are their own. What is fitted on two of them is judged on the third. A corpus
kept elsewhere is read from JSON lines of the same shape (`sheets.read`).
"""
