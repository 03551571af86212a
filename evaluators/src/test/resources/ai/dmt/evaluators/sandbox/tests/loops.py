def check(candidate):
    for i in range(20):
        if i > 10:
            continue
        assert candidate([i]) == i
    for i in []:
        assert candidate([i]) == i + 1
    for i in range(3):
        assert candidate([i, i]) == 2 * i
