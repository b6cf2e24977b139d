#!/usr/bin/env python3
"""Paillier beside its peers: first the outputs of all are checked against each other, then they are measured.

usage: bench.py --bench BINARY --json FILE --docs FILE [--batches N] [--seconds S]

The binary (this folder's) serves this repository's crate and fast-paillier; phe, gmpy2 and pypaillier are imported.
Everything runs on one core. A batch repeats one operation for about S seconds of CPU time; the batches of all
implementations take turns, and what counts is the median of N of them. FILE (of --docs) gets the table between its
marks `<!-- paillier -->` and `<!-- /paillier -->`.
"""

import argparse
import importlib.metadata
import json
import math
import os
import platform
import re
import secrets
import statistics
import subprocess
import sys
import time

os.environ["RAYON_NUM_THREADS"] = "1"

import paillier as pypaillier  # noqa: E402
from phe import paillier as phe  # noqa: E402
from phe import util as phe_util  # noqa: E402

SIZES = (2048, 3072)
OPERATIONS = {
    "encrypt": "encrypt",
    "encrypt-table": "encrypt, short exponents",
    "encrypt-own-key": "encrypt, own key",
    "decrypt": "decrypt",
    "add": "add",
    "scale": "scale",
    "encrypt-many": "encrypt, 64 at once",
    "encrypt-table-many": "encrypt, short exponents, 64 at once",
    "decrypt-many": "decrypt, 64 at once",
    "scale-many": "scale, 64 at once",
    "read": "read and check a ciphertext",
    "write": "write a ciphertext",
}
# Of which one call does as many as MANY says.
TOGETHER = "-many"
MANY = 64
IMPLEMENTATIONS = ("ours", "phe", "pypaillier", "fast-paillier")


class Served:
    """An implementation behind the binary's line protocol."""

    def __init__(self, server, name, key, operations):
        self.server, self.name, self.key, self.operations = server, name, key, operations

    def ask(self, *words):
        return self.server.ask(self.name, *words)

    def encrypt(self, m):
        return int(self.ask("encrypt", hexadecimal(m)), 16)

    def decrypt(self, c):
        return int(self.ask("decrypt", self.key.ciphertext(c)), 16)

    def add(self, a, b):
        return int(self.ask("add", self.key.ciphertext(a), self.key.ciphertext(b)), 16)

    def scale(self, c, k):
        return int(self.ask("scale", self.key.ciphertext(c), hexadecimal(k)), 16)

    def measure(self, operation, count):
        self.server.select(self.key)
        return by_calls(operation, count, lambda calls: int(self.ask("measure", operation, calls)))


