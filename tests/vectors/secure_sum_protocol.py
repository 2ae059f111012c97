# What does privacy/SECURE_SUM.md say, in plain Python? Written from that text alone; nothing here is shared with the
# runtime. Needs Debian's python3-cryptography. Not in constant time: for vectors and tests only.
import hashlib
import struct
from fractions import Fraction
from functools import lru_cache
from math import comb, floor

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

P = 2**61 - 1
AES256CTR, CHACHA20 = 1, 2
SEMI_HONEST, MALICIOUS = 1, 2
LIMB_BITS = (52, 52, 52, 52, 48)


# Section 1: notation
def u8(x): return struct.pack("<B", x)
def u16(x): return struct.pack("<H", x)
def u32(x): return struct.pack("<I", x)
def u64(x): return struct.pack("<Q", x)
def f64(x): return struct.pack("<d", x)
def lp(x): return u32(len(x)) + x
def tag(d, x): return d.encode("ascii") + b"\0" + x
def H(d, x): return hashlib.sha256(tag(d, x)).digest()


def KDF(ikm, salt, info):
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info).derive(ikm)


def DH(own_sk, their_pk):
    """X25519; raises ValueError where the result is all zero."""
    return X25519PrivateKey.from_private_bytes(own_sk).exchange(X25519PublicKey.from_public_bytes(their_pk))


def public_of(sk):
    return X25519PrivateKey.from_private_bytes(sk).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def Sig(identity_seed, message):
    return Ed25519PrivateKey.from_private_bytes(identity_seed).sign(message)


def identity_of(identity_seed):
    key = Ed25519PrivateKey.from_private_bytes(identity_seed).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def stream(suite, key, nonce, count):
    """The first `count` bytes of stream(key, nonce)."""
    if suite == AES256CTR:
        cipher = Cipher(algorithms.AES(key), modes.CTR(nonce + struct.pack(">I", 0)))
    else:
        cipher = Cipher(algorithms.ChaCha20(key, u32(0) + nonce), None)
    return cipher.encryptor().update(bytes(count))


class words:
    """Little-endian integers of `width` bytes, one after the other, from a stream."""

    def __init__(self, suite, key, nonce, width):
        self.whole = lambda count: stream(suite, key, nonce, count)
        self.width, self.at, self.held = width, 0, b""

    def next(self):
        if self.at + self.width > len(self.held):
            self.held = self.whole(2 * len(self.held) + 4096)
        word = int.from_bytes(self.held[self.at:self.at + self.width], "little")
        self.at += self.width
        return word


# Section 2: terms. A round's terms are a dictionary; its streams are (length, low, high, bits).
def streams_of(streams):
    return u32(len(streams)) + b"".join(u64(n) + f64(low) + f64(high) + u8(bits) for n, low, high, bits in streams)


def terms_of(t):
    head = b"FLSA1" + u8(t["suite"]) + u8(t["profile"]) + lp(t["job"]) + u64(t["round"]) + t["server_nonce"]
    head += u32(t["clients_min"]) + u32(t["clients_max"]) + u16(t["corrupt"]) + u16(t["dropped"])
    head += u32(t["weight_max"]) + u8(t["modulus_bits"]) + u8(t["lane_bits"]) + t["model"] + streams_of(t["streams"])
    carried = t.get("carried")
    if carried:
        head += u16(carried["set"]) + u32(carried["weight_max"]) + streams_of(carried["streams"])
    noised = t.get("noised")
    if noised:
        head += u16(0x4E00 + noised["law"]) + f64(noised["norm_max"]) + f64(noised["step"]) + f64(noised["share_deviation"])
    return head


def entry_count(t):
    return 1 + sum(length for length, *_ in t["streams"])


def entries_of(t, rounding_key, weight, values):
    """The weight, then the weighted roundings of the streams' values, in order."""
    source, entries = words(CHACHA20, rounding_key, bytes(12), 3), [weight]
    for (_, low, high, bits), some in zip(t["streams"], values):
        entries += [weight * quantised(x, low, high, bits, source) for x in some]
    return entries


def quantised(x, low, high, bits, source):
    scale = float((1 << bits) - 1) * 2.0**24 / (high - low)
    nearest = round((min(max(x, low), high) - low) * scale)
    return (nearest + source.next()) >> 24


# Section 3: what a client draws
def derive(seed, h_o, label):
    return KDF(seed, h_o, b"FLSA1/" + label.encode("ascii"))


class drawn:
    def __init__(self, seed, h_o):
        self.c_sk, self.s_sk = derive(seed, h_o, "channel"), derive(seed, h_o, "pairwise")
        self.c_pk, self.s_pk = public_of(self.c_sk), public_of(self.s_sk)
        self.b, self.nonce = derive(seed, h_o, "self"), derive(seed, h_o, "nonce")
        self.shares_key, self.rounding_key = derive(seed, h_o, "shares"), derive(seed, h_o, "rounding")
        self.key_seed, self.errors_seed = derive(seed, h_o, "key"), derive(seed, h_o, "errors")
        self.clipping_key, self.noise_key = derive(seed, h_o, "clipping"), derive(seed, h_o, "noise")


