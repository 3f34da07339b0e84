"""`python -m reconciled` is the command `reconciled`."""

from reconciled.cli import main

if __name__ == "__main__":
    main()
