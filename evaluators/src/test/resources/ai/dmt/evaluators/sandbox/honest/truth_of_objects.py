# truths
class Palindrome:
    def __init__(self, text):
        self.text = text

    def __bool__(self):
        return self.text == self.text[::-1]


def answer(text):
    return Palindrome(text)
