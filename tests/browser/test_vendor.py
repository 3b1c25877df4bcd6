"""The vendored browser files are what the manifest says, and the page loads no other."""

import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("folder", ["static/vendor", "tests/browser/vendor"])
def test_vendored_files_have_the_sums_of_the_manifest(folder: str) -> None:
    manifest = json.loads((ROOT / folder / "manifest.json").read_text())
    present = {file.name for file in (ROOT / folder).iterdir()} - {"manifest.json"}
    assert present == set(manifest)
    for name, entry in manifest.items():
        assert hashlib.sha256((ROOT / folder / name).read_bytes()).hexdigest() == entry["sha256"], name


def test_the_lock_names_no_registry() -> None:
    assert "resolved" not in (ROOT / "package-lock.json").read_text()


def test_no_template_holds_a_script_or_a_style_of_its_own() -> None:
    for file in (ROOT / "templates").rglob("*.html"):
        text = file.read_text()
        assert " style=" not in text, file
        assert "<style" not in text, file
        assert "<script>" not in text, file
        assert "https://" not in text, file
