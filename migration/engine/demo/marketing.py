"""Campaigns: to whom they speak, with which words, and what came of them."""

from migration.engine.demo import words
from migration.engine.demo.club import DAY, Club, Recipe, part_of, stamps, whole_of
from migration.engine.documents import Document, JsDate, Value


def _campaign(club: Club, number: int, moment: int) -> Document:
    dice = club.dice
    return {
        "campaignId": dice.uuid(),
        "name": words.CAMPAIGN_NAMES[number],
        "description": dice.sentences(2),
        "type": dice.pick(("banner", "email", "popup")),
        "status": dice.pick(("active", "paused", "completed")),
        "targeting": {
            "membershipTypes": dice.some(words.MEMBERSHIPS, 1, 3),
            "demographics": {"ageMin": 20, "ageMax": 65, "location": _cities(club)},
        },
        "content": {
            "title": f"{words.CAMPAIGN_NAMES[number]}✨",
            "primaryCTA": {"text": dice.pick(words.CALLS_TO_ACTION), "action": "view_events"},
            "styling": {"backgroundColor": "#EBF8FF"},
        },
        "schedule": {
            "startDate": JsDate(moment + DAY),
            "endDate": JsDate(moment + dice.number(14, 60) * DAY),
            "timezone": "Asia/Taipei",
        },
        "analytics": {
            "impressions": dice.number(500, 9000),
            "clicks": dice.number(10, 400),
            "revenue": dice.number(0, 40_000) / 4,
            "lastUpdated": JsDate(moment),
        },
        "createdBy": club.earlier("admin_users", moment)["adminId"],
        **stamps(moment),
    }


def _cities(club: Club) -> list[Value]:
    return club.dice.some(words.CITIES, 1, 3)


def _change_campaign(club: Club, campaign: Document, moment: int) -> None:
    analytics = part_of(campaign, "analytics")
    shown = whole_of(analytics, "impressions")
    analytics["impressions"] = shown + club.dice.number(1, 99)
    analytics["lastUpdated"] = JsDate(moment)


def _template(club: Club, number: int, moment: int) -> Document:
    dice = club.dice
    return {
        "templateId": dice.uuid(),
        "name": f"範本{number + 1}",
        "description": "{{userName}} 會換成會員的名字",
        "category": dice.pick(("welcome", "event_promotion", "retention")),
        "type": "cta",
        "content": {
            "title": "{{userName}} 您好",
            "description": "本月還有 {{count}} 場活動",
            "primaryCTA": {"text": dice.pick(words.CALLS_TO_ACTION), "action": "view_events"},
        },
        "variables": [
            {"name": "userName", "type": "string", "required": True},
            {"name": "count", "type": "number", "required": False, "defaultValue": 0},
        ],
        "settings": {
            "isActive": dice.happens(85),
            "isSystem": number == 0,
            "usage": {"totalCampaigns": dice.number(0, 20), "lastUsed": JsDate(moment + DAY)},
        },
        "createdBy": club.earlier("admin_users", moment)["adminId"],
        **stamps(moment),
    }


def _audience(club: Club, number: int, moment: int) -> Document:
    dice = club.dice
    members: list[Value] = [
        {"userId": user["_id"], "email": user["email"], "addedDate": JsDate(moment)}
        for user in club.some_earlier("users", moment, 12)
    ]
    return {
        "audienceId": dice.uuid(),
        "name": f"{dice.pick(words.CITIES)}會員",
        "description": f"第{number + 1}組收件人",
        "type": dice.pick(("static", "dynamic")),
        "criteria": {
            "membershipTypes": dice.some(words.MEMBERSHIPS, 1, 4),
            "demographics": {"location": _cities(club)},
        },
        "members": members,
        "stats": {"totalMembers": len(members), "lastCalculated": JsDate(moment)},
        "createdBy": club.earlier("admin_users", moment)["adminId"],
        **stamps(moment),
        "lastSync": None,
    }


def _analysis(club: Club, _number: int, moment: int) -> Document:
    dice = club.dice
    return {
        "analyticsId": dice.uuid(),
        "campaignId": club.earlier("marketing_campaigns", moment)["campaignId"],
        "dateRange": {"from": JsDate(moment - 7 * DAY), "to": JsDate(moment)},
        "metrics": {
            "impressions": dice.number(100, 5000),
            "clicks": dice.number(0, 300),
            "conversions": dice.number(0, 40),
            "revenue": dice.number(0, 20_000) / 4,
            "conversionRate": dice.number(0, 500) / 10_000,
        },
        "timeSeriesData": [
            {"date": JsDate(moment - days * DAY), "clicks": dice.number(0, 60)}
            for days in range(3, 0, -1)
        ],
        "topPerforming": {"locations": _cities(club)},
        "generatedAt": JsDate(moment),
        **stamps(moment),
    }


def _marketing_event(club: Club, _number: int, moment: int) -> Document:
    dice = club.dice
    kind = dice.pick(("impression", "impression", "impression", "click", "click", "conversion"))
    seen: Document = {
        "ctaText": dice.pick(words.CALLS_TO_ACTION),
        "placement": dice.pick(("hero", "sidebar", "footer")),
        "deviceType": dice.pick(("desktop", "mobile", "tablet")),
    }
    if kind == "conversion":
        seen["conversionType"] = dice.pick(("registration", "booking"))
        seen["conversionValue"] = dice.number(0, 24_000) / 10
    event: Document = {
        "eventId": dice.uuid(),
        "campaignId": club.earlier("marketing_campaigns", moment)["campaignId"],
        "sessionId": f"s-{dice.identity()}",
        "eventType": kind,
        "eventData": seen,
        "timestamp": JsDate(moment),
    }
    if dice.happens(60):
        user = club.earlier("users", moment)
        event["userId"] = user["_id"]
        event["userContext"] = {
            "membershipType": part_of(user, "membership")["type"],
            "pageViews": dice.number(1, 30),
        }
    return {**event, **stamps(moment)}


CAMPAIGNS = Recipe(
    collection="marketing_campaigns",
    documents=len(words.CAMPAIGN_NAMES),
    make=_campaign,
    change=_change_campaign,
    changed_percent=75,
    since_days=60,
)
TEMPLATES = Recipe(
    collection="marketing_templates",
    documents=6,
    make=_template,
    removed=1,
    since_days=60,
)
AUDIENCES = Recipe(
    collection="marketing_audiences",
    documents=6,
    make=_audience,
    since_days=90,
)
ANALYTICS = Recipe(
    collection="marketing_analytics",
    documents=24,
    make=_analysis,
    since_days=150,
)
MARKETING_EVENTS = Recipe(
    collection="marketing_events",
    documents=340,
    make=_marketing_event,
    removed=4,
    since_days=150,
)
