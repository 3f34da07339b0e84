"""From findings to effects: what policies want, whether everybody agrees, who is asked, and the call itself.

`thing` and `policy` say what is wanted, `agreement` whether it may be, `weighing` when (`ordered` of what a
person ordered, `target` of what it is about), `gate` who has to be asked; `rounds` go over the rows and put
them on their way. `looking` asks the apps once more, `sending` does it, `recovering` finds out what a crash
left open. `keeper` asks, of a duplicate that is to be deleted, whether what stays for it does stay. `outbox`
runs them, `answers`, `by_hand` and `undo` are a person's part.
"""
