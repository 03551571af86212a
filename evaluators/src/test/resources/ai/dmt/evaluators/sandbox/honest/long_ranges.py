# ranges
def answer(count):
    return range(count)
