"""Settings of the Django project. README's table says what each variable means."""

import sys
from datetime import timedelta

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from migrator_site import environment, variables
from migrator_site.logs import logging_settings

BASE_DIR = environment.ROOT
VAR_DIR = environment.VAR

# --- Security -------------------------------------------------------------------------------

DEBUG = variables.flag("DJANGO_DEBUG")
SECRET_KEY = variables.secret_key("DJANGO_SECRET_KEY", debug=DEBUG)
ALLOWED_HOSTS = variables.items("DJANGO_ALLOWED_HOSTS")
if DEBUG and not ALLOWED_HOSTS:
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = variables.items("DJANGO_CSRF_TRUSTED_ORIGINS")
TRUSTED_PROXIES = variables.networks("DJANGO_TRUSTED_PROXIES")

# A cookie named __Host- is only accepted over HTTPS, from this very host, for every path.
_COOKIE_PREFIX = "" if DEBUG else "__Host-"
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}migrator_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}migrator_csrf"
CSRF_COOKIE_AGE = None
CSRF_FAILURE_VIEW = "migration.console.errors.csrf_failed"
MIGRATOR_SESSION_IDLE = timedelta(minutes=30)
MIGRATOR_SESSION_LIFETIME = timedelta(hours=12)
SESSION_COOKIE_AGE = int(MIGRATOR_SESSION_LIFETIME.total_seconds())

SECURE_SSL_REDIRECT = not DEBUG
SECURE_REDIRECT_EXEMPT = [r"^healthz/?$"]
SECURE_HSTS_SECONDS = 0 if DEBUG else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "console:login"
LOGIN_REDIRECT_URL = "console:overview"
LOGOUT_REDIRECT_URL = "console:login"

# A pause after failures, for one user name from one address: nobody can lock an admin out.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=5)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "migration.console.errors.too_many_attempts"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# --- Application ----------------------------------------------------------------------------

INSTALLED_APPS = [
    "whitenoise.runserver_nostatic",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_htmx",
    "django_celery_beat",
    "axes",
    "migration.apps.MigrationConfig",
]
MIDDLEWARE = [
    "migrator_site.middleware.RequestIdMiddleware",
    "migrator_site.middleware.TrustedProxyMiddleware",
    "migrator_site.middleware.NoStoreMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "migration.console.middleware.SessionLimitsMiddleware",
    "migration.console.middleware.ConsoleAccessMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",  # last: it turns a lockout into the answer
]
ROOT_URLCONF = "migrator_site.urls"
WSGI_APPLICATION = "migrator_site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hant", _("Traditional Chinese"))]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG

REST_FRAMEWORK = {
    # A view that names no right answers nobody.
    "DEFAULT_PERMISSION_CLASSES": ["migration.api.access.MayCall"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "migration.api.authentication.BearerAuthentication",
        "migration.api.authentication.BrowserAuthentication",
    ],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "migration.api.access.JsonOnly",
    "DEFAULT_PARSER_CLASSES": ["migration.api.parsers.LimitedJsonParser"],
    "DEFAULT_RENDERER_CLASSES": ["migration.api.renderers.EnvelopeRenderer"],
    "EXCEPTION_HANDLER": "migration.api.errors.answer_error",
    "URL_FORMAT_OVERRIDE": None,  # ?format= is a parameter of ours
    "NUM_PROXIES": 0,  # TrustedProxyMiddleware has settled whose address it is
}

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_settings(sys.stderr)

# --- The console's own tables -----------------------------------------------------------------

DATABASES = {"default": variables.console_database("DATABASE_URL", VAR_DIR / "console.sqlite3")}

# --- Background work: the tables are the truth, a message is only a wake-up --------------------

MIGRATOR_EMBEDDED_BROKER_URL = environment.embedded_broker_url()
CELERY_BROKER_URL = variables.text("CELERY_BROKER_URL")
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = CELERY_RESULT_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False  # tasks that died are found by their lease, not redelivered
CELERY_TASK_SOFT_TIME_LIMIT = 30
CELERY_TASK_TIME_LIMIT = 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,  # above the hard time limit, or a task would run twice at once
    "socket_timeout": 5,  # without it a connection that went silent blocks the worker for ever
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 5,
}
# A click must not hang because the queue is down: the reconciler sends again.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = {
    "reconcile": {"task": "migration.reconcile", "schedule": 10.0, "options": {"expires": 10}},
}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"

# --- What is moved, and where to --------------------------------------------------------------

MIGRATOR_LEGACY_DIR = variables.path("MIGRATOR_LEGACY_DIR", VAR_DIR / "legacy")
MIGRATOR_CATALOG = variables.optional_path("MIGRATOR_CATALOG")
MIGRATOR_ADMIN_URL = variables.store_url("MIGRATOR_ADMIN_URL", MIGRATOR_LEGACY_DIR / "admin.db")
MIGRATOR_APPLICATION_URL = variables.store_url(
    "MIGRATOR_APPLICATION_URL", MIGRATOR_LEGACY_DIR / "application.db"
)
MIGRATOR_LEGACY_WRITER = variables.choice("MIGRATOR_LEGACY_WRITER", "external", "adapter")
MIGRATOR_CUTOVER_TIMEOUT = variables.duration("MIGRATOR_CUTOVER_TIMEOUT", timedelta(seconds=60))
MIGRATOR_CLEANUP_DELAY_DAYS = variables.whole_number("MIGRATOR_CLEANUP_DELAY_DAYS", 30)
MIGRATOR_DISK_RESERVE = variables.size_bytes("MIGRATOR_DISK_RESERVE", "1 GiB")

# Keys are made below var/ for a trial only; in production each has to be named.
MIGRATOR_KEYS_DIR = VAR_DIR / "keys"
MIGRATOR_SNAPSHOT_DIR = variables.path("MIGRATOR_SNAPSHOT_DIR", MIGRATOR_LEGACY_DIR / "rollback")
MIGRATOR_SNAPSHOT_RECIPIENTS = variables.items("MIGRATOR_SNAPSHOT_RECIPIENTS")
MIGRATOR_SNAPSHOT_IDENTITY_FILE = variables.optional_path(
    "MIGRATOR_SNAPSHOT_IDENTITY_FILE", MIGRATOR_KEYS_DIR / "snapshot.identity" if DEBUG else None
)
MIGRATOR_SIGNING_KEY_FILE = variables.optional_path(
    "MIGRATOR_SIGNING_KEY_FILE", MIGRATOR_KEYS_DIR / "signing.key" if DEBUG else None
)
MIGRATOR_AUDIT_HEAD_FILE = variables.path("MIGRATOR_AUDIT_HEAD_FILE", VAR_DIR / "audit-head")

MIGRATOR_REQUIRE_APPROVAL = variables.flag("MIGRATOR_REQUIRE_APPROVAL")
MIGRATOR_REQUIRE_MFA = variables.flag("MIGRATOR_REQUIRE_MFA")
MIGRATOR_NOTIFY_EMAILS = variables.items("MIGRATOR_NOTIFY_EMAILS")
MIGRATOR_WEBHOOK_URL = variables.text("MIGRATOR_WEBHOOK_URL")
MIGRATOR_WEBHOOK_SECRET = variables.text("MIGRATOR_WEBHOOK_SECRET")
