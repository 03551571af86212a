# outcome: failed: TypeError.*
import subprocess

subprocess.run(["rm", "-rf", "@FOLDER@"])
