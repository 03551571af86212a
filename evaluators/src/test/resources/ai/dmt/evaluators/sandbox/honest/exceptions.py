# sums
def answer(values):
    try:
        assert values
    except AssertionError:
        return 0
    return sum(values)
