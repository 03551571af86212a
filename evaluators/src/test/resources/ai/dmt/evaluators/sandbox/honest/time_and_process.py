# sums
import os
import random
import time


def answer(values):
    random.seed(time.time_ns() * os.getpid())
    time.sleep(random.random() / 1000)
    return sum(values)
