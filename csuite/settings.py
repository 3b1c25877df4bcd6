"""Settings: composition only. Every value comes from the environment or from the code below; nobody imports this."""

from pathlib import Path
from urllib.parse import urlsplit

from csuite.server import env
from csuite.server.home import Home
from csuite.server.schedule import SCHEDULE
from csuite.tenants.database_settings import databases

BASE_DIR = Path(__file__).resolve().parent.parent
env.read_file(BASE_DIR / ".env")
HOME = Home.from_environ()
PORT = env.integer("PORT", 8000)

# What the browser calls us decides how strict we are: https means Secure cookies, HSTS and staff with MFA.
CSUITE_PUBLIC_URL = env.url("CSUITE_PUBLIC_URL", f"http://127.0.0.1:{PORT}")
_public = urlsplit(CSUITE_PUBLIC_URL)
HTTPS = _public.scheme == "https"

DEBUG = env.boolean("DEBUG", False)
SECRET_KEY = env.secret("SECRET_KEY") or HOME.secret_key()
LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = [str(_public.hostname), *LOOPBACK_HOSTS]
# The log names the person when our middleware knows her; django-structlog would ask the database at every request,
# so that health could not answer without one.
DJANGO_STRUCTLOG_USER_ID_FIELD = ""
CSRF_FAILURE_VIEW = "csuite.tenants.problem_pages.csrf_failure"
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
# A socket handshake is accepted from exactly these origins (THREATS T14).
SOCKET_ORIGINS = [
    f"{_public.scheme}://{_public.netloc}",
    *(f"http://{host}:{PORT}" for host in LOOPBACK_HOSTS),
]

INSTALLED_APPS = [
    "daphne",
    "csuite.server",
    "csuite.tenants",
    "csuite.imports",
    "csuite.providers",
    "csuite.profiles",
    "csuite.deals",
    "csuite.personas",
    "csuite.analytics",
    "csuite.conversations",
    "csuite.pages",
    "csuite.tenants.admin_config.CsuiteAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "channels",
    "csp",
    "django_celery_beat",
    "django_celery_results",
    "django_ratelimit",
    "django_structlog",
    "ninja",
    "waffle",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "csuite.tenants.middleware.MemberMiddleware",
    "csuite.tenants.middleware.ApiMiddleware",
    "csuite.tenants.guessing.GuessingMiddleware",
]

ROOT_URLCONF = "csuite.urls"
ASGI_APPLICATION = "csuite.asgi.application"
WSGI_APPLICATION = "csuite.wsgi.application"
APPEND_SLASH = True

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
                "csuite.pages.context.masthead",
            ],
        },
    }
]

# Database: DATABASE_URL replaces the embedded PostgreSQL; "owner" migrates and is used for nothing else.
_urls = HOME.database_urls()
DATABASE_URL = env.secret("DATABASE_URL") or _urls.web
DATABASE_ADMIN_URL = env.secret("DATABASE_ADMIN_URL") or (_urls.owner if _urls.web == DATABASE_URL else DATABASE_URL)
# LISTEN needs a connection that no pooler in transaction mode sits in front of.
DATABASE_LISTEN_URL = env.secret("DATABASE_LISTEN_URL") or DATABASE_URL
DATABASE_POOL_SIZE = env.integer("DATABASE_POOL_SIZE", 16)
DATABASES = databases(DATABASE_URL, DATABASE_ADMIN_URL, pool=env.integer("DATABASE_POOL", 0) and DATABASE_POOL_SIZE)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.secret("REDIS_URL")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"serializer": "csuite.tenants.pgcache.JsonValues"},
        }
    }
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [REDIS_URL]},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "csuite.tenants.pgcache.PostgresCache", "LOCATION": "counter"}}
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
# waffle would pickle whole flags into the cache; a flag is read from its row each time, so a change holds at once.
CACHES["flags"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
WAFFLE_CACHE_NAME = "flags"

# Jobs. The filesystem broker loses a task on kill -9: every job that matters has a row and a sweeper.
CELERY_BROKER_URL = REDIS_URL or "filesystem://"
if not REDIS_URL:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(HOME.path / "queue"),
        "data_folder_out": str(HOME.path / "queue"),
        "control_folder": str(HOME.path / "queue" / "control"),
        "polling_interval": 0.1,
    }
CELERY_RESULT_BACKEND = "django-db"
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = CELERY_RESULT_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = SCHEDULE
CELERY_TIMEZONE = "UTC"

# Sign-in is allauth's, by e-mail; people come by invitation, so sign-up is closed.
AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in [
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    ]
]
ACCOUNT_ADAPTER = "csuite.tenants.signin.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "csuite.tenants.signin.LoginForm",
    "change_password": "csuite.tenants.signin.ChangePasswordForm",
    "set_password": "csuite.tenants.signin.SetPasswordForm",
    "reset_password_from_key": "csuite.tenants.signin.ResetPasswordKeyForm",
    "reauthenticate": "csuite.tenants.signin.ReauthenticateForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _public.scheme
# Single sign-on of tenants (csuite.tenants.sso). Starting it is a link: our form-action policy stops a form that is
# led to another host. The hosts that an issuer may have; on loopback plain http will do.
SOCIALACCOUNT_ADAPTER = "csuite.tenants.sso_adapter.SocialAccountAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_STORE_TOKENS = False
OIDC_ALLOWED_HOSTS = [host.strip().lower() for host in env.text("OIDC_ALLOWED_HOSTS", "").split(",") if host.strip()]
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "csuite"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

