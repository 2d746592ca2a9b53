"""Exact moments of Haar-distributed matrices: orthogonal, unitary, symplectic, permutation.

The entry points live in `theory.haar.group` (`Haar`) and `theory.haar.weingarten` (`weingarten`).
"""
