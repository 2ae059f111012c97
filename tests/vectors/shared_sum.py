# Does the runtime's shared sum follow privacy/SHARED_SUM.md? Writes shared_sum.vec beside itself from a second
# implementation of that text; with --check it compares instead. Without python3-cryptography it is skipped (exit 77).
import hashlib
import os
import random
import struct
import sys

sys.dont_write_bytecode = True # a check leaves nothing behind
try:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
except ImportError as missing:
    print(f"skipped: {missing}; Debian has it as python3-cryptography")
    sys.exit(77)

from kept import keep

PLACE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "shared_sum.vec")
SOURCE = "# source: privacy/SHARED_SUM.md, by tests/vectors/shared_sum.py. Bytes in hexadecimal, numbers in decimal\n"
P = 2**61 - 1
ADDITIVE, REPLICATED = 1, 2


# Section 1
def u8(x): return struct.pack("<B", x)
def u32(x): return struct.pack("<I", x)
def u64(x): return struct.pack("<Q", x)
def lp(x): return u32(len(x)) + x
def H(d, x): return hashlib.sha256(d.encode("ascii") + b"\0" + x).digest()


def stream(suite, key, nonce, count):
    if suite == 1:
        cipher = Cipher(algorithms.AES(key), modes.CTR(nonce + struct.pack(">I", 0)))
    else:
        cipher = Cipher(algorithms.ChaCha20(key, u32(0) + nonce), None)
    return cipher.encryptor().update(bytes(count))


