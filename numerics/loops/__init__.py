"""Compiled kernels: arrays in, arrays out; numba and numpy only."""
