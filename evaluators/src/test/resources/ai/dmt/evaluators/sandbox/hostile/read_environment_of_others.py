# outcome: failed: PermissionError.*
open("/proc/1/environ").read()
