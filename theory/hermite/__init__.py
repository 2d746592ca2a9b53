"""Hermite expansion of activations: coefficients in closed form in the index, recurrences, sequences and tails."""
