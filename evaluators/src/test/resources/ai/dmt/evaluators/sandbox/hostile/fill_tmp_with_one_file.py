# outcome: failed: (OSError: .*File too large|more than \d+ bytes of files)
with open("/tmp/x", "wb") as file:
    for _ in range(1000):
        file.write(bytes(8 << 20))
