# How are encrypted sums made, a second time, with big integers? For rlwe.py.
import functools
import hashlib
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PRIMES = [2**50 - 16383, 2**50 - 212991, 2**50 - 1097727, 2**50 - 1490943]


class Set:
    def __init__(self, number, name, degree, primes, slots, slot_bits, scale_bits, error_words, polynomials):
        self.number, self.name, self.degree, self.q = number, name, degree, PRIMES[:primes]
        self.slots, self.slot_bits, self.scale_bits = slots, slot_bits, scale_bits
        self.error_words, self.polynomials = error_words, polynomials

    def noise_of_one(self, parties):
        error = 21 * self.error_words
        return error if self.polynomials == 1 else error * (2 * self.degree * parties + 1)


RL = Set(1, 'rl4096a', 4096, 2, 3, 23, 30, 1, 2)
RK = Set(2, 'rk4096a', 4096, 2, 3, 27, 18, 2, 1)
RT = Set(3, 'rt8192a', 8192, 4, 5, 27, 64, 1, 2)
SECRET_KEY, PUBLIC_POLYNOMIAL, KEY_ERROR, EPHEMERAL, MESSAGE_ERROR, COMPANION_ERROR, FLOOD, BLINDING = range(1, 9)


def sha(*parts):
    return hashlib.sha256(b''.join(parts)).digest()


def derive(domain, *parts):
    return sha(domain.encode(), b'\0', *parts)


# Randomness -----------------------------------------------------------------------------------------------------------


def words(key, purpose, prime, block, count):
    nonce = struct.pack('<BBHQ', purpose, prime, 0, block)
    stream = Cipher(algorithms.AES(key), modes.CTR(nonce + bytes(4))).encryptor().update(bytes(8 * count))
    return struct.unpack('<%dQ' % count, stream)


@functools.lru_cache(None)
def uniform(s, key, block):
    out = []
    for prime, q in enumerate(s.q):
        drawn = [w % 2**50 for w in words(key, PUBLIC_POLYNOMIAL, prime, block, s.degree + 64)]
        out.append([w for w in drawn if w < q][:s.degree])
        assert len(out[-1]) == s.degree
    return out


def ternary(s, key, purpose, block):
    out = [0] * s.degree
    quarter = s.degree // 4
    for i, word in enumerate(words(key, purpose, 0, block, quarter)):
        for part in range(4):
            word *= 3
            out[part * quarter + i] = (word >> 64) - 1
            word %= 2**64
    return out


def errors(s, key, purpose, block):
    drawn = words(key, purpose, 0, block, s.degree * s.error_words)
    coins = [bin(w % 2**42).count('1') - 21 for w in drawn]
    return [sum(coins[i::s.degree]) for i in range(s.degree)]


# The ring -------------------------------------------------------------------------------------------------------------


