"""GeoJSON as a table: features one by one, and what is wrong with them."""

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.files import Cells, Limits, Rejected, SourceFile, WrongFile
from ingest.readers.geojson import open_features


def feature(point: Any = None, **properties: Any) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": point} if point else None
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def rows_of(path: Path, features: list[Any], limits: Limits | None = None) -> list[Any]:
    collection = {"type": "FeatureCollection", "features": features}
    # With a byte order mark, as some programs write it.
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(collection).encode())
    with open_features(SourceFile(path, limits)) as table:
        return list(table.rows)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some.geojson"


def test_properties_are_cells_and_the_point_fills_in_for_coordinates(path: Path) -> None:
    rows = rows_of(
        path,
        [
            feature([20.25, 10.5], id=1, name="Nümunə", note=None),
            feature([20.25, 10.5], id=2, latitude=11, longitude="21"),
            feature(None, id=3),
        ],
    )
    assert rows == [
        Cells(
            1, {"latitude": "10.5", "longitude": "20.25", "id": "1", "name": "Nümunə", "note": ""}
        ),
        Cells(2, {"latitude": "11", "longitude": "21", "id": "2"}),
        Cells(3, {"latitude": "", "longitude": "", "id": "3"}),
    ]


def test_bad_features_are_rejected_by_their_number(path: Path) -> None:
    features = [
        feature(id=1),
        feature(id=[1, 2]),
        feature(id="a\0b"),
        {"type": "Feature"},
        "no feature",
        feature(id="x" * 50),
        feature(id=7),
    ]
    rows = rows_of(path, features, Limits(cell=40))
    rejected = {row.line: row.column for row in rows if isinstance(row, Rejected)}
    assert rejected == {2: "id", 3: "id", 4: None, 5: None, 6: "id"}
    assert [row.line for row in rows if isinstance(row, Cells)] == [1, 7]


def test_more_features_than_the_limit_are_refused(path: Path) -> None:
    features = [feature(id=number) for number in range(4)]
    assert len(rows_of(path, features, Limits(rows=4))) == 4
    with pytest.raises(WrongFile, match="more than 3 features"):
        rows_of(path, features, Limits(rows=3))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('{"type": "FeatureCollection"}', "no GeoJSON with features"),
        ('{"features": [1]}', "no GeoJSON with features"),
        ('{"features": [{"properties": {"id": 1}}, {"prop', "no whole JSON"),
        ('{"features": [{"properties": {"id": "\xff"}}]}', "no whole JSON"),
    ],
)
def test_what_is_no_collection_of_features_is_refused(
    path: Path, content: str, complaint: str
) -> None:
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(WrongFile, match=complaint), open_features(SourceFile(path)) as table:
        list(table.rows)
