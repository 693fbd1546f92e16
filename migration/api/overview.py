"""What there is: plan, status, quarantine, ledger, validation."""

from typing import ClassVar

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from migration.api.base import ApiView
from migration.permissions import Right
from migration.services import planning, quarantine
from migration.services.status import tell_status


class PlanView(ApiView):
    """GET plan: the last plan while it still holds; else one is being made."""

    rights: ClassVar = {"GET": Right.READ}

    def get(self, request: Request) -> Response:
        stored = planning.current_plan(actor=self.actor)
        if stored is None:
            planning.request_plan(actor=self.actor)
            data = {"state": "running", "link": "/api/migration/plan"}
            return Response(data, status=status.HTTP_202_ACCEPTED)
        return Response(planning.plan_answer(stored))


class StatusView(ApiView):
    """GET status: what answers, and how much lies on either side."""

    rights: ClassVar = {"GET": Right.READ}

    def get(self, request: Request) -> Response:
        return Response(tell_status(actor=self.actor))


class QuarantineView(ApiView):
    """GET quarantine: lines that were not moved, or moved with a remark."""

    rights: ClassVar = {"GET": Right.READ}

    def get(self, request: Request) -> Response:
        collection = self.text("collection") or None
        found = quarantine.list_quarantine(actor=self.actor, collection=collection)
        return Response({"items": found})


class LedgerView(ApiView):
    """GET ledger: the account of every line of every datafile."""

    rights: ClassVar = {"GET": Right.READ}

    def get(self, request: Request) -> Response:
        return Response({"datafiles": quarantine.list_ledgers(actor=self.actor)})