class Server:
    def __init__(self, binary):
        self.process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.selected = None

    def ask(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().strip()
        if not answer:
            sys.exit(f"error: the benchmark binary ended at: {' '.join(map(str, words))[:200]}")
        return answer

    def select(self, key):
        if self.selected is not key:
            self.ask("key", key.written(key.p, key.bits // 16), key.written(key.q, key.bits // 16))
            self.selected = key


class Key:
    """A key that ours, phe and fast-paillier share, with primes congruent 3 modulo 4."""

    def __init__(self, bits):
        self.bits = bits
        while True:
            self.public, self.private = phe.generate_paillier_keypair(n_length=bits)
            self.p, self.q = int(self.private.p), int(self.private.q)
            if self.p % 4 == self.q % 4 == 3 and self.p.bit_length() == self.q.bit_length():
                break
        self.n = int(self.public.n)

    @staticmethod
    def written(value, length):
        return int(value).to_bytes(length, "big").hex()

    def ciphertext(self, c):
        return self.written(c, self.bits // 4)


class Phe:
    """phe on plain numbers, without its encoding of floats."""

    operations = ("encrypt", "decrypt", "add", "scale")

    def __init__(self, key):
        self.key = key
        self.number = phe.EncryptedNumber(key.public, 1, 0)

    def encrypt(self, m):
        return int(self.key.public.raw_encrypt(m))

    def decrypt(self, c):
        return int(self.key.private.raw_decrypt(c))

    def add(self, a, b):
        return int(self.number._raw_add(a, b))

    def scale(self, c, k):
        return int(phe.EncryptedNumber(self.key.public, c, 0)._raw_mul(k))

    def measure(self, operation, count):
        m, k = secrets.randbelow(self.key.n // 2), secrets.randbelow(self.key.n // 2)
        a, b = self.key.public.raw_encrypt(m), self.key.public.raw_encrypt(k)
        number = phe.EncryptedNumber(self.key.public, a, 0)
        return timed(
            {
                "encrypt": lambda: self.key.public.raw_encrypt(m),
                "decrypt": lambda: self.key.private.raw_decrypt(a),
                "add": lambda: number._raw_add(a, b),
                "scale": lambda: number._raw_mul(k),
            }[operation],
            count,
        )


class Pypaillier:
    """pypaillier, whose ciphertexts are a byte for the scale and then the number, and whose secret keys stay inside."""

    operations = ("encrypt-table", "decrypt", "add", "scale", "encrypt-table-many", "decrypt-many", "scale-many")

    def __init__(self, bits):
        self.bits, self.n = bits, 0
        # Its moduli are a bit short at times, which ours refuses; with 3072 bits another one takes it too long.
        while self.n.bit_length() != bits and (self.n == 0 or bits == 2048):
            self.public, self.secret = pypaillier.generate_keypair(bits)
            self.n = int.from_bytes(self.public.modulus_bytes(), "big")

    def blob(self, c):
        return b"\0" + c.to_bytes(self.bits // 4, "big")

    def encrypt(self, m):
        return self.number(pypaillier.encrypt_integers(self.public, [m])[0])

    def decrypt(self, c):
        [(numerator, power)] = pypaillier.decrypt_exact_many(self.secret, [self.blob(c)])
        assert power == 0
        return numerator % self.n

    def add(self, a, b):
        return self.number(pypaillier.add_many(self.public, [self.blob(a), self.blob(b)]))

    def scale(self, c, k):
        return self.number(pypaillier.multiply_integers(self.public, [self.blob(c)], [k])[0])

    def number(self, blob):
        assert len(blob) <= self.bits // 4 + 1 and blob[0] == 0, "pypaillier writes another format"
        return int.from_bytes(blob[1:], "big")

    def measure(self, operation, count):
        # It refuses scalars beyond N / 2^21; its time does not depend on them.
        m, k = secrets.randbits(64), secrets.randbelow(self.n >> 32)
        blobs = pypaillier.encrypt_integers(self.public, [m] * MANY)
        if operation == "add":
            # One call adds many: the cost of a term is what counts.
            calls = math.ceil(count / (MANY - 1))
            spent = timed(lambda: pypaillier.add_many(self.public, blobs), calls)
            return spent * count / (calls * (MANY - 1))
        many = MANY if operation.endswith(TOGETHER) else 1
        call = {
            "encrypt-table": lambda: pypaillier.encrypt_integers(self.public, [m] * many),
            "decrypt": lambda: pypaillier.decrypt_exact_many(self.secret, blobs[:many]),
            "scale": lambda: pypaillier.multiply_integers(
                self.public, blobs[:many], [k] * many, scalar_bits=self.bits - 32
            ),
        }[operation.removesuffix(TOGETHER)]
        return by_calls(operation, count, lambda calls: timed(call, calls))


def by_calls(operation, count, measure):
    """The time of `count` operations, of which a call may do many."""
    if not operation.endswith(TOGETHER):
        return measure(count)
    calls = math.ceil(count / MANY)
    return measure(calls) * count / (calls * MANY)


def timed(operation, count):
    start = time.process_time_ns()
    for _ in range(count):
        operation()
    return time.process_time_ns() - start


def hexadecimal(value):
    text = f"{value:x}"
    return text.rjust(len(text) + len(text) % 2, "0")


def check(condition, what):
    if not condition:
        sys.exit(f"error: {what}: the outputs differ, nothing was measured")


def check_shared(key, implementations):
    """Each one's ciphertexts, sums and products under the same key, decrypted by every other."""
    n = key.n
    plaintexts = [0, 1, n - 1, n // 2, secrets.randbelow(n), secrets.randbelow(n)]
    scalar = secrets.randbelow(n // 2) | 1
    for maker in implementations:
        ciphertexts = [maker.encrypt(m) for m in plaintexts]
        outputs = list(zip(ciphertexts, plaintexts))
        outputs += [(maker.add(a, b), (m + k) % n) for (a, m), (b, k) in zip(outputs, outputs[1:])]
        outputs.append((maker.scale(ciphertexts[-1], scalar), plaintexts[-1] * scalar % n))
        for reader in implementations:
            for c, m in outputs:
                check(reader.decrypt(c) == m, f"{key.bits} bits, made by {maker.name}, decrypted by {reader.name}")
    a, b = (implementations[0].encrypt(m) for m in plaintexts[-2:])
    sums = {maker.name: maker.add(a, b) for maker in implementations}
    check(len(set(sums.values())) == 1, f"{key.bits} bits, the sum of the same two ciphertexts")


def check_pypaillier(key, ours, peer):
    """pypaillier encrypts, adds and multiplies under our key; we encrypt for its key, and it adds and decrypts."""
    m, k = secrets.randbits(key.bits // 2), secrets.randbits(key.bits // 2)
    guest = Pypaillier.__new__(Pypaillier)
    guest.bits, guest.n = key.bits, key.n
    guest.public = pypaillier.PublicKey.from_n(key.n.to_bytes(key.bits // 8, "big"))
    a, b = guest.encrypt(m), guest.encrypt(k)
    for c, value in ((a, m), (b, k), (guest.add(a, b), m + k), (guest.scale(a, 12345), m * 12345)):
        check(ours.decrypt(c) == value, f"{key.bits} bits, made by pypaillier, decrypted by ours")
    check(guest.add(a, b) == ours.add(a, b), f"{key.bits} bits, the sum by pypaillier of the same two ciphertexts")
    check(peer.decrypt(peer.encrypt(m)) == m, "made and decrypted by pypaillier")
    if peer.n.bit_length() == key.bits:
        n = key.written(peer.n, key.bits // 8)
        a, b = (int(ours.ask("encrypt-under", n, hexadecimal(value)), 16) for value in (m, k))
        for c, value in ((a, m), (b, k), (peer.add(a, b), m + k)):
            check(peer.decrypt(c) == value, f"{key.bits} bits, made by ours, decrypted by pypaillier")


def measure(implementations, batches, seconds):
    """Nanoseconds of one operation in each batch, by implementation and operation; batches take turns."""
    cases = [(who, operation) for who in implementations for operation in who.operations]
    counts, times = {}, {case: [] for case in cases}
    for who, operation in cases:
        count = 1
        while (spent := who.measure(operation, count)) < seconds * 1e9 / 4:
            count *= 2
        counts[who, operation] = max(1, round(count * seconds * 1e9 / spent))
    for batch in range(batches):
        print(f"  batch {batch + 1} of {batches}", file=sys.stderr)
        for who, operation in cases:
            count = counts[who, operation]
            times[who, operation].append(who.measure(operation, count) / count)
    return times, counts


def run(binary, batches, seconds):
    server = Server(binary)
    rows = []
    for bits in SIZES:
        print(f"{bits} bits: checking outputs against each other", file=sys.stderr)
        key = Key(bits)
        ours = Served(server, "ours", key, tuple(OPERATIONS))
        fast = Served(server, "fast-paillier", key, ("encrypt", "encrypt-own-key", "decrypt", "add", "scale"))
        peer, python = Pypaillier(bits), Phe(key)
        peer.name, python.name = "pypaillier", "phe"
        server.select(key)
        check_shared(key, [ours, python, fast])
        check_pypaillier(key, ours, peer)
        print(f"{bits} bits: measuring", file=sys.stderr)
        times, counts = measure([ours, python, peer, fast], batches, seconds)
        for (who, operation), batch_times in times.items():
            microseconds = sorted(t / 1000 for t in batch_times)
            rows.append(
                {
                    "bits": bits,
                    "operation": operation,
                    "implementation": who.name,
                    "median_us": round(statistics.median(microseconds), 3),
                    "fastest_us": round(microseconds[0], 3),
                    "slowest_us": round(microseconds[-1], 3),
                    "operations_per_batch": counts[who, operation],
                }
            )
    return rows


def environment(batches, seconds):
    with open("/proc/cpuinfo") as file:
        model = re.search(r"model name\s*: (.*)", file.read())
    return {
        "processor": model[1] if model else platform.processor(),
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in ("phe", "gmpy2", "pypaillier")}
        | {"fast-paillier": locked_version("fast-paillier")},
        "batches": batches,
        "seconds_per_batch": seconds,
    }


def locked_version(name):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "Cargo.lock")) as file:
        return re.search(rf'name = "{name}"\nversion = "(.*?)"', file.read())[1]


def shown(microseconds):
    if microseconds >= 1000:
        return f"{microseconds / 1000:.3g} ms"
    return f"{microseconds:.3g} µs"


def table(rows, bits):
    found = {(row["operation"], row["implementation"]): row["median_us"] for row in rows if row["bits"] == bits}
    lines = [
        f"| {bits} bits | ours | phe + gmpy2 | pypaillier | fast-paillier | best peer / ours |",
        "|---|---|---|---|---|---|",
    ]
    for operation, title in OPERATIONS.items():
        # Who has no way to do many at once does one after another.
        times = [found.get((operation, who), found.get((operation.removesuffix(TOGETHER), who))) for who in IMPLEMENTATIONS]
        cells = [shown(time) if time else "" for time in times]
        peers = [time for time in times[1:] if time]
        ratio = f"{min(peers) / times[0]:.2f}" if peers else ""
        lines.append(f"| {' | '.join([title, *cells, ratio])} |")
    return lines


def section(result):
    where = result["environment"]
    versions = ", ".join(f"{name} {version}" for name, version in where["versions"].items())
    spread = max(row["slowest_us"] / row["fastest_us"] for row in result["rows"])
    lines = [
        f"CPU time of one operation on one core of {where['processor']}, median of {where['batches']} batches of about "
        f"{where['seconds_per_batch']} s that took turns; {versions}, Python {where['python']}. The slowest batch of an "
        f"operation took at most {spread:.2f} times its fastest. A ratio above 1 says that ours is faster.",
        "",
    ]
    for bits in SIZES:
        lines += [*table(result["rows"], bits), ""]
    return "\n".join(lines)


def renew(path, text):
    with open(path) as file:
        old = file.read()
    start, end = "<!-- paillier -->", "<!-- /paillier -->"
    if old.count(start) != 1 or old.count(end) != 1:
        sys.exit(f"error: {path} lacks the marks {start} and {end}")
    new = f"{old[:old.index(start)]}{start}\n\n{text}\n{old[old.index(end):]}"
    with open(path, "w") as file:
        file.write(new)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--json", required=True)
    parser.add_argument("--docs", required=True)
    parser.add_argument("--batches", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.2)
    arguments = parser.parse_args()
    if not phe_util.HAVE_GMP:
        sys.exit("error: phe runs without gmpy2, which is no fair comparison: install gmpy2")
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rows = run(arguments.bench, arguments.batches, arguments.seconds)
    result = {"environment": environment(arguments.batches, arguments.seconds), "rows": rows}
    with open(arguments.json, "w") as file:
        json.dump(result, file, indent="\t")
        file.write("\n")
    renew(arguments.docs, section(result))


if __name__ == "__main__":
    main()
