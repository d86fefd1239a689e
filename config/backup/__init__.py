"""Backups: one file with all that the database holds, and the way back from it.

programs   PostgreSQL's own programs, and how they reach our database
manifest   what a backup says of itself: state of the data, migrations, a checksum of each table
archive    the file: a ZIP of the manifest and a dump of pg_dump
dumping    from the database to the file
restoring  from the file to the database
"""

from config.backup.errors import BackupError

__all__ = ["BackupError"]
