"""The public names resolve, are listed, are documented, and nothing else is promised."""

from __future__ import annotations

import importlib
import inspect

import pytest

import numerics
import theory

PACKAGES = [theory, numerics]
PUBLIC = [(package, name) for package in PACKAGES for name in package.__all__]


@pytest.mark.parametrize(("package", "name"), PUBLIC, ids=lambda v: getattr(v, "__name__", v))
def test_name_resolves_and_is_documented(package, name):
    value = getattr(package, name)
    assert name in dir(package)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert inspect.getdoc(value), f"{name} has no docstring"
        assert value.__name__ == name


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.__name__)
def test_unknown_name(package):
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = package.no_such_name


PROMISED = {
    theory: {"Activation", "activation", "activation_names", "expect", "Gaussian", "GaussianExpectation", "Haar"}
    | {"is_closed_form", "enclose", "weingarten", "lookup", "statements", "citation", "theorem", "Statement"}
    | {"GaussianIdentity", "Interval", "write_latex"},
    numerics: {"verify", "verify_all", "compile", "Report", "Verdict", "Evidence", "Grade"},
}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.__name__)
def test_frozen_names(package):
    """Names that the documentation promises; one may be added, none renamed."""
    assert set(package.__all__) >= PROMISED[package]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.__name__)
def test_annotations_are_complete(package):
    for name in package.__all__:
        value = getattr(package, name)
        if inspect.isfunction(value):
            signature = inspect.signature(value)
            missing = [p.name for p in signature.parameters.values() if p.annotation is inspect.Parameter.empty]
            assert not missing, f"{name}: {missing}"
            assert signature.return_annotation is not inspect.Signature.empty, name


def test_same_object_from_both_routes():
    assert theory.Gaussian is importlib.import_module("theory.gaussian.law").Gaussian
    assert numerics.verify is importlib.import_module("numerics.verification").verify
