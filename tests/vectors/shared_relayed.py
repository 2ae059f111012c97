# Does what clients and trustees say through one server follow privacy/SHARED_SUM.md, section 9? Writes
# shared_relayed.vec beside itself from a second implementation of that text; with --check it compares instead. Without
# python3-cryptography it is skipped (exit 77).
import os
import struct
import sys

sys.dont_write_bytecode = True # a check leaves nothing behind
import shared_sum as sums
from kept import keep
from shared_sum import H, lp, u8, u32, u64, record
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PLACE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "shared_relayed.vec")
SOURCE = "# source: privacy/SHARED_SUM.md, section 9, by tests/vectors/shared_relayed.py. Bytes in hexadecimal\n"


def f64(x): return struct.pack("<d", x)
def public(sk): return X25519PrivateKey.from_private_bytes(sk).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
def agree(sk, pk): return X25519PrivateKey.from_private_bytes(sk).exchange(X25519PublicKey.from_public_bytes(pk))
def hkdf(ikm, salt, info): return HKDF(SHA256(), 32, salt, info).derive(ikm)
def seal(key, aad, content): return ChaCha20Poly1305(key).encrypt(bytes(12), content, aad)


def relayed(t, names, model, weight_max, streams):
    """Items of one round: its statement, a client's body, and a sealed word between the first two trustees."""
    secrets = {s: H("a trustee's secret", t.job + u8(s)) for s in range(1, t.S)}
    keys = {s: public(sk) for s, sk in secrets.items()}
    means = (model + u32(weight_max) + u8(len(streams))
             + b"".join(u64(n) + f64(low) + f64(high) + u8(bits) for n, low, high, bits in streams)
             + b"".join(lp(name) + keys.get(s, bytes(32)) for s, name in enumerate(names, 1)))
    t.meaning = H("FLSS1/meaning", means)
    t.terms = t.terms[:-32] + t.meaning
    t.h_o = H("FLSS1/terms", t.terms)
    evidence = [b"evidence of " + name for name in names[:-1]]
    statement = b"FLSS1R" + lp(t.terms) + lp(means) + b"".join(map(lp, evidence))
    client, seed = b"edge-1", H("a client's seed", t.job)
    entries = [(7 * i + 3) % 2**(t.bits - 4) for i in range(t.d)]
    _, sent, heads = t.client(seed, entries)
    uploads = [head + (sent[t.S] if t.S in t.held(s) else b"") for s, head in enumerate(heads, 1)]
    body = b""
    for s in range(1, t.S):
        e = H("FLSS1/ephemeral", seed + t.h_o + u8(s))
        k = hkdf(agree(e, keys[s]), t.h_o, b"FLSS1/part" + u8(s) + public(e) + keys[s])
        body += public(e) + seal(k, t.h_o + u8(s) + lp(client), uploads[s - 1])
    fields = dict(statement=statement, h_o=t.h_o, secrets=[secrets[s] for s in sorted(secrets)], client=client, seed=seed,
                  entries=entries, uploads=uploads, body=body + uploads[-1])
    if t.S == 3:
        nonces = [H("a nonce", u8(s)) for s in (1, 2)]
        message = t.message(3, 1, H("a coin", b""))
        k = hkdf(agree(secrets[1], keys[2]), t.h_o, b"FLSS1/between" + u8(1) + u8(2) + message[:1] + b"".join(nonces))
        fields.update(nonces=nonces, message=message, sealed=message[:1] + seal(k, t.h_o, message))
    yield record("relayed", name=t.job.decode(), bits=t.bits, **fields)


def everything():
    streams = lambda d: [(d - 2, -1.5, 1.5, 16), (1, 0.0, 16.0, 16)]
    model = H("model", b"")
    return SOURCE + "\n".join([
        *relayed(sums.Sum(1, sums.ADDITIVE, 2, 32, b"two", 1, 33), [b"clinic", b"server"], model, 1, streams(33)),
        *relayed(sums.Sum(2, sums.ADDITIVE, 3, 32, b"three", 9, 17), [b"a", b"b", b"server"], model, 5, streams(17)),
        *relayed(sums.Sum(1, sums.REPLICATED, 3, 64, b"replicated", 3, 21), [b"a", b"b", b"server"], model, 9, streams(21))])


if __name__ == "__main__":
    keep(PLACE, everything())
