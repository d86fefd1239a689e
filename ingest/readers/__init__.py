"""Readers: one module a format, each a generator of plain records, without Django.

READERS is the registry: `manage.py ingest NAME FILE`. A new reader is a module and a line here
(CONTRIBUTING.md has the steps).
"""

from ingest.readers import (
    acled,
    dossier,
    gazetteer,
    gdelt,
    pax,
    ucdp_ged,
    ucdp_peace_agreements,
)
from ingest.readers.base import Reader

READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        dossier.READER,
        gazetteer.READER,
        ucdp_ged.READER,
        ucdp_peace_agreements.READER,
        pax.READER,
        gdelt.READER,
        acled.READER,
    )
}
