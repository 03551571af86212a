"""Programs that can do nothing but compute: they need no sandbox each.

A plain program has functions and expressions over numbers, texts and collections, and calls nothing
but the functions below and methods of these types. It cannot reach a file, a process, a module, the
interpreter or its frames, define a type of its own, catch an exception, or replace what its tests
call. So it can neither leave anything behind for the next program nor make tests pass that are
false. What is not on these lists is not plain, and gets a sandbox of its own.

Works with Python 3.8 and later.
"""

import ast
import builtins
import re
import symtable

PLAIN_NODES = frozenset(
    "Module FunctionDef arguments arg Return Assign AugAssign AnnAssign For While If Expr Pass Break"
    " Continue Assert Name Load Store Constant BinOp UnaryOp BoolOp Compare Call keyword IfExp Starred"
    " Subscript Slice Index ExtSlice Attribute List Tuple Dict Set ListComp SetComp DictComp"
    " GeneratorExp comprehension Lambda JoinedStr FormattedValue ImportFrom alias"
    " Add Sub Mult Div FloorDiv Mod Pow LShift RShift BitOr BitXor BitAnd MatMult"
    " Invert Not UAdd USub And Or Eq NotEq Lt LtE Gt GtE Is IsNot In NotIn".split()
)
PLAIN_FUNCTIONS = frozenset(
    "abs all any bin bool chr complex dict divmod enumerate filter float frozenset hash hex int"
    " isinstance iter len list map max min next oct ord pow range reversed round set slice sorted str"
    " sum tuple zip".split()
)
PLAIN_METHODS = frozenset(
    "add append capitalize casefold center clear copy count difference discard endswith extend find"
    " get index insert intersection isalnum isalpha isdecimal isdigit islower isnumeric isspace istitle"
    " issubset issuperset isupper items join keys ljust lower lstrip partition pop popitem remove"
    " removeprefix removesuffix replace reverse rfind rindex rjust rpartition rsplit rstrip setdefault"
    " sort split splitlines startswith strip swapcase symmetric_difference title union update upper"
    " values zfill".split()
)
PLAIN_TYPES = frozenset("Any Callable Dict Iterable List Optional Sequence Set Tuple Union".split())


def shared_names(tests):
    """What a program finds of the tests' names when they call it: those of the module."""
    try:
        if "global" not in tests:
            return set(symtable.symtable(tests, "tests", "exec").get_identifiers())
    except Exception:
        pass  # whatever it is, its words have all names
    return set(re.findall(r"\w+", tests))


def is_plain(text, tests):
    """Names that nobody binds make a program fail, unless they are the tests' own."""
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except Exception:
        return False
    bound, read = set(), set()
    for node in nodes:
        if type(node).__name__ not in PLAIN_NODES:
            return False
        if isinstance(node, ast.FunctionDef):
            if node.decorator_list:
                return False
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.Attribute):
            if node.attr not in PLAIN_METHODS or not isinstance(node.ctx, ast.Load):
                return False
        elif isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names if alias.asname is None}
            if node.module != "typing" or node.level or len(names) != len(node.names):
                return False
            if not names <= PLAIN_TYPES:
                return False
            bound |= names
    # A name that the tests might call must stay what it is.
    if any(name.startswith("__") or hasattr(builtins, name) for name in bound):
        return False
    unknown = read - bound - PLAIN_FUNCTIONS
    shared = shared_names(tests)
    return not any(
        name.startswith("__") or hasattr(builtins, name) or name in shared for name in unknown
    )
