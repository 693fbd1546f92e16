"""Administrators, what they may do, and the record of who changed that."""

from migration.engine.demo import words
from migration.engine.demo.club import DAY, Club, Recipe, date_or_none, part_of, stamps
from migration.engine.documents import Document, JsDate, Value

_EVERYTHING = "*"
_ROLES_OF_LEVEL_1 = ("owner", "technician")


def _atom_id(group: str, action: str) -> str:
    return f"{group}:{action}"


def _atoms_of(groups: tuple[str, ...] | None) -> list[Value]:
    if groups is None:
        return [_EVERYTHING]
    return [_atom_id(group, action) for group in groups for action, _, _ in words.ACTIONS]


def _atom(_club: Club, number: int, moment: int) -> Document:
    group, group_name = words.GROUPS[number // len(words.ACTIONS)]
    action, action_name, risk = words.ACTIONS[number % len(words.ACTIONS)]
    atom: Document = {
        "atomId": _atom_id(group, action),
        "group": group,
        "action": action,
        "name": action_name + group_name,
        "description": f"可以{action_name}{group_name}資料",
        "riskLevel": risk,
        "version": "1.0",
        "createdBy": "system",
    }
    if action != "view":
        atom["requiresAll"] = [_atom_id(group, "view")]
    return {**atom, **stamps(moment)}


def _change_atom(_club: Club, atom: Document, _moment: int) -> None:
    atom["version"] = "1.1"


def _role(_club: Club, number: int, moment: int) -> Document:
    role_id, name, department, groups = words.ROLES[number]
    return {
        "roleId": role_id,
        "name": name,
        "department": department,
        "permissions": _atoms_of(groups),
        "isCustom": groups is not None,
        "description": f"{name}的日常權限",
        "isActive": True,
        "version": "1.0",
        "createdBy": "system",
        "lastModifiedBy": "system",
        **stamps(moment),
    }


def _change_role(_club: Club, role: Document, _moment: int) -> None:
    role["version"] = "1.1"


def _admin(club: Club, number: int, moment: int) -> Document:
    dice = club.dice
    role_id, _, department, groups = words.ROLES[number % len(words.ROLES)]
    level = 1 if role_id in _ROLES_OF_LEVEL_1 else 2
    return {
        "adminId": dice.uuid(),
        "username": f"{role_id}{number + 1}",
        "email": f"{role_id.replace('_', '.')}{number + 1}@example.org",
        "passwordHash": dice.password_hash(),
        "profile": {
            "realName": dice.person(),
            "employeeId": f"S{number + 1:03}",
            "department": department,
            "joinDate": JsDate(moment),
            "lastLogin": date_or_none(moment + DAY if dice.happens(70) else None),
        },
        "roleId": role_id,
        "permissions": _atoms_of(groups),
        "level": level,
        "status": "active",
        "twoFactorEnabled": level == 1,
        "sessionTimeout": dice.pick((30, 60, 120)),
        "createdBy": "system",
        "lastModifiedBy": "system",
        **stamps(moment),
    }


def _change_admin(_club: Club, admin: Document, moment: int) -> None:
    part_of(admin, "profile")["lastLogin"] = JsDate(moment)


def _audit_log(club: Club, _number: int, moment: int) -> Document:
    dice = club.dice
    before = dice.some(_atoms_of(("events", "users")), 1, 3)
    added = dice.some(_atoms_of(("reports", "marketing")), 1, 2)
    succeeded = dice.happens(95)
    log: Document = {
        "timestamp": JsDate(moment),
        "adminId": club.earlier("admin_users", moment)["adminId"],
        "action": dice.pick(("grant", "revoke", "modify")),
        "targetType": "user",
        "targetId": club.earlier("admin_users", moment)["adminId"],
        "changes": {
            "before": {"permissions": before},
            "after": {"permissions": before + added},
            "permissionsAdded": added,
            "permissionsRemoved": [],
        },
        "reason": dice.pick(words.AUDIT_REASONS),
        "ipAddress": dice.address(),
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64)",
        "success": succeeded,
    }
    if not succeeded:
        log["errorMessage"] = "權限不足"
    return {**log, **stamps(moment)}


ATOMS = Recipe(
    collection="permission_atoms",
    documents=len(words.GROUPS) * len(words.ACTIONS),
    make=_atom,
    change=_change_atom,
    changed_percent=10,
    until_days=1,
)
ROLES = Recipe(
    collection="admin_roles",
    documents=len(words.ROLES),
    make=_role,
    change=_change_role,
    changed_percent=40,
    until_days=1,
)
ADMINS = Recipe(
    collection="admin_users",
    documents=7,
    make=_admin,
    change=_change_admin,
    changed_percent=90,
    until_days=30,
    removed=1,
)
AUDIT_LOGS = Recipe(
    collection="permission_audit_logs",
    documents=80,
    make=_audit_log,
    since_days=45,
)
