"""Makes up chat templates, for make_jinja_table.py --random. Each expression knows what type it most likely has, so that many succeed."""

TEXTS = ["", "a", "Abc", " x ", "a,b,,c", "1", "3.7", "é\u00a0", "\u3000你好", "😀b", "it's \"q\"", "a\nb\n", "ß Σ", "<b>&", "%s %d", "{} {0}", "</think>x", "-5", "true", "a-b_c D.e"]
NUMBERS = ["0", "1", "2", "-1", "3", "7", "10", "1.5", "0.1", "-2.5", "100000", "true", "2.0"]
WORDS = ["a", "b", "role", "content", "items", "x", "keys"]


class Grammar:
    def __init__(self, r):
        self.r = r

    def data(self):
        return {"texts": self.r.sample(TEXTS, 5), "n": self.r.choice([0, 1, 5, -3, 2.5]), "flag": self.r.random() < 0.5, "none": None,
                "rows": [{"a": self.r.choice([1, 2, None, "x"]), "b": self.r.choice(TEXTS), "items": [1, 2]} for _ in range(self.r.randrange(4))],
                "map": {w: self.r.choice([1, "v", None, [1, "é"], {"k": 1.0}]) for w in self.r.sample(WORDS, 3)}}

    def pick(self, *options):
        return self.r.choice(options)()

    def quoted(self):
        text = self.r.choice(TEXTS).replace("\\", "\\\\").replace("'", "\\'").replace("\n", self.r.choice(["\\n", "\n"]))
        return "'" + text + "'"

    def text(self, d):
        if d <= 0:
            return self.pick(self.quoted, lambda: f"data.texts[{self.r.randrange(-5, 6)}]", lambda: f"messages[{self.r.randrange(3)}]" + self.r.choice([".content", ".role", "['content']"]), lambda: "bos_token")
        t, n = lambda: self.text(d - 1), lambda: self.number(d - 1)
        method = lambda: self.r.choice(["strip()", "lstrip()", "rstrip('\\n')", "upper()", "lower()", "title()", "capitalize()", "swapcase()", "casefold()", "zfill(6)", "strip('a ')", "expandtabs(3)",
                                        f"replace({t()}, {t()})", f"replace({t()}, {t()}, {n()})", f"center({n()})", f"ljust(5, '*')", f"removeprefix({t()})", f"format({self.any(d - 1)}, {n()})", "join(data.texts)", f"removesuffix({t()})"])
        filters = lambda: self.r.choice(["trim", "upper", "lower", "title", "capitalize", "reverse", "string", "indent(2)", "indent(3, true, true)", "center(9)", f"replace({t()}, {t()})", f"truncate({n()}, true, '', 0)", "truncate(5, false, '~', 0)",
                                         f"default({t()}, true)", "tojson", "urlencode", "first", "last", f"format({n()}, {n()})", "striptags ~ ''", "wordwrap(5)"])
        return self.pick(
            lambda: f"({t()} ~ {self.any(d - 1)})", lambda: f"({t()} + {t()})", lambda: f"({t()} * {n()})", lambda: f"({t()}).{method()}", lambda: f"({t()} | {filters()})",
            lambda: f"({t()})[{n()}]", lambda: f"({t()})[{self.slice(d - 1)}]", lambda: f"({self.list(d - 1)} | join({t()}))", lambda: f"({self.any(d - 1)} | string)", lambda: f"({self.any(d - 1)} | tojson)",
            lambda: f"({t()} if {self.truth(d - 1)} else {t()})", lambda: f"({t()}.split({self.r.choice(['', t(), t() + ', 1'])})[{n()}])", lambda: f"('%s|%5.1f|%-4s' % ({self.any(d - 1)}, {n()}, {t()}))",
            lambda: f"('{{}} {{!r:>6}} {{:>4}}'.format({self.any(d - 1)}, {t()}, {n()}))", lambda: f"({t()} or {t()})", lambda: f"({t()} and {t()})")

    def slice(self, d):
        return ":".join(self.r.choice(["", self.number(d)]) for _ in range(self.r.choice([2, 2, 3])))

    def number(self, d):
        if d <= 0:
            return self.pick(lambda: self.r.choice(NUMBERS), lambda: "data.n", lambda: f"{self.r.randrange(9)}")
        n = lambda: self.number(d - 1)
        return self.pick(
            lambda: f"({n()} {self.r.choice('+ - * / // %'.split())} {n()})", lambda: f"(-{n()})", lambda: f"({n()} ** {self.r.randrange(4)})", lambda: f"({self.list(d - 1)} | length)", lambda: f"({self.text(d - 1)} | length)",
            lambda: f"({self.text(d - 1)} | {self.r.choice(['int', 'float', 'int(7)', 'float(1.5)', 'wordcount', 'int(0, 16)'])})", lambda: f"({n()} | {self.r.choice(['abs', 'round', 'round(1)', 'int', 'float', 'round(0, chr)', 'round(1, floorq)'])})".replace("chr", "'ceil'").replace("floorq", "'floor'"),
            lambda: f"({self.text(d - 1)}).{self.r.choice(['find', 'count', 'rfind', 'index'])}({self.text(d - 1)})", lambda: f"({self.list(d - 1)} | {self.r.choice(['sum', 'min', 'max', 'first', 'last', 'count'])})")

    def truth(self, d):
        if d <= 0:
            return self.r.choice(["true", "false", "data.flag", "nothing", "none", "messages", "data.none"])
        a = lambda: self.any(d - 1)
        return self.pick(
            lambda: f"({a()} {self.r.choice(['==', '!=', 'in', 'not in'])} {a()})", lambda: f"({self.number(d - 1)} {self.r.choice(['<', '<=', '>', '>='])} {self.number(d - 1)})", lambda: f"({self.text(d - 1)} {self.r.choice(['<', '>', '==', 'in', 'not in'])} {self.text(d - 1)})",
            lambda: f"(not {a()})", lambda: f"({self.truth(d - 1)} {self.r.choice(['and', 'or'])} {self.truth(d - 1)})",
            lambda: f"({a()} is {self.r.choice(['', 'not '])}{self.r.choice('defined undefined none string number integer float boolean true false mapping sequence iterable callable lower upper odd even'.split())})",
            lambda: f"({self.text(d - 1)}).{self.r.choice(['startswith', 'endswith'])}({self.text(d - 1)})", lambda: f"({self.text(d - 1)}).{self.r.choice('isalpha isdigit isspace isupper islower isalnum istitle isnumeric isdecimal isidentifier'.split())}()",
            lambda: f"({self.number(d - 1)} is divisibleby {self.r.randrange(1, 4)})", lambda: f"({a()} is in {self.list(d - 1)})")

    def list(self, d):
        if d <= 0:
            return self.r.choice(["messages", "data.texts", "data.rows", "[]", "[1, 2, 3]", "('a', 'b')", "range(3)", "[1, 'a', none]"])
        s = lambda: self.list(d - 1)
        filters = lambda: self.r.choice(["list", "sort", "sort(true)", "unique | list", "reverse | list", "map('string') | list", "map('upper') | list", "select | list", "reject('none') | list", "batch(2) | list", "slice(2) | list", "map(attribute='role') | list",
                                         "selectattr('role', 'equalto', 'user') | list", "rejectattr('a') | list", "selectattr('a', 'defined') | list", "map(attribute='b', default='D') | list", "sort(attribute='a')", "groupby('a')", "batch(3, 'f') | list", "select('string') | list", "map('length') | list", "dictsort"])
        return self.pick(
            lambda: f"({s()} | {filters()})", lambda: f"({s()} + {s()})", lambda: f"({s()} * {self.number(0)})", lambda: f"({s()})[{self.slice(d - 1)}]", lambda: f"[{self.any(d - 1)}, {self.any(d - 1)}]", lambda: f"({self.any(d - 1)}, {self.any(d - 1)})",
            lambda: f"({self.text(d - 1)}).{self.r.choice(['split()', 'splitlines()', 'split(None)'.replace('None', 'none'), 'rsplit(none, 1)', 'partition(a)'.replace('a)', self.quoted() + ')')])}", lambda: f"({self.text(d - 1)} | list)", lambda: f"({self.dict(d - 1)}).{self.r.choice(['items', 'keys', 'values'])}() | list")

    def dict(self, d):
        if d <= 0:
            return self.r.choice(["data.map", "messages[0]", "{}", "{'a': 1, 'b': 'x'}", "dict(x=1)"])
        return self.pick(lambda: f"{{{self.quoted()}: {self.any(d - 1)}, {self.quoted()}: {self.any(d - 1)}}}", lambda: f"dict({self.dict(d - 1)}, k={self.any(d - 1)})", lambda: self.dict(0))

    def any(self, d):
        return self.pick(lambda: self.text(d), lambda: self.text(d), lambda: self.number(d), lambda: self.truth(d), lambda: self.list(d), lambda: self.dict(d), lambda: f"({self.dict(d)}).{self.r.choice(WORDS)}", lambda: f"({self.dict(d)})[{self.quoted()}]",
                         lambda: f"({self.dict(d)}).get({self.quoted()}, {self.number(0)})", lambda: self.r.choice(["nothing", "data.nope", "none", "x", "m", "y"]))

    def tag(self, inside, opens="{%", closes="%}"):
        return opens + self.r.choice(["", "", "-", "+" if opens == "{%" else ""]) + " " + inside + " " + self.r.choice(["", "", "-"]) + closes

    def literal(self):
        return self.r.choice(["", " ", "\n", "  \n", "text", " a ", "\n  ", "<s>", "\t", "x\n\n", "\r\n", "{# c #}", "{#- c -#}\n", "\u00a0", "{% raw %} {{ r }} {% endraw %}"])

    def statement(self, d, loop=False):
        expression = lambda: self.any(self.r.randrange(3))
        if d <= 0 or self.r.random() < 0.4:
            return self.literal() + self.tag(expression(), "{{", "}}") + self.literal()
        body = lambda l=loop: self.body(d - 1, l)
        name = lambda: self.r.choice(["x", "y", "m"])
        return self.literal() + self.pick(
            lambda: self.tag("if " + self.truth(1)) + body() + self.r.choice(["", self.tag("elif " + self.truth(1)) + body()]) + self.r.choice(["", self.tag("else") + body()]) + self.tag("endif"),
            lambda: self.tag(f"for {name()} in {self.list(1)}" + self.r.choice(["", "", f" if {self.truth(1)}"])) + body(True) + self.r.choice(["", "", self.tag("else") + body()]) + self.tag("endfor"),
            lambda: self.tag(f"for k, v in ({self.dict(1)}).items()") + "{{ k }}={{ v }}" + body(True) + self.tag("endfor"),
            lambda: self.tag(f"set {name()} = {expression()}"), lambda: self.tag(f"set {name()}") + body(False) + self.tag("endset"), lambda: self.tag(f"set x, y = {self.list(1)}"),
            lambda: self.tag("set ns = namespace(a=1)") + self.tag(f"set ns.a = {expression()}") + "{{ ns.a }}",
            lambda: self.tag(f"macro f(a, b={expression()})") + "{{ a }}{{ b }}" + body(False) + self.tag("endmacro") + self.tag(f"f({expression()})", "{{", "}}"),
            lambda: self.tag("macro g(a)") + "[{{ caller(a) }}]" + self.tag("endmacro") + self.tag(f"call(x) g({expression()})") + body(False) + self.tag("endcall"),
            lambda: self.tag(f"with {name()} = {expression()}") + body() + self.tag("endwith"), lambda: self.tag("filter " + self.r.choice(["upper", "trim", "indent(2)", "replace('a', 'b')"])) + body(False) + self.tag("endfilter"),
            lambda: (self.tag(self.r.choice(["break", "continue"])) if self.r.random() < 0.3 else "{{ loop." + self.r.choice(["index", "first", "last", "length", "revindex0", "previtem", "nextitem", "cycle('a', 'b')", "changed(x)", "depth"]) + " }}") if loop else self.tag("generation") + body() + self.tag("endgeneration"),
        ) + self.literal()

    def body(self, d, loop=False):
        return "".join(self.statement(d, loop) for _ in range(self.r.randrange(1, 3)))

    def template(self):
        return self.body(self.r.choice([0, 1, 2, 3]))
