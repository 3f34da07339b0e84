"""Ports of loopback for servers that must know theirs beforehand, or come back to it.

A port that the system chose (by binding to 0) lies where it also takes the near ends of outgoing connections
from: let go for a moment, it may be such an end the next, of any program. The ports here lie below that range
(from 32768 on Linux), so that only another server can be in the way, and that is tried first.
"""

import random
import socket

_BELOW = range(10_240, 32_000)
_TRIES = 100


def unused_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, and that no outgoing connection will be given.

    Raises OSError when none is found in a hundred tries.
    """
    anywhere = random.SystemRandom()  # never the same row of ports in two workers with one seed
    for _ in range(_TRIES):
        port = anywhere.choice(_BELOW)
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no unused port of 127.0.0.1 was found between {_BELOW.start} and {_BELOW.stop}")