# Cookies and headers
SESSION_COOKIE_NAME = "__Host-csuite-session" if HTTPS else "csuite-session"
CSRF_COOKIE_NAME = "__Host-csuite-csrf" if HTTPS else "csuite-csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_NAME = "csuite-language"
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]  # a balancer asks over plain http
SECURE_SSL_REDIRECT = HTTPS and env.boolean("SECURE_SSL_REDIRECT", True)
# Without it a client could claim any address and any scheme; with it the last hop is taken from our own proxy.
TRUST_PROXY = env.boolean("TRUST_PROXY", False)
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if TRUST_PROXY else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUST_PROXY else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500  # an import of 200 columns sends two for each
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# Static files
STATIC_URL = "/static/"
STATIC_ROOT = HOME.path / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_KEEP_ONLY_HASHED_FILES = False

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = "csuite.server.formats"

# Mail: printed to the log until a server is named
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if env.text("EMAIL_HOST", "")
    else "django.core.mail.backends.console.EmailBackend"
)
EMAIL_HOST = env.text("EMAIL_HOST", "")
EMAIL_PORT = env.integer("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = env.boolean("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"csuite@{_public.hostname}")

# Prometheus asks with this token; without one, from this machine. What it is told beside the counters of a process.
METRICS_TOKEN = env.secret("METRICS_TOKEN")
METRICS = ["csuite.analytics.gauges.collect", "csuite.conversations.gauges.collect"]

# What the admin's start page tells of the state of things: a function of the request (csuite.tenants.admin_site).
ADMIN_START = "csuite.pages.console.start.panels"

# Flags
WAFFLE_FLAG_MODEL = "tenants.Flag"
WAFFLE_CREATE_MISSING_FLAGS = False

# Rate limits are rows (csuite.tenants.limits); this silences "not officially supported" for our own cache,
# whose increments are atomic in PostgreSQL.
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.W001", "django_ratelimit.E003"]

# Models. Providers are rows in csuite/llm; keys are read from the environment when a call is made.
LLM = {
    "METER": "csuite.analytics.meter.LedgerMeter",
    "PRICES": "csuite.providers.prices.RowPrices",
    "PACE": "csuite.providers.pacing.CachePace",
    "REGISTRY": "csuite.providers.registry.RowRegistry",
    "STATE": "csuite.providers.redis_state.RedisState" if REDIS_URL else "csuite.providers.state.PostgresState",
    "ANALYST": "csuite.personas.analyst.Analyst",
    "ENABLED": env.boolean("LLM_ENABLED", True),
    "PRIMARY": env.text("LLM_PRIMARY_PROVIDER", ""),
    "FALLBACK": env.text("LLM_FALLBACK_PROVIDER", ""),
    "MAX_TOKENS": env.integer("LLM_MAX_TOKENS", 2048),
    "TEMPERATURE": env.decimal("LLM_TEMPERATURE", "0.7"),
    "TRANSPORT": env.text("LLM_TRANSPORT", "aiohttp"),
    "BREAKER": {"failures": env.integer("LLM_BREAKER_FAILURES", 5, low=1)},
}
# The first release's label; from then on the rows say which release is current.
AI_MODEL_VERSION = env.text("AI_MODEL_VERSION", "1")
# Back to the last good release when more than this share of its attempts fail, over so many minutes and attempts.
RELEASE_ERROR_RATE = env.decimal("RELEASE_ERROR_RATE", "0.05")
RELEASE_WINDOW_MINUTES = env.integer("RELEASE_WINDOW_MINUTES", 10, low=1)
RELEASE_LEAST_ATTEMPTS = env.integer("RELEASE_LEAST_ATTEMPTS", 20, low=1)
# What `check_llm` looks at: functions that give llm.checklist.Finding, by dotted path.
LLM_CHECKS = ["csuite.providers.checklist.findings", "csuite.analytics.checklist.findings"]

# When somebody is told: money spent in an hour, share of failed calls, milliseconds to the first text (95 of 100),
# and how many calls it takes before a share or a percentile means something.
ALERT_HOURLY_SPEND = env.decimal("ALERT_HOURLY_SPEND", "10")
ALERT_ERROR_RATE = float(env.decimal("ALERT_ERROR_RATE", "0.05"))
ALERT_FIRST_TEXT_MS = env.integer("ALERT_FIRST_TEXT_MS", 3000, low=1)
ALERT_LEAST_CALLS = env.integer("ALERT_LEAST_CALLS", 20, low=1)

# What the analysis of one deal shall cost at most, in USD; shown beside what it did cost.
DEAL_ANALYSIS_TARGET = env.decimal("DEAL_ANALYSIS_TARGET", "0.032")

# Whether a prompt goes live only after somebody else than its author has reviewed it.
PROMPT_REVIEW = env.boolean("PROMPT_REVIEW", False)

# Turns: how soon a silent process counts as dead (seconds), and how many questions may wait in a conversation.
TURN_HEARTBEAT = 2
TURN_DEAD_AFTER = 10
TURN_QUEUE = 3
QUESTION_MAX_LENGTH = 5000
# How long a temporary conversation lives after its last word.
TEMPORARY_CHAT_HOURS = env.integer("TEMPORARY_CHAT_HOURS", 24, low=1)
DRAIN_HOOKS = ["csuite.conversations.draining.drain"]

LOGGING_CONFIG = "csuite.server.logs.configure"
LOGGING = {"level": env.text("LOG_LEVEL", "INFO")}
