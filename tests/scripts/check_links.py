"""What scripts/check-links finds, and what it lets pass: run by scripts/test lint."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/check-links"

# Text of docs/page.md -> what is said about it.
PAGES = {
    "a file next to it": ("[x](other.md)", None),
    "a file above": ("[x](../README.md)", None),
    "a folder": ("[x](../docs)", None),
    "a heading": ("[x](other.md#two-words)", None),
    "a heading with code and marks": ("[x](other.md#read-it-once)", None),
    "the second of two equal headings": ("[x](other.md#twice-1)", None),
    "a heading of its own": ("# Here\n[x](#here)", None),
    "another server": ("[x](https://example.org/a.md)", None),
    "code": ("`[x](none.md)`\n\n```\n[x](none.md)\n```\n\n    [x](none.md)\n", None),
    "no file": ("text\n\n[x](none.md)", "docs/page.md:3: the link none.md leads to no file"),
    "no file, by reference": ("[x]: none.md", "the link none.md leads to no file"),
    "in a table": ("| a |\n|---|\n| [x](none.md) |", "docs/page.md:3: the link none.md leads to no file"),
    "no heading": ("[x](other.md#none)", "docs/other.md has no heading for #none"),
    "no heading of its own": ("[x](#none)", "docs/page.md has no heading for #none"),
    "a heading inside code": ("[x](other.md#hidden)", "docs/other.md has no heading for #hidden"),
    "outside the repository": ("[x](../../none.md)", "leads to no file"),
    "absolute": ("[x](/README.md)", "the link /README.md is absolute"),
}
OTHER = "# Two words\n\n## `read_it`, once\n\n## Read it, once\n\n# Twice\n\n# Twice\n\n```\n# Hidden\n```\n"


class CheckLinks(unittest.TestCase):
    def test_table(self):
        for name, (text, expected) in PAGES.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                root = pathlib.Path(folder)
                (root / "docs").mkdir()
                (root / "README.md").write_text("# Readme\n")
                (root / "docs/other.md").write_text(OTHER)
                (root / "docs/page.md").write_text(text)
                done = subprocess.run([sys.executable, SCRIPT, "--root", root], capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 1 if expected else 0, done.stderr)
                self.assertIn(expected or "", done.stderr)


if __name__ == "__main__":
    unittest.main()
