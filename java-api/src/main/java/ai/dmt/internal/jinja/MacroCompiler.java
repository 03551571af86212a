package ai.dmt.internal.jinja;

import ai.dmt.internal.jinja.Ast.Stmt;
import ai.dmt.internal.jinja.Code.Expression;
import ai.dmt.internal.jinja.Code.Flow;
import ai.dmt.internal.jinja.Code.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Compiles macros, and the bodies of call blocks, which are macros without a name. */
final class MacroCompiler {
  private static final Set<String> SPECIAL = Set.of("caller", "kwargs", "varargs");

  private MacroCompiler() {}

  /** A macro that has no variables to look at yet. */
  record Definition(Macro.Shape shape, FunctionScope function, int[] places, Statement body) {
    Macro bind(Scope scope) {
      return new Macro(shape, given -> render(scope, given));
    }

    private String render(Scope defined, List<Object> given) {
      Run run = defined.run;
      run.enter();
      StringBuilder before = run.capture();
      try {
        Scope scope = new Scope(run, defined, function.size());
        for (int i = 0; i < places.length; i++) {
          scope.set(places[i], given.get(i));
        }
        body.execute(scope);
        return run.captured();
      } finally {
        run.release(before);
        run.leave();
      }
    }
  }

  static Definition compile(
      Compiler compiler,
      String name,
      Ast.Parameters parameters,
      List<Stmt> body,
      Stmt node,
      Frame outer) {
    FunctionScope function = new FunctionScope(outer.function());
    Frame frame = outer.inner(function);
    List<String> names = parameters.names().stream().map(Ast.Name::name).toList();
    analyze(frame, parameters, body);
    Set<String> undeclared = Symbols.undeclared(body, SPECIAL);
    List<String> places = new ArrayList<>();
    names.forEach(each -> places.add(frame.symbols().find(each)));
    boolean caller = undeclared.contains("caller");
    if (caller && names.contains("caller")) {
      if (names.indexOf("caller") < names.size() - parameters.defaults().size()) {
        throw JinjaException.syntax(
            node.line(), "the argument \"caller\" must be omitted or be given a default");
      }
    } else if (caller) {
      places.add(frame.symbols().declareParameter("caller"));
    }
    boolean kwargs = undeclared.contains("kwargs") && !names.contains("kwargs");
    if (kwargs) {
      places.add(frame.symbols().declareParameter("kwargs"));
    }
    boolean varargs = undeclared.contains("varargs") && !names.contains("varargs");
    if (varargs) {
      places.add(frame.symbols().declareParameter("varargs"));
    }
    analyze(frame, parameters, body);
    int[] indices = places.stream().mapToInt(function::declare).toArray();
    Statement code =
        Compiler.sequence(
            Compiler.enter(frame),
            defaults(compiler, parameters, frame),
            compiler.block(body, frame));
    return new Definition(
        new Macro.Shape(name, names, kwargs, varargs, caller), function, indices, code);
  }

  private static void analyze(Frame frame, Ast.Parameters parameters, List<Stmt> body) {
    frame.symbols().visit(parameters.names()).visit(parameters.defaults()).visit(body);
  }

  private static Statement defaults(Compiler compiler, Ast.Parameters parameters, Frame frame) {
    List<Statement> all = new ArrayList<>();
    int required = parameters.names().size() - parameters.defaults().size();
    for (int i = 0; i < parameters.names().size(); i++) {
      String name = parameters.names().get(i).name();
      int index = frame.function().declare(frame.symbols().find(name));
      Scope.Place place = new Scope.Place(0, index);
      Expression value =
          i < required
              ? scope -> new Undefined("parameter '" + name + "' was not provided")
              : compiler
                  .expressions()
                  .compileDefault(parameters.defaults().get(i - required), frame);
      all.add(
          scope -> {
            if (scope.get(place) == Scope.Missing.MISSING) {
              scope.set(index, value.evaluate(scope));
            }
            return Flow.NEXT;
          });
    }
    return Compiler.sequence(all.toArray(Statement[]::new));
  }
}
