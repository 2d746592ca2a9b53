"""`python -m numerics`: the command line of widetheory."""

from numerics.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
