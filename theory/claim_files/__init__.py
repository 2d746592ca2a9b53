"""Claims of one's own, kept in files outside the package: `*.claims.toml`, and Python files that apply `@theorem`."""
