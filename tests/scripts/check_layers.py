"""What scripts/check-layers finds, and what it lets pass: run by scripts/test lint."""

import importlib.machinery
import importlib.util
import pathlib
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/check-layers"
LOADER = importlib.machinery.SourceFileLoader("check_layers", str(SCRIPT))
check_layers = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_layers", LOADER))
LOADER.exec_module(check_layers)


def metadata(crates, dependencies):
    """As cargo tells it: name -> folder (None for a registry's crate), and (from, to, kind)."""
    return {
        "workspace_root": "/repository",
        "workspace_members": [name for name, folder in crates.items() if folder],
        "packages": [
            {"id": name, "name": name, "manifest_path": f"/repository/{folder}/Cargo.toml"} for name, folder in crates.items()
        ],
        "resolve": {
            "nodes": [
                {
                    "id": name,
                    "deps": [
                        {"pkg": to, "dep_kinds": [{"kind": kind}]} for from_, to, kind in dependencies if from_ == name
                    ],
                }
                for name in crates
            ]
        },
    }


CRATES = {
    "types": "primitives/types",
    "pallet-a": "pallets/a",
    "pallet-b": "pallets/b",
    "runtime": "runtime",
    "service": "node/service",
    "client": "offchain-worker/crates/client",
    "worker": "offchain-worker",
}


class Directions(unittest.TestCase):
    def check(self, expected, *dependencies, **more):
        found = list(check_layers.wrong_directions(metadata(CRATES | more, dependencies)))
        self.assertEqual(len(found), expected, found)

    def test_down_is_allowed(self):
        self.check(
            0,
            ("pallet-a", "types", None),
            ("runtime", "pallet-a", None),
            ("service", "runtime", None),
            ("client", "types", None),
            ("worker", "client", None),
            ("worker", "types", None),
        )

    def test_up_and_across_are_not(self):
        for from_, to in [
            ("types", "pallet-a"),
            ("pallet-a", "pallet-b"),
            ("pallet-a", "runtime"),
            ("runtime", "service"),
            ("client", "worker"),
            ("client", "pallet-a"),
            ("worker", "runtime"),
            ("service", "client"),
        ]:
            with self.subTest(f"{from_} -> {to}"):
                self.check(1, (from_, to, None))
                self.check(1, (from_, to, "build"))
                self.check(0, (from_, to, "dev"))

    def test_every_crate_is_in_a_layer(self):
        self.check(1, stray="elsewhere/stray")


class Sdk(unittest.TestCase):
    def check(self, expected, *dependencies):
        crates = dict.fromkeys(check_layers.SDK_FREE, "primitives/one") | {"between": None, "sp-core": None}
        found = list(check_layers.linked_sdk(metadata(crates, dependencies)))
        self.assertEqual(found, expected)

    def test_found_however_far_below(self):
        way = "encrytrust-types -> between -> sp-core"
        expected = [f"encrytrust-types must be free of the SDK: {way}"]
        self.check(expected, ("encrytrust-types", "between", None), ("between", "sp-core", None))

    def test_tests_may_link_it(self):
        self.check([], ("encrytrust-types", "sp-core", "dev"), ("between", "sp-core", None))

    def test_a_crate_that_is_gone_is_told(self):
        found = list(check_layers.linked_sdk(metadata({}, [])))
        self.assertEqual(len(found), len(check_layers.SDK_FREE))


if __name__ == "__main__":
    unittest.main()
