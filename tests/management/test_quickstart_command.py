import pytest
from django.core.management import CommandError, call_command


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http"])
def test_what_is_no_port_is_refused_in_one_sentence(port):
    with pytest.raises(CommandError) as refused:
        call_command("quickstart", f"--port={port}")

    assert "--port" in str(refused.value)
    assert len(str(refused.value)) < 100
