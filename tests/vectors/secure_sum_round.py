# How does one whole round of secure_sum_protocol.py go, from the terms to the opened sum? Every message of every client,
# for vectors; the sum is compared with the plain sum of the survivors' entries before it is believed.
import hashlib

import secure_sum_carried as carried
import secure_sum_noised as noised
import secure_sum_protocol as p


class client:
    """What one client draws, says and hears in one round."""

    def __init__(self, round_name, name, weight, values, h_o):
        self.name, self.weight, self.values = name, weight, values
        self.identity_seed = hashlib.sha256(b"identity of " + name.encode()).digest()
        self.seed = hashlib.sha256(f"seed of {name} in {round_name}".encode()).digest()
        self.evidence_hash = hashlib.sha256(b"evidence of " + name.encode()).digest()
        self.draws = p.drawn(self.seed, h_o)
        self.advert = p.advert_of(name.encode(), self.identity_seed, self.evidence_hash, self.draws, h_o)


class flown_round:
    """A round of `clients` (name, weight, streams of values). `late` send no shares, `gone` no body. k and t are
    section 11's unless they are given."""

    def __init__(self, name, terms, clients, late=(), gone=(), graph=None):
        self.name, self.terms_fields = name, terms
        self.terms = p.terms_of(terms)
        self.h_o = p.H("FLSA1/terms", self.terms)
        self.clients = [client(name, *one, self.h_o) for one in sorted(clients)]
        n = len(self.clients)
        self.k, self.t = graph or p.graph_choice(n, terms["corrupt"], terms["dropped"], terms["profile"])
        adverts = [c.advert for c in self.clients]
        self.leaves = [p.H("FLSA1/leaf", advert) for advert in adverts]
        self.root = p.root_of(self.leaves)
        self.neighbours = p.neighbours_of(self.h_o, self.root, n, self.k)
        self.u2 = [u for u in range(n) if self.clients[u].name not in late]
        self.u3 = [u for u in self.u2 if self.clients[u].name not in gone]
        for u, c in enumerate(self.clients):
            c.roster = p.roster_of(adverts, u, self.neighbours[u])
            self.share(u, c)
        for v in self.u2:
            boxes = {u: self.clients[u].boxes[v] for u in self.neighbours[v] if u in self.u2}
            assert len(boxes) >= self.t
            self.clients[v].delivered = p.boxes_of(self.root, boxes)
            self.mask(v, self.clients[v])
        self.survivors = p.survivors_of(self.root, self.u3)
        self.h_3 = p.H("FLSA1/survivors", self.survivors)
        for u in self.u3:
            c = self.clients[u]
            c.consistent = p.Sig(c.identity_seed, p.tag("FLSA1/consistent", self.h_3))
        for u in self.u3:
            self.unmask(u, self.clients[u])
        self.sum = self.opened()
        modulus = 1 << terms["modulus_bits"]
        assert self.sum == [sum(column) % modulus for column in zip(*(self.clients[u].entries for u in self.u3))]
        if terms.get("carried"):
            vectors = [self.clients[u].carried for u in self.u3]
            self.sum = carried.opened(terms, self.root, self.sum, vectors)
            assert self.sum == [sum(column) for column in zip(*(x.plain for x in vectors))]

    def share(self, u, c):
        near, source = self.neighbours[u], p.words(p.CHACHA20, c.draws.shares_key, bytes(12), 8)
        c.shares_b = dict(zip(near, p.shares_of(c.draws.b, self.t, len(near), source)))
        c.shares_s = dict(zip(near, p.shares_of(c.draws.s_sk, self.t, len(near), source)))
        c.boxes = {}
        for v in near:
            key = p.channel_key(c.draws.c_sk, self.clients[v].draws.c_pk, self.root, u, v)
            c.boxes[v] = p.box_of(key, self.root, self.terms_fields["round"], u, v, c.shares_b[v], c.shares_s[v])
        c.sealed = p.sealed_of(self.root, c.draws.b, c.boxes)

    def pair_key(self, own, other):
        mine, theirs = self.clients[own].draws, self.clients[other].draws
        return p.pair_key(mine.s_sk, theirs.s_pk, self.root, own, other, self.terms_fields["round"])

    def mask(self, u, c):
        t = self.terms_fields
        if t.get("carried"):
            c.carried = carried.carried_vector(t, self.root, c.draws, c.weight, c.values)
            c.entries = c.carried.key_entries
        elif t.get("noised"):
            c.entries = noised.entries_of(t, c.draws, c.values[0])
        else:
            c.entries = p.entries_of(t, c.draws.rounding_key, c.weight, c.values)
        c.self_mask = p.mask_of(t, c.draws.b)
        total = [entry + lane for entry, lane in zip(c.entries, c.self_mask)]
        c.pair_masks = {}
        for v in self.neighbours[u]:
            if v in self.u2:
                c.pair_masks[v] = p.mask_of(t, self.pair_key(u, v))
                sign = 1 if v > u else -1
                total = [value + sign * lane for value, lane in zip(total, c.pair_masks[v])]
        c.body = p.packed([value % (1 << t["modulus_bits"]) for value in total], t["modulus_bits"])
        c.body += c.carried.body if t.get("carried") else b""
        signed = self.root + p.u32(u) + hashlib.sha256(c.body).digest()
        c.body_signature = p.Sig(c.identity_seed, p.tag("FLSA1/body", signed))

    def unmask(self, u, c):
        dropped = [v for v in self.neighbours[u] if v in self.u2 and v not in self.u3]
        alive = [v for v in self.neighbours[u] if v in self.u3]
        signatures = {}
        if self.terms_fields["profile"] == p.MALICIOUS:
            signatures = {v: self.clients[v].consistent for v in self.u3}
        c.unmask_request = p.unmask_request_of(self.root, len(self.u3), dropped, alive, signatures)
        c.unmask_shares = self.root + b"".join(p.share_bytes(self.clients[v].shares_s[u]) for v in dropped)
        c.unmask_shares += b"".join(p.share_bytes(self.clients[v].shares_b[u]) for v in alive)

    def held_shares(self, u, kind):
        """x -> share, from the neighbours of u that are still there."""
        return {1 + self.neighbours[u].index(v): getattr(self.clients[u], kind)[v]
                for v in self.neighbours[u] if v in self.u3}

    def opened(self):
        t = self.terms_fields
        bits = t["modulus_bits"]
        total = [0] * p.entry_count(t)
        for u in self.u3:
            body = int.from_bytes(self.clients[u].body, "little")
            commitment = p.H("FLSA1/commitment", self.clients[u].draws.b)
            b, _ = p.recovered(self.held_shares(u, "shares_b"), self.t,
                               lambda secret: p.H("FLSA1/commitment", secret) == commitment)
            total = [value + (body >> i * bits & (1 << bits) - 1) - lane
                     for i, (value, lane) in enumerate(zip(total, p.mask_of(t, b)))]
        for v in set(self.u2) - set(self.u3):
            s_pk = self.clients[v].draws.s_pk
            s_sk, _ = p.recovered(self.held_shares(v, "shares_s"), self.t,
                                  lambda secret: p.public_of(secret) == s_pk)
            for u in self.neighbours[v]:
                if u in self.u3:
                    key = p.pair_key(s_sk, self.clients[u].draws.s_pk, self.root, u, v, t["round"])
                    sign = 1 if v > u else -1
                    total = [value - sign * lane for value, lane in zip(total, p.mask_of(t, key))]
        return [value % (1 << bits) for value in total]
