"""`python -m numerics`: the command line of widetheory."""

from numerics.cli import main

raise SystemExit(main())
