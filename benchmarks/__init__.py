"""Measurements of speed, accuracy and reliability: plain scripts, each with its own command line."""
