package ai.dmt.internal.jinja;

import ai.dmt.internal.jinja.Ast.Expr;
import ai.dmt.internal.jinja.Code.Expression;
import ai.dmt.internal.jinja.Code.Flow;
import ai.dmt.internal.jinja.Code.Statement;
import ai.dmt.internal.jinja.Code.Target;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;

/** Compiles a loop. */
final class LoopCompiler {
  private final Compiler compiler;
  private final Ast.For node;
  private final Frame frame;
  private final FunctionScope function;
  private final Frame loopFrame;
  private final Frame elseFrame;

  LoopCompiler(Compiler compiler, Ast.For node, Frame frame) {
    this.compiler = compiler;
    this.node = node;
    this.frame = frame;
    this.function = node.recursive() ? new FunctionScope(frame.function()) : frame.function();
    this.loopFrame = frame.inner(function);
    this.elseFrame = frame.inner(function);
  }

  Statement compile() {
    demandNoLoopAssigned(List.of(node));
    boolean extended =
        node.recursive() || !Symbols.undeclared(node.body(), Set.of("loop")).isEmpty();
    if (extended) {
      loopFrame.symbols().declareParameter("loop");
    }
    loopFrame.symbols().visitTarget(node.target());
    loopFrame.symbols().visit(node.body());
    elseFrame.symbols().visit(node.otherwise());
    Selection selection = node.test() == null ? null : selection();
    Expression iterable = compiler.expressions().compile(node.iterable(), frame);
    Body body = body(extended, selection);
    if (!node.recursive()) {
      return scope -> body.run(scope, iterable.evaluate(scope), null, 0);
    }
    return scope -> {
      scope.run.write(new Recursion(scope, function, body).render(iterable.evaluate(scope), 0));
      return Flow.NEXT;
    };
  }

  private static void demandNoLoopAssigned(List<? extends Ast.Node> nodes) {
    for (Ast.Node node : nodes) {
      if (node instanceof Ast.Name name
          && name.use() == Ast.Use.STORE
          && name.name().equals("loop")) {
        throw JinjaException.syntax(
            name.line(), "can't assign to special loop variable in for-loop target");
      }
      demandNoLoopAssigned(node.children());
    }
  }

  private Body body(boolean extended, Selection selection) {
    Target target = compiler.target(node.target(), loopFrame);
    int loopIndex = extended ? function.declare(loopFrame.symbols().find("loop")) : -1;
    function.enterLoop(node.line());
    Statement enter = Compiler.enter(loopFrame);
    Statement block = compiler.block(node.body(), loopFrame);
    function.leaveLoop();
    boolean hasElse = !node.otherwise().isEmpty();
    Statement leave = node.recursive() && !hasElse ? scope -> Flow.NEXT : Compiler.leave(loopFrame);
    Statement otherwise =
        hasElse
            ? Compiler.sequence(
                Compiler.enter(elseFrame),
                compiler.block(node.otherwise(), elseFrame),
                Compiler.leave(elseFrame))
            : scope -> Flow.NEXT;
    return (scope, iterable, recursion, depth) -> {
      Object items =
          selection == null
              ? iterable
              : selection.of(recursion == null ? scope : scope.outer(), iterable);
      Loop loop = extended ? new Loop(scope.run, items, recursion, depth) : null;
      Iterator<Object> iterator = extended ? loop : Values.iterate(scope.run, items);
      boolean none = true; // that came to its end: jinja2 takes no other for one
      while (iterator.hasNext()) {
        scope.run.step(1);
        target.assign(scope, iterator.next());
        if (extended) {
          scope.set(loopIndex, loop);
        }
        enter.execute(scope);
        Flow flow = block.execute(scope);
        if (flow == Flow.BREAK) {
          break;
        }
        none &= flow == Flow.CONTINUE;
      }
      leave.execute(scope);
      return none ? otherwise.execute(scope) : Flow.NEXT;
    };
  }

  /** A loop that is run over something. */
  interface Body {
    Flow run(Scope scope, Object iterable, Recursion recursion, int depth);
  }

  /** A loop that can be called. */
  record Recursion(Scope defined, FunctionScope function, Body body) {
    String render(Object iterable, int depth) {
      Run run = defined.run;
      run.enter();
      StringBuilder before = run.capture();
      try {
        body.run(new Scope(run, defined, function.size()), iterable, this, depth);
        return run.captured();
      } finally {
        run.release(before);
        run.leave();
      }
    }
  }

  /** The condition of a loop: jinja2 makes a function of it, with variables of its own. */
  private Selection selection() {
    FunctionScope own = new FunctionScope(frame.function());
    Frame testFrame = frame.inner(own);
    testFrame.symbols().visitTarget(node.target());
    testFrame.symbols().visit(List.of(node.test()));
    Statement enter = Compiler.enter(testFrame);
    Frame targetFrame = new Frame(loopFrame.symbols(), own, false);
    Target target = compiler.target(node.target(), targetFrame);
    Expression test = compiler.expressions().compile(node.test(), testFrame);
    Expression item = rebuilt(node.target(), targetFrame);
    return (defined, iterable) -> {
      Scope scope = new Scope(defined.run, defined, own.size());
      return PyIterator.generator(new Selected(scope, iterable, enter, target, test, item));
    };
  }

  /**
   * What a loop with a condition gives on: the names of its target, as a tuple if there are more.
   */
  private static Expression rebuilt(Expr target, Frame frame) {
    if (target instanceof Ast.Name name) {
      Scope.Place place = frame.function().locate(frame.symbols().find(name.name()));
      return scope -> scope.get(place);
    }
    List<Expression> items =
        ((Ast.TupleExpr) target).items().stream().map(each -> rebuilt(each, frame)).toList();
    return scope -> new Tuple(items.stream().map(each -> each.evaluate(scope)).toList());
  }

  /** Chooses items. */
  private interface Selection {
    Object of(Scope defined, Object iterable);
  }

  /** Items for which a condition holds, found as they are asked for. */
  private static final class Selected implements Iterator<Object> {
    private final Scope scope;
    private final Object iterable;
    private final Statement enter;
    private final Target target;
    private final Expression test;
    private final Expression item;
    private Iterator<Object> items;
    private Object found;
    private boolean has;

    Selected(
        Scope scope,
        Object iterable,
        Statement enter,
        Target target,
        Expression test,
        Expression item) {
      this.scope = scope;
      this.iterable = iterable;
      this.enter = enter;
      this.target = target;
      this.test = test;
      this.item = item;
    }

    @Override
    public boolean hasNext() {
      if (items == null) {
        enter.execute(scope);
        items = Values.iterate(scope.run, iterable);
      }
      while (!has && items.hasNext()) {
        scope.run.step(1);
        target.assign(scope, items.next());
        if (Values.isTrue(scope.run, test.evaluate(scope))) {
          found = item.evaluate(scope);
          has = true;
        }
      }
      return has;
    }

    @Override
    public Object next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      has = false;
      return found;
    }
  }
}
