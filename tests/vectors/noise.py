# Does the runtime's noise follow privacy/NOISE.md? Writes noise.vec beside itself from a second implementation of that
# text; with --check it compares instead. Without python3-cryptography it is skipped (exit 77).
import hashlib
import math
import os
import struct
import sys
from fractions import Fraction

sys.dont_write_bytecode = True # a check leaves nothing behind
try:
    import cryptography  # what the module below needs
except ImportError:
    print("skipped: there is no module cryptography; Debian has it as python3-cryptography")
    sys.exit(77)

import secure_sum_protocol as p
from kept import keep

PLACE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "noise.vec")
SOURCE = "# source: privacy/NOISE.md, by tests/vectors/noise.py. Bytes in hexadecimal, numbers in decimal\n"
GAUSSIAN, LAPLACE, SKELLAM = 1, 2, 3
PRECISION = 700
TAIL_BITS = 101


def digest(label):
    return hashlib.sha256(label.encode()).digest()


def exp_minus(t):
    """exp(-t) 2^PRECISION for a fraction t, off by far less than anything below asks for."""
    whole = PRECISION + 64
    small = (t.numerator << whole) // (t.denominator << 20)
    total, term, i = 0, 1 << whole, 0
    while term:
        total += term if i % 2 == 0 else -term
        i += 1
        term = (term * small >> whole) // i
    for _ in range(20):
        total = total * total >> whole
    return total >> 64


def bessel_series(m, x, one):
    """(m/2)^-x x! I_x(m), times `one`: the sum over i of (m/2)^(2i) x! / (i! (x+i)!)."""
    total, term, i = 0, one, 0
    square = m * m / 4
    while term:
        total += term
        i += 1
        term = term * square.numerator // (square.denominator * i * (x + i))
    return total


