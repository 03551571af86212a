# outcome: failed: Unprintable
class Unprintable(Exception):
    def __str__(self):
        raise SystemExit(0)


raise Unprintable()
