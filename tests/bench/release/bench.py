#!/usr/bin/env python3
"""Node and workers of two folders of binaries beside each other: writes Markdown tables to standard output.

usage: bench.py DEVELOPMENT RELEASE [--transfers N] [--runs N]

Each folder has `encrytrust-node`, `encrytrust` and `examples/bench`. The node of RELEASE makes a development chain with
N transfers; then the nodes of both folders import its blocks, in turns, each time into an empty database. What they take is
CPU time, less that of importing one empty block, which is nearly all that of starting. The workers' part is that of
`bench --roles`, in wall time. Of the runs of each, the quickest counts.
"""

import argparse
import contextlib
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
UNITS = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0}


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("folders", nargs=2, type=pathlib.Path)
    parser.add_argument("--transfers", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="encrytrust-bench-") as temporary:
        print(node_table(options, pathlib.Path(temporary)))
    print()
    print(worker_table(options))
    print()
    print(size_table(options.folders))


# --- The node


def node_table(options, temporary):
    release = options.folders[1] / "encrytrust-node"
    chain = temporary / "chain"
    say(f"making a chain with {options.transfers} transfers")
    with running(release, chain) as url:
        last = int(output("node", ROOT / "tests/e2e/bench/transfers.mjs", url, options.transfers))
    one, every = temporary / "one", temporary / "every"
    for file, to in ((one, 1), (every, last)):
        output(release, "export-blocks", "--chain", "dev", "--base-path", chain, "--binary", "--to", to, file)

    def importing(file):
        return lambda folder: seconds_of_import(folder / "encrytrust-node", file, temporary)

    starts = turns("start of the node", options, importing(one))
    totals = turns(f"import of {last} blocks", options, importing(every))
    imports = [total - start for total, start in zip(totals, starts)]
    rows = [
        ("start, and import one empty block", starts),
        (f"import {last} blocks with {options.transfers:,} transfers", imports),
        ("the same, a transfer", [seconds / options.transfers for seconds in imports]),
    ]
    return table("node, CPU time", rows)


@contextlib.contextmanager
def running(binary, base):
    """The URL of a node that makes blocks as long as this lasts."""
    options = ["--dev", "--base-path", base, "--rpc-port", 0, "--no-prometheus", "--no-mdns"]
    log = base.with_suffix(".log")
    with log.open("w") as stderr:
        node = subprocess.Popen([str(word) for word in (binary, *options)], stdout=stderr, stderr=stderr)
    try:
        yield f"ws://{listening(node, log)}"
    finally:
        node.terminate()
        node.wait()


def listening(node, log, patience=120):
    for _ in range(patience * 10):
        if found := re.search(r"Running JSON-RPC server: addr=(127\.0\.0\.1:\d+)", log.read_text()):
            return found[1]
        if node.poll() is not None:
            break
        time.sleep(0.1)
    sys.exit(f"error: the node does not answer:\n{log.read_text()[-2000:]}")


def seconds_of_import(node, blocks, temporary):
    with tempfile.TemporaryDirectory(dir=temporary) as base:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        output(node, "import-blocks", "--chain", "dev", "--base-path", base, "--binary", blocks)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


# --- The workers


def worker_table(options):
    """The first table of the roles' benchmark: role, work, time, and what follows from it."""
    work = []

    def roles(folder):
        rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([\d.]+) (ns|µs|ms|s) \|", output(folder / "examples/bench", "--roles"), re.M)
        work[:] = [f"{role}: {work}" for role, work, _, _ in rows]
        return [float(number) * UNITS[unit] for _, _, number, unit in rows]

    return table("worker, wall time", list(zip(work, zip(*turns("roles of a job", options, roles, quickest_of_each)))))


# --- What is common to both


def turns(what, options, measure, quickest=min):
    """What `measure` says of each folder, the quickest of the runs."""
    results = [[], []]
    for turn in range(options.runs):
        for folder, result in zip(options.folders, results):
            say(f"{what}: run {turn + 1} of {options.runs}, {folder}")
            result.append(measure(folder))
    return [quickest(result) for result in results]


def quickest_of_each(runs):
    return [min(times) for times in zip(*runs)]


def table(what, rows):
    lines = [f"| {what} | development | release | times as fast |", "|---|---|---|---|"]
    for name, (development, release) in rows:
        lines.append(f"| {name} | {show(development)} | {show(release)} | {development / release:.2f} |")
    return "\n".join(lines)


def size_table(folders):
    lines = ["| binary | development | release |", "|---|---|---|"]
    for name in ("encrytrust-node", "encrytrust"):
        sizes = [f"{(folder / name).stat().st_size / 2**20:.0f} MiB" for folder in folders]
        lines.append(f"| `{name}` | {' | '.join(sizes)} |")
    return "\n".join(lines)


def show(seconds):
    unit, scale = next((unit, scale) for unit, scale in reversed(UNITS.items()) if seconds >= scale or unit == "ns")
    return f"{seconds / scale:.3g} {unit}"


def output(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"error: {' '.join(map(str, command))} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def say(text):
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
