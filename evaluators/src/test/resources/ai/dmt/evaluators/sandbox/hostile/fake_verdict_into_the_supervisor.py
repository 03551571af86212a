# outcome: failed: PermissionError.*
outcome = '{"status": "passed", "detail": "", "value": null}\n'
with open("/proc/1/fd/1", "w") as file:
    file.write(outcome)
