"""A long life in a hurry: a household under load, and its daemon killed again and again. See `__main__`."""
