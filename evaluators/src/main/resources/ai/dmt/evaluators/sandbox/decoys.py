"""Decoys: texts of tests that no honest program passes.

A decoy is the tests with one assertion made false, in the text itself, so that from inside a
decoy looks like the tests. To tell one from the other, a program has to know the right answers;
then it has no need to forge. Made from the tests alone, never from the program.

Works with Python 3.8 and later.
"""

import ast
import os

MOST_CHANGED = 16
MOST_PROBED = 8
ENDS = 2

# How many decoys of one assertion have to pass in a row, all with other values
NEVER_TRUE = 1
FAR_OFF = 4  # modular numbers equal some that are far off
TURNED = 8  # an answer may be on the other side of a border the next time
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def below(limit):
    return int.from_bytes(os.urandom(6), "big") % limit


def far():
    """Added to a number, it gives one that nobody guesses."""
    return (1000 + below(99000)) * (1 if below(2) else -1)


def letters(count):
    return "".join(LETTERS[below(len(LETTERS))] for _ in range(count))


def shuffled(values):
    values = list(values)
    return [values.pop(below(len(values))) for _ in range(len(values))]


class Decoy:
    """
    line     of the tests that is false
    text     makes a text of the tests, with other values each time
    times    how many of them no honest program passes, not even by chance
    probe    a text that fails if, and only if, the assertion is reached; None where it always is
    """

    def __init__(self, line, text, times, probe=None):
        self.line, self.text, self.times, self.probe = line, text, times, probe


def untrue():
    number = below(1000)
    return "assert %d == %d" % (number, number + 1 + below(1000))


