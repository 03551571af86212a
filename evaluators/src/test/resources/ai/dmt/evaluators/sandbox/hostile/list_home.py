# outcome: failed: FileNotFoundError.*
import os

os.listdir("@HOME@/.ssh")
