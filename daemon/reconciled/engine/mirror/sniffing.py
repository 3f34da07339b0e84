"""(Placeholder until the real one stands here, in a few minutes.)"""

from pathlib import Path


def sniff(path: Path) -> str | None:
    """None: unknown."""
    head = path.read_bytes()[:8] if path.stat().st_size < 2**26 else b""
    return "application/pdf" if head.startswith(b"%PDF") else "image/jpeg" if head.startswith(b"\xff\xd8") else None
