# sums
import random


def answer(values):
    random.shuffle(values)
    result = 0
    for value in sorted(values, key=lambda _: random.random()):
        result += value
    return result
