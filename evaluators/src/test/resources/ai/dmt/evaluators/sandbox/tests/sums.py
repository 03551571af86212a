def check(candidate):
    assert candidate([1, 2, 3]) == 6
    assert candidate([]) == 0
    assert candidate([5]) == 5, "one"
    assert abs(candidate([0.5, 0.25]) - 0.75) < 1e-6
    assert candidate([-1, 1]) == 0 and candidate([-2]) == -2
    assert True, "all"
