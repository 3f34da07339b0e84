"""Messages and their channels: what people are told, when, and by which way.

`messages` says what a message is and queues it with its cause; `pace` decides what may go out now;
a `carrier` for each channel brings it there through `apprise_channel`, and the `postman` keeps the
carriers; `alerts` says what the daemon tells of itself, and `watch` looks for it every minute.
Nothing here decides anything about an item.
"""
