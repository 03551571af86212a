def check(candidate):
    assert candidate("aba")
    assert not candidate("ab")
    assert candidate("")
