package ai.dmt.internal.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** The tree of a template. Children stand in the order in which jinja2's visitors see them. */
final class Ast {
  private Ast() {}

  /** A part of a template. */
  interface Node {
    /** Where it begins. */
    int line();

    /** Its parts. */
    List<Node> children();
  }

  /** What has a value. */
  interface Expr extends Node {}

  /** What is done. */
  interface Stmt extends Node {}

  /** What a name is used for. */
  enum Use {
    LOAD,
    STORE,
    PARAM
  }

  record Name(int line, String name, Use use) implements Expr {
    @Override
    public List<Node> children() {
      return List.of();
    }
  }

  /** An attribute of a namespace, as the target of an assignment. */
  record NamespaceRef(int line, String name, String attribute) implements Expr {
    @Override
    public List<Node> children() {
      return List.of();
    }
  }

  record Const(int line, Object value) implements Expr {
    @Override
    public List<Node> children() {
      return List.of();
    }
  }

  /** Text outside of tags. */
  record Data(int line, String text) implements Expr {
    @Override
    public List<Node> children() {
      return List.of();
    }
  }

  record TupleExpr(int line, List<Expr> items) implements Expr {
    @Override
    public List<Node> children() {
      return List.copyOf(items);
    }
  }

  record ListExpr(int line, List<Expr> items) implements Expr {
    @Override
    public List<Node> children() {
      return List.copyOf(items);
    }
  }

  /** Keys and values in turn. */
  record DictExpr(int line, List<Expr> keysAndValues) implements Expr {
    @Override
    public List<Node> children() {
      return List.copyOf(keysAndValues);
    }
  }

  record Binary(int line, String operator, Expr left, Expr right) implements Expr {
    @Override
    public List<Node> children() {
      return List.of(left, right);
    }
  }

  record Unary(int line, String operator, Expr operand) implements Expr {
    @Override
    public List<Node> children() {
      return List.of(operand);
    }
  }

  record Concat(int line, List<Expr> parts) implements Expr {
    @Override
    public List<Node> children() {
      return List.copyOf(parts);
    }
  }

  record Compare(int line, Expr first, List<String> operators, List<Expr> others) implements Expr {
    @Override
    public List<Node> children() {
      return nodes(first, others);
    }
  }

  /** An inline if; without else, the other is null. */
  record Conditional(int line, Expr test, Expr value, Expr other) implements Expr {
    @Override
    public List<Node> children() {
      return nodes(test, value, other);
    }
  }

  record GetAttribute(int line, Expr base, String name) implements Expr {
    @Override
    public List<Node> children() {
      return List.of(base);
    }
  }

  record GetItem(int line, Expr base, Expr index) implements Expr {
    @Override
    public List<Node> children() {
      return List.of(base, index);
    }
  }

  /** Parts that are not given are null. */
  record Slice(int line, Expr start, Expr stop, Expr step) implements Expr {
    @Override
    public List<Node> children() {
      return nodes(start, stop, step);
    }
  }

  record Keyword(int line, String name, Expr value) implements Expr {
    @Override
    public List<Node> children() {
      return List.of(value);
    }
  }

  /** What stands in parentheses; sequence and mapping are those after one and two asterisks. */
  record CallArguments(List<Expr> positional, List<Keyword> named, Expr sequence, Expr mapping) {
    static final CallArguments NONE = new CallArguments(List.of(), List.of(), null, null);

    List<Node> children(Expr before) {
      return nodes(before, positional, named, sequence, mapping);
    }
  }

  record Call(int line, Expr callee, CallArguments arguments) implements Expr {
    @Override
    public List<Node> children() {
      return arguments.children(callee);
    }
  }

  /** A filter; in a filter block its operand is null. */
  record Filter(int line, Expr operand, String name, CallArguments arguments) implements Expr {
    @Override
    public List<Node> children() {
      return arguments.children(operand);
    }
  }

  record Test(int line, Expr operand, String name, CallArguments arguments) implements Expr {
    @Override
    public List<Node> children() {
      return arguments.children(operand);
    }
  }

  record Output(int line, List<Expr> parts) implements Stmt {
    @Override
    public List<Node> children() {
      return List.copyOf(parts);
    }
  }

  record For(
      int line,
      Expr target,
      Expr iterable,
      List<Stmt> body,
      List<Stmt> otherwise,
      Expr test,
      boolean recursive)
      implements Stmt {
    @Override
    public List<Node> children() {
      return nodes(target, iterable, body, otherwise, test);
    }
  }

  record If(int line, Expr test, List<Stmt> body, List<If> elifs, List<Stmt> otherwise)
      implements Stmt {
    @Override
    public List<Node> children() {
      return nodes(test, body, elifs, otherwise);
    }
  }

  record With(int line, List<Expr> targets, List<Expr> values, List<Stmt> body) implements Stmt {
    @Override
    public List<Node> children() {
      return nodes(targets, values, body);
    }
  }

  /** A scope of its own without any other effect. */
  record Scoped(int line, List<Stmt> body) implements Stmt {
    @Override
    public List<Node> children() {
      return List.copyOf(body);
    }
  }

  record Assign(int line, Expr target, Expr value) implements Stmt {
    @Override
    public List<Node> children() {
      return List.of(target, value);
    }
  }

  /** An assignment of what is written; without a filter it is null. */
  record AssignBlock(int line, Expr target, Expr filter, List<Stmt> body) implements Stmt {
    @Override
    public List<Node> children() {
      return nodes(target, filter, body);
    }
  }

  record FilterBlock(int line, List<Stmt> body, Expr filter) implements Stmt {
    @Override
    public List<Node> children() {
      return nodes(body, filter);
    }
  }

  /** Parameters of a macro; the last ones have defaults. */
  record Parameters(List<Name> names, List<Expr> defaults) {
    static final Parameters NONE = new Parameters(List.of(), List.of());
  }

  record MacroDef(int line, String name, Parameters parameters, List<Stmt> body) implements Stmt {
    @Override
    public List<Node> children() {
      return nodes(parameters.names(), parameters.defaults(), body);
    }
  }

  /** A call with a body; of {@code generation} the call is null, and the body is written. */
  record CallBlock(int line, Call call, Parameters parameters, List<Stmt> body) implements Stmt {
    @Override
    public List<Node> children() {
      return nodes(call, parameters.names(), parameters.defaults(), body);
    }
  }

  record Break(int line) implements Stmt {
    @Override
    public List<Node> children() {
      return List.of();
    }
  }

  record Continue(int line) implements Stmt {
    @Override
    public List<Node> children() {
      return List.of();
    }
  }

  private static List<Node> nodes(Object... parts) {
    List<Node> all = new ArrayList<>();
    for (Object part : Arrays.asList(parts)) {
      if (part instanceof Node node) {
        all.add(node);
      } else if (part instanceof Collection<?> several) {
        several.forEach(each -> all.add((Node) each));
      }
    }
    return all;
  }
}
