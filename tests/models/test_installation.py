import pytest
from django.db import IntegrityError

from migration.models import Installation

pytestmark = pytest.mark.django_db


def test_an_installation_keeps_its_name():
    first, second = Installation.current(), Installation.current()

    assert first.id == second.id
    assert len(bytes.fromhex(first.id)) == 16


def test_there_is_one_installation():
    Installation.current()

    with pytest.raises(IntegrityError):
        Installation.objects.create(number=2, uuid="0" * 32)
