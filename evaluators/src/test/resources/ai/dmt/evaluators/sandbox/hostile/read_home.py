# outcome: failed: FileNotFoundError.*
open("@VICTIM@").read()
