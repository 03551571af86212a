# lists
def answer(text):
    return text.split()
