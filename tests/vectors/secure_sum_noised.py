# What does a client say that clips its values and adds noise of its own (privacy/SECURE_SUM.md, section 13)? The noise is
# noise.py's.
import math

import noise
import secure_sum_protocol as p

LAWS = {}


def law_of(noised):
    key = (noised["law"], noised["share_deviation"])
    if key not in LAWS:
        LAWS[key] = noise.Law(*key)
    return LAWS[key]


def stream_of(noised, length):
    """The one stream of the values, with the least bits that hold whatever is said."""
    norm = math.floor(math.sqrt(noise.square_max_of(noised["norm_max"], noised["step"], length)))
    bits = 2
    while 2 ** (bits - 1) - 1 < norm + (13 * noised["share_deviation"] + 1):
        bits += 1
    return length, -(2 ** (bits - 1)) * noised["step"], noised["step"] * (2 ** (bits - 1) - 1), bits


def entries_of(t, draws, values):
    """The weight, which is 1, and the values' entries: p.entries_of where there is noise."""
    noised, streams = t["noised"], t.get("carried", t)["streams"]
    assert [stream_of(noised, len(values))] == streams
    entries, _ = noise.rounded(values, noised["norm_max"], noised["step"], draws.clipping_key)
    middle = 2 ** (streams[0][3] - 1)
    added = law_of(noised).samples(draws.noise_key, 0, len(values))
    assert len(values) <= 4096
    return [1] + [middle + entry + sample for entry, sample in zip(entries, added)]
