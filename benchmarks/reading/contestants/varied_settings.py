"""The settings of the service, with others for its connections to the database."""

import json
import os

from config.settings import *  # noqa: F403, TID251 (they are varied before Django has them)
from config.settings import DATABASES  # noqa: TID251

_varied = json.loads(os.environ["BENCHMARK_VARIATION"])
DATABASES["default"] |= _varied["DATABASE"]
DATABASES["default"]["OPTIONS"] |= _varied["OPTIONS"]
