"""For authors of plugins and for our own tests: fake apps over real sockets, and faults to break them with.

Nothing here is imported by the daemon itself; `reconciled demo` and the tests start these servers.
"""
