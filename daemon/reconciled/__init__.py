"""`reconciled` knows what each app holds, notices what vanished, proves it, and says who did it."""

__version__ = "0.1.0"
