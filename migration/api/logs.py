"""The audit trail: pages, a file, and whether it is whole."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from django.http import StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from migration.api.base import ApiView
from migration.permissions import Right
from migration.services import audit
from migration.services.audit.reading import PAGE_ENTRIES
from migration.services.errors import InvalidInputError

_COLUMNS: Final = (
    *("seq", "at", "kind", "action", "actor", "door", "address", "requestId"),
    *("objectType", "objectId", "result", "code", "details", "previous", "digest"),
)
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class LogsView(ApiView):
    """GET logs: a page of audit entries, the newest first."""

    rights: ClassVar = {"GET": Right.READ}

    def get(self, request: Request) -> Response:
        page = audit.entries(
            _wanted(self),
            actor=self.actor,
            cursor=self.text("cursor"),
            limit=_limit(self.text("limit")),
        )
        return Response(audit.page_data(page))


class LogsVerifyView(ApiView):
    """GET logs/verify: whether the chain is whole."""

    rights: ClassVar = {"GET": Right.READ}

    def get(self, request: Request) -> Response:
        return Response(audit.verify(actor=self.actor))


class LogsExportView(ApiView):
    """GET logs/export: all entries that are wanted as a file, CSV or JSON lines."""

    rights: ClassVar = {"GET": Right.EXPORT}

    def get(self, request: Request) -> StreamingHttpResponse:
        file_format = self.text("format") or "csv"
        if file_format not in _FORMATS:
            raise InvalidInputError("format must be csv or jsonl.", field="format")
        write, media_type = _FORMATS[file_format]
        found = audit.export_entries(_wanted(self), actor=self.actor, file_format=file_format)
        return StreamingHttpResponse(
            write(found),
            content_type=media_type,
            headers={"Content-Disposition": f'attachment; filename="audit.{file_format}"'},
        )


def _wanted(view: ApiView) -> audit.AuditFilter:
    names = ("action", "actor", "since", "until", "kind")
    return audit.AuditFilter.parse(**{name: view.text(name) for name in names})


def _limit(text: str) -> int:
    if not text:
        return PAGE_ENTRIES
    if not (text.isascii() and text.isdecimal() and len(text) < 6):  # noqa: PLR2004
        raise InvalidInputError("limit must be a number.", field="limit")
    return int(text)


def _csv(found: Iterator[Mapping[str, Any]]) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(_COLUMNS)
    yield line.getvalue()
    for entry in found:
        line.seek(0)
        line.truncate()
        writer.writerow(_cell(entry[name]) for name in _COLUMNS)
        yield line.getvalue()


def _cell(value: object) -> str:
    text = json.dumps(value, sort_keys=True) if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _json_lines(found: Iterator[Mapping[str, Any]]) -> Iterator[str]:
    for entry in found:
        yield json.dumps(entry) + "\n"


_FORMATS: Final = {
    "csv": (_csv, "text/csv; charset=utf-8"),
    "jsonl": (_json_lines, "application/x-ndjson"),
}
