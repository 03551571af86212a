# outcome: failed: ValueError: x{900,1000}
raise ValueError("x" * (100 << 20))
