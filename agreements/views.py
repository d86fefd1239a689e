from agreements.models import Agreement, Provision
from agreements.queries import AgreementParameters, ProvisionParameters
from agreements.serializers import (
    AgreementRowSerializer,
    AgreementSerializer,
    ProvisionRowSerializer,
    ProvisionSerializer,
)
from sources.views import ImportedViewSet


class AgreementViewSet(ImportedViewSet):
    """Agreements, clause by clause, with what came of each."""

    model = Agreement
    serializer_class = AgreementSerializer
    row_serializer_class = AgreementRowSerializer
    parameters = AgreementParameters
    noun, tag = "agreement", "agreements"
    collection = "agreements"


class ProvisionViewSet(ImportedViewSet):
    """Provisions of all agreements: who owes what, by when, and what came of it."""

    model = Provision
    serializer_class = ProvisionSerializer
    row_serializer_class = ProvisionRowSerializer
    parameters = ProvisionParameters
    noun, tag = "provision", "agreements"
    collection = "provisions"
