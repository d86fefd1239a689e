"""From the codes of datasets to types of ours."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from ingest.crosswalk import Crosswalk
from ingest.dossier import read_event_types

TYPES = settings.PROJECT / "fixtures" / "source" / "00-event-types.yaml"
DATA = Path(settings.PROJECT).parent / "shared" / "data"
real_files = pytest.mark.skipif(not DATA.is_dir(), reason="the tables of codes are not here")

ROOTS = {
    "01": "OTHER",
    "02": "REQUEST",
    "03": "AGREE",
    "04": "CONSULT",
    "05": "SUPPORT",
    "06": "COOPERATE",
    "07": "AID",
    "08": "CONCEDE",
    "09": "ACCUSE/investigate",
    "10": "REQUEST",
    "11": "ACCUSE",
    "12": "REJECT",
    "13": "THREATEN",
    "14": "PROTEST",
    "15": "MOBILIZE",
    "16": "SANCTION",
    "17": "COERCE",
    "18": "ASSAULT",
    "19": "ASSAULT",
    "20": "ASSAULT",
}
CAMEO = {
    "015": "OTHER",
    "0214": "REQUEST/assist",
    "0231": "REQUEST/assist",
    "0243": "REQUEST/change",
    "0256": "REQUEST/yield",
    "026": "REQUEST/meet",
    "0356": "AGREE",
    "040": "CONSULT",
    "041": "CONSULT/phone",
    "042": "CONSULT/visit",
    "043": "CONSULT/visit",
    "045": "CONSULT",
    "055": "CONCEDE",
    "056": "SUPPORT",
    "057": "SUPPORT",
    "0811": "CONCEDE",
    "0814": "CONCEDE",
    "0841": "RETREAT/release",
    "0842": "RETREAT",
    "0861": "RETREAT/access",
    "087": "RETREAT",
    "0871": "RETREAT/ceasefire",
    "0874": "RETREAT/withdraw",
    "1014": "REQUEST/assist",
    "105": "REQUEST",
    "1056": "REQUEST/yield",
    "106": "REQUEST",
    "1121": "ACCUSE/allege",
    "116": "SANCTION/convict",
    "1244": "REJECT/yield",
    "1385": "THREATEN/violence",
    "1382": "THREATEN/territory",
    "1411": "PROTEST/demo",
    "143": "PROTEST",
    "145": "PROTEST/riot",
    "154": "MOBILIZE/troops",
    "1623": "SANCTION/discontinue",
    "163": "SANCTION/discontinue",
    "166": "SANCTION",
    "1711": "COERCE/seize",
    "1712": "ASSAULT/destroy",
    "173": "COERCE/arrest",
    "175": "ASSAULT",
    "1823": "ASSAULT",
    "1831": "ASSAULT/suicide-attack",
    "190": "ASSAULT",
    "191": "COERCE/restrict",
    "192": "COERCE/seize",
    "193": "ASSAULT/firearms",
    "195": "ASSAULT",
    "196": "ASSAULT",
    "202": "ASSAULT/targeted",
    "2042": "ASSAULT/unconventional",
}
ACLED = {
    "Battles": "ASSAULT",
    "Battles/Armed clash": "ASSAULT",
    "Battles/Government regains territory": "ASSAULT",
    "Battles/Non-state actor overtakes territory": "ASSAULT",
    "Protests": "PROTEST",
    "Protests/Peaceful protest": "PROTEST/demo",
    "Protests/Protest with intervention": "PROTEST/demo",
    "Protests/Excessive force against protesters": "PROTEST/demo",
    "Riots": "PROTEST/riot",
    "Riots/Violent demonstration": "PROTEST/riot",
    "Riots/Mob violence": "PROTEST/riot",
    "Explosions/Remote violence": "ASSAULT",
    "Explosions/Remote violence/Chemical weapon": "ASSAULT/unconventional",
    "Explosions/Remote violence/Air/drone strike": "ASSAULT",
    "Explosions/Remote violence/Suicide bomb": "ASSAULT/suicide-attack",
    "Explosions/Remote violence/Shelling/artillery/missile attack": "ASSAULT/heavy-weapons",
    "Explosions/Remote violence/Remote explosive/landmine/IED": "ASSAULT/explosives",
    "Explosions/Remote violence/Grenade": "ASSAULT/explosives",
    "Violence against civilians": "ASSAULT",
    "Violence against civilians/Sexual violence": "ASSAULT/sexual",
    "Violence against civilians/Attack": "ASSAULT",
    "Violence against civilians/Abduction/forced disappearance": "ASSAULT/abduct",
    "Strategic developments": "OTHER",
    "Strategic developments/Agreement": "SUPPORT",
    "Strategic developments/Arrests": "COERCE/arrest",
    "Strategic developments/Change to group/activity": "OTHER",
    "Strategic developments/Disrupted weapons use": "COERCE/seize",
    "Strategic developments/Headquarters or base established": "OTHER",
    "Strategic developments/Looting/property destruction": "COERCE/seize",
    "Strategic developments/Non-violent transfer of territory": "RETREAT/withdraw",
    "Strategic developments/Other": "OTHER",
}
# Where another type is given than by PLOVER's conversion table; the vocabulary says why.
DEPARTURES = {
    "055": ("SUPPORT", "CONCEDE"),
    "0813": ("RETREAT", "CONCEDE"),
    "0814": ("RETREAT", "CONCEDE"),
    "116": ("ACCUSE", "SANCTION"),
    "163": ("COERCE", "SANCTION"),
}


@pytest.fixture(scope="module")
def ours() -> Crosswalk:
    entries = [entry for type_ in read_event_types(TYPES) for entry in (type_, *type_.modes)]
    return Crosswalk(
        (entry.code, code.scheme, code.code, code.match)
        for entry in entries
        for code in entry.codes
    )


@pytest.mark.parametrize(("code", "type_"), [*ROOTS.items(), *CAMEO.items()])
def test_cameo(ours: Crosswalk, code: str, type_: str) -> None:
    assert ours.type_of(f"cameo:{code}") == type_


@pytest.mark.parametrize(("code", "type_"), ACLED.items())
def test_acled(ours: Crosswalk, code: str, type_: str) -> None:
    assert ours.type_of(f"acled:{code}") == type_


@pytest.mark.parametrize("code", "123")
def test_ucdp(ours: Crosswalk, code: str) -> None:
    assert ours.type_of(f"ucdp:{code}") == "ASSAULT"


def test_all_of_acled_is_here() -> None:
    assert len([code for code in ACLED if code.count("/") > code.startswith("Explosions")]) == 25


def test_what_an_unlisted_code_falls_back_to(ours: Crosswalk) -> None:
    # Codes that some coders add below CAMEO's, and sub-events that ACLED may add.
    assert ours.type_of("cameo:1951") == "ASSAULT"
    assert ours.type_of("cameo:0299") == "REQUEST"
    assert ours.type_of("acled:Battles/Of another sort") == "ASSAULT"


@pytest.mark.parametrize(
    "coded",
    [
        *("cameo:", "cameo:0", "cameo:21", "cameo:1", "ucdp:4", "ucdp:11", "acled:"),
        *("acled:Explosions", "acled:Battle", "plover:ASSAULT", "190", "", ":"),
    ],
)
def test_what_no_code_is_has_no_type(ours: Crosswalk, coded: str) -> None:
    assert ours.type_of(coded) is None


@pytest.mark.parametrize(
    ("matches", "type_"),
    [
        (["A exact", "B narrow", "C broad"], "A"),
        (["C broad", "B narrow"], "B"),
        (["C broad"], "C"),
        (["A narrow", "A/mode exact"], "A/mode"),
        (["A exact", "A/mode narrow"], "A"),
        (["A narrow", "A/mode narrow"], "A/mode"),
        (["A/one broad", "A/two broad"], "A"),
        (["B broad", "A broad", "B/mode broad"], "B/mode"),
    ],
)
def test_the_surest_match_counts(matches: list[str], type_: str) -> None:
    pairs = [match.split() for match in matches]
    crosswalk = Crosswalk((code, "x", "1", match) for code, match in pairs)
    assert crosswalk.type_of("x:1") == type_


def test_a_match_of_another_sort_is_refused() -> None:
    with pytest.raises(ValueError, match="'close' is no quality of a match"):
        Crosswalk([("A", "x", "1", "close")])


def test_only_our_own_type_has_no_quad_class() -> None:
    assert [type_.code for type_ in read_event_types(TYPES) if type_.quad is None] == ["OTHER"]


@real_files
@pytest.mark.parametrize("name", ["CAMEO.eventcodes.txt", "LOOKUP-CAMEO.eventcodes.crlf.txt"])
def test_every_code_of_cameo_has_a_type(ours: Crosswalk, name: str) -> None:
    lines = (DATA / "cameo" / name).read_text(encoding="utf-8").splitlines()[1:]
    codes = [line.split("\t")[0] for line in lines]
    assert len(codes) == 310
    assert [code for code in codes if ours.type_of(f"cameo:{code}") is None] == []


@real_files
def test_types_are_those_of_the_conversion_table_or_we_say_why(ours: Crosswalk) -> None:
    text = (DATA / "plover" / "CAMEO2PLOVER-2021.txt").read_text(encoding="utf-8")
    table = re.findall(r"^(\d{3,4}): ([A-Z]+)", text, re.MULTILINE)
    assert len(table) > 250
    differing = {
        code: (theirs, found)
        for code, theirs in table
        if (found := (ours.type_of(f"cameo:{code}") or "").partition("/")[0]) != theirs
    }
    assert differing == DEPARTURES
