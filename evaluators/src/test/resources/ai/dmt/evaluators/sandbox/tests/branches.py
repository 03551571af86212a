inputs = [[1, 2], [0.5]]
results = [3, 0.5]


def same(out, expected, tolerance):
    if isinstance(expected, str):
        assert out == expected, "never reached"
    elif isinstance(expected, float):
        assert abs(out - expected) <= tolerance
    else:
        assert out == expected


def check(candidate):
    for given, expected in zip(inputs, results):
        same(candidate(given), expected, 1e-6)
    while False:
        assert candidate([1]) == 2
    return
    assert candidate([1]) == 3
