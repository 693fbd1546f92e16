"""The hours in which a run may copy."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from migration.engine.errors import WindowError


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A daily span of local time; it may pass midnight. ``end`` itself lies outside."""

    start: time
    end: time
    zone: ZoneInfo

    def contains(self, moment: datetime) -> bool:
        """Tell whether copying is allowed at an (aware) moment."""
        local = moment.astimezone(self.zone).time()
        if self.start <= self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end

    def opens_after(self, moment: datetime) -> datetime:
        """Return when the window opens next."""
        local = moment.astimezone(self.zone)
        opening = local.replace(
            hour=self.start.hour, minute=self.start.minute, second=0, microsecond=0
        )
        return opening if opening > local else opening + timedelta(days=1)


def parse_window(value: object) -> Window | None:
    """Read ``{"from": "22:00", "to": "06:00", "timezone": "Asia/Taipei"}``; None for no window.

    Raises:
        WindowError: a key is missing or can't be read; names it.
    """
    if value is None:
        return None
    if not isinstance(value, dict):
        raise WindowError(key="window", reason="must be an object or null")
    unknown = sorted(set(value) - {"from", "to", "timezone"})
    if unknown:
        raise WindowError(key=f"window.{unknown[0]}", reason="is not a known key")
    start, end = _clock(value, "from"), _clock(value, "to")
    if start == end:
        raise WindowError(key="window.to", reason="must differ from window.from")
    return Window(start=start, end=end, zone=_zone(value.get("timezone")))


def _clock(value: dict[str, object], key: str) -> time:
    text = value.get(key)
    try:
        return datetime.strptime(str(text), "%H:%M").time()  # noqa: DTZ007  a time of day, no date
    except ValueError as exc:
        raise WindowError(key=f"window.{key}", reason='must be a time such as "22:00"') from exc


def _zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise WindowError(
            key="window.timezone", reason='must be a time zone such as "Asia/Taipei"'
        ) from exc
