"""What evalplus makes of a model's text before it runs it, by its rules for Python.

Of the text the longest run of lines that parses is kept, and of that the imports and what the
entry point reaches: functions that return something, classes, assigned names, each name's first
definition only. A definition with a decorator is dropped, as there.

HumanEval's own tests, unlike evalplus's inputs, call helpers that the prompt defines (HumanEval/32,
38, 50), which the rules above may drop. They are put before the solution if it lacks them.
"""

import ast
import re

ANSI_ESCAPE = re.compile(r"\x1B(?:[@-Z\\-_]|\[[0-?]*[ -/]*[@-~])")


def parse(code):
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def longest_valid_lines(text):
    """Of runs with equally many lines that are not blank, the first and shortest; two at least."""
    lines = ANSI_ESCAPE.sub("", text).split("\n")
    counts = [0]
    for line in lines:
        counts.append(counts[-1] + bool(line.strip()))
    best, span = 0, (0, 1)
    for start in range(len(lines)):
        for end in range(len(lines), start + 1, -1):
            count = counts[end] - counts[start]
            if count < best or (count == best and span[0] != start) or count == 0:
                break
            if parse("\n".join(lines[start:end])) is not None:
                best, span = count, (start, end)
    return "\n".join(lines[span[0] : span[1]])


def names_in(node):
    names = set()
    for child in ast.walk(node):
        for field in ("id", "attr", "arg", "name", "asname"):
            value = getattr(child, field, None)
            if isinstance(value, str):
                names.update(value.split("."))
    return names


def definition_name(node):
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        returns = any(isinstance(child, ast.Return) for child in ast.walk(node))
        return node.name if returns and not node.decorator_list else None
    if isinstance(node, ast.ClassDef):
        return None if node.decorator_list else node.name
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        return target.id if isinstance(target, ast.Name) else None
    return None


def parts(code):
    """The imports, and the first definition of each name."""
    tree = parse(code)
    imports, definitions = [], {}
    for node in tree.body if tree else []:
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if isinstance(node, (ast.Import, ast.ImportFrom)) and not future:
            imports.append(node)
        else:
            name = definition_name(node)
            if name is not None:
                definitions.setdefault(name, node)
    return imports, definitions


def reachable(definitions, roots):
    found, queue = set(roots), list(roots)
    while queue:
        node = definitions.get(queue.pop())
        for name in names_in(node) if node else ():
            if name not in found:
                found.add(name)
                queue.append(name)
    return found


def select(code, roots):
    """Imports, then definitions in their order, and the names that these define."""
    imports, definitions = parts(code)
    wanted = reachable(definitions, roots)
    kept = [name for name in definitions if name in wanted]
    nodes = imports + [definitions[name] for name in kept]
    return "\n".join(ast.get_source_segment(code, node) for node in nodes), set(kept)


def sanitize(request):
    code = longest_valid_lines(request["code"])
    solution, defined = select(code, {request["entry_point"]})
    solution = solution.strip() or code
    tests = parse(request["test"])
    _, offered = parts(request["prompt"] + "\n")
    called = names_in(tests) if tests else set()
    missing = (called & set(offered)) - defined - {request["entry_point"]}
    if missing:
        helpers, _ = select(request["prompt"] + "\n", missing)
        solution = helpers + "\n" + solution
    return solution


def sanitize_all(requests):
    return [sanitize(request) for request in requests]
