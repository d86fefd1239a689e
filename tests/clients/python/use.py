"""What a notebook does: ask, be told what was wrong, follow pages. Prints what it got as JSON."""

import json
import sys
from urllib.parse import parse_qs, urlsplit

from dateline_client import Client
from dateline_client.api.events import get_event, list_events
from dateline_client.models import EventPage, Problem
from dateline_client.types import UNSET

client = Client(base_url=sys.argv[1])

answer = list_events.sync(client=client, place=["Aghdam"])
assert isinstance(answer, EventPage)
refused = list_events.sync(client=client, place=["Agdem"])
assert isinstance(refused, Problem)
missing = get_event.sync("nothing-here", client=client)
assert isinstance(missing, Problem)

pages, following = 0, None
while pages == 0 or following:
    cursor = parse_qs(urlsplit(following).query)["cursor"][0] if following else UNSET
    page = list_events.sync(client=client, place=["Aghdam"], page_size=1, cursor=cursor)
    assert isinstance(page, EventPage)
    pages, following = pages + 1, page.next_

told = {
    "found": answer.results[0].id,
    "status": answer.results[0].status.value,
    "resolved": answer.resolved["place"][0].id,
    "refused": [refused.errors[0].parameter, refused.errors[0].code, refused.errors[0].suggestion],
    "missing": missing.type_.value,
    "pages": pages,
}
sys.stdout.write(json.dumps(told))
