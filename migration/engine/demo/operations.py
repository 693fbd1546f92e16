"""What the application writes about itself: starts, health, and what waits to be synchronised."""

from migration.engine.demo import words
from migration.engine.demo.club import MINUTE, Club, Recipe, stamps, whole_of
from migration.engine.documents import Document, JsDate

_COMPONENTS = ("database", "filesystem", "memory")


def _start(club: Club, number: int, moment: int) -> Document:
    dice = club.dice
    return {
        "serverStartTime": JsDate(moment),
        "environment": "production",
        "nodeVersion": "v20.11.1",
        "processId": dice.number(300, 30_000),
        "memoryAtStartup": {"used": dice.number(200, 900) / 10, "total": 256},
        "databaseStatus": "connected",
        "healthCheckResults": [
            {
                "component": component,
                "status": "healthy",
                "checkDuration": dice.number(1, 60),
                "timestamp": JsDate(moment + 400),
            }
            for component in _COMPONENTS
        ],
        "allSystemsHealthy": True,
        "startupDuration": dice.number(500, 3000),
        "systemInfo": {"platform": "linux", "hostname": f"web-{number % 2 + 1}"},
        **stamps(moment),
    }


def _health_log(club: Club, number: int, moment: int) -> Document:
    dice = club.dice
    return {
        "recordType": "periodic" if number % 25 else "manual",
        "serverUptime": dice.number(1, 9_000_000) / 10,
        "timestamp": JsDate(moment),
        "memory": {"used": dice.number(60, 220), "total": 256, "rss": dice.number(120, 300)},
        "database": {
            "status": "connected",
            "collections": {"users": 1 + number, "events": number // 5},
            "files": [
                {
                    "name": "users.db",
                    "size": dice.number(10_000, 400_000),
                    "modified": JsDate(moment - dice.number(1, 60) * MINUTE),
                }
            ],
            "totalFiles": 21,
        },
        "healthScore": dice.number(70, 100),
        "warnings": dice.some(words.WARNINGS, 0, 1),
        "errors": [],
        **stamps(moment),
    }


def _queued(club: Club, number: int, moment: int) -> Document:
    dice = club.dice
    collection = dice.pick(("users", "events", "bookings"))
    changed = club.earlier(collection, moment)
    return {
        "id": number + 1,
        "collection": collection,
        "operation": dice.pick(("insert", "update")),
        "data": {"_id": changed["_id"], "at": JsDate(moment), "note": dice.sentences(1)},
        "timestamp": moment,
        "retries": 0,
        "priority": dice.pick(("high", "medium", "low")),
        **stamps(moment),
    }


def _change_queued(_club: Club, queued: Document, _moment: int) -> None:
    queued["retries"] = whole_of(queued, "retries") + 1
    queued["lastError"] = "連線逾時 (ETIMEDOUT)"


STARTS = Recipe(collection="startup_records", documents=18, make=_start)
HEALTH_LOGS = Recipe(
    collection="health_logs",
    documents=150,
    make=_health_log,
    removed=20,
    since_days=180,
)
SYNC_QUEUE = Recipe(
    collection="syncQueue",
    documents=70,
    make=_queued,
    change=_change_queued,
    changed_percent=30,
    # What was synchronised leaves the queue.
    removed=110,
    since_days=60,
)
