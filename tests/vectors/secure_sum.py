# Does the runtime's secure sum follow privacy/SECURE_SUM.md? Writes secure_sum.vec beside itself from a second
# implementation of that text; with --check it compares instead. Without python3-cryptography it is skipped (exit 77).
import hashlib
import os
import struct
import sys

sys.dont_write_bytecode = True # a check leaves nothing behind
try:
    import cryptography  # what the modules below need
except ImportError:
    print("skipped: there is no module cryptography; Debian has it as python3-cryptography")
    sys.exit(77)

import secure_sum_carried as carried
import secure_sum_noised as noised
import secure_sum_protocol as p
from kept import keep
from secure_sum_round import flown_round

PLACE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "secure_sum.vec")
SOURCE = ("# source: privacy/SECURE_SUM.md, by tests/vectors/secure_sum.py. Bytes in hexadecimal, numbers in decimal; "
          "in a round without full=1 the messages of all its clients stand as one SHA-256, in ascending index\n")


def digest(label):
    return hashlib.sha256(label.encode()).digest()


def written(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, tuple, range)):
        return " ".join(map(written, value))
    return repr(value) if isinstance(value, float) else str(value)


def record(item, **fields):
    return "".join(f"{key} = {written(value)}".rstrip() + "\n" for key, value in {"item": item, **fields}.items())


def stream_items():
    for suite in (p.AES256CTR, p.CHACHA20):
        key, nonce = digest("stream"), b"FLSA" + p.u64(2**40 + 3)
        yield record("stream", suite=suite, key=key, nonce=nonce, content=p.stream(suite, key, nonce, 150))


