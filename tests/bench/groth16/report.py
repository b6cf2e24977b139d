#!/usr/bin/env python3
"""Puts the figures of `groth16_bench` into docs/performance.md, between `<!-- groth16 -->` and `<!-- /groth16 -->`.

usage: report.py RESULT.json DOCS.md
"""

import json
import pathlib
import re
import sys

MARKS = ("<!-- groth16 -->", "<!-- /groth16 -->")
# zkVerify's weight of a verification with n public inputs: 2.89 ms + 0.10 ms each.
ZKVERIFY_MS = 2.89 + 3 * 0.10


def machine():
    names = re.findall(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return names[0] if names else "an unknown processor"


def section(result):
    ms = {name: ns / 1e6 for name, ns in result["times"].items()}
    weight = {name: ps / 1e9 for name, ps in result["weights"].items()}
    sizes = result["sizes"]

    def row(name, one, eight, many):
        cells = [f"{ms[key]:.2f} ms" if key else "" for key in (one, eight, many)]
        return f"| {name} | " + " | ".join(cells) + " |"

    lines = [
        f"CPU time a proof on one core of {machine()}, median of rounds in which all take turns.",
        "",
        "| a proof of | 1 | batch of 8 | batch of 64 |",
        "|---|---|---|---|",
        row("arkworks, prepared key, points decoded", "ark", None, None),
        row("native, from bytes", "native", "native batch of 8", "native batch of 64"),
        row("host call", "host", "host batch of 8", "host batch of 64"),
        row("the same code in Wasm", "wasm", "wasm batch of 8", "wasm batch of 64"),
        row("host call, every second proof bad", None, None, "host batch of 64, every second bad"),
        "",
        f"A host call takes {ms['host'] / ms['native']:.2f} times native, Wasm {ms['wasm'] / ms['native']:.1f} times.",
        "",
        f"* *Weights*: `revoke_key` {weight['revoke_key']:.2f} ms, where zkVerify takes {ZKVERIFY_MS:.2f} ms for three inputs; "
        f"`revoke_keys` of 64 {weight['revoke_keys of 64'] / 64:.2f} ms a proof, "
        f"{weight['revoke_keys of 64, all good'] / 64:.2f} ms where all are good. "
        f"By these, a block has room for {int(weight['block'] / weight['revoke_key'])} proofs one by one, for "
        f"{int(64 * weight['block'] / weight['revoke_keys of 64, all good'])} good ones in batches, and for "
        f"{int(64 * weight['block'] / weight['revoke_keys of 64'])} bad ones.",
        f"* *Proving* takes {ms['proving']:.0f} ms, and deriving the secret (Argon2id, 64 MiB, three passes) "
        f"{ms['deriving the secret']:.0f} ms.",
        f"* *Reading a proof*, its subgroup check included, takes {ms['reading a proof']:.2f} ms of the above; validating and "
        f"preparing a verifying key {ms['preparing a key']:.1f} ms, once.",
        f"* *Sizes*: {sizes['constraints']} constraints, a proving key of {sizes['proving key']} bytes, a verifying key of "
        f"{sizes['verifying key']}, prepared {sizes['prepared key']}, a proof of {sizes['proof']}.",
    ]
    return "\n".join(lines)


def main(result, docs):
    docs = pathlib.Path(docs)
    start, end = MARKS
    head, _, rest = docs.read_text().partition(start)
    _, found, tail = rest.partition(end)
    if not found:
        sys.exit(f"{docs} has no marks {start} and {end}")
    docs.write_text(f"{head}{start}\n\n{section(json.loads(pathlib.Path(result).read_text()))}\n\n{end}{tail}")


main(*sys.argv[1:])