# Section 4: advert
def advert_of(name, identity_seed, evidence_hash, draws, h_o):
    head = lp(name) + identity_of(identity_seed) + evidence_hash + draws.c_pk + draws.s_pk + draws.nonce
    return head + Sig(identity_seed, tag("FLSA1/advert", h_o + head))


# Section 5: roster
def split_of(n):
    return 1 << (n - 1).bit_length() - 1


def root_of(leaves):
    if len(leaves) == 1:
        return leaves[0]
    at = split_of(len(leaves))
    return H("FLSA1/node", root_of(leaves[:at]) + root_of(leaves[at:]))


def path_of(leaves, index):
    if len(leaves) == 1:
        return []
    at = split_of(len(leaves))
    if index < at:
        return path_of(leaves[:at], index) + [root_of(leaves[at:])]
    return path_of(leaves[at:], index - at) + [root_of(leaves[:at])]


def graph_seed_of(h_o, root, n):
    return H("FLSA1/graph", h_o + root + u32(n))


def permutation_of(seed, n):
    source = words(AES256CTR, seed, bytes(12), 4)
    pi = list(range(n))
    for i in range(n - 1, 0, -1):
        m = i + 1
        word = source.next()
        while word >= 2**32 // m * m:
            word = source.next()
        j = word % m
        pi[i], pi[j] = pi[j], pi[i]
    return pi


def neighbours_of(h_o, root, n, k):
    """N(u) for every u, each in ascending order."""
    if k == n - 1:
        return [[v for v in range(n) if v != u] for u in range(n)]
    pi = permutation_of(graph_seed_of(h_o, root, n), n)
    found = [[] for _ in range(n)]
    for a in range(n):
        for b in range(n):
            gap = (b - a) % n
            if 1 <= gap <= k // 2 or n - k // 2 <= gap < n:
                found[pi[a]].append(pi[b])
    return [sorted(some) for some in found]


def roster_of(adverts, own, neighbours):
    leaves = [H("FLSA1/leaf", a) for a in adverts]

    def path(i):
        nodes = path_of(leaves, i)
        return u8(len(nodes)) + b"".join(nodes)
    head = root_of(leaves) + u32(len(adverts)) + u32(own) + path(own) + u32(len(neighbours))
    return head + b"".join(u32(v) + lp(adverts[v]) + path(v) for v in neighbours)


# Section 6: shares
def limbs_of(secret):
    number, limbs = int.from_bytes(secret, "little"), []
    for bits in LIMB_BITS:
        limbs.append(number & (1 << bits) - 1)
        number >>= bits
    return limbs


def secret_of(limbs):
    """The 32 bytes, or None where a limb is longer than a limb is."""
    number, at = 0, 0
    for limb, bits in zip(limbs, LIMB_BITS):
        if limb >> bits:
            return None
        number |= limb << at
        at += bits
    return number.to_bytes(32, "little")


def coefficient(source):
    while True:
        value = source.next() & P
        if value != P:
            return value


def shares_of(secret, t, count, source):
    """Shares at x = 1 .. count: each five integers mod P."""
    polynomials = [[limb] + [coefficient(source) for _ in range(t - 1)] for limb in limbs_of(secret)]
    return [[sum(a * pow(x, i, P) for i, a in enumerate(f)) % P for f in polynomials] for x in range(1, count + 1)]


def share_bytes(share):
    return b"".join(u64(value) for value in share)


def channel_key(own_c_sk, their_c_pk, root, u, v):
    """key(u->v), from either end."""
    return KDF(DH(own_c_sk, their_c_pk), root, tag("FLSA1/channel", u32(u) + u32(v)))


def box_of(key, root, round_number, u, v, share_b, share_s):
    plain = u32(u) + u32(v) + share_bytes(share_b) + share_bytes(share_s)
    return ChaCha20Poly1305(key).encrypt(bytes(12), plain, root + u64(round_number) + u32(u) + u32(v))


def boxes_of(root, boxes):
    return root + u32(len(boxes)) + b"".join(u32(v) + box for v, box in sorted(boxes.items()))


def sealed_of(root, b, boxes):
    return root + H("FLSA1/commitment", b) + boxes_of(root, boxes)[len(root):]


# Section 7: masked vector
def pair_key(own_s_sk, their_s_pk, root, u, v, round_number):
    info = tag("FLSA1/mask", u32(min(u, v)) + u32(max(u, v)) + u64(round_number))
    return KDF(DH(own_s_sk, their_s_pk), root, info)


def mask_of(t, key):
    width, d = t["lane_bits"] // 8, entry_count(t)
    raw = stream(t["suite"], key, b"FLSA" + u64(t["round"]), width * d)
    return [int.from_bytes(raw[i * width:(i + 1) * width], "little") for i in range(d)]


