# sums
import time


def answer(values):
    time.sleep(0.05)
    return sum(values)
