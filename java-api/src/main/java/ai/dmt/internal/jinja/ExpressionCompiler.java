package ai.dmt.internal.jinja;

import ai.dmt.internal.jinja.Ast.CallArguments;
import ai.dmt.internal.jinja.Ast.Expr;
import ai.dmt.internal.jinja.Code.Expression;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Compiles expressions. */
final class ExpressionCompiler {
  /** Python nests no more parentheses. */
  private static final int MAX_DEPTH = 190;

  private int depth;
  private boolean inDefaults;

  /** Compiles a default, which may name parameters that have no value yet. */
  Expression compileDefault(Expr node, Frame frame) {
    boolean before = inDefaults;
    inDefaults = true;
    Expression code = compile(node, frame);
    inDefaults = before;
    return code;
  }

  Expression compile(Expr node, Frame frame) {
    if (++depth > MAX_DEPTH) {
      throw JinjaException.syntax(
          node.line(), "an expression nests more than %s deep".formatted(MAX_DEPTH));
    }
    Expression code = dispatch(node, frame);
    depth--;
    return code;
  }

  List<Expression> compile(List<? extends Expr> nodes, Frame frame) {
    return nodes.stream().map(node -> compile(node, frame)).toList();
  }

  private Expression dispatch(Expr node, Frame frame) {
    if (node instanceof Ast.Const constant) {
      Object value = constant.value();
      return scope -> value;
    }
    if (node instanceof Ast.Data data) {
      return scope -> data.text();
    }
    if (node instanceof Ast.Name name) {
      return load(name.name(), name.line(), frame);
    }
    if (node instanceof Ast.GetAttribute get) {
      Expression base = compile(get.base(), frame);
      return at(
          get.line(), scope -> Attributes.attribute(scope.run, base.evaluate(scope), get.name()));
    }
    if (node instanceof Ast.GetItem get) {
      return item(get, frame);
    }
    if (node instanceof Ast.Call call) {
      return call(call, frame, null);
    }
    if (node instanceof Ast.Filter filter) {
      return filter(filter, compile(filter.operand(), frame), frame);
    }
    if (node instanceof Ast.Test test) {
      return test(test, frame);
    }
    return operation(node, frame);
  }

  private Expression operation(Expr node, Frame frame) {
    if (node instanceof Ast.Binary binary) {
      return binary(binary, frame);
    }
    if (node instanceof Ast.Unary unary) {
      Expression operand = compile(unary.operand(), frame);
      return switch (unary.operator()) {
        case "not" -> scope -> !Values.isTrue(scope.run, operand.evaluate(scope));
        case "-" ->
            at(unary.line(), scope -> Arithmetic.negate(scope.run, operand.evaluate(scope)));
        default -> at(unary.line(), scope -> Arithmetic.plus(operand.evaluate(scope)));
      };
    }
    if (node instanceof Ast.Compare compare) {
      return comparison(compare, frame);
    }
    if (node instanceof Ast.Conditional conditional) {
      return conditional(conditional, frame.softened());
    }
    if (node instanceof Ast.Concat concat) {
      List<Expression> parts = compile(concat.parts(), frame);
      return at(concat.line(), scope -> concat(parts, scope));
    }
    if (node instanceof Ast.TupleExpr tuple) {
      List<Expression> items = compile(tuple.items(), frame);
      return scope -> new Tuple(values(items, scope));
    }
    if (node instanceof Ast.ListExpr list) {
      List<Expression> items = compile(list.items(), frame);
      return scope -> values(items, scope);
    }
    if (node instanceof Ast.DictExpr dict) {
      List<Expression> items = compile(dict.keysAndValues(), frame);
      return at(dict.line(), scope -> dict(items, scope));
    }
    throw JinjaException.syntax(node.line(), "invalid syntax");
  }

  /** Code whose failures are at a line. */
  private static Expression at(int line, Expression code) {
    return scope -> {
      try {
        return code.evaluate(scope);
      } catch (JinjaException e) {
        throw e.at(line);
      }
    };
  }

  private static List<Object> values(List<Expression> items, Scope scope) {
    scope.run.step(items.size() + 1L);
    List<Object> values = new ArrayList<>(items.size());
    for (Expression item : items) {
      values.add(item.evaluate(scope));
    }
    return values;
  }

  private static Dict dict(List<Expression> items, Scope scope) {
    scope.run.step(items.size() + 1L);
    Dict dict = new Dict();
    for (int i = 0; i < items.size(); i += 2) {
      Object key = items.get(i).evaluate(scope);
      dict.put(key, items.get(i + 1).evaluate(scope));
    }
    return dict;
  }

  private static String concat(List<Expression> parts, Scope scope) {
    StringBuilder text = new StringBuilder();
    for (Expression part : parts) {
      Representation.str(scope.run, part.evaluate(scope), text);
    }
    return scope.run.text(text);
  }

  private Expression load(String name, int line, Frame frame) {
    String place = frame.symbols().find(name);
    if (place == null) {
      throw JinjaException.syntax(line, "name '%s' cannot be used here".formatted(name));
    }
    Symbols.Origin origin = frame.symbols().origin(place);
    if (name.equals("self") && origin.load() == Symbols.Load.RESOLVE) {
      throw JinjaException.syntax(line, "self is not supported in a chat template");
    }
    Scope.Place where = frame.function().locate(place);
    boolean demanded = origin.load() == Symbols.Load.PARAMETER && !inDefaults;
    return scope -> {
      Object value = scope.get(where);
      if (value == Scope.Missing.MISSING) {
        if (demanded) {
          throw JinjaException.refused("'%s' is used after the loop that gave it a value", name);
        }
        return Undefined.name(name);
      }
      return value;
    };
  }

