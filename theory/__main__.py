"""`python -m theory`: the commands that need no compiled kernel."""

from theory.commands import main

if __name__ == "__main__":
    raise SystemExit(main())