@functools.lru_cache(None)
def psi_of(q, degree):
    non_square = next(g for g in range(2, 100) if pow(g, (q - 1) // 2, q) == q - 1)
    return pow(non_square, (q - 1) // (2 * degree), q)


@functools.lru_cache(None)
def powers(base, count, q):
    out = [1]
    while len(out) < count:
        out.append(out[-1] * base % q)
    return out


def cyclic(a, root, q):
    """The values of a at 1, root, root^2, ..., in order."""
    if len(a) == 1:
        return a
    even, odd = cyclic(a[::2], root * root % q, q), cyclic(a[1::2], root * root % q, q)
    turned = [x * w % q for x, w in zip(odd, powers(root, len(odd), q))]
    return [(x + y) % q for x, y in zip(even, turned)] + [(x - y) % q for x, y in zip(even, turned)]


def reversed_order(a):
    bits = len(a).bit_length() - 1
    return [a[int(bin(i + len(a))[:2:-1], 2) if bits else 0] for i in range(len(a))]


def forward(a, q):
    psi = psi_of(q, len(a))
    twisted = [x * w % q for x, w in zip(a, powers(psi, len(a), q))]
    return reversed_order(cyclic(twisted, psi * psi % q, q))


def inverse(values, q):
    n = len(values)
    psi = pow(psi_of(q, n), -1, q)
    twisted = cyclic(reversed_order(values), psi * psi % q, q)
    scale = pow(n, -1, q)
    return [x * w % q * scale % q for x, w in zip(twisted, powers(psi, n, q))]


def schoolbook(a, b, q):
    n = len(a)
    out = [0] * n
    for i in range(n):
        for j in range(n):
            out[(i + j) % n] += a[i] * b[j] if i + j < n else -a[i] * b[j]
    return [x % q for x in out]


def transformed(s, integers):
    return [forward([x % q for x in integers], q) for q in s.q]


def plus(s, a, b):
    return [[(x + y) % q for x, y in zip(u, v)] for u, v, q in zip(a, b, s.q)]


def times(s, a, b):
    return [[x * y % q for x, y in zip(u, v)] for u, v, q in zip(a, b, s.q)]


def minus(s, a):
    return [[-x % q for x in u] for u, q in zip(a, s.q)]


# The wire -------------------------------------------------------------------------------------------------------------


def frame(kind, number, body, round=0, level=0, count=0, parties=1, party=0, bits=0, key=bytes(32)):
    head = b'GWHE' + struct.pack('<BBHQQQHHBBH', 1, kind, number, round, level, count, parties, party, bits, 0, 0) + key
    return head + body + sha(head, body)


def packed(polynomials):
    number, shift, out = 0, 0, []
    for polynomial in polynomials:
        for residue in polynomial:
            for start in range(0, len(residue), 4):
                number = sum(x << (50 * i) for i, x in enumerate(residue[start:start + 4]))
                out.append(number.to_bytes(25, 'little'))
    return b''.join(out)


class Sum:
    """A ciphertext: blocks of polynomials, and what its frame says."""

    def __init__(self, s, blocks, **label):
        self.s, self.blocks, self.label = s, blocks, label

    def encode(self):
        return frame(1, self.s.number, b''.join(packed(block) for block in self.blocks), **self.label)


# The schemes ----------------------------------------------------------------------------------------------------------


def public_seed_of(s, context):
    return derive('godwit/rlwe/public', struct.pack('<H', s.number), context)


def key_parts(s, public_seed, seed):
    stream = derive('godwit/rlwe/keys', seed)
    secret = ternary(s, stream, SECRET_KEY, 0)
    a = uniform(s, public_seed, 0)
    product = times(s, a, transformed(s, secret))
    return secret, plus(s, minus(s, product), transformed(s, errors(s, stream, KEY_ERROR, 0)))


def encoded(s, values, error):
    scaled = []
    for i in range(s.degree):
        message = sum(values[slot * s.degree + i] << (slot * s.slot_bits) for slot in range(s.slots))
        scaled.append((message << s.scale_bits) + error[i])
    return transformed(s, scaled)


def blocks_of(s, values):
    size = s.slots * s.degree
    padded = values + [0] * (-len(values) % size)
    return [padded[at:at + size] for at in range(0, len(padded), size)]


def encrypt_block(s, stream, block, values, public_seed, b, secret):
    message = encoded(s, values, errors(s, stream, MESSAGE_ERROR, block))
    if s.polynomials == 1:
        return [plus(s, message, times(s, uniform(s, public_seed, block), transformed(s, secret)))]
    u = transformed(s, ternary(s, stream, EPHEMERAL, block))
    companion = transformed(s, errors(s, stream, COMPANION_ERROR, block))
    return [plus(s, message, times(s, b, u)), plus(s, companion, times(s, uniform(s, public_seed, 0), u))]


def encrypt(s, values, bits, round, seed, key, public_seed, b=None, secret=None, parties=1):
    stream = derive('godwit/rlwe/encrypt', seed, key, struct.pack('<Q', round))
    blocks = [encrypt_block(s, stream, j, v, public_seed, b, secret) for j, v in enumerate(blocks_of(s, values))]
    return Sum(s, blocks, round=round, level=1, count=len(values), parties=parties, bits=bits, key=key)


def add(items, weights):
    s = items[0].s
    blocks = [[[[sum(w * item.blocks[j][k][p][i] for item, w in zip(items, weights)) % q for i in range(s.degree)]
                for p, q in enumerate(s.q)]
               for k in range(s.polynomials)]
              for j in range(len(items[0].blocks))]
    return Sum(s, blocks, **{**items[0].label, 'level': sum(weights)})


def integers_of(s, values):
    """The coefficients as centred integers, by the Chinese remainder theorem."""
    residues = [inverse(v, q) for v, q in zip(values, s.q)]
    whole = 1
    for q in s.q:
        whole *= q
    lifts = [whole // q * pow(whole // q, -1, q) for q in s.q]
    out = [sum(x * lift for x, lift in zip(column, lifts)) % whole for column in zip(*residues)]
    return [x - whole if x > whole // 2 else x for x in out]


def opened(s, blocks, count):
    """Slots, and the largest noise."""
    out, noise = [], 0
    delta = 2**s.scale_bits
    for block in blocks:
        numbers = integers_of(s, block)
        messages = [(x + delta // 2) // delta for x in numbers]
        noise = max(noise, max(abs(x - m * delta) for x, m in zip(numbers, messages)))
        for slot in range(s.slots):
            out += [(m >> (slot * s.slot_bits)) % 2**s.slot_bits for m in messages]
    return out[:count], noise


def decrypt(total, public_seed, secret):
    s, result = total.s, []
    key = transformed(s, secret)
    for j, block in enumerate(total.blocks):
        if s.polynomials == 1:
            result.append(plus(s, block[0], minus(s, times(s, uniform(s, public_seed, j), key))))
        else:
            result.append(plus(s, block[0], times(s, block[1], key)))
    return opened(s, result, total.label['count'])


# Bounds ---------------------------------------------------------------------------------------------------------------


def flood_bits(s, level, parties):
    square = 372 * level * (3 + 4 * s.degree * parties)
    bits = 0
    while 4**bits < square:
        bits += 1
    return 40 + bits


def is_bounded(s, level, parties):
    bound = level * s.noise_of_one(parties)
    if s is RT:
        bits = flood_bits(s, level, parties)
        if bits + 1 >= s.scale_bits:
            return False
        bound += parties << bits
    return bound < 2**(s.scale_bits - 1)


def level_max(s, bits, parties):
    low, high = 0, 2**50
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_bounded(s, middle, parties) else (low, middle)
    return min(low, (2**s.slot_bits - 1) // (2**bits - 1))


# Paillier -------------------------------------------------------------------------------------------------------------


def is_prime(n):
    twos = ((n - 1) & -(n - 1)).bit_length() - 1
    for base in [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37] + [int.from_bytes(sha(b'base%d' % i), 'big') for i in range(20)]:
        x = pow(base, (n - 1) >> twos, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def prime_after(label, bits):
    number = b''.join(sha(label, bytes([i])) for i in range(bits // 256))
    n = int.from_bytes(number, 'big') | 3 << (bits - 2) | 1
    while any(n % small == 0 for small in (3, 5, 7, 11, 13, 17, 19, 23)) or not is_prime(n):
        n += 2
    return n
