# sums
import sys


def answer(values):
    print("x" * 1000000)
    print("\ud800", file=sys.stderr)
    return sum(values)
