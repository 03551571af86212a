# branches
def answer(values):
    return sum(values)
