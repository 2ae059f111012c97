# What do encrypted sums look like to the byte? Writes rlwe.vec beside itself from a second implementation, with big
# integers, in some seconds; with --check it compares instead. Without python3-cryptography it is skipped (exit 77).
import os
import struct
import sys

sys.dont_write_bytecode = True # a check leaves nothing behind
try:
    from rlwe_schemes import *
except ImportError as missing:
    print(f'skipped: {missing}; Debian has it as python3-cryptography')
    sys.exit(77)

PLACE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'rlwe.vec')
SOURCE = ('# source: tests/vectors/rlwe.py. Long bytes stand as their length, their first and last 64 bytes in '
          'hexadecimal, and their SHA-256\n')


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
    public_seed = public_seed_of(s, context)
    secret, b = key_parts(s, public_seed, key_seed)
    public = frame(2, s.number, packed([b]), key=public_seed)
    values = [values_of(c, 13000, bits) for c in range(3)]
    seeds = [sha(b'seed', bytes([c])) for c in range(3)]
    items = [encrypt(s, v, bits, round, seed, public[-32:], public_seed, b=b) for v, seed in zip(values, seeds)]
    total = add(items, weights)
    sums, noise = decrypt(total, public_seed, secret)
    assert sums == sums_of(values, weights) and noise <= 4 * s.noise_of_one(1)
    record(kind='sum', set=s.name, context=context.hex(), key_seed=key_seed.hex(), round=round, value_bits=bits,
           value_count=13000, weights='1 2 1', public_key=short(public),
           **{'seed_%d' % c: seeds[c].hex() for c in range(3)},
           **{'ciphertext_%d' % c: short(items[c].encode()) for c in range(3)},
           sum=short(total.encode()), sums=short(numbers_bytes(sums)))


def key_additive_sum():
    s, bits, round, weights = RK, 24, 4, [1, 1, 1]
    context = sha(b'root')
    public_seed = public_seed_of(s, context)
    key_seeds = [sha(b'key seed', bytes([c])) for c in range(3)]
    secrets = [ternary(s, derive('godwit/rlwe/keys', seed), SECRET_KEY, 0) for seed in key_seeds]
    values = [values_of(c, 13000, bits) for c in range(3)]
    seeds = [sha(b'seed', bytes([c])) for c in range(3)]
    items = [encrypt(s, v, bits, round, seed, public_seed, public_seed, secret=x) for v, seed, x in zip(values, seeds, secrets)]
    total = add(items, weights)
    key = [sum(column) for column in zip(*secrets)]
    sums, noise = decrypt(total, public_seed, key)
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
    public_seed = public_seed_of(s, context)
    key_seeds = [sha(b'party', bytes([p])) for p in range(parties)]
    parts = [key_parts(s, public_seed, seed) for seed in key_seeds]
    shares = [frame(3, s.number, packed([b]), parties=parties, party=p, key=public_seed) for p, (_, b) in enumerate(parts)]
    b = parts[0][1]
    for _, other in parts[1:]:
        b = plus(s, b, other)
    public = frame(2, s.number, packed([b]), parties=parties, key=public_seed)
    values = [values_of(c, 100, bits) for c in range(2)]
    seeds = [sha(b'seed', bytes([c])) for c in range(2)]
    items = [encrypt(s, v, bits, round, seed, public[-32:], public_seed, b=b, parties=parties)
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
