# outcome: failed: (RuntimeError: can't start new thread|more than \d+ processes)
import threading

for _ in range(10000):
    threading.Thread(target=threading.Event().wait, daemon=True).start()
