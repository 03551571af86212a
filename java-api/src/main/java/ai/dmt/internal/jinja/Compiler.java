package ai.dmt.internal.jinja;

import ai.dmt.internal.jinja.Ast.Expr;
import ai.dmt.internal.jinja.Ast.Stmt;
import ai.dmt.internal.jinja.Code.Expression;
import ai.dmt.internal.jinja.Code.Flow;
import ai.dmt.internal.jinja.Code.Statement;
import ai.dmt.internal.jinja.Code.Target;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Compiles statements, scope by scope as jinja2's code generator does. */
final class Compiler {
  private final ExpressionCompiler expressions = new ExpressionCompiler();

  /** A template ready to run. */
  record Program(FunctionScope function, Statement body) {}

  static Program compile(List<Stmt> template) {
    FunctionScope function = new FunctionScope(null);
    Frame frame = new Frame(new Symbols(null).visit(template), function, false);
    Compiler compiler = new Compiler();
    Statement enter = enter(frame);
    Statement body = compiler.block(template, frame);
    return new Program(function, sequence(enter, body));
  }

  ExpressionCompiler expressions() {
    return expressions;
  }

  static Statement sequence(Statement... statements) {
    List<Statement> all = List.of(statements);
    return scope -> {
      for (Statement each : all) {
        Flow flow = each.execute(scope);
        if (flow != Flow.NEXT) {
          return flow;
        }
      }
      return Flow.NEXT;
    };
  }

  Statement block(List<Stmt> nodes, Frame frame) {
    List<Statement> statements = new ArrayList<>();
    nodes.forEach(node -> statements.add(compile(node, frame)));
    return sequence(statements.toArray(Statement[]::new));
  }

  /** Gives the names of a scope their first values. */
  static Statement enter(Frame frame) {
    List<Statement> loads = new ArrayList<>();
    frame
        .symbols()
        .origins()
        .forEach(
            (place, origin) -> {
              int index = frame.function().declare(place);
              switch (origin.load()) {
                case RESOLVE ->
                    loads.add(
                        scope -> {
                          scope.set(index, scope.run.variable(origin.source()));
                          return Flow.NEXT;
                        });
                case ALIAS -> {
                  Scope.Place source = frame.function().locate(origin.source());
                  loads.add(
                      scope -> {
                        scope.set(index, scope.get(source));
                        return Flow.NEXT;
                      });
                }
                case UNDEFINED -> loads.add(missing(index));
                default -> {}
              }
            });
    return sequence(loads.toArray(Statement[]::new));
  }

  private static Statement missing(int index) {
    return scope -> {
      scope.set(index, Scope.Missing.MISSING);
      return Flow.NEXT;
    };
  }

  /** Takes the values of a scope's names away. */
  static Statement leave(Frame frame) {
    return sequence(
        frame.symbols().origins().keySet().stream()
            .map(place -> missing(frame.function().declare(place)))
            .toArray(Statement[]::new));
  }

  private Statement compile(Stmt node, Frame frame) {
    Statement code = dispatch(node, frame);
    int line = node.line();
    return scope -> {
      scope.run.step(1);
      try {
        return code.execute(scope);
      } catch (JinjaException e) {
        throw e.at(line);
      }
    };
  }

