def check(candidate):
    assert candidate("abc") == "cba"
    assert candidate("") == ""
    assert candidate("xy") == "yx"