def decoys(text):
    """Some decoys of these tests, in random order, those that need a probe last."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    made = [Decoy(text.count("\n") + 2, lambda: text + "\n" + untrue(), NEVER_TRUE)] * ENDS
    try:
        tests = Tests(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return made
    reached, others = tests.assertions()
    made += [tests.falsified(each) for each in shuffled(reached)[:MOST_CHANGED]]
    made += tests.beginnings() * ENDS
    return shuffled(made) + [tests.probed(each) for each in shuffled(others)[:MOST_PROBED]]


class Tests:
    """The text of tests, with the places of its syntax tree as offsets of bytes."""

    def __init__(self, text):
        self.tree = ast.parse(text)
        self.data = text.encode()
        self.starts = [0]
        for line in self.data.split(b"\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)

    def span(self, node):
        start = self.starts[node.lineno - 1] + node.col_offset
        return start, self.starts[node.end_lineno - 1] + node.end_col_offset

    def source(self, node):
        start, end = self.span(node)
        return self.data[start:end].decode()

    def replaced(self, node, text):
        start, end = self.span(node)
        return (self.data[:start] + text.encode() + self.data[end:]).decode()

    # --- which assertions --------------------------------------------------------------------

    def assertions(self):
        """Those that every honest run reaches, and those that a probe has to ask about."""
        reached = list(always(self.tree.body))
        for function in self.called_functions():
            reached += always(function.body)
        nodes = list(ast.walk(self.tree))
        if any(type(node).__name__ in ("Try", "TryStar", "With", "AsyncWith") for node in nodes):
            return reached, []  # a false assertion may be caught
        known = set(map(id, reached))
        return reached, [n for n in nodes if isinstance(n, ast.Assert) and id(n) not in known]

    def called_functions(self):
        """Functions that the last lines call, such as check."""
        names = set()
        for statement in self.tree.body:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                names.add(getattr(statement.value.func, "id", None))
        stored = {
            node.id
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
        }
        functions = {each.name: each for each in self.tree.body if type(each) is ast.FunctionDef}
        return [
            function
            for name, function in functions.items()
            if name in names - stored
            and not function.decorator_list
            and not any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in ast.walk(function))
        ]

    def beginnings(self):
        """A false assertion before the first statement of each function that is called."""
        return [
            Decoy(function.body[0].lineno, self.beginning(function.body[0]), NEVER_TRUE)
            for function in self.called_functions()
        ]

    def beginning(self, first):
        start = self.span(first)[0]
        margin = self.data[self.starts[first.lineno - 1] : start].decode()
        before, after = self.data[:start].decode(), self.data[start:].decode()
        return lambda: before + untrue() + ("\n" + margin if margin.isspace() else "; ") + after

    # --- how they become false ---------------------------------------------------------------

    def falsified(self, assertion):
        part = assertion.test
        while isinstance(part, ast.BoolOp) and isinstance(part.op, ast.And):
            part = part.values[below(len(part.values))]
        return Decoy(assertion.lineno, lambda: self.false(part)[0], self.false(part)[1])

    def probed(self, assertion):
        decoy = self.falsified(assertion)
        probe = self.replaced(assertion.test, "False")
        return Decoy(decoy.line, decoy.text, max(decoy.times, FAR_OFF), probe)

    def false(self, node):
        """The tests with a true expression made false, and how often they have to pass."""
        if isinstance(node, ast.Constant):
            return self.replaced(node, "False"), NEVER_TRUE
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self.replaced(node, "(%s)" % self.source(node.operand)), TURNED
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            return self.false_comparison(node, node.left, node.ops[0], node.comparators[0])
        return self.replaced(node, "not (%s)" % self.source(node)), TURNED

    def false_comparison(self, node, left, operator, right):
        if isinstance(operator, ast.Eq):
            for side in (right, left):
                changed = self.changed(side)
                if changed is not None:
                    return self.replaced(side, changed), FAR_OFF
            return self.replaced(right, "((%s), %r)" % (self.source(right), letters(8))), FAR_OFF
        if isinstance(operator, ast.In):
            side = left if self.changed(left) is not None else right
            return self.replaced(side, "(%d, %r)" % (far(), letters(8))), FAR_OFF
        near = self.far_from(left, right) if isinstance(operator, (ast.Lt, ast.LtE)) else None
        if near is not None:
            return near, FAR_OFF
        opposite = {
            ast.NotEq: "==", ast.Lt: ">=", ast.LtE: ">", ast.Gt: "<=", ast.GtE: "<",
            ast.Is: "is not", ast.IsNot: "is", ast.NotIn: "in",
        }[type(operator)]  # fmt: skip
        text = "(%s) %s (%s)" % (self.source(left), opposite, self.source(right))
        return self.replaced(node, text), TURNED

    def far_from(self, left, right):
        """For abs(a - b) < limit; None for what has another form."""
        name = left.func if isinstance(left, ast.Call) else None
        name = getattr(name, "id", None) or getattr(name, "attr", None)
        if name not in ("abs", "fabs") or len(left.args) != 1:
            return None
        if not isinstance(getattr(right, "value", None), (int, float)):
            return None
        away = abs(far()) + 2 * abs(right.value)
        inner = left.args[0]
        if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Sub):
            if type(getattr(inner.right, "value", None)) in (int, float):
                return self.replaced(inner.right, repr(inner.right.value + away))
        return self.replaced(inner, "(%s) + %r" % (self.source(inner), away))

    def changed(self, node):
        """The text of another literal; None for what is no literal."""
        try:
            value = ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return None
        leaves = [leaf for leaf in ast.walk(node) if isinstance(leaf, ast.Constant)]
        start, end = self.span(node)
        for _ in range(8):
            if leaves:
                leaf = leaves[below(len(leaves))]
                first, last = self.span(leaf)
                inner = repr(other(leaf.value)).encode()
                text = (self.data[start:first] + inner + self.data[last:end]).decode()
            else:
                form = {ast.List: "[%d]", ast.Tuple: "(%d,)", ast.Dict: "{%d: 0}"}
                text = form.get(type(node), "(%d,)") % far()
            try:
                if ast.literal_eval("(%s)" % text) != value:
                    return text
            except (ValueError, TypeError, SyntaxError):
                continue
        return None


def always(body):
    """The assertions that are reached whenever these statements run."""
    for statement in body:
        if isinstance(statement, ast.Assert):
            yield statement
        elif isinstance(statement, ast.For) and not leaves_early(statement) and runs(statement):
            yield from always(statement.body)
        elif leaves_early(statement):
            return


def runs(loop):
    """Whether a loop runs at least once, by its text."""
    if isinstance(loop.iter, (ast.List, ast.Tuple)):
        return any(not isinstance(element, ast.Starred) for element in loop.iter.elts)
    if isinstance(loop.iter, ast.Call) and getattr(loop.iter.func, "id", None) == "range":
        values = [getattr(argument, "value", None) for argument in loop.iter.args]
        return len(values) == 1 and type(values[0]) is int and values[0] > 0
    return False


def leaves_early(statement):
    leaving = (ast.Return, ast.Raise, ast.Break, ast.Continue)
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return False
    return any(isinstance(node, leaving) for node in ast.walk(statement))


def other(value):
    """A value that no honest answer is by chance."""
    if isinstance(value, bool) or value is None or value is Ellipsis:
        return abs(far())
    if isinstance(value, str):
        return letters(max(8, min(len(value), 64)))
    if isinstance(value, bytes):
        return letters(max(8, min(len(value), 64))).encode()
    return value + far()
