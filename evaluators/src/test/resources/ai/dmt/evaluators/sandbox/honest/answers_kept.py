# sums
import functools


@functools.lru_cache(maxsize=None)
def total(values):
    return sum(values)


def answer(values):
    return total(tuple(values))
