"""The one error of backups."""


class BackupError(Exception):
    """A backup cannot be made or restored; the text says why, and that nothing was changed."""
