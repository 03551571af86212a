assert answer([1, 2]) == 3
assert answer([]) < 1


def check(candidate):
    pass
