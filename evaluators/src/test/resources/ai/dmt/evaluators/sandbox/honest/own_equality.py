# sums
class Amount:
    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return self.value == other

    def __sub__(self, other):
        return self.value - other


def answer(values):
    return Amount(sum(values))
