# sums
import threading


def answer(values):
    results = []
    thread = threading.Thread(target=lambda: results.append(sum(values)))
    thread.start()
    thread.join()
    return results[0]
