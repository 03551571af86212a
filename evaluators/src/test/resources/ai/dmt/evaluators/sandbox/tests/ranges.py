def check(candidate):
    assert 3 in candidate(10**9)
    assert 3 not in candidate(3)
    assert len(candidate(5)) == 5 != 4
