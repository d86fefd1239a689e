from django.db.models import TextChoices


class DocumentKind(TextChoices):
    """What sort of document a source is."""

    ARTICLE = "article", "An article in the press"
    REPORT = "report", "A report"
    STATEMENT = "statement", "A statement published by one who took part"
    DATASET = "dataset", "A dataset, gazetteer or reference work"
    PUBLICATION = "publication", "A newspaper, agency or channel as a whole, no single report of it"


class DatePrecision(TextChoices):
    """How closely a date is known."""

    DAY = "day", "To the day"
    DAYS = "days", "To two to six days"
    WEEK = "week", "To the week"
    MONTH = "month", "To the month: eight to 31 days"
    YEAR = "year", "To the year: more than a month"
    LONGER = "longer", "Known only to more than a year"


class EditAction(TextChoices):
    """What a curator did to a row."""

    ADDED = "added", "Added"
    CHANGED = "changed", "Changed"
    DELETED = "deleted", "Deleted"