  private Expression item(Ast.GetItem get, Frame frame) {
    Expression base = compile(get.base(), frame);
    if (get.index() instanceof Ast.Slice slice) {
      Expression start = optional(slice.start(), frame);
      Expression stop = optional(slice.stop(), frame);
      Expression step = optional(slice.step(), frame);
      return at(
          get.line(),
          scope ->
              Slices.slice(
                  scope.run,
                  base.evaluate(scope),
                  start.evaluate(scope),
                  stop.evaluate(scope),
                  step.evaluate(scope)));
    }
    Expression index = compile(get.index(), frame);
    return at(
        get.line(),
        scope -> Attributes.item(scope.run, base.evaluate(scope), index.evaluate(scope)));
  }

  private Expression optional(Expr node, Frame frame) {
    return node == null ? scope -> null : compile(node, frame);
  }

  private Expression binary(Ast.Binary node, Frame frame) {
    Expression left = compile(node.left(), frame);
    Expression right = compile(node.right(), frame);
    return switch (node.operator()) {
      case "and" ->
          scope -> {
            Object value = left.evaluate(scope);
            return Values.isTrue(scope.run, value) ? right.evaluate(scope) : value;
          };
      case "or" ->
          scope -> {
            Object value = left.evaluate(scope);
            return Values.isTrue(scope.run, value) ? value : right.evaluate(scope);
          };
      default -> {
        String operator = node.operator();
        yield at(
            node.line(),
            scope ->
                Arithmetic.apply(scope.run, operator, left.evaluate(scope), right.evaluate(scope)));
      }
    };
  }

  private Expression comparison(Ast.Compare node, Frame frame) {
    Expression first = compile(node.first(), frame);
    List<Expression> others = compile(node.others(), frame);
    List<String> operators = node.operators();
    return at(
        node.line(),
        scope -> {
          Object left = first.evaluate(scope);
          for (int i = 0; i < others.size(); i++) {
            Object right = others.get(i).evaluate(scope);
            if (!Comparison.holds(scope.run, operators.get(i), left, right)) {
              return false;
            }
            left = right;
          }
          return true;
        });
  }

  private Expression conditional(Ast.Conditional node, Frame frame) {
    Expression test = compile(node.test(), frame);
    Expression value = compile(node.value(), frame);
    String hint =
        "the inline if-expression on line %s evaluated to false and no else section was defined"
            .formatted(node.line());
    Expression other =
        node.other() == null ? scope -> new Undefined(hint) : compile(node.other(), frame);
    return scope ->
        Values.isTrue(scope.run, test.evaluate(scope))
            ? value.evaluate(scope)
            : other.evaluate(scope);
  }

  /**
   * A call.
   *
   * @param caller what a call block adds, or null
   */
  Expression call(Ast.Call node, Frame frame, Function<Scope, Object> caller) {
    Expression callee = compile(node.callee(), frame);
    Function<Scope, Arguments> arguments = arguments(node.arguments(), frame);
    return at(
        node.line(),
        scope -> {
          Object function = callee.evaluate(scope);
          Arguments given = arguments.apply(scope);
          if (caller != null) {
            given.name("caller", caller.apply(scope));
          }
          return scope.run.call(function, given);
        });
  }

  Expression filter(Ast.Filter node, Expression operand, Frame frame) {
    Filter filter = Filters.find(node.name());
    if (filter == null && !frame.soft()) {
      throw JinjaException.syntax(node.line(), "no filter named '%s'".formatted(node.name()));
    }
    Function<Scope, Arguments> arguments = arguments(node.arguments(), frame);
    return at(
        node.line(),
        scope -> {
          Object value = operand.evaluate(scope);
          Arguments given = arguments.apply(scope);
          return Filters.demand(node.name()).apply(scope.run, value, given);
        });
  }

  private Expression test(Ast.Test node, Frame frame) {
    if (Tests.find(node.name()) == null && !frame.soft()) {
      throw JinjaException.syntax(node.line(), "no test named '%s'".formatted(node.name()));
    }
    Expression operand = compile(node.operand(), frame);
    Function<Scope, Arguments> arguments = arguments(node.arguments(), frame);
    return at(
        node.line(),
        scope -> {
          Object value = operand.evaluate(scope);
          Arguments given = arguments.apply(scope);
          return Tests.demand(node.name()).apply(scope.run, value, given);
        });
  }

  private Function<Scope, Arguments> arguments(CallArguments node, Frame frame) {
    List<Expression> positional = compile(node.positional(), frame);
    Map<String, Expression> named = new LinkedHashMap<>();
    node.named().forEach(each -> named.put(each.name(), compile(each.value(), frame)));
    Expression sequence = node.sequence() == null ? null : compile(node.sequence(), frame);
    Expression mapping = node.mapping() == null ? null : compile(node.mapping(), frame);
    if (positional.isEmpty() && named.isEmpty() && sequence == null && mapping == null) {
      return scope -> new Arguments();
    }
    return scope -> {
      Arguments given = new Arguments();
      positional.forEach(each -> given.add(each.evaluate(scope)));
      if (sequence != null) {
        given.addAll(scope.run, sequence.evaluate(scope));
      }
      named.forEach((name, each) -> given.name(name, each.evaluate(scope)));
      if (mapping != null) {
        given.nameAll(mapping.evaluate(scope));
      }
      return given;
    };
  }
}
