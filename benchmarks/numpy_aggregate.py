# How fast does numpy average 100 updates? The baseline of W1: in place, in blocks that stay in the cache.
import time

import numpy

UPDATES = 100
BLOCK = 16 * 1024  # float32 values: 64 KiB


def average(updates, weights, out):
    total = sum(weights)
    scratch = numpy.empty(BLOCK, numpy.float32)
    for start in range(0, out.size, BLOCK):
        part = out[start:start + BLOCK]
        part[:] = 0
        for update, weight in zip(updates, weights):
            numpy.multiply(update[start:start + BLOCK], numpy.float32(weight / total), out=scratch[:part.size])
            part += scratch[:part.size]


def main():
    print("workload,variant,metric,value,unit")
    generator = numpy.random.default_rng(1)
    for parameters in (1_000_000,):
        updates = [generator.random(parameters, numpy.float32) for _ in range(UPDATES)]
        weights = [1 + i for i in range(UPDATES)]
        out = numpy.empty(parameters, numpy.float32)
        best = float("inf")
        for _ in range(5):
            start = time.perf_counter()
            average(updates, weights, out)
            best = min(best, time.perf_counter() - start)
        print(f"W1_n{UPDATES}_p{parameters},numpy_in_blocks,seconds,{best:.4g},s")


main()
