"""Rules of the house that no linter knows."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("migration", "migrator_site", "static", "templates", "tests", ".ci")
TEXT = {".py", ".md", ".toml", ".txt", ".html", ".css", ".js", ".cjs", ".json", ".yml", ".svg", ""}
GENERATED = {"__pycache__", "node_modules"}

VARIABLE = re.compile(r"\b(?:MIGRATOR|DJANGO)_[A-Z]+(?:_[A-Z]+)*\b|\bDATABASE_URL\b")
READ = re.compile(rf'variables\.\w+\(\s*"({VARIABLE.pattern}|CELERY_BROKER_URL)"')
# Settings of Django and pytest that share the prefix, but are no variables of ours.
FOREIGN = {"DJANGO_SETTINGS_MODULE"}

# Written so that this file does not match itself.
PRIVATE = re.compile(
    r"(?<![\w.])/(?:home|root|work|farm|Users)/|registry\.npmjs|pypi\.org|pythonhosted"
)


def files(*suffixes):
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    found += ROOT.glob("*.*")
    return [
        path
        for path in found
        if path.is_file() and path.suffix in suffixes and not GENERATED & set(path.parts)
    ]


def lines(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def test_readme_and_settings_name_the_same_variables():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    settings = (ROOT / "migrator_site" / "settings.py").read_text(encoding="utf-8")

    documented = set(VARIABLE.findall(readme)) - FOREIGN
    read = set(READ.findall(settings))

    assert "CELERY_BROKER_URL" in readme
    assert documented == read - {"CELERY_BROKER_URL"}


def test_no_module_is_longer_than_400_lines():
    assert [path for path in files(".py") if lines(path) > 400] == []


def test_no_template_is_longer_than_120_lines():
    assert [path for path in files(".html") if lines(path) > 120] == []


@pytest.mark.parametrize("text", ["see /" + "home/ann/data", "https://" + "pypi." + "org/simple"])
def test_the_search_for_private_paths_finds_them(text):
    assert PRIVATE.search(text)


def test_no_file_names_a_path_of_one_computer_or_a_package_registry():
    texts = ((path, path.read_text(encoding="utf-8", errors="replace")) for path in files(*TEXT))

    assert [path for path, text in texts if PRIVATE.search(text) and path != Path(__file__)] == []


def test_partials_begin_with_a_comment_that_names_their_context():
    partials = sorted((ROOT / "templates").rglob("_*.html"))

    assert partials
    assert [
        path
        for path in partials
        if not re.match(r"\{# .*Context: .+ #\}", path.read_text(encoding="utf-8"))
    ] == []


def test_templates_hold_no_inline_style_or_script():
    inline = re.compile(
        r"\sstyle=|<style|\son\w+=|<script(?![^>]*(?:src=|type=\"application/json\"))"
    )

    assert [
        path
        for path in (ROOT / "templates").rglob("*.html")
        if inline.search(path.read_text(encoding="utf-8"))
    ] == []
