# caught
def answer(values):
    return sum(values)
