"""One theorem per file; the stem is its permanent name.  Files are read by the catalogue, not imported from here."""
