package ai.dmt.internal.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A macro, which takes its arguments as jinja2's class of this name does. */
final class Macro implements Callable {
  private final Shape shape;
  private final Function<List<Object>, String> body;

  /**
   * What a macro takes.
   *
   * @param name null for the body of a call block
   */
  record Shape(
      String name, List<String> arguments, boolean kwargs, boolean varargs, boolean caller) {}

  Macro(Shape shape, Function<List<Object>, String> body) {
    this.shape = shape;
    this.body = body;
  }

  String name() {
    return shape.name();
  }

  @Override
  public Object call(Run run, Arguments given) {
    int count = shape.arguments().size();
    List<Object> positional = given.positional();
    Map<String, Object> named = new LinkedHashMap<>(given.named());
    List<Object> all = new ArrayList<>(positional.subList(0, Math.min(count, positional.size())));
    boolean foundCaller = all.size() == count && shape.arguments().contains("caller");
    for (String name : shape.arguments().subList(all.size(), count)) {
      all.add(named.containsKey(name) ? named.remove(name) : Scope.Missing.MISSING);
      foundCaller |= name.equals("caller");
    }
    if (shape.caller() && !foundCaller) {
      Object caller = named.remove("caller");
      all.add(caller == null ? new Undefined("No caller defined") : caller);
    }
    if (shape.kwargs()) {
      Dict rest = new Dict();
      named.forEach(rest::put);
      all.add(rest);
    } else if (!named.isEmpty()) {
      throw JinjaException.type(
          "macro '%s' takes no keyword argument '%s'", name(), named.keySet().iterator().next());
    }
    if (shape.varargs()) {
      all.add(
          new Tuple(
              new ArrayList<>(
                  positional.subList(Math.min(count, positional.size()), positional.size()))));
    } else if (positional.size() > count) {
      throw JinjaException.type("macro '%s' takes not more than %s argument(s)", name(), count);
    }
    return body.apply(all);
  }

  Object attribute(String name) {
    return switch (name) {
      case "name" -> shape.name();
      case "arguments" -> new Tuple(new ArrayList<>(shape.arguments()));
      case "catch_kwargs" -> shape.kwargs();
      case "catch_varargs" -> shape.varargs();
      case "caller" -> shape.caller();
      case "explicit_caller" -> shape.arguments().contains("caller");
      default -> Scope.Missing.MISSING;
    };
  }
}