  private Statement dispatch(Stmt node, Frame frame) {
    if (node instanceof Ast.Output output) {
      return output(output, frame);
    }
    if (node instanceof Ast.For loop) {
      return new LoopCompiler(this, loop, frame).compile();
    }
    if (node instanceof Ast.If condition) {
      return condition(condition, frame.softened());
    }
    if (node instanceof Ast.Assign assign) {
      return assign(assign, frame);
    }
    if (node instanceof Ast.AssignBlock assign) {
      return assignBlock(assign, frame);
    }
    if (node instanceof Ast.MacroDef macro) {
      MacroCompiler.Definition definition =
          MacroCompiler.compile(this, macro.name(), macro.parameters(), macro.body(), node, frame);
      int index = frame.function().declare(frame.symbols().find(macro.name()));
      return scope -> {
        scope.set(index, definition.bind(scope));
        return Flow.NEXT;
      };
    }
    if (node instanceof Ast.CallBlock block) {
      return callBlock(block, frame);
    }
    if (node instanceof Ast.FilterBlock block) {
      return filterBlock(block, frame);
    }
    if (node instanceof Ast.With with) {
      return with(with, frame);
    }
    if (node instanceof Ast.Scoped scoped) {
      Frame inner = frame.inner();
      inner.symbols().visit(scoped.body());
      return sequence(enter(inner), block(scoped.body(), inner), leave(inner));
    }
    if (!frame.function().isInLoop()) {
      throw JinjaException.syntax(node.line(), "break or continue outside of a loop");
    }
    Flow flow = node instanceof Ast.Break ? Flow.BREAK : Flow.CONTINUE;
    return scope -> flow;
  }

  private Statement output(Ast.Output node, Frame frame) {
    List<Statement> parts = new ArrayList<>();
    for (Expr part : node.parts()) {
      if (part instanceof Ast.Data data) {
        parts.add(
            scope -> {
              scope.run.write(data.text());
              return Flow.NEXT;
            });
      } else {
        Expression code = expressions.compile(part, frame);
        int line = part.line();
        parts.add(
            scope -> {
              try {
                scope.run.write(Representation.str(scope.run, code.evaluate(scope)));
              } catch (JinjaException e) {
                throw e.at(line);
              }
              return Flow.NEXT;
            });
      }
    }
    return sequence(parts.toArray(Statement[]::new));
  }

  private Statement condition(Ast.If node, Frame frame) {
    Expression test = expressions.compile(node.test(), frame);
    Statement body = block(node.body(), frame);
    List<Expression> tests = new ArrayList<>();
    List<Statement> bodies = new ArrayList<>();
    for (Ast.If each : node.elifs()) {
      tests.add(expressions.compile(each.test(), frame));
      bodies.add(block(each.body(), frame));
    }
    Statement otherwise = block(node.otherwise(), frame);
    return scope -> {
      if (Values.isTrue(scope.run, test.evaluate(scope))) {
        return body.execute(scope);
      }
      for (int i = 0; i < tests.size(); i++) {
        if (Values.isTrue(scope.run, tests.get(i).evaluate(scope))) {
          return bodies.get(i).execute(scope);
        }
      }
      return otherwise.execute(scope);
    };
  }

  private Statement assign(Ast.Assign node, Frame frame) {
    List<Expression> namespaces = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    references(node.target(), seen);
    for (String name : seen) {
      Scope.Place place = frame.function().locate(frame.symbols().find(name));
      namespaces.add(scope -> scope.get(place));
    }
    Expression value = expressions.compile(node.value(), frame);
    Target target = target(node.target(), frame);
    return scope -> {
      for (Expression namespace : namespaces) {
        if (!(namespace.evaluate(scope) instanceof Namespace)) {
          throw JinjaException.type("cannot assign attribute on non-namespace object");
        }
      }
      target.assign(scope, value.evaluate(scope));
      return Flow.NEXT;
    };
  }

  private static void references(Expr target, Set<String> names) {
    if (target instanceof Ast.NamespaceRef reference) {
      names.add(reference.name());
    } else if (target instanceof Ast.TupleExpr tuple) {
      tuple.items().forEach(each -> references(each, names));
    }
  }

  /** Where values go; names are variables of the frame's function. */
  Target target(Expr node, Frame frame) {
    if (node instanceof Ast.Name name) {
      int index = frame.function().declare(frame.symbols().find(name.name()));
      return (scope, value) -> scope.set(index, value);
    }
    if (node instanceof Ast.NamespaceRef reference) {
      Scope.Place place = frame.function().locate(frame.symbols().find(reference.name()));
      return (scope, value) -> {
        if (!(scope.get(place) instanceof Namespace namespace)) {
          throw JinjaException.type("cannot assign attribute on non-namespace object");
        }
        namespace.set(reference.attribute(), value);
      };
    }
    List<Target> targets =
        ((Ast.TupleExpr) node).items().stream().map(each -> target(each, frame)).toList();
    return (scope, value) -> {
      List<Object> items = Values.unpack(scope.run, value, targets.size());
      for (int i = 0; i < targets.size(); i++) {
        targets.get(i).assign(scope, items.get(i));
      }
    };
  }

