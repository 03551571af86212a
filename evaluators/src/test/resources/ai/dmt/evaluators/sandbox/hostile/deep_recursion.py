# outcome: failed: RecursionError.*
def recurse():
    recurse()


recurse()
