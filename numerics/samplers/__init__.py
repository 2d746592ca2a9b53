"""Samplers of random networks: `law_exact` draws what the law needs, `direct` draws the weights."""
