#!/usr/bin/env python3
"""Verdicts of lm-evaluation-harness on answers to MATH, for the tests of evaluators' package math.

usage: golden_math.py FOLDER > evaluators/src/test/resources/ai/dmt/evaluators/math/verdicts.jsonl

FOLDER is an unpacked wheel of lm-eval (the file was made with 0.4.13). Only text rules are taken: of minerva_math, what
its normalising makes equal, without SymPy. A verdict is null where the rule finds no answer.
"""
import importlib.util
import json
import random
import sys
import types

GOLD = [r"\frac{1}{2}", "12", r"\sqrt{3}", r"\frac{\sqrt{2}}{3}", "x+1", r"90^\circ", "(2,5)", r"\$5.00", "0.5", "-3",
        r"10\%", r"\text{(A)}", "100,000", r"3\sqrt[3]{2}", r"\left[0,1\right)", r"\frac{3}{4}\text{ miles}", "x=7", "5/8",
        r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", "1,000", r"2\pi\text{ cm}", r"\boxed{4}", "k = .5", ".25"]
SAID = [r"\frac{1}{2}", r"\frac12", r"\dfrac{1}{2}", r"\tfrac 1 2", "1/2", "0.5", ".5", "12", "12.", "12 ", "12.0", "twelve",
        r"\sqrt3", r"\sqrt{3}", r"\sqrt", r"\sqrt ", r"\frac", r"\frac1", r"\frac\frac12", r"\frac{\sqrt2}3",
        r"\frac{\sqrt{2}}{3}", "x + 1", "x+1", "1+x", "90", r"90^{\circ}", r"90^\circ", "(2, 5)", "(2,5)", "5.00", "$5.00$",
        r"\$5.00", "-3", "- 3", "10", r"10\%", "10%", "A", "(A)", r"\text{(A)}", "100000", "100,000", "100{,}000",
        r"3\sqrt[3]{2}", r"3\sqrt[3]2", r"\left[0,1\right)", "[0,1)", r"\frac34", r"\frac{3}{4}\text{ miles}",
        r"\frac{3}{4}\text{ miles}\text{ or so}", "7", "x = 7", "x=7", "y=7", "abc=7", "x=7=7", "5/8", "05/8", "5/ 8", "a/8", "5/8/1",
        r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", r"\begin{pmatrix}1\\2\end{pmatrix}", "1000", "1,000", r"2\pi", r"2\pi cm",
        r"2\pi\text{ cm}", "4", r"\boxed{4}", "k=0.5", ".25", "0.25", r"\!12", "12 dollars", "", " ", "{", "}", "$", "$$"]
FORMS = ["{}", "${}$", r"The answer is \boxed{{{}}}.", r"So \boxed {}$ and more", r"\boxed{{1}} then \boxed{{{}}}",
         r"\fbox{{{}}}", r"\boxed{{{}", "Final Answer: The final answer is ${}$. I hope it is correct.",
         "Final Answer: The final answer is {}. I hope it is correct.", "Final Answer: The final answer is {}",
         "Final Answer: The final answer is ${}$. \nI hope it is correct.", "It costs $x$, so it is ${}$ in all",
         "Final Answer: The final answer is\n{}. I hope it is correct."]


def module(folder, task):
    for name in ("datasets", "antlr4", "sympy", "sympy.parsing", "sympy.parsing.latex", "math_verify"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["datasets"].Dataset = object
    sys.modules["sympy.parsing.latex"].parse_latex = None
    sys.modules["math_verify"].parse = sys.modules["math_verify"].verify = None
    import importlib.metadata

    importlib.metadata.version = lambda name: "4.11.0"
    spec = importlib.util.spec_from_file_location(task, f"{folder}/lm_eval/tasks/{task}/utils.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def boxed(hendrycks, text):
    try:
        return hendrycks.remove_boxed(hendrycks.last_boxed_only_string(text))
    except (AssertionError, TypeError, AttributeError):
        return None


def main():
    hendrycks, minerva = (module(sys.argv[1], task) for task in ("hendrycks_math", "minerva_math"))
    draw = random.Random(1)
    pairs = [(g, s, f) for g in GOLD for s in SAID for f in FORMS]
    chosen = draw.sample(pairs, 400)
    chosen += [p for p in draw.sample(pairs, len(pairs)) if p[0] == p[1]][:120]
    chosen += [("\\frac{1}{2}", s, f) for s in SAID[:8] for f in FORMS[:3] + FORMS[7:9]]
    for gold, said, form in chosen:
        solution = "Thus the answer is $\\boxed{" + gold + "}$."
        answer = boxed(hendrycks, solution)
        completion = form.format(said)
        own = boxed(hendrycks, completion)
        final = minerva.get_unnormalized_answer(completion)
        final = None if final == "[invalidanswer]" else minerva.normalize_final_answer(final)
        print(json.dumps({
            "solution": solution,
            "completion": completion,
            "boxed": None if own is None else hendrycks.is_equiv(own, answer),
            "hendrycks": bool(hendrycks.process_results({"solution": solution}, [completion])["exact_match"]),
            "minerva-text": None if final is None else final != "" and final == minerva.normalize_final_answer(answer),
        }))


if __name__ == "__main__":
    main()
