#!/usr/bin/env python3
# What do encrypted sums look like to the byte? Writes rlwe.vec beside itself from a second implementation, with big
# integers, in some seconds; with --check it compares instead. Without python3-cryptography it is skipped (exit 77).
import functools
import hashlib
import os
import struct
import sys

try:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
except ImportError as missing:
    print(f'skipped: {missing}; Debian has it as python3-cryptography')
    sys.exit(77)

PLACE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'rlwe.vec')
SOURCE = ('# source: tests/vectors/rlwe.py. Long bytes stand as their length, their first and last 64 bytes in '
          'hexadecimal, and their SHA-256\n')

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
SECRET_KEY, COMMON, KEY_ERROR, EPHEMERAL, MESSAGE_ERROR, COMPANION_ERROR, FLOOD, BLINDING = range(1, 9)


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
        drawn = [w % 2**50 for w in words(key, COMMON, prime, block, s.degree + 64)]
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


def common_seed(s, context):
    return derive('godwit/rlwe/common', struct.pack('<H', s.number), context)


def key_parts(s, common, seed):
    stream = derive('godwit/rlwe/keys', seed)
    secret = ternary(s, stream, SECRET_KEY, 0)
    a = uniform(s, common, 0)
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


def encrypt_block(s, stream, block, values, common, b, secret):
    message = encoded(s, values, errors(s, stream, MESSAGE_ERROR, block))
    if s.polynomials == 1:
        return [plus(s, message, times(s, uniform(s, common, block), transformed(s, secret)))]
    u = transformed(s, ternary(s, stream, EPHEMERAL, block))
    companion = transformed(s, errors(s, stream, COMPANION_ERROR, block))
    return [plus(s, message, times(s, b, u)), plus(s, companion, times(s, uniform(s, common, 0), u))]


def encrypt(s, values, bits, round, seed, key, common, b=None, secret=None, parties=1):
    stream = derive('godwit/rlwe/encrypt', seed, key, struct.pack('<Q', round))
    blocks = [encrypt_block(s, stream, j, v, common, b, secret) for j, v in enumerate(blocks_of(s, values))]
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


def decrypt(total, common, secret):
    s, result = total.s, []
    key = transformed(s, secret)
    for j, block in enumerate(total.blocks):
        if s.polynomials == 1:
            result.append(plus(s, block[0], minus(s, times(s, uniform(s, common, j), key))))
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


