# sums
with open("/tmp/new", "x") as file:
    file.write("0")


def answer(values):
    with open("/tmp/new") as file:
        return sum(values) + int(file.read())
