# outcome: failed: (MemoryError|more than \d+ bytes of memory)
for _ in range(10 << 10):
    print("x" * (1 << 20))
