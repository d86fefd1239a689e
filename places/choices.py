from django.db.models import TextChoices


class PlaceKind(TextChoices):
    """What sort of place it is."""

    COUNTRY = "country", "A country"
    TERRITORY = "territory", "A disputed, dependent or historical territory"
    PROVINCE = "province", "A first-level division of a country"
    DISTRICT = "district", "A second-level division, or a district"
    SETTLEMENT = "settlement", "A city, town or village"
    SITE = "site", "A single spot: a bridge, a mountain, a border crossing"


class NameKind(TextChoices):
    """What sort of name it is."""

    OFFICIAL = "official", "The name in an official language of the place or body"
    TRANSLITERATION = "transliteration", "An official name in another script"
    ALTERNATE = "alternate", "Another name in use"
    HISTORICAL = "historical", "A name no longer in use"
    CODE = "code", "A code such as ISO 3166"
