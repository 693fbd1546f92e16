"""Which installation this is: its targets carry the name, so that no other one writes to them."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q


class Installation(models.Model):
    """The one row that names this installation, made when somebody first asks for it."""

    number = models.PositiveSmallIntegerField(primary_key=True, default=1)
    uuid = models.CharField(max_length=32)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        permissions: ClassVar = [("system", "Change everything: what makes an admin Level 1")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(number=1), name="one_installation"),
        ]

    def __str__(self) -> str:
        return self.uuid

    @property
    def id(self) -> str:
        """The name that targets are marked with: 32 hexadecimal digits."""
        return self.uuid

    @classmethod
    def current(cls) -> "Installation":
        """Return the row; of several processes that come first at once, one makes it."""
        return cls.objects.get_or_create(number=1, defaults={"uuid": uuid.uuid4().hex})[0]
