"""What scripts/build-release makes, of the development binaries: run by scripts/test package.

The package is unpacked, and installed, upgraded, removed and purged, in folders of its own: nothing of the machine changes.
Tools that a machine lacks (man, systemd-analyze) leave their tests out.
"""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMANDS = ["encrytrust", "encrytrust-node"]
UNITS = ["encrytrust-node.service", "encrytrust-worker.service"]
STATE = ["var/lib/encrytrust", "var/lib/encrytrust-worker"]
MANUAL = ["encrytrust.1", "encrytrust-worker-run.1", "encrytrust-node.1", "encrytrust-node-key-insert.1"]

FOLDER = [
    *[f"bin/{command}" for command in COMMANDS],
    *[f"completions/{file}" for command in COMMANDS for file in (command, f"_{command}", f"{command}.fish")],
    *[f"systemd/{unit}" for unit in UNITS],
    *[f"man/{page}" for page in MANUAL],
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "SHA256SUMS",
    "chain-specs/dev.json",
    "chain-specs/local.json",
    "docs/operators.md",
    "grafana-dashboard.json",
    "runtime/encrytrust_runtime.compact.compressed.wasm",
]

# Path -> mode.
PACKAGE = {
    **{f"usr/bin/{command}": "-rwxr-xr-x" for command in COMMANDS},
    **{f"usr/lib/systemd/system/{unit}": "-rw-r--r--" for unit in UNITS},
    **{f"usr/share/bash-completion/completions/{command}": "-rw-r--r--" for command in COMMANDS},
    **{f"usr/share/zsh/vendor-completions/_{command}": "-rw-r--r--" for command in COMMANDS},
    **{f"usr/share/fish/vendor_completions.d/{command}.fish": "-rw-r--r--" for command in COMMANDS},
    **{f"usr/share/man/man1/{page}.gz": "-rw-r--r--" for page in MANUAL},
    "etc/encrytrust/node.env": "-rw-r--r--",
    "etc/encrytrust/worker.env": "-rw-------",
    "usr/share/doc/encrytrust/README.md": "-rw-r--r--",
    "usr/share/doc/encrytrust/changelog.gz": "-rw-r--r--",
    "usr/share/doc/encrytrust/copyright": "-rw-r--r--",
    "usr/share/doc/encrytrust/operators.md": "-rw-r--r--",
    "usr/share/encrytrust/chain-specs/dev.json": "-rw-r--r--",
    "usr/share/encrytrust/chain-specs/local.json": "-rw-r--r--",
    "usr/share/encrytrust/grafana-dashboard.json": "-rw-r--r--",
}

# In place of the commands that maintainer scripts run: what they are called with is written down.
STUB = """#!/bin/sh
echo "$(basename "$0") $*" >>"$DPKG_ROOT/called"
"""
ADDUSER = STUB + 'while [ $# -gt 1 ]; do [ "$1" != --home ] || mkdir -p "$DPKG_ROOT$2"; shift; done\n'