def agreement_items():
    """X25519 of one secret with many keys: RFC 7748's, random ones, small orders, and other spellings of numbers."""
    q = 2**255 - 19
    given = bytes.fromhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4")  # RFC 7748 section 5.2
    points = [bytes.fromhex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")]
    points += [digest(f"key {i}") for i in range(11)]
    numbers = [0, 1, 2, 9, q - 2, q - 1, q, q + 1, q + 2, q + 9, 2**255 - 1, 2**255, 2**255 + 9, 2**256 - 1, 2**52 - 1,
               2**208, 325606250916557431795983626356110631294008115727848805560023387927233504,
               39382357235489614581723060781553021112529911719440698176882885853963445705823]
    points += [number.to_bytes(32, "little") for number in numbers]
    for count, secret in ((len(points), given), (len(points), bytes(32)), (len(points), b"\xff" * 32),
                          (1, digest("a")), (7, digest("b")), (8, digest("c")), (9, digest("d"))):
        agreed = []
        for point in points[:count]:
            try:
                agreed.append(p.DH(secret, point))
            except ValueError:
                agreed.append("none")
        yield record("agreement", secret=secret, public=p.public_of(secret), keys=points[:count], agreed=agreed)


def derived_items():
    seed, h_o = digest("a client's seed"), digest("terms")
    drawn = p.drawn(seed, h_o)
    yield record("derived", seed=seed, h_o=h_o, **vars(drawn))


def tree_items():
    for n in (1, 2, 3, 5, 8, 13):
        leaves = [digest(f"leaf {i}") for i in range(n)]
        for i in sorted({0, n // 2, n - 1}):
            yield record("tree", leaves=leaves, root=p.root_of(leaves), index=i, path=p.path_of(leaves, i))


def graph_items():
    h_o, root = digest("terms"), digest("roster")
    for n, k in ((7, 2), (9, 4), (20, 6), (131, 10), (6, 5)):
        fields = {"h_o": h_o, "root": root, "n": n, "k": k}
        if k < n - 1:
            seed = p.graph_seed_of(h_o, root, n)
            fields.update(graph_seed=seed, permutation=p.permutation_of(seed, n))
        near = p.neighbours_of(h_o, root, n, k)
        yield record("graph", **fields, **{f"neighbours_{u}": near[u] for u in sorted({0, 1, n // 2, n - 1})})


def choice_items():
    for n, corrupt, dropped, profile in (
            (2, 0, 0, 1), (3, 0, 0, 1), (3, 0, 333, 1), (3, 0, 334, 1), (4, 0, 250, 2), (20, 100, 300, 1), (128, 100, 200, 1),
            (128, 334, 332, 1), (129, 0, 0, 1), (129, 0, 8, 1), (130, 50, 50, 1), (200, 100, 100, 1), (500, 50, 50, 1),
            (1000, 50, 50, 1), (1000, 100, 100, 1), (1000, 100, 200, 1), (1000, 200, 100, 1), (1000, 200, 200, 1),
            (1000, 330, 100, 1), (200, 330, 330, 1), (512, 100, 300, 2), (512, 330, 330, 2), (513, 100, 100, 2)):
        found = p.graph_choice(n, corrupt, dropped, profile)
        answer = {"k": found[0], "t": found[1]} if found else {"k": 0, "t": 0}
        yield record("choice", n=n, corrupt=corrupt, dropped=dropped, profile=profile, **answer)


def shamir_items():
    for t, count in ((1, 3), (2, 3), (3, 5), (5, 9)):
        secret, key = digest(f"secret {t}"), digest(f"coefficients {t}")
        shares = p.shares_of(secret, t, count, p.words(p.CHACHA20, key, bytes(12), 8))
        fields = {f"share_{x + 1}": p.share_bytes(share) for x, share in enumerate(shares)}
        held = dict(enumerate(shares, 1))
        wrong = sorted(range(1, count + 1), key=lambda x: digest(f"order {x}"))[:(count - t) // 2]
        for x in wrong:
            held[x] = [(value + 1 + i * x) % p.P for i, value in enumerate(held[x])]
            fields[f"wrong_share_{x}"] = p.share_bytes(held[x])
        assert p.recovered(held, t, lambda found: found == secret) in ((secret, set(wrong)), (secret, set()))
        yield record("shamir", secret=secret, coefficients_key=key, t=t, count=count, wrong=sorted(wrong), **fields)
    edge = bytes(6) + b"\xff" * 26
    source = p.words(p.CHACHA20, digest("edge"), bytes(12), 8)
    shares = p.shares_of(edge, 2, 2, source)
    yield record("shamir", secret=edge, coefficients_key=digest("edge"), t=2, count=2, wrong=[],
                 share_1=p.share_bytes(shares[0]), share_2=p.share_bytes(shares[1]))


def quantised_items():
    for low, high, bits, weight in ((-1.0, 1.0, 8, 1), (-0.5, 0.25, 16, 7), (0.0, 1.0, 1, 1), (-8.0, 8.0, 24, 3)):
        values = [low, high, low - 1.0, high + 1e30, 0.0, -0.0, 0.1, -0.3, 1 / 3, 1e-30, (low + high) / 2]
        values += [low + (high - low) * i / 37 for i in range(38)]
        values = list(struct.unpack(f"<{len(values)}f", struct.pack(f"<{len(values)}f", *values)))
        t, key = {"streams": [(len(values), low, high, bits)]}, digest(f"rounding {bits}")
        yield record("quantised", low=low, high=high, bits=bits, weight=weight, rounding_key=key,
                     rounding_bytes=p.stream(p.CHACHA20, key, bytes(12), 3 * len(values)), values=values,
                     entries=p.entries_of(t, key, weight, [values])[1:])


def packed_items():
    for bits in (8, 13, 16, 26, 37, 62):
        values = [int.from_bytes(digest(f"value {i}"), "little") % (1 << bits) for i in range(5)]
        values += [0, (1 << bits) - 1]
        yield record("packed", modulus_bits=bits, values=values, body=p.packed(values, bits))


def terms(**fields):
    base = {"suite": 1, "profile": 1, "job": b"hub", "round": 7, "server_nonce": digest("server nonce"), "clients_min": 3,
            "clients_max": 16, "corrupt": 0, "dropped": 286, "weight_max": 1, "modulus_bits": 14, "lane_bits": 16,
            "model": digest("model"), "streams": [(5, -1.0, 1.0, 10), (3, 0.0, 1.0, 4)]}
    return {**base, **fields}


def clients_of(names, t):
    """Names with weights, and values that a float of 32 bits holds too, some outside their range."""
    found, t = [], t.get("carried", t)
    for i, name in enumerate(names):
        values = [[(hashlib.sha256(f"{name} {s} {j}".encode()).digest()[0] - 128) / 96.0 // (1 / 64) / 64
                   for j in range(length)] for s, (length, *_) in enumerate(t["streams"])]
        found.append((name, 1 + (i * 7919) % t["weight_max"], values))
    return found


def rounds():
    seven = ["edge-10", "edge-2", "edge-1", "a", "z.z", "edge_3", "0"]
    t = terms()
    yield flown_round("complete", t, clients_of(seven, t), late=["a"], gone=["edge-2"]), True
    t = terms(suite=2, round=2**40 + 1, weight_max=100, modulus_bits=27, lane_bits=32, dropped=250, corrupt=100,
              streams=[(9, -0.5, 0.25, 16)], job=b"hub.2_b-x")
    yield flown_round("weighted", t, clients_of(seven + ["b"], t), gone=["edge-10", "z.z"]), True
    t = terms(profile=2, round=1, dropped=200, modulus_bits=37, lane_bits=64, weight_max=3, clients_max=512,
              streams=[(2, -8.0, 8.0, 24), (1, -1.0, 1.0, 2)])
    yield flown_round("malicious", t, clients_of(seven[:5], t), gone=["edge-1"]), True
    t = terms(suite=2, profile=2, dropped=0, corrupt=300, modulus_bits=33, lane_bits=64, streams=[(4, -1.0, 1.0, 24)])
    yield flown_round("malicious_2", t, clients_of(seven, t)), False
    t = terms(clients_max=200, dropped=8, modulus_bits=21, lane_bits=32, streams=[(21, -1.0, 1.0, 12)], clients_min=100)
    many = [f"edge-{i}" for i in range(129)]
    yield flown_round("regular", t, clients_of(many, t), gone=["edge-77"]), False
    long = {"set": 2, "weight_max": 9, "streams": [(40, -0.5, 0.25, 16), (2, 0.0, 1.0, 4)]}
    t = terms(modulus_bits=8, carried=long, streams=carried.key_streams(2))
    yield flown_round("carried", t, clients_of(seven, t), gone=["edge-2", "z.z"]), False
    gaussian = {"law": 1, "norm_max": 2.0, "step": 0.0078125, "share_deviation": 40.5}
    t = terms(modulus_bits=20, lane_bits=32, noised=gaussian, streams=[noised.stream_of(gaussian, 50)])
    yield flown_round("noised", t, clients_of(seven, t), gone=["edge-2"]), False
    skellam = {"law": 3, "norm_max": 1000.0, "step": 0.5, "share_deviation": 100.25}
    long = {"set": 2, "weight_max": 1, "streams": [noised.stream_of(skellam, 30)]}
    t = terms(modulus_bits=8, profile=2, dropped=200, carried=long, noised=skellam, streams=carried.key_streams(2))
    yield flown_round("noised_carried", t, clients_of(seven, t), gone=["edge-1"]), False


def round_items(flown, full):
    t, everyone = flown.terms_fields, range(len(flown.clients))
    fields = {"terms": flown.terms, "h_o": flown.h_o, "n": len(flown.clients), "k": flown.k, "t": flown.t,
              "root": flown.root, "u2": flown.u2, "u3": flown.u3, "full": int(full)}
    kinds = {"advert": everyone, "roster": everyone, "sealed": flown.u2, "delivered": flown.u2, "entries": flown.u2,
             "body": flown.u2, "unmask_request": flown.u3, "unmask_shares": flown.u3}
    if t["profile"] == p.MALICIOUS:
        kinds.update(body_signature=flown.u2, consistent=flown.u3)
        fields.update(survivors=flown.survivors, h_3=flown.h_3)
    if not full:
        for kind, some in kinds.items():
            texts = [getattr(flown.clients[u], kind) for u in some]
            whole = b"".join(text if isinstance(text, bytes) else b"".join(map(p.u64, text)) for text in texts)
            fields["all_" + kind] = hashlib.sha256(whole).digest()
    yield record("round", name=flown.name, **fields, **{key: t[key] for key in t if key not in ("streams", "carried", "noised")},
                 stream_count=len(t["streams"]), streams=[x for s in t["streams"] for x in s], sum=flown.sum)
    for u in everyone:
        yield client_record(flown, u, [kind for kind, some in kinds.items() if full and u in some])


def client_record(flown, u, kinds):
    c = flown.clients[u]
    fields = {"round": flown.name, "index": u, "name": c.name, "identity_seed": c.identity_seed,
              "evidence_hash": c.evidence_hash, "seed": c.seed, "weight": c.weight}
    fields.update({f"values_{s}": some for s, some in enumerate(c.values)})
    if kinds:
        fields.update(vars(c.draws), identity_pk=p.identity_of(c.identity_seed), leaf=flown.leaves[u],
                      path=p.path_of(flown.leaves, u), neighbours=flown.neighbours[u],
                      commitment=p.H("FLSA1/commitment", c.draws.b),
                      shares_b=b"".join(map(p.share_bytes, c.shares_b.values())),
                      shares_s=b"".join(map(p.share_bytes, c.shares_s.values())))
        v = flown.neighbours[u][-1]
        fields["last_channel_key"] = p.channel_key(c.draws.c_sk, flown.clients[v].draws.c_pk, flown.root, u, v)
        if u in flown.u2:
            v = max(c.pair_masks)
            fields.update(self_mask_ends=[c.self_mask[0], c.self_mask[-1]], last_pair_key=flown.pair_key(u, v),
                          last_pair_mask_ends=[c.pair_masks[v][0], c.pair_masks[v][-1]])
        fields.update({kind: getattr(c, kind) for kind in kinds})
    return record("client", **fields)


def everything():
    makers = (stream_items, agreement_items, derived_items, tree_items, graph_items, choice_items, shamir_items,
              quantised_items, packed_items)
    items = [item for make in makers for item in make()]
    items += [item for flown, full in rounds() for item in round_items(flown, full)]
    return SOURCE + "\n".join(items)


if __name__ == "__main__":
    keep(PLACE, everything())