class Sum:
    """One round under its terms, flown from the first byte to the last."""

    # Section 2
    def __init__(self, suite, scheme, servers, bits, job, number, length, clients_min=2, clients_max=9):
        self.suite, self.scheme, self.S, self.bits, self.round, self.d = suite, scheme, servers, bits, number, length
        self.job, self.clients_min, self.clients_max = job, clients_min, clients_max
        self.nonce, self.meaning = H("nonce", job), H("meaning", job)
        self.terms = (b"FLSS1" + u8(suite) + u8(scheme) + u8(servers) + u8(bits) + lp(job) + u64(number) + self.nonce
                      + u32(clients_min) + u32(clients_max) + u64(length) + self.meaning)
        self.h_o = H("FLSS1/terms", self.terms)

    def lanes(self, values):
        return b"".join((v % 2**self.bits).to_bytes(self.bits // 8, "little") for v in values)

    def values(self, lanes):
        w = self.bits // 8
        return [int.from_bytes(lanes[i:i + w], "little") for i in range(0, len(lanes), w)]

    def mask(self, key):
        return self.values(stream(self.suite, key, b"FLSA" + u64(self.round), self.d * self.bits // 8))

    def held(self, s):
        return [s] if self.scheme == ADDITIVE else [s, s % self.S + 1]

    # Sections 3 and 4. Shares as they are sent, by number; upload heads by server.
    def client(self, seed, x):
        sent = {i: H("FLSS1/key", seed + self.h_o + u8(i)) for i in range(1, self.S)}
        rest = [(v - sum(m)) % 2**self.bits for v, m in zip(x, zip(*map(self.mask, sent.values())))]
        sent[self.S] = self.lanes(rest)
        upload_id = H("FLSS1/upload", seed + self.h_o)
        heads = [u8(s) + self.h_o + upload_id + b"".join(sent[i] for i in sorted(self.held(s)) if i < self.S)
                 for s in range(1, self.S + 1)]
        return upload_id, sent, heads

    def message(self, kind, s, content):
        return u8(kind) + u8(s) + self.h_o + content

    def list_of(self, clients):
        return u32(len(clients)) + b"".join(lp(name) + upload_id for name, upload_id, *_ in clients)

    def list_hash(self, clients):
        return H("FLSS1/list", self.h_o + self.list_of(clients))

    # Section 6
    def fingerprint(self, coins, content):
        content += bytes(-len(content) % 4)
        w = struct.unpack(f"<{len(content) // 4}I", content)
        r = struct.unpack(f"<{len(w)}Q", stream(self.suite, coins, bytes(12), 8 * len(w)))
        return sum((a & P) * b for a, b in zip(r, w)) % P

    def share_sum(self, clients, i):
        total = [0] * self.d
        for _, _, sent in clients:
            values = self.values(sent[i]) if i == self.S else self.mask(sent[i])
            total = [(a + b) % 2**self.bits for a, b in zip(total, values)]
        return total


def written(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, tuple)):
        return " ".join(map(written, value))
    return str(value)


def record(item, **fields):
    return "".join(f"{key} = {written(value)}".rstrip() + "\n" for key, value in {"item": item, **fields}.items())


def flown(t, names, seed, held_by_one=None, two_copies=None):
    """Items of a round. held_by_one: a client whose upload reached server 1 alone; two_copies: one that gave server 2 and
    server 3 different lanes."""
    draw = random.Random(seed)
    fields = dict(name=t.job.decode(), suite=t.suite, scheme=t.scheme, servers=t.S, bits=t.bits, job=t.job, round=t.round,
                  nonce=t.nonce, clients_min=t.clients_min, clients_max=t.clients_max, length=t.d, meaning=t.meaning)
    clients, other = [], {}
    for name in sorted(names):
        client_seed = H("a client's seed", name + t.job)
        x = [draw.getrandbits(t.bits - 3) for _ in range(t.d)]
        upload_id, sent, heads = t.client(client_seed, x)
        clients.append((name, upload_id, sent))
        other[name] = sent[t.S] if name != two_copies else t.lanes([v + 1 for v in t.values(sent[t.S])])
        yield record("client", round=fields["name"], name=name.decode(), seed=client_seed, entries=x, heads=heads,
                     lanes=sent[t.S], other_lanes=other[name])
    everyone = range(1, t.S + 1)
    listed = [c for c in clients if c[0] != held_by_one]
    at = lambda s: clients if s == 1 else listed
    out = {f"holdings_{s}": t.message(1, s, t.list_of(at(s))) for s in everyone}
    coin = {s: H("coin", t.job + u8(s)) for s in everyone}
    commitment = {s: H("FLSS1/coin", t.h_o + u8(s) + coin[s]) if t.scheme == REPLICATED else b"" for s in everyone}
    out.update({f"agreement_{s}": t.message(2, s, t.list_hash(listed) + commitment[s]) for s in everyone})
    if t.scheme == REPLICATED:
        out.update({f"coin_{s}": t.message(3, s, coin[s]) for s in everyone})
        coins = H("FLSS1/coins", t.list_hash(listed) + coin[1] + coin[2] + coin[3])
        fields["coins_of_servers"], fields["coins"] = [coin[s] for s in everyone], coins
        prints = {}
        for s in everyone:
            for to in everyone:
                if s != to:
                    i, = set(t.held(s)) & set(t.held(to))
                    sent = [other[c[0]] if i == 3 and s == 3 else c[2][i] for c in listed]
                    prints[s, to] = [t.fingerprint(coins, content) for content in sent]
                    out[f"fingerprints_{s}_{to}"] = t.message(4, s, u32(len(sent)) + b"".join(map(u64, prints[s, to])))
        wrong = {s: [k for k in range(len(listed)) if any(prints[s, to][k] != prints[to, s][k]
                                                          for to in everyone if to != s)] for s in everyone}
        out.update({f"verdict_{s}": t.message(5, s, u32(len(wrong[s])) + b"".join(map(u32, wrong[s])))
                    for s in everyone})
        listed = [c for k, c in enumerate(listed) if k not in set().union(*wrong.values())]
        out.update({f"confirmation_{s}": t.message(6, s, t.list_hash(listed)) for s in everyone})
    A = {i: t.lanes(t.share_sum(listed, i)) for i in everyone}
    digest_of_next = lambda s: hashlib.sha256(A[s % t.S + 1]).digest() if t.scheme == REPLICATED else b""
    out.update({f"opening_{s}": t.message(7, s, A[s] + digest_of_next(s)) for s in everyone})
    total = [sum(column) % 2**t.bits for column in zip(*(t.values(A[i]) for i in everyone))]
    yield record("round", **fields, terms=t.terms, h_o=t.h_o, listed=[c[0].decode() for c in listed],
                 list_hash=t.list_hash(listed), **out, sum=total)


# Section 8
class Elements:
    def __init__(self, key):
        self.words = iter(struct.unpack("<8192Q", stream(2, key, bytes(12), 65536)))

    def word(self): return next(self.words)

    def next(self):
        while (x := self.word() & P) == P:
            pass
        return x

    def bytes32(self): return b"".join(u64(self.word()) for _ in range(4))


class Shared:
    """A number in parts: values[party], macs[k][party]."""

    def __init__(self, values, macs): self.values, self.macs = values, macs

    def join(self, other, sign):
        add = lambda a, b: [(x + sign * y) % P for x, y in zip(a, b)]
        return Shared(add(self.values, other.values), [add(a, b) for a, b in zip(self.macs, other.macs)])

    def times(self, c): return Shared([c * v % P for v in self.values], [[c * v % P for v in m] for m in self.macs])


class Computation:
    def __init__(self, n, dealer_seed, entropy):
        self.n, self.draw, self.random = n, Elements(dealer_seed), [Elements(key) for key in entropy]
        self.keys = [[0] * n, [0] * n]
        for party in range(n):
            self.keys[0][party], self.keys[1][party] = self.draw.next(), self.draw.next()
        self.T, self.messages, self.revealed = bytes(32), [], []

    def parts(self, x):
        some = [self.draw.next() for _ in range(self.n - 1)]
        return [(x - sum(some)) % P] + some

    def share(self, x): return Shared(self.parts(x), [self.parts(x * sum(k) % P) for k in self.keys])

    def public(self, c): return Shared([c % P] + [0] * (self.n - 1), [[c * k % P for k in ks] for ks in self.keys])

    def exchange(self, payloads):
        self.messages.append([self.T + x for x in payloads])
        self.T = H("FLAS1/round", self.T + b"".join(map(lp, payloads)))

    def reveal(self, some):
        self.exchange([b"".join(u64(x.values[party]) for x in some) for party in range(self.n)])
        values = [sum(x.values) % P for x in some]
        self.revealed += list(zip(values, some))
        return values

    def commit(self, d, contents):
        self.exchange([H(d, u32(party) + x) for party, x in enumerate(contents)])
        self.exchange(contents)

    def verify(self):
        if not self.revealed:
            return
        self.commit("FLAS1/coin", [r.bytes32() for r in self.random])
        coins = Elements(H("FLAS1/coins", self.T))
        sums = []
        for k in range(2):
            r = [1] + [coins.next() for _ in self.revealed[1:]]
            sums.append([sum(c * (x.macs[k][party] - self.keys[k][party] * value)
                             for c, (value, x) in zip(r, self.revealed)) % P for party in range(self.n)])
        assert sum(sums[0]) % P == 0 and sum(sums[1]) % P == 0
        self.commit("FLAS1/remainder", [u64(sums[0][party]) + u64(sums[1][party]) + self.random[party].bytes32()
                                        for party in range(self.n)])
        self.revealed = []


def computations():
    """(x y + 3, x - y) of a client's inputs x and y."""
    for n in (2, 3):
        seed, entropy = H("dealer", u8(n)), [H("party", u8(n) + u8(party)) for party in range(n)]
        c = Computation(n, seed, entropy)
        inputs = [2**60 + 12345, P - 4]
        masks = [(r := c.draw.next(), c.share(r)) for _ in inputs]
        a, b = c.draw.next(), c.draw.next()
        triple = [c.share(a), c.share(b), c.share(a * b % P)]
        differences = [(x - r) % P for x, (r, _) in zip(inputs, masks)]
        c.T = H("FLAS1/input", c.T + b"".join(map(u64, differences)))
        x, y = (m.join(c.public(d), 1) for d, (_, m) in zip(differences, masks))
        d, e = c.reveal([x.join(triple[0], -1), y.join(triple[1], -1)])
        product = triple[2].join(triple[1].times(d), 1).join(triple[0].times(e), 1).join(c.public(d * e), 1)
        c.verify()
        results = c.reveal([product.join(c.public(3), 1), x.join(y, -1)])
        c.verify()
        assert results == [(inputs[0] * inputs[1] + 3) % P, (inputs[0] - inputs[1]) % P]
        exchanges = {f"exchange_{i}": content for i, content in enumerate(c.messages)}
        yield record("computation", parties=n, dealer_seed=seed, entropy=entropy, inputs=inputs,
                     differences=differences, exchange_count=len(c.messages), **exchanges, results=results)


def rounds():
    three = [b"edge-10", b"edge-2", b"a"]
    yield from flown(Sum(1, ADDITIVE, 2, 32, b"two", 1, 33), three, 1)
    yield from flown(Sum(2, ADDITIVE, 2, 16, b"two_16", 2**40 + 7, 65), three + [b"z"], 2, held_by_one=b"edge-2")
    yield from flown(Sum(1, ADDITIVE, 3, 64, b"three", 9, 17), three, 3)
    yield from flown(Sum(1, REPLICATED, 3, 32, b"replicated", 3, 21), three + [b"c"], 4, held_by_one=b"c")
    yield from flown(Sum(2, REPLICATED, 3, 16, b"replicated_16", 4, 7), three + [b"c", b"d"], 5, two_copies=b"a")
    yield from flown(Sum(2, REPLICATED, 3, 64, b"replicated_64", 5, 5), three, 6, two_copies=b"edge-2")


def everything():
    return SOURCE + "\n".join([*rounds(), *computations()])


if __name__ == "__main__":
    keep(PLACE, everything())
