"""Settings of the test suite and the type checker: the product's, as in development.

They stand on their own, so that neither needs a prepared environment.
"""

import os

os.environ.setdefault("DJANGO_DEBUG", "1")
os.environ.setdefault("DJANGO_SECRET_KEY", "django-insecure-for-the-tests-only")

from migrator_site.settings import *  # noqa: F403 - all of them

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, and never kept
