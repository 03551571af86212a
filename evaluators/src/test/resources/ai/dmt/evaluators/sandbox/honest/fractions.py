# sums
from decimal import Decimal
from fractions import Fraction


def answer(values):
    total = sum(Fraction(value) for value in values)
    return Decimal(total.numerator) / total.denominator if values == [] else total
