# sums: forged.*
def answer(values):
    return None


@lambda check: lambda candidate: None
