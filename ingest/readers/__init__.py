"""Readers: one module a format, each a generator of plain records, without Django.

READERS is the registry: `manage.py ingest NAME FILE`. A new reader is a module and a line here
(CONTRIBUTING.md has the steps).
"""
