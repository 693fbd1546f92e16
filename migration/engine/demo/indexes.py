"""The indexes that the application asks for at each start."""

from collections.abc import Mapping
from typing import Final

from migration.engine.documents import Document

_UNIQUE: Final[Mapping[str, tuple[str, ...]]] = {
    "admin_users": ("adminId", "username", "email"),
    "admin_roles": ("roleId",),
    "permission_atoms": ("atomId",),
    "users": ("email",),
    "event_types": ("typeId",),
    "marketing_campaigns": ("campaignId",),
    "marketing_templates": ("templateId",),
    "marketing_audiences": ("audienceId",),
    "marketing_analytics": ("analyticsId",),
    "marketing_events": ("eventId",),
}
_PLAIN: Final[Mapping[str, tuple[str, ...]]] = {
    "admin_users": ("roleId", "profile.department", "status", "createdAt"),
    "admin_roles": ("department", "isActive", "createdAt"),
    "permission_atoms": ("group", "action", "riskLevel"),
    "permission_audit_logs": ("adminId", "targetId", "action", "timestamp", "success"),
    "users": ("membership.type", "profile.location", "createdAt", "lastSync"),
    "events": ("metadata.date", "metadata.location", "metadata.type", "status", "createdAt"),
    "bookings": ("userId", "eventId", "status", "paymentStatus", "createdAt"),
    "appointments_slots": ("interviewerId", "date", "type", "isAvailable"),
    "appointment_bookings": ("userId", "slotId", "status", "scheduledDate", "guestInfo.email"),
    "interviewers": ("name", "email", "isActive", "appointmentTypes", "specialties"),
    "availability_overrides": ("interviewerId", "date", "type"),
    "appointment_notifications": ("bookingId", "userId", "type", "status", "scheduledFor"),
    "startup_records": ("serverStartTime", "environment", "processId"),
    "health_logs": ("recordType", "timestamp", "healthScore", "database.status"),
    "syncQueue": ("collection", "operation", "timestamp", "priority"),
    "marketing_campaigns": ("status", "type", "schedule.startDate", "targeting.membershipTypes"),
    "marketing_templates": ("category", "settings.isActive", "createdBy"),
    "marketing_audiences": ("type", "criteria.membershipTypes", "stats.totalMembers"),
    "marketing_analytics": ("campaignId", "dateRange.from", "metrics.conversionRate"),
    "marketing_events": ("campaignId", "userId", "eventType", "timestamp"),
    "event_types": ("isActive", "sortOrder", "name"),
}


def indexes_of(collection: str) -> list[Document]:
    """Return the options of each ``ensureIndex`` call, as they are written."""
    unique: list[Document] = [
        {"fieldName": name, "unique": True} for name in _UNIQUE.get(collection, ())
    ]
    return unique + [{"fieldName": name} for name in _PLAIN[collection]]
