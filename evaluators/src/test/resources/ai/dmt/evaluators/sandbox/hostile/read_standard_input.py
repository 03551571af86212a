# outcome: failed: EOFError.*
input()
