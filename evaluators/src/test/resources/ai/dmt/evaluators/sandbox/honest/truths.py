# truths
def answer(text):
    return text == text[::-1]
