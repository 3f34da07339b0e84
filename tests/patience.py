"""How long a test waits for what must come true: one number, since a wait that comes true costs nothing.

It is many times what a quiet machine needs, and less than the time after which a test counts as hanging.
"""

PATIENCE = 200.0
"""Real seconds until what must come true counts as never: a busy machine is no failure."""
