"""The Gaussian integration engine: rules, special functions, expectations."""