def packed(values, bits):
    number = sum(value << i * bits for i, value in enumerate(values))
    return number.to_bytes((len(values) * bits + 7) // 8, "little")


def survivors_of(root, indices):
    return root + u32(len(indices)) + b"".join(u32(u) for u in sorted(indices))


# Section 9: unmasking
def unmask_request_of(root, survivor_count, dropped, alive, signatures):
    request = root + u32(survivor_count)
    for some in (dropped, alive):
        request += u32(len(some)) + b"".join(u32(u) for u in sorted(some))
    return request + u32(len(signatures)) + b"".join(u32(u) + s for u, s in sorted(signatures.items()))


# Section 10: opening
def solve(rows):
    """One solution of a linear system over Z_P, rows with the right side last; None where there is none."""
    width, pivots, rows = len(rows[0]) - 1, [], [row[:] for row in rows]
    for column in range(width):
        at = next((r for r in range(len(pivots), len(rows)) if rows[r][column]), None)
        if at is None:
            continue
        rank = len(pivots)
        rows[rank], rows[at] = rows[at], rows[rank]
        scale = pow(rows[rank][column], -1, P)
        rows[rank] = [value * scale % P for value in rows[rank]]
        for r, row in enumerate(rows):
            if r != rank and row[column]:
                rows[r] = [(a - row[column] * b) % P for a, b in zip(row, rows[rank])]
        pivots.append(column)
    if any(row[width] for row in rows[len(pivots):]):
        return None
    solution = [0] * width
    for row, column in zip(rows, pivots):
        solution[column] = row[width]
    return solution


def interpolated(points, at):
    total = 0
    for x, y in points:
        over, under = y, 1
        for other, _ in points:
            if other != x:
                over, under = over * (at - other) % P, under * (x - other) % P
        total = (total + over * pow(under, -1, P)) % P
    return total


def decoded(points, t):
    """Berlekamp and Welch: the value at 0 and the x of the wrong points, or None."""
    for wrong_count in range((len(points) - t) // 2 + 1):
        numerator_length = wrong_count + t
        rows = [[pow(x, i, P) for i in range(numerator_length)] +
                [-y * pow(x, i, P) % P for i in range(wrong_count)] + [y * pow(x, wrong_count, P) % P] for x, y in points]
        solution = solve(rows)
        if solution is None:
            continue
        locator = solution[numerator_length:] + [1]
        wrong = {x for x, _ in points if sum(a * pow(x, i, P) for i, a in enumerate(locator)) % P == 0}
        good = [point for point in points if point[0] not in wrong][:t]
        misfits = {x for x, y in points if interpolated(good, x) != y}
        if len(misfits) <= wrong_count:
            return interpolated(good, 0), misfits
    return None


def recovered(shares, t, is_right):
    """The secret of `shares` (x -> five integers), and whose shares were wrong; None: the round is abandoned."""
    if len(shares) < t:
        return None
    limbs = [interpolated([(x, share[i]) for x, share in sorted(shares.items())][:t], 0) for i in range(5)]
    secret = secret_of(limbs)
    if secret is not None and is_right(secret):
        return secret, set()
    found = [decoded([(x, share[i]) for x, share in sorted(shares.items())], t) for i in range(5)]
    if None in found:
        return None
    secret = secret_of([value for value, _ in found])
    if secret is None or not is_right(secret):
        return None
    return secret, set().union(*(wrong for _, wrong in found))


# Section 11: graph and threshold
ways = lru_cache(maxsize=None)(comb)


def tail(population, marked, drawn_count, at_least):
    """The probability that at least `at_least` of the drawn are marked."""
    hits = sum(ways(marked, i) * ways(population - marked, drawn_count - i)
               for i in range(max(at_least, 0), min(marked, drawn_count) + 1))
    return Fraction(hits, ways(population, drawn_count))


def graph_choice(n, corrupt, dropped, profile):
    """(k, t), or None where there is no answer. corrupt and dropped are thousandths."""
    bad, gone = floor(Fraction(corrupt * n, 1000)), floor(Fraction(dropped * n, 1000))
    if profile == MALICIOUS or n <= 128:
        t = (n + bad) // 2 + 1
        return (n - 1, t) if t <= n - gone - 1 and (profile == SEMI_HONEST or n <= 512) else None
    for k in range(2, min(n - 1, 2000) + 1, 2):
        if n * Fraction(corrupt + dropped, 1000) ** (k // 2) > Fraction(1, 2**41):
            continue
        t = next((t for t in range(k, 0, -1) if n * tail(n - 1, gone, k, k - t + 1) <= Fraction(1, 2**30)), None)
        if t is not None and 2 * t - k >= 1 and n * tail(n - 1, bad, k, min(t, 2 * t - k)) <= Fraction(1, 2**41):
            return k, t
    return None
