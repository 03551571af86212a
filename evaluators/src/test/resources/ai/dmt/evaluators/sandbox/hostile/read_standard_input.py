# outcome: failed: OSError
input()
