# outcome: failed: MemoryError
memory = bytearray(100 << 30)
