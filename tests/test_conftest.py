import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = """
import pytest

@pytest.mark.needs_node
def test_of_a_tool():
    pytest.skip("no node here")

def test_without_a_tool():
    pytest.skip("not today")
"""


@pytest.mark.parametrize(("ci", "failed", "skipped"), [("true", 1, 1), ("", 0, 2)])
def test_a_missing_tool_fails_in_ci_and_skips_elsewhere(tmp_path, ci, failed, skipped):
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "test_suite.py").write_text(SUITE)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = needs_node: needs Node\n")

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--rootdir", tmp_path, "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={
            **os.environ,
            "CI": ci,
            "DJANGO_SETTINGS_MODULE": "migrator_site.testing",
            "PYTHONPATH": str(Path(__file__).parents[1]),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    summary = run.stdout.strip().splitlines()[-1]
    assert (f"{failed} failed" in summary) == bool(failed)
    assert f"{skipped} skipped" in summary