def skellam_weights(m, last):
    """I_x(m) / I_0(m) times 2^PRECISION for 0 <= x <= last: two power series, and I_(k-1) = I_(k+1) + 2k/m I_k down
    from there (DLMF 10.29.1), which is stable in that direction."""
    one = 1 << (2 * PRECISION + 4 * int(m) + 64 * last)
    high = bessel_series(m, last + 1, one) * m / (2 * (last + 1))
    values = [int(high), bessel_series(m, last, one)]
    for k in range(last, 0, -1):
        values.append(values[-2] + values[-1] * 2 * k * m.denominator // m.numerator)
    values = values[:0:-1]
    return [(v << PRECISION) // values[0] for v in values]


class Law:
    def __init__(self, kind, scale):
        self.kind, self.scale = kind, scale
        self.parameter = Fraction(scale)
        self.j = 0
        while self.parameter >= 2 ** (self.j + 1) and not (kind == SKELLAM and scale < 32):
            self.j += 1
        if kind == SKELLAM:
            self.weights = skellam_weights(self.parameter**2, int(14 * scale) + 40)
        self.n = 1
        while self.floor(self.n << self.j, 1, TAIL_BITS) > 0:
            self.n += 1
        total = sum((self.floor(y << self.j, 1, 64)) + 1 for y in range(self.n))
        self.factor = ((2**32 - self.n) << 64) // total
        self.areas = [self.factor] + [self.floor(y << self.j, self.factor, 0) + 1 for y in range(1, self.n)]
        self.areas.append(2**32 - sum(self.areas))

    def exponent(self, x):
        if self.kind == GAUSSIAN:
            return x * x / (2 * self.parameter**2)
        return abs(x) / self.parameter

    def floor(self, x, factor, bits):
        """floor(factor 2^bits weight(x))"""
        if x == 0:
            return factor << bits
        weight = self.weights[x] if self.kind == SKELLAM else exp_minus(self.exponent(x))
        return factor * weight >> (PRECISION - bits)

    def samples(self, key, block, count):
        out, group, at = [], b"", 0
        stream = p.stream(p.AES256CTR, key, b"GWN\x01" + p.u64(block), (count * 3 // 64 + 8) * 1024)
        further = p.stream(p.AES256CTR, key, b"GWN\x02" + p.u64(block), len(stream) * 2)
        while len(out) < count:
            i, lane = divmod(at, 64)
            group = stream[1024 * i:1024 * (i + 1)]
            word, tail = (int.from_bytes(group[o + 4 * lane:o + 4 * lane + 4], "little") for o in (0, 256))
            draw = int.from_bytes(group[512 + 8 * lane:520 + 8 * lane], "little")
            for k in range(4):
                draw = draw << 64 | int.from_bytes(further[32 * at + 8 * k:32 * at + 8 * k + 8], "little")
            at += 1
            row = 0
            while row < self.n and word >= self.areas[row]:
                word -= self.areas[row]
                row += 1
            if row == self.n:
                continue
            x, sign = (row << self.j) + tail % 2**self.j, tail >> 31
            if (x > 0 or sign == 0) and (x == 0 or self.takes(x, row, draw)):
                out.append(-x if sign else x)
        return out

    def takes(self, x, row, draw):
        """U area(row) < C weight(x), U = draw / 2^320"""
        return draw * self.areas[row] <= self.floor(x, self.factor, 320)


def record(item, **fields):
    def written(value):
        if isinstance(value, bytes):
            return value.hex()
        return " ".join(map(str, value)) if isinstance(value, list) else str(value)
    return "".join(f"{key} = {written(value)}\n" for key, value in {"item": item, **fields}.items())


LAWS = [(GAUSSIAN, s) for s in (0.25, 0.5, 1.0, 1.9999, 2.0, 3.3, 256.0, 1000.1, 123456.789, 2.0**31)]
LAWS += [(SKELLAM, s) for s in (0.25, 1.0, 5.5, 31.9, 32.0, 100.5)]
LAWS += [(LAPLACE, s) for s in (0.25, 1.0, 1.9, 2.0, 77.7, 100000.5, 2.0**31)]


def law_items():
    for kind, scale in LAWS:
        law = Law(kind, scale)
        yield record("rows", kind=kind, scale=scale, shift=law.j, factor=law.factor, areas=law.areas)
        key = digest(f"noise {kind} {scale}")
        for block, count in ((0, 200), (2**40 + 5, 40)):
            yield record("samples", kind=kind, scale=scale, key=key, block=block, values=law.samples(key, block, count))
        edges = []
        for row in (0, 1, law.n // 2, law.n - 1):
            x = (row << law.j) + (2**law.j - 1 if row else 2**law.j // 2)
            if x:
                last = law.floor(x, law.factor, 320) // law.areas[row]
                assert law.takes(x, row, last) and not law.takes(x, row, last + 1)
                edges += [x, law.areas[row]] + [last >> 64 * k & 2**64 - 1 for k in (4, 3, 2, 1, 0)]
        yield record("edges", kind=kind, scale=scale, last_taken=edges)


def tree_items():
    seed, law = digest("a tree's seed"), Law(GAUSSIAN, 50.5)
    for tree, count in ((0, 1), (0, 6), (7, 2**33 + 5)):
        sums, begin = [0] * 20, 0
        for level in reversed(range(count.bit_length())):
            if count >> level & 1:
                key = hashlib.sha256(b"godwit/noise/tree\0" + seed + p.u64(tree) + p.u8(level) +
                                     p.u64(begin >> level)).digest()
                sums = [s + x for s, x in zip(sums, law.samples(key, 0, 20))]
                begin += 1 << level
        yield record("tree", scale=law.scale, seed=seed, tree=tree, count=count, sums=sums)


def response_items():
    for k, epsilon in ((2, 1.0), (10, 0.3), (1000003, 8.0)):
        threshold = min(int(k / (math.expm1(epsilon) + k) * 2.0**63 * (1 + 2.0**-50)) + 1, 2**63)
        key, own = digest(f"response {k}"), [i * 7919 % k for i in range(60)]
        words = p.stream(p.AES256CTR, key, b"GWN\x04" + p.u64(0), 4096)
        words = [int.from_bytes(words[i:i + 8], "little") for i in range(0, 4096, 8)]
        answers, at = [], 0
        for category in own:
            is_noise = words[at] // 2 < threshold
            at += 1
            while words[at] * k % 2**64 < 2**64 % k:
                at += 1
            answers.append(words[at] * k >> 64 if is_noise else category)
            at += 1
        yield record("response", categories=k, epsilon=epsilon, key=key, own=own, answers=answers)


def square_max_of(norm_max, step, d):
    c, root = norm_max / step, math.sqrt(d)
    return int(min((c + root) ** 2, c * c + root * root / 4 + c + root / 2))


def rounded(values, norm_max, step, key):
    """Section 8: the clipped vector in whole steps, and at which try it was short enough."""
    d = len(values)
    norm = math.sqrt(sum(v * v for v in values))
    margin = 1 - 2.0**-21
    factor = (1.0 if norm <= norm_max * margin else norm_max * margin / norm) / step
    for n in range(64):
        words = p.stream(p.AES256CTR, key, b"GWN\x03" + p.u64(n), 4 * d)
        entries = []
        for i, value in enumerate(values):
            y = value * factor
            draw = int.from_bytes(words[4 * i:4 * i + 4], "little")
            entries.append(math.floor(y) + (draw < (y - math.floor(y)) * 2.0**32))
        if sum(e * e for e in entries) <= square_max_of(norm_max, step, d):
            return entries, n + 1


def rounding_items():
    for norm_max, step, d, label in ((1.0, 1 / 64, 30, "a"), (5.0, 1.0, 60, "b"), (1000.0, 0.125, 10, "c"),
                                     (10.0, 1.0, 400, "a first try that is too long 2")):
        key = digest(label)
        values = [struct.unpack("<f", struct.pack("<f", ((i * 37) % 101 - 50) / 40))[0] for i in range(d)]
        if d == 400:
            values = [0.5] * d
        entries, tries = rounded(values, norm_max, step, key)
        yield record("rounding", norm_max=norm_max, step=step, key=key, values=values, entries=entries, tries=tries)


if __name__ == "__main__":
    keep(PLACE, SOURCE + "\n".join([*law_items(), *tree_items(), *response_items(), *rounding_items()]))
