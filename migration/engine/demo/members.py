"""Members, events, and who comes to which."""

from migration.engine.demo import words
from migration.engine.demo.club import (
    DAY,
    Club,
    Recipe,
    iso,
    part_of,
    stamps,
    text_of,
    whole_of,
)
from migration.engine.documents import Document, JsDate, Value


def _user(club: Club, number: int, moment: int) -> Document:
    dice = club.dice
    made = iso(moment)
    return {
        "email": f"member{number + 1:03}@example.org",
        "password": dice.password_hash(),
        "phone": dice.phone(),
        "profile": {
            "name": dice.person(),
            "age": dice.number(20, 72),
            "bio": dice.sentences(3),
            "interests": dice.some(words.INTERESTS, 0, 4),
            "location": dice.pick(words.CITIES),
            "interviewStatus": {"completed": dice.happens(60), "duration": dice.number(15, 45)},
        },
        "membership": {
            "type": dice.pick(words.MEMBERSHIPS),
            "status": dice.pick(("active", "active", "paused", "pending_payment")),
            "joinDate": JsDate(moment),
            "paymentStatus": dice.pick(("pending", "completed", "refunded")),
            "payments": _payments(club, moment),
        },
        # The application writes text here; the library puts a date when the document changes.
        "createdAt": made,
        "updatedAt": made,
        "lastSync": None if dice.happens(10) else made,
    }


def _payments(club: Club, moment: int) -> list[Value]:
    dice = club.dice
    return [
        {
            "amount": dice.pick((600, 1200, 2400)),
            "date": JsDate(moment + years * 365 * DAY),
            "method": dice.pick(("信用卡", "轉帳", "超商代收")),
            "transactionId": f"TX{dice.number(10**9, 10**10 - 1)}",
        }
        for years in range(dice.number(0, 2))
    ]


def _change_user(club: Club, user: Document, moment: int) -> None:
    profile = part_of(user, "profile")
    if club.dice.happens(50):
        profile["bio"] = club.dice.sentences(4)
        profile["age"] = whole_of(profile, "age") + 1
    else:
        part_of(user, "membership")["status"] = "active"
    user["lastLoginAt"] = JsDate(moment)


def _event_type(club: Club, number: int, moment: int) -> Document:
    type_id, name, icon, color, minutes = words.EVENT_TYPES[number]
    return {
        "typeId": type_id,
        "name": name,
        "displayName": f"山海社・{name}",
        "description": f"每月至少一場的{name}活動",
        "color": color,
        "icon": icon,
        "isActive": True,
        "sortOrder": number + 1,
        "metadata": {
            "defaultDuration": minutes,
            "suggestedPricing": {"member": minutes * 2, "guest": minutes * 3},
        },
        "createdBy": "system",
        **stamps(moment),
    }


def _change_event_type(club: Club, event_type: Document, _moment: int) -> None:
    event_type["sortOrder"] = club.dice.number(1, len(words.EVENT_TYPES))


def _event(club: Club, number: int, moment: int) -> Document:
    dice = club.dice
    when = moment + dice.number(10, 60) * DAY
    event_type = dice.pick(club.live["event_types"])
    city = dice.pick(words.CITIES)
    price = dice.number(3, 20) * 100
    name = f"{city}{text_of(event_type, 'name')}{dice.pick(words.EVENT_NAMES)}"
    return {
        "name": f"{name} 第{number + 1}回",
        "metadata": {
            "date": JsDate(when),
            "location": city,
            "category": event_type["name"],
            "type": event_type["typeId"],
            "pricing": {"member": price, "guest": price * 1.25},
            "requirements": {"ageMin": dice.pick((12, 18, 20)), "ageMax": None},
        },
        "participants": [
            _participant(club, user, moment)
            for user in club.some_earlier("users", moment, dice.number(0, 14))
        ],
        "notifications": {"sent": False, "sentAt": None},
        "maxParticipants": dice.number(8, 24),
        "status": dice.pick(("draft", "published", "full", "completed")),
        **stamps(moment),
        "lastSync": JsDate(moment),
    }


def _participant(club: Club, user: Document, moment: int) -> Document:
    return {
        "userId": user["_id"],
        "status": club.dice.pick(("pending", "confirmed", "waitlist")),
        "paid": club.dice.happens(70),
        "joinedAt": JsDate(moment + club.dice.number(1, 9 * DAY)),
    }


def _change_event(_club: Club, event: Document, moment: int) -> None:
    event["notifications"] = {"sent": True, "sentAt": JsDate(moment)}
    event["status"] = "completed"


def _booking(club: Club, _number: int, moment: int) -> Document:
    dice = club.dice
    booking: Document = {
        "userId": club.earlier("users", moment)["_id"],
        "eventId": club.earlier("events", moment)["_id"],
        "status": dice.pick(("pending", "confirmed", "confirmed", "completed")),
        "paymentStatus": dice.pick(("pending", "paid", "paid", "refunded")),
    }
    if dice.happens(60):
        booking["paymentMethod"] = dice.pick(("信用卡", "轉帳", "超商代收"))
    if dice.happens(20):
        booking["specialRequests"] = dice.pick(words.REQUESTS)
    if dice.happens(30):
        booking["emergencyContact"] = {
            "name": dice.person(),
            "phone": dice.phone(),
            "relationship": dice.pick(("家人", "朋友", "同事")),
        }
    return {**booking, **stamps(moment), "lastSync": JsDate(moment)}


def _change_booking(club: Club, booking: Document, _moment: int) -> None:
    booking["status"] = club.dice.pick(("confirmed", "completed", "cancelled"))
    booking["paymentStatus"] = "paid"


EVENT_TYPES = Recipe(
    collection="event_types",
    documents=len(words.EVENT_TYPES),
    make=_event_type,
    change=_change_event_type,
    changed_percent=50,
    until_days=1,
)
USERS = Recipe(
    collection="users",
    documents=260,
    make=_user,
    change=_change_user,
    changed_percent=30,
    removed=9,
)
EVENTS = Recipe(
    collection="events",
    documents=45,
    make=_event,
    change=_change_event,
    changed_percent=60,
    removed=2,
    since_days=20,
)
BOOKINGS = Recipe(
    collection="bookings",
    documents=340,
    make=_booking,
    change=_change_booking,
    changed_percent=25,
    removed=15,
    since_days=45,
)
