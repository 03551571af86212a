# outcome: failed: (more than \d+ bytes of files|OSError: .*No space left on device)
for number in range(1000):
    with open("/tmp/%d" % number, "wb") as file:
        file.write(bytes(8 << 20))
