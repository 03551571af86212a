def check(candidate):
    assert candidate("aba")
    assert not candidate("ab")
    assert candidate("")
    assert not candidate("abb") and candidate("a")
