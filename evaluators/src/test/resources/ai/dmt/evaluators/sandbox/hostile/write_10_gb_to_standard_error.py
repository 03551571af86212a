# outcome: failed: printed more than \d+ bytes
import os

for _ in range(10 << 10):
    os.write(2, b"x" * (1 << 20))
