"""Fixtures that several rooms share."""

from __future__ import annotations

import pytest


@pytest.fixture
def call(capsys):
    """Run a `main` with arguments: its exit status, what it printed, and what it wrote to the error stream."""

    def run(main, *arguments):
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as stop:
            status = stop.code
        out = capsys.readouterr()
        return status, out.out, out.err

    return run
