# How does a client's long vector travel under a key of its own (privacy/SECURE_SUM.md, section 12)? The ciphers are
# rlwe_schemes.py's.
import rlwe_schemes as lattice
import secure_sum_noised as noised
import secure_sum_protocol as p

SETS = {lattice.RK.number: lattice.RK}


def key_streams(number):
    return [(SETS[number].degree, -1.0, 2.0, 2)]


def value_bits(carried):
    return (carried["weight_max"] * ((1 << max(bits for *_, bits in carried["streams"])) - 1)).bit_length()


class carried_vector:
    """A client's entries, its key as entries of the secure sum, and its ciphertext's body."""

    def __init__(self, t, root, draws, weight, values):
        carried, s = t["carried"], SETS[t["carried"]["set"]]
        if t.get("noised"):
            self.plain = noised.entries_of(t, draws, values[0])
        else:
            self.plain = p.entries_of(carried, draws.rounding_key, weight, values)
        key = lattice.ternary(s, lattice.derive("godwit/rlwe/keys", draws.key_seed), lattice.SECRET_KEY, 0)
        self.key_entries = [1] + [term + 1 for term in key]
        name = lattice.public_seed_of(s, root)
        self.encrypted = lattice.encrypt(s, self.plain, value_bits(carried), t["round"], draws.errors_seed, name, name,
                                         secret=key)
        self.body = b"".join(lattice.packed(block) for block in self.encrypted.blocks)


def opened(t, root, key_sum, vectors):
    """The sum of the vectors' entries, opened with that of their keys' entries."""
    s, count = SETS[t["carried"]["set"]], len(vectors)
    assert key_sum[0] == count and max(key_sum) <= 2 * count
    total = lattice.add([x.encrypted for x in vectors], [1] * count)
    sums, noise = lattice.decrypt(total, lattice.public_seed_of(s, root), [x - count for x in key_sum[1:]])
    assert noise <= count * s.noise_of_one(1)
    return sums
