# sums
calls = []


def answer(values):
    calls.append(values)
    return sum(calls[-1]) * len(calls) / len(calls)
