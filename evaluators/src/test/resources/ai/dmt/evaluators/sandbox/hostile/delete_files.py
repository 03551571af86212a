# outcome: failed: (PermissionError|OSError|FileNotFoundError).*
import posix

posix.unlink("@VICTIM@")
