"""Logs: one JSON object per line on standard error.

JSON keeps an entry on its line whatever a document or a request puts into it: line breaks,
escape sequences and other control characters come out escaped.
"""

from typing import Any, TextIO

import structlog


def _name_request(
    _logger: object, _method: str, entry: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Give the entries that Django writes once a request is over its reference as well."""
    request = getattr(entry.get("_record"), "request", None)
    reference = getattr(request, "META", {}).get("migrator.request_id")
    if reference is not None:
        entry.setdefault("request_id", reference)
    return entry


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def logging_settings(stream: TextIO, *, level: str = "INFO") -> dict[str, Any]:
    """Configure structlog and return the ``LOGGING`` setting that prints its entries."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*_SHARED, _name_request],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(),
                ],
            }
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "stream": stream,
                "formatter": "json",
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        # Django brings handlers of its own for these, which are not JSON.
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
        },
    }