def run(*command, **options):
    """What a command prints; fails with that if the command does."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, **options}
    done = subprocess.run([str(word) for word in command], **options)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout or ''}{done.stderr or ''}")
    return done.stdout


def build(folder):
    """The report of scripts/build-release."""
    script = ROOT / "scripts/build-release"
    return json.loads(run(script, "--profile", "dev", "--json", folder, stderr=subprocess.PIPE))


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(prefix="encrytrust-package-")
        cls.addClassCleanup(temporary.cleanup)
        cls.temporary = pathlib.Path(temporary.name)
        cls.folder = cls.temporary / "dist"
        cls.report = build(cls.folder)
        [cls.package] = cls.folder.glob("*.deb")
        cls.unpacked = cls.temporary / "unpacked"
        run("dpkg-deb", "--extract", cls.package, cls.unpacked)

    def test_folder_has_everything_and_report_lists_it(self):
        found = {str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file()}
        self.assertEqual(set(FOLDER) - found, set())
        self.assertEqual({file["path"] for file in self.report["files"]}, found)
        for file in self.report["files"]:
            content = (self.folder / file["path"]).read_bytes()
            self.assertEqual(file["bytes"], len(content), file["path"])
            self.assertEqual(file["sha256"], hashlib.sha256(content).hexdigest(), file["path"])

    def test_checksums_hold(self):
        run("sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS", cwd=self.folder)

    def test_runtime_hash_is_that_of_the_wasm(self):
        [wasm] = (self.folder / "runtime").iterdir()
        digest = hashlib.blake2b(wasm.read_bytes(), digest_size=32).hexdigest()
        self.assertEqual(self.report["runtime_hash"], f"0x{digest}")

    def test_chain_specifications_are_raw(self):
        for chain in ("dev", "local"):
            specification = json.loads((self.folder / f"chain-specs/{chain}.json").read_text())
            self.assertIn("0x3a636f6465", specification["genesis"]["raw"]["top"], chain)

    def test_foreign_folder_is_refused(self):
        foreign = self.temporary / "foreign"
        foreign.mkdir()
        (foreign / "thesis.txt").write_text("years of work")
        with self.assertRaisesRegex(AssertionError, "was not made by this script"):
            run(ROOT / "scripts/build-release", "--profile", "dev", foreign)
        self.assertTrue((foreign / "thesis.txt").exists())

    def test_package_has_everything_and_root_owns_it(self):
        modes = {}
        for line in run("dpkg-deb", "--contents", self.package).splitlines():
            mode, owner, _, _, _, path = line.split(maxsplit=5)
            self.assertEqual(owner, "root/root", line)
            modes[path.removeprefix("./")] = mode
        self.assertEqual({path: modes.get(path) for path in PACKAGE}, PACKAGE)

    def test_package_names_version_and_libraries(self):
        fields = run("dpkg-deb", "--field", self.package)
        self.assertIn(f"Version: {self.report['version']}\n", fields)
        self.assertRegex(fields, r"Depends: adduser, libc6 \(>= 2\.\d+\), libgcc-s1\n")
        run("dpkg-deb", "--info", self.package)

    def test_sums_in_package_hold(self):
        control = self.temporary / "control"
        run("dpkg-deb", "--control", self.package, control)
        run("md5sum", "--check", "--strict", "--quiet", control / "md5sums", cwd=self.unpacked)

    def test_unpacked_binaries_start(self):
        version = self.report["version"].partition("~")[0].partition("+")[0]
        for command in COMMANDS:
            self.assertIn(version, run(self.unpacked / "usr/bin" / command, "--version"), command)

    def test_completions_load_in_bash(self):
        for command in COMMANDS:
            file = self.unpacked / "usr/share/bash-completion/completions" / command
            self.assertIn(command, run("bash", "-euc", f"source '{file}' && complete -p {command}"))

    @unittest.skipUnless(shutil.which("man"), "man is not installed")
    def test_manual_pages_render_without_warning(self):
        pages = sorted((self.unpacked / "usr/share/man/man1").iterdir())
        self.assertEqual(run("man", "--warnings", "--local-file", *pages, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE), None)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_units_are_valid(self):
        root = self.temporary / "units"
        for folder in ("usr/bin", "usr/lib/systemd/system"):
            shutil.copytree(self.unpacked / folder, root / folder)
        # What every unit depends on.
        units = next(path for path in map(pathlib.Path, ("/usr/lib/systemd/system", "/lib/systemd/system")) if path.exists())
        for file in (*units.glob("*.target"), *units.glob("*.slice")):
            shutil.copy(file, root / "usr/lib/systemd/system", follow_symlinks=False)
        self.assertEqual(run("systemd-analyze", f"--root={root}", "--man=no", "verify", *UNITS), "")

    def test_same_binaries_make_same_package(self):
        again = self.temporary / "again"
        self.assertEqual(build(again)["files"], self.report["files"])

    @unittest.skipUnless(os.getuid() == 0, "dpkg installs as root alone")
    def test_installation_upgrade_and_removal(self):
        root = self.temporary / "root"
        for folder in ("var/lib/dpkg/info", "var/lib/dpkg/updates", "run/systemd/system"):
            (root / folder).mkdir(parents=True)
        (root / "var/lib/dpkg/status").touch()
        stubs = self.temporary / "stubs"
        stubs.mkdir()
        for name, text in (("adduser", ADDUSER), ("systemctl", STUB)):
            (stubs / name).write_text(text)
            (stubs / name).chmod(0o755)

        def dpkg(*arguments):
            """What the maintainer scripts called."""
            forced = ["script-chrootless", "depends", "unsafe-io"]
            run("dpkg", f"--root={root}", "--log=/dev/null", *[f"--force-{what}" for what in forced], *arguments,
                env={**os.environ, "PATH": f"{stubs}:{os.environ['PATH']}"})
            calls = (root / "called").read_text().splitlines()
            (root / "called").unlink()
            return calls

        users = [f"adduser --system --group --quiet --home /{state} {state.rpartition('/')[2]}" for state in STATE]
        self.assertEqual(dpkg("--install", self.package), [*users, "systemctl daemon-reload"])
        for state in STATE:
            self.assertEqual((root / state).stat().st_mode & 0o777, 0o700, state)
            (root / state / "key").touch()
        self.assertFalse((root / "etc/systemd").exists(), "units are enabled")

        (root / "etc/encrytrust/node.env").write_text("NODE_ARGS=--no-mdns\n")
        restart = f"systemctl try-restart {' '.join(UNITS)}"
        self.assertEqual(dpkg("--install", self.package), [*users, "systemctl daemon-reload", restart])
        self.assertEqual((root / "etc/encrytrust/node.env").read_text(), "NODE_ARGS=--no-mdns\n")

        stop = f"systemctl disable --now {' '.join(UNITS)}"
        self.assertEqual(dpkg("--remove", "encrytrust"), [stop, "systemctl daemon-reload"])
        self.assertFalse((root / "usr/bin/encrytrust").exists())
        self.assertTrue((root / "etc/encrytrust/node.env").exists())

        self.assertEqual(dpkg("--purge", "encrytrust"), ["systemctl daemon-reload"])
        self.assertFalse((root / "etc/encrytrust").exists())
        for state in STATE:
            self.assertTrue((root / state / "key").exists(), state)


if __name__ == "__main__":
    unittest.main()
