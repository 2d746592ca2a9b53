"""`python -m theory`: the commands that need no compiled kernel."""

from theory.commands import main

raise SystemExit(main())
