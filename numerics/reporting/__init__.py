"""Reports to take home: HTML pages that need no network, and a LaTeX appendix."""
