def check(candidate):
    assert candidate("a b") == ["a", "b"]
    assert candidate("") == []
    assert list(candidate("x")) == list(candidate("x"))
