"""How pages look: thumbnails on our disk, a process that hashes them, and likenesses by picture alone.

Whatever an app calls a picture is opened in a process of its own with little memory (`hasher`, `looking`),
never in the daemon. `album` is the shelf on disk, `previews` asks apps for what is not on it (`picturing`
judges what they give), `hashing` says whose pages are looked at, `pictures` is the pass's stage.
"""
