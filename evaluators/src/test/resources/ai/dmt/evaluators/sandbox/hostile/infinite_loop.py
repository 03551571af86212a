# outcome: timed out
while True:
    pass
