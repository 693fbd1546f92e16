"""Writing answers: always JSON, always in the envelope."""

import json
from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from migration.services.answers import success


class EnvelopeRenderer(JSONRenderer):
    """Puts what a view answers into the envelope; errors come in theirs already."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the bytes of an answer."""
        response: Response | None = (renderer_context or {}).get("response")
        is_refusal = response is not None and response.exception
        text = json.dumps(
            data if is_refusal else success(data),
            ensure_ascii=False,
            allow_nan=False,
            separators=(",", ":"),
        )
        try:
            return text.encode("utf-8")
        except UnicodeEncodeError:  # half of a pair, which only an escape can show
            return json.dumps(json.loads(text)).encode("ascii")
