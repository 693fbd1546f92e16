"""Interviews: who holds them, when there is time, and who booked it."""

from migration.engine.demo import words
from migration.engine.demo.club import (
    DAY,
    MINUTE,
    Club,
    Recipe,
    date_or_none,
    day,
    stamps,
    text_of,
    whole_of,
)
from migration.engine.documents import Document, JsDate

_KINDS = ("consultation", "member_interview")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _interviewer(club: Club, number: int, moment: int) -> Document:
    dice = club.dice
    return {
        "userId": club.earlier("users", moment)["_id"] if dice.happens(50) else None,
        "name": dice.person(),
        "title": dice.pick(words.INTERVIEWER_TITLES),
        "email": f"interviewer{number + 1}@example.net",
        "phone": dice.phone(),
        "appointmentTypes": dice.some(_KINDS, 1, 2),
        "languages": dice.some(("中文", "臺語", "客語", "English", "日本語"), 1, 3),
        "specialties": dice.some(words.INTERESTS, 0, 3),
        "isActive": dice.happens(90),
        "defaultAvailability": _week(club),
        "maxDailyAppointments": dice.number(4, 8),
        "totalAppointments": dice.number(0, 300),
        "averageRating": dice.number(30, 50) / 10,
        **stamps(moment),
    }


def _week(club: Club) -> Document:
    free = club.dice.pick(_WEEKDAYS)
    return {
        weekday: {
            "enabled": weekday != free,
            "startTime": "09:30",
            "endTime": "18:30",
            "breakTimes": [{"startTime": "12:30", "endTime": "13:30"}],
        }
        for weekday in _WEEKDAYS
    }


def _change_interviewer(_club: Club, interviewer: Document, _moment: int) -> None:
    interviewer["totalAppointments"] = whole_of(interviewer, "totalAppointments") + 1


def _override(club: Club, _number: int, moment: int) -> Document:
    dice = club.dice
    return {
        "interviewerId": club.earlier("interviewers", moment)["_id"],
        "date": day(moment + dice.number(1, 30) * DAY),
        "type": dice.pick(("unavailable", "custom_hours")),
        "startTime": "10:00",
        "endTime": dice.pick(("12:00", "16:00")),
        "reason": dice.pick(words.OVERRIDE_REASONS),
        **stamps(moment),
    }


def _slot(club: Club, _number: int, moment: int) -> Document:
    dice = club.dice
    interviewer = club.earlier("interviewers", moment)
    hour = dice.number(9, 18)
    return {
        "interviewerId": interviewer["_id"],
        "interviewerName": interviewer["name"],
        "type": dice.pick(_KINDS),
        "date": day(moment + dice.number(3, 40) * DAY),
        "startTime": f"{hour:02}:00",
        "endTime": f"{hour:02}:40",
        "duration": 40,
        "timezone": "Asia/Taipei",
        "interviewType": dice.pick(("video_call", "phone_call", "in_person")),
        "isAvailable": True,
        "capacity": 1,
        "bookedCount": 0,
        "isRecurring": False,
        "recurringPattern": None,
        "location": dice.pick((*words.CITIES, None)),
        **stamps(moment),
    }


def _change_slot(_club: Club, slot: Document, _moment: int) -> None:
    slot["bookedCount"] = 1
    slot["isAvailable"] = False


def _appointment(club: Club, number: int, moment: int) -> Document:
    dice = club.dice
    slot = club.earlier("appointments_slots", moment)
    who: Document = {"userId": club.earlier("users", moment)["_id"]}
    if dice.happens(25):
        who = {
            "guestInfo": {
                "name": dice.person(),
                "email": f"guest{number}@example.com",
                "phone": dice.phone(),
                "preferredContact": dice.pick(("email", "phone")),
            }
        }
    return {
        **who,
        "slotId": slot["_id"],
        "type": slot["type"],
        "status": dice.pick(("booked", "confirmed", "completed", "no_show")),
        "scheduledDate": slot["date"],
        "scheduledTime": slot["startTime"],
        "duration": 40,
        "timezone": "Asia/Taipei",
        "purpose": dice.pick(words.PURPOSES),
        "membershipInterest": dice.some(words.MEMBERSHIPS, 0, 2),
        "confirmationSent": dice.happens(80),
        "remindersSent": dice.number(0, 2),
        "bookedAt": JsDate(moment),
        **stamps(moment),
    }


def _change_appointment(club: Club, appointment: Document, moment: int) -> None:
    if club.dice.happens(70):
        appointment["status"] = "completed"
        appointment["completedAt"] = JsDate(moment)
        appointment["rating"] = club.dice.number(3, 5)
    else:
        appointment["status"] = "cancelled"
        appointment["cancelledAt"] = JsDate(moment)
        appointment["cancellationReason"] = "臨時無法前往"


def _notification(club: Club, _number: int, moment: int) -> Document:
    dice = club.dice
    appointment = club.earlier("appointment_bookings", moment)
    kind = dice.pick(tuple(words.SUBJECTS))
    is_sent = dice.happens(60)
    body = words.MESSAGE.format(
        date=text_of(appointment, "scheduledDate"), time=text_of(appointment, "scheduledTime")
    )
    # A guest has no account to name.
    addressee: Document = {"userId": appointment["userId"]} if "userId" in appointment else {}
    return {
        "bookingId": appointment["_id"],
        **addressee,
        "type": kind,
        "channel": dice.pick(("email", "sms")),
        "status": "sent" if is_sent else "pending",
        "scheduledFor": JsDate(moment + dice.number(1, 5) * DAY),
        "subject": words.SUBJECTS[kind],
        "body": body,
        "retryCount": 0,
        "sentAt": date_or_none(moment + 30 * MINUTE if is_sent else None),
        **stamps(moment),
    }


def _change_notification(_club: Club, notification: Document, moment: int) -> None:
    notification["status"] = "sent"
    notification["sentAt"] = JsDate(moment)


INTERVIEWERS = Recipe(
    collection="interviewers",
    documents=9,
    make=_interviewer,
    change=_change_interviewer,
    changed_percent=80,
    since_days=10,
    until_days=60,
)
OVERRIDES = Recipe(
    collection="availability_overrides",
    documents=24,
    make=_override,
    removed=4,
    since_days=200,
)
SLOTS = Recipe(
    collection="appointments_slots",
    documents=200,
    make=_slot,
    change=_change_slot,
    changed_percent=35,
    removed=12,
    since_days=200,
)
APPOINTMENTS = Recipe(
    collection="appointment_bookings",
    documents=170,
    make=_appointment,
    change=_change_appointment,
    changed_percent=30,
    removed=6,
    since_days=230,
)
NOTIFICATIONS = Recipe(
    collection="appointment_notifications",
    documents=190,
    make=_notification,
    change=_change_notification,
    changed_percent=20,
    removed=10,
    since_days=260,
)
