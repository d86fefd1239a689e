"""Measurements, each a ratio of two things in one run on one machine: see README.md here."""
