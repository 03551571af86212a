

METADATA = {"author": "me"}


def check(candidate):
    """Of words, turned round."""
    assert candidate("abc") == "cba"
    assert candidate("") == ""
    assert candidate("été") == "été"
    for text in ["ab", "cd"]:
        assert candidate(text) == text[1] + text[0]
