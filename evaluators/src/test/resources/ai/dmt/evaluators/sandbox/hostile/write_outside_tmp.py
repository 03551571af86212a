# outcome: failed: .*(Read-only file system|No such file).*
open("@FOLDER@/written", "w")
