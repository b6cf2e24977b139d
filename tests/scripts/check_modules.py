"""What scripts/check-modules finds, and what it lets pass: run by scripts/test lint."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/check-modules"
MANIFEST = '[package]\nname = "planted"\nversion = "0.0.0"\n'

# What is in the crate -> the imports on cycles that are found.
CYCLES = {
    "two files import each other": (
        {"lib.rs": "mod a;\nmod b;", "a.rs": "use crate::b::B;", "b.rs": "use super::a::A;"},
        ["planted: a -> b", "planted: b -> a"],
    ),
    "a cycle of three": (
        {"lib.rs": "mod a;\nmod b;\nmod c;", "a.rs": "use crate::b;", "b.rs": "use crate::c::C;", "c.rs": "use crate::a;"},
        ["planted: a -> b", "planted: b -> c", "planted: c -> a"],
    ),
    "modules inside them import each other": (
        {
            "lib.rs": "mod a;\nmod b;",
            "a.rs": "mod inner;",
            "a/inner.rs": "use crate::b::inner::f;",
            "b.rs": "pub mod inner;",
            "b/inner.rs": "use crate::a;",
        },
        ["planted: a -> b", "planted: b -> a"],
    ),
    "below a module": (
        {"lib.rs": "mod p;", "p.rs": "mod a;\nmod b;", "p/a.rs": "use super::b;", "p/b.rs": "use crate::p::a::A;"},
        ["planted: p::a -> p::b", "planted: p::b -> p::a"],
    ),
    "in a tree of imports, over lines": (
        {"lib.rs": "mod a;\nmod b;", "a.rs": "use crate::{\n\tother::C,\n\tb::{self, B},\n};", "b.rs": "use crate::a::*;"},
        ["planted: a -> b", "planted: b -> a"],
    ),
    "a path in a type and in code": (
        {"lib.rs": "mod a;\nmod b;", "a.rs": "fn f() -> crate::b::B { todo!() }", "b.rs": "fn g() { super::a::f(); }"},
        ["planted: a -> b", "planted: b -> a"],
    ),
    "a name that came with everything of the parent": (
        {"lib.rs": "mod a;\nmod b;", "a.rs": "use super::*;\nfn f() { b::g() }", "b.rs": "use crate::a::f;"},
        ["planted: a -> b", "planted: b -> a"],
    ),
    "modules in place": (
        {"lib.rs": "mod a { use super::b::B; }\nmod b { use super::a::A; }"},
        ["planted: a -> b", "planted: b -> a"],
    ),
    "a lifetime is no character": (
        {"lib.rs": "mod a;\nmod b;", "a.rs": "fn f<'a>(x: &'a str) -> &'a crate::b::B {}", "b.rs": "use crate::a::f;"},
        ["planted: a -> b", "planted: b -> a"],
    ),
    "a parent and its child": (
        {"lib.rs": "mod a;", "a.rs": "mod c;\nuse c::C;", "a/c.rs": "use super::A;\nuse crate::a::B;"},
        [],
    ),
    "one direction": ({"lib.rs": "mod a;\nmod b;", "a.rs": "use crate::b::B;", "b.rs": ""}, []),
    "comments and strings": (
        {
            "lib.rs": "mod a;\nmod b;",
            "a.rs": "use crate::b::B;",
            "b.rs": '//! See [`crate::a`].\n/* use crate::a; /* */ crate::a::f() */\nconst S: &str = "crate::a::f";\n'
            'const R: &str = r#"use "crate::a";"#;',
        },
        [],
    ),
    "tests": (
        {
            "lib.rs": "mod a;\nmod b;",
            "a.rs": "use crate::b::B;",
            "b.rs": "#[cfg(test)]\nmod tests;\n#[cfg(test)]\nuse crate::a::{self, A};\n"
            "#[cfg(test)]\nmod more { use crate::a::A; }\n#[cfg(test)]\nfn f() { crate::a::f() }",
            "b/tests.rs": "use crate::a::A;",
        },
        [],
    ),
    "what comes behind a test is looked at": (
        {"lib.rs": "mod a;\nmod b;", "a.rs": "use crate::b;", "b.rs": "#[cfg(test)]\nuse crate::x;\nuse crate::a::A;"},
        ["planted: a -> b", "planted: b -> a"],
    ),
    "visibility": ({"lib.rs": "mod a;\nmod b;", "a.rs": "use crate::b;", "b.rs": "pub(in crate::a) fn f() {}"}, []),
}


class CheckModules(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "scripts").mkdir()

    def write(self, files):
        (self.root / "Cargo.toml").write_text(MANIFEST)
        for name, text in files.items():
            file = self.root / "src" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def run_script(self, *arguments):
        command = [sys.executable, SCRIPT, "--root", self.root, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def test_table(self):
        for name, (files, expected) in CYCLES.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                self.root = pathlib.Path(folder)
                self.write(files)
                listed = [line.split("  (")[0] for line in self.run_script("--list").stdout.splitlines()]
                self.assertEqual(listed, expected)
                self.assertEqual(self.run_script().returncode, 1 if expected else 0)

    def test_known_cycle_passes_and_a_new_import_on_it_fails(self):
        self.write(CYCLES["two files import each other"][0])
        (self.root / "scripts/known-cycles").write_text("# known\nplanted: a -> b\nplanted: b -> a\n")
        self.assertEqual(self.run_script().returncode, 0)
        self.write({"lib.rs": "mod a;\nmod b;\nmod c;", "b.rs": "use super::a::A;\nuse super::c;", "c.rs": "use crate::a;"})
        failed = self.run_script()
        self.assertEqual(failed.returncode, 1)
        self.assertIn("src/b.rs:2: this import closes a cycle between sibling modules: planted: b -> c", failed.stderr)
        self.assertNotIn("planted: a -> b", failed.stderr)

    def test_cycle_that_is_gone_must_leave_the_list_and_none_is_added(self):
        self.write(CYCLES["one direction"][0])
        known = self.root / "scripts/known-cycles"
        known.write_text("planted: a -> b\nplanted: b -> a\n")
        failed = self.run_script()
        self.assertEqual(failed.returncode, 1)
        self.assertIn("planted: b -> a: run scripts/check-modules --prune", failed.stderr)
        self.assertEqual(self.run_script("--prune").returncode, 0)
        self.assertNotIn("planted", known.read_text())
        self.write(CYCLES["two files import each other"][0])
        self.assertEqual(self.run_script("--prune").returncode, 1)
        self.assertNotIn("planted", known.read_text())

    def test_module_without_a_file_is_an_error(self):
        self.write({"lib.rs": "mod missing;"})
        failed = self.run_script()
        self.assertEqual(failed.returncode, 1)
        self.assertIn("the module `missing` has no file", failed.stderr)


if __name__ == "__main__":
    unittest.main()
