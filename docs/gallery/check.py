"""Draws docs/images/check.svg: the verdict on a claim with one wrong sign.  Run: python docs/gallery/check.py"""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from numerics.typed_claims import statement_from_text
from numerics.verification import verify

CLAIM = "E[max(U,0)*max(V,0)] = (sqrt(1-rho^2) + rho*acos(rho))/(2*pi)"
IMAGE = Path(__file__).parent.parent / "images" / "check.svg"


def main() -> None:
    """Run the check and save what the terminal shows."""
    console = Console(record=True, width=112, file=io.StringIO())
    console.print(f'$ widetheory check "{CLAIM}"', style="bold", highlight=False, markup=False)
    console.print(verify(statement_from_text(CLAIM), budget="quick").table())
    console.save_svg(str(IMAGE), title="widetheory", unique_id="check")


if __name__ == "__main__":
    main()