def paillier(number, bits, slots):
    p, q = prime_after(b'p%d' % bits, bits // 2), prime_after(b'q%d' % bits, bits // 2)
    n = p * q
    public = frame(2, number, n.to_bytes(bits // 8, 'little'))
    key, seed, round, value_bits = public[-32:], sha(b'paillier seed'), 6, 20
    values, ciphertexts = [values_of(c, slots + 7, value_bits) for c in range(2)], []
    for client, client_values in enumerate(values):
        stream = derive('godwit/paillier/encrypt', sha(seed, bytes([client])), key, struct.pack('<Q', round))
        out = []
        for block, at in enumerate(range(0, len(client_values), slots)):
            message = sum(v << (26 * i) for i, v in enumerate(client_values[at:at + slots]))
            drawn = words(stream, BLINDING, 0, block, bits // 64 + 2)
            r = int.from_bytes(struct.pack('<%dQ' % len(drawn), *drawn), 'little') % n
            out.append((1 + message * n) * pow(r, n, n * n) % (n * n))
        ciphertexts.append(out)
    label = dict(round=round, count=slots + 7, bits=value_bits, key=key)
    write = lambda numbers, level: frame(
        1, number, b''.join(c.to_bytes(bits // 4, 'little') for c in numbers), level=level, **label)
    total = [a * pow(b, 3, n * n) % (n * n) for a, b in zip(*ciphertexts)]
    record(kind='paillier', set='paillier%d' % bits, round=round, value_bits=value_bits, value_count=slots + 7,
           decryption_key=(p.to_bytes(bits // 16, 'little') + q.to_bytes(bits // 16, 'little')).hex(),
           public_key=public.hex(),
           **{'seed_%d' % c: sha(seed, bytes([c])).hex() for c in range(2)},
           **{'ciphertext_%d' % c: short(write(ciphertexts[c], 1)) for c in range(2)},
           weights='1 3', sum=short(write(total, 4)),
           sums=short(numbers_bytes([a + 3 * b for a, b in zip(*values)])))


# The vectors ----------------------------------------------------------------------------------------------------------


def values_of(client, count, bits):
    return [((i + 1) * 2654435761 * (client + 1) % 2**32) >> (32 - bits) for i in range(count)]


def numbers_bytes(numbers):
    return struct.pack('<%dI' % len(numbers), *numbers)


def short(content):
    return '%d %s %s %s' % (len(content), content[:64].hex(), content[-64:].hex(), sha(content).hex())


RECORDS = []


def record(**fields):
    RECORDS.append(''.join('%s = %s\n' % item for item in fields.items()))


def sums_of(values, weights):
    return [sum(w * v for w, v in zip(weights, column)) for column in zip(*values)]


def products():
    for degree in (16, 64):
        for prime, q in enumerate(PRIMES):
            a = [int.from_bytes(sha(b'a%d %d' % (prime, i)), 'big') % q for i in range(degree)]
            b = [int.from_bytes(sha(b'b%d %d' % (prime, i)), 'big') % q for i in range(degree)]
            product = schoolbook(a, b, q)
            assert inverse([x * y % q for x, y in zip(forward(a, q), forward(b, q))], q) == product
            record(kind='product', degree=degree, prime=prime, a=' '.join(map(str, a)), b=' '.join(map(str, b)),
                   product=' '.join(map(str, product)))


def public_key_sum():
    s, bits, round, weights = RL, 20, 3, [1, 2, 1]
    context, key_seed = sha(b'context'), sha(b'key seed')
    common = common_seed(s, context)
    secret, b = key_parts(s, common, key_seed)
    public = frame(2, s.number, packed([b]), key=common)
    values = [values_of(c, 13000, bits) for c in range(3)]
    seeds = [sha(b'seed', bytes([c])) for c in range(3)]
    items = [encrypt(s, v, bits, round, seed, public[-32:], common, b=b) for v, seed in zip(values, seeds)]
    total = add(items, weights)
    sums, noise = decrypt(total, common, secret)
    assert sums == sums_of(values, weights) and noise <= 4 * s.noise_of_one(1)
    record(kind='sum', set=s.name, context=context.hex(), key_seed=key_seed.hex(), round=round, value_bits=bits,
           value_count=13000, weights='1 2 1', public_key=short(public),
           **{'seed_%d' % c: seeds[c].hex() for c in range(3)},
           **{'ciphertext_%d' % c: short(items[c].encode()) for c in range(3)},
           sum=short(total.encode()), sums=short(numbers_bytes(sums)))


def key_additive_sum():
    s, bits, round, weights = RK, 24, 4, [1, 1, 1]
    context = sha(b'root')
    common = common_seed(s, context)
    key_seeds = [sha(b'key seed', bytes([c])) for c in range(3)]
    secrets = [ternary(s, derive('godwit/rlwe/keys', seed), SECRET_KEY, 0) for seed in key_seeds]
    values = [values_of(c, 13000, bits) for c in range(3)]
    seeds = [sha(b'seed', bytes([c])) for c in range(3)]
    items = [encrypt(s, v, bits, round, seed, common, common, secret=x) for v, seed, x in zip(values, seeds, secrets)]
    total = add(items, weights)
    key = [sum(column) for column in zip(*secrets)]
    sums, noise = decrypt(total, common, key)
    assert sums == sums_of(values, weights) and noise <= 3 * s.noise_of_one(1)
    record(kind='sum', set=s.name, context=context.hex(), round=round, value_bits=bits, value_count=13000,
           weights='1 1 1', summed_key=short(struct.pack('<%di' % len(key), *key)),
           **{'key_seed_%d' % c: key_seeds[c].hex() for c in range(3)},
           **{'seed_%d' % c: seeds[c].hex() for c in range(3)},
           **{'ciphertext_%d' % c: short(items[c].encode()) for c in range(3)},
           sum=short(total.encode()), sums=short(numbers_bytes(sums)))


def threshold_share(total, secret, party, seed, digest):
    s = total.s
    level, parties = total.label['level'], total.label['parties']
    bits = flood_bits(s, level, parties)
    stream = derive('godwit/rlwe/share', seed, digest, struct.pack('<H', party))
    key, blocks = transformed(s, secret), []
    for j, block in enumerate(total.blocks):
        flood = [(w >> (63 - bits)) - 2**bits for w in words(stream, FLOOD, 0, j, s.degree)]
        blocks.append(plus(s, times(s, block[1], key), transformed(s, flood)))
    body = digest + b''.join(packed([block]) for block in blocks)
    return blocks, frame(4, s.number, body, party=party, **total.label)


def threshold_sum():
    s, bits, round, parties = RT, 22, 5, 3
    context = sha(b'parties')
    common = common_seed(s, context)
    key_seeds = [sha(b'party', bytes([p])) for p in range(parties)]
    parts = [key_parts(s, common, seed) for seed in key_seeds]
    shares = [frame(3, s.number, packed([b]), parties=parties, party=p, key=common) for p, (_, b) in enumerate(parts)]
    b = parts[0][1]
    for _, other in parts[1:]:
        b = plus(s, b, other)
    public = frame(2, s.number, packed([b]), parties=parties, key=common)
    values = [values_of(c, 100, bits) for c in range(2)]
    seeds = [sha(b'seed', bytes([c])) for c in range(2)]
    items = [encrypt(s, v, bits, round, seed, public[-32:], common, b=b, parties=parties)
             for v, seed in zip(values, seeds)]
    total = add(items, [1, 1])
    digest = total.encode()[-32:]
    share_seeds = [sha(b'share', bytes([p])) for p in range(parties)]
    openings = [threshold_share(total, parts[p][0], p, share_seeds[p], digest) for p in range(parties)]
    result = [block[0] for block in total.blocks]
    for blocks, _ in openings:
        result = [plus(s, x, y) for x, y in zip(result, blocks)]
    sums, noise = opened(s, result, 100)
    assert sums == sums_of(values, [1, 1]) and noise < 2**63
    record(kind='threshold', set=s.name, context=context.hex(), parties=parties, round=round, value_bits=bits,
           value_count=100, public_key=short(public),
           **{'key_seed_%d' % p: key_seeds[p].hex() for p in range(parties)},
           **{'key_share_%d' % p: short(shares[p]) for p in range(parties)},
           **{'seed_%d' % c: seeds[c].hex() for c in range(2)},
           sum=short(total.encode()),
           **{'share_seed_%d' % p: share_seeds[p].hex() for p in range(parties)},
           **{'share_%d' % p: short(openings[p][1]) for p in range(parties)},
           sums=short(numbers_bytes(sums)))


def bounds():
    for s, bits, parties in ((RL, 8, 1), (RL, 13, 1), (RL, 23, 1), (RK, 16, 1), (RK, 27, 1), (RT, 16, 2), (RT, 17, 15),
                             (RT, 20, 16), (RT, 27, 32)):
        record(kind='bound', set=s.name, value_bits=bits, parties=parties, level_max=level_max(s, bits, parties))


def main():
    products()
    bounds()
    public_key_sum()
    key_additive_sum()
    threshold_sum()
    paillier(16, 2048, 78)
    paillier(17, 3072, 118)
    made = SOURCE + '\n'.join([''] + RECORDS)
    if sys.argv[1:] == ['--check']:
        with open(PLACE, encoding='ascii') as held:
            if held.read() != made:
                print('rlwe.vec is not what rlwe.py makes')
                return 1
        return 0
    with open(PLACE, 'w', encoding='ascii') as file:
        file.write(made)
    return 0


if __name__ == '__main__':
    sys.exit(main())
