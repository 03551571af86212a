# sums: failed.*
def check(candidate):
    pass


def answer(values):
    return None


text = '''
