# members
import random


def answer(text):
    return random.choice(text)
