"""Which of several media types a client prefers, by its header `Accept` (RFC 9110)."""

from collections.abc import Sequence
from operator import attrgetter

from django.http import HttpRequest
from django.http.request import MediaType

from api.problems import LONGEST_HEADER


def preferred(request: HttpRequest, media_types: Sequence[str]) -> str | None:
    """Return the media type that the client likes best, of equals the first; None if it takes none."""
    return request.get_preferred_type(
        [each for each in media_types if not is_refused(request, each)]
    )


def is_refused(request: HttpRequest, media_type: str) -> bool:
    """Return whether the client gives a media type the weight 0, in the range that fits it most closely.

    Django forgets such ranges, and takes the next that fits.
    """
    ranges = map(MediaType, request.headers.get("Accept", "*/*").split(","))
    fitting = [each for each in ranges if each.match(media_type)]
    closest = max(fitting, key=attrgetter("specificity", "quality"), default=None)
    return closest is not None and closest.quality == 0


def names(request: HttpRequest, media_type: str) -> bool:
    """Return whether the client takes a media type and says so by its name, as browsers do of pages."""
    header = request.headers.get("Accept", "")
    if len(header) > LONGEST_HEADER:
        return False
    wanted = MediaType(media_type)
    ranges = map(MediaType, header.split(","))
    return any(
        (each.main_type, each.sub_type) == (wanted.main_type, wanted.sub_type) and each.quality > 0
        for each in ranges
    )
