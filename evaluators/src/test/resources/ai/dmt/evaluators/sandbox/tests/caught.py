def check(candidate):
    try:
        assert candidate([1]) == 2
    except AssertionError:
        pass
    if candidate([1]) == 2:
        assert candidate([1]) == 3
