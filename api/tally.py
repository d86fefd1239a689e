"""Counts by address that all processes of a machine share, exact and of bounded size.

They lie in a file: a table of rows, each with places for a few addresses. Where all places of a row are taken,
whoever was counted least makes way, so that no number of addresses makes those forgotten that ask most. A row is
locked while it is counted in, and the system takes back what a process held that ends, however it ends. The
file is read and written, not mapped into memory: a disk that is full, or a file that was cut, is an error then,
and not the end of the process.
"""

import fcntl
import os
import time
import weakref
from hashlib import blake2b
from pathlib import Path
from struct import Struct
from threading import Lock

# Addresses at once: 131,072, in 2 MB.
ROWS, PLACES = 8_192, 16

# What an address is known by, which is nothing to anybody who reads the file, and what was counted.
PLACE = Struct("<8sQ")
ROW = Struct("<" + PLACES * "8sQ")

# Of what was counted: above these bits when the window ends, below them how often.
BITS = 32
MOST = 2**BITS - 1


class Tally:
    """Counts in windows of time of equal length, in `seconds`, kept in the file at `path`.

    `secret` keeps clients from choosing addresses that share a row.
    """

    def __init__(self, path: Path, seconds: int, secret: str) -> None:
        self.path, self.seconds = path, seconds
        self.key = blake2b(secret.encode(), digest_size=32).digest()
        self.lock = Lock()
        self.file: int | None = None

    def count(self, address: str) -> tuple[int, float]:
        """Count once more; return how often in this window, and the seconds until it ends.

        Raises OSError where the file cannot be used.
        """
        digest = blake2b(address.encode(), digest_size=16, key=self.key).digest()
        start = int.from_bytes(digest[:8]) % ROWS * ROW.size
        # Locks are those of processes: threads of one pass each other by.
        with self.lock:
            file = self._opened()
            fcntl.lockf(file, fcntl.LOCK_EX, ROW.size, start)
            try:
                return self._count(file, start, digest[8:])
            finally:
                fcntl.lockf(file, fcntl.LOCK_UN, ROW.size, start)

    def _count(self, file: int, start: int, mark: bytes) -> tuple[int, float]:
        # Told with the row locked, so that nobody counts in a window that others know to have ended.
        now = time.time()
        end = int(now // self.seconds + 1) * self.seconds
        row = ROW.unpack(os.pread(file, ROW.size, start).ljust(ROW.size, b"\0"))
        marks, counts = row[::2], row[1::2]
        # Windows that have ended are the least.
        place = marks.index(mark) if mark in marks else counts.index(min(counts))
        is_counted = marks[place] == mark and counts[place] >> BITS == end
        made = min(counts[place] & MOST, MOST - 1) + 1 if is_counted else 1
        written = PLACE.pack(mark, end << BITS | made)
        if os.pwrite(file, written, start + place * PLACE.size) < PLACE.size:
            raise OSError(f"{self.path} takes no more")
        return made, end - now

    def _opened(self) -> int:
        if self.file is None:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            weakref.finalize(self, os.close, self.file)
        return self.file