  private Statement assignBlock(Ast.AssignBlock node, Frame frame) {
    Frame inner = frame.inner();
    inner.symbols().visit(node.body());
    Statement body = sequence(enter(inner), block(node.body(), inner));
    Captured captured = new Captured(inner);
    Expression value =
        node.filter() == null ? captured : filtered((Ast.Filter) node.filter(), captured, inner);
    Target target = target(node.target(), frame);
    Statement leave = leave(inner);
    return scope -> {
      Flow flow = captured.run(scope, body);
      if (flow != Flow.NEXT) {
        return flow;
      }
      target.assign(scope, value.evaluate(scope));
      return leave.execute(scope);
    };
  }

  private Statement filterBlock(Ast.FilterBlock node, Frame frame) {
    Frame inner = frame.inner();
    inner.symbols().visit(node.body()).visit(List.of(node.filter()));
    Statement body = sequence(enter(inner), block(node.body(), inner));
    Captured captured = new Captured(inner);
    Expression value = filtered((Ast.Filter) node.filter(), captured, inner);
    Statement leave = leave(inner);
    return scope -> {
      Flow flow = captured.run(scope, body);
      if (flow != Flow.NEXT) {
        return flow;
      }
      scope.run.write(Values.demandText(value.evaluate(scope)));
      return leave.execute(scope);
    };
  }

  /** Filters one after the other, the innermost of which takes what was written. */
  private Expression filtered(Ast.Filter node, Expression written, Frame frame) {
    Expression operand =
        node.operand() instanceof Ast.Filter inner ? filtered(inner, written, frame) : written;
    return expressions.filter(node, operand, frame);
  }

  private Statement with(Ast.With node, Frame frame) {
    Frame inner = frame.inner();
    inner.symbols().visit(node.targets()).visit(node.body());
    List<Statement> all = new ArrayList<>(List.of(enter(inner)));
    for (int i = 0; i < node.targets().size(); i++) {
      Target target = target(node.targets().get(i), inner);
      Expression value = expressions.compile(node.values().get(i), frame);
      all.add(
          scope -> {
            target.assign(scope, value.evaluate(scope));
            return Flow.NEXT;
          });
    }
    all.add(block(node.body(), inner));
    all.add(leave(inner));
    return sequence(all.toArray(Statement[]::new));
  }

  private Statement callBlock(Ast.CallBlock node, Frame frame) {
    MacroCompiler.Definition definition =
        MacroCompiler.compile(this, null, node.parameters(), node.body(), node, frame);
    if (node.call() == null) { // generation
      return scope -> {
        scope.run.write((String) scope.run.call(definition.bind(scope), new Arguments()));
        return Flow.NEXT;
      };
    }
    Expression call = expressions.call(node.call(), frame, definition::bind);
    return scope -> {
      scope.run.write(Values.demandText(call.evaluate(scope)));
      return Flow.NEXT;
    };
  }

  /** What a body writes, kept in a variable of its own. */
  private static final class Captured implements Expression {
    private final Scope.Place place;

    Captured(Frame frame) {
      FunctionScope function = frame.function();
      place = new Scope.Place(0, function.declare("captured " + function.size()));
    }

    Flow run(Scope scope, Statement body) {
      StringBuilder before = scope.run.capture();
      try {
        Flow flow = body.execute(scope);
        scope.set(place.index(), scope.run.captured());
        return flow;
      } finally {
        scope.run.release(before);
      }
    }

    @Override
    public Object evaluate(Scope scope) {
      return scope.get(place);
    }
  }
}
