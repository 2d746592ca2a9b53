"""Pictures of signal propagation; they need matplotlib, the extra `plot`."""
