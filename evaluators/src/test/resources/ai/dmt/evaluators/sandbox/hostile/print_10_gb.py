# outcome: failed: printed more than \d+ bytes
for _ in range(10 << 10):
    print("x" * (1 << 20))
