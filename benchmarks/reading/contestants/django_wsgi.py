"""The WSGI application of the two contestants that are Django projects; BENCHMARK_URLS says which."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
