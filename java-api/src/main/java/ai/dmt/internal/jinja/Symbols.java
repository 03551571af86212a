package ai.dmt.internal.jinja;

import ai.dmt.internal.jinja.Ast.Node;
import ai.dmt.internal.jinja.Ast.Use;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The names of one scope and where each gets its value from, by the rules of jinja2's {@code
 * idtracking}: what an assignment in a loop, a condition or a macro can be seen by is decided here.
 */
final class Symbols {
  /** How a name gets its value when its scope is entered. */
  enum Load {
    PARAMETER,
    RESOLVE,
    ALIAS,
    UNDEFINED
  }

  /**
   * A name's first value.
   *
   * @param source the variable, or the place of the name in an outer scope
   */
  record Origin(Load load, String source) {}

  private final Symbols parent;
  private final int level;

  /** Places by names. Places of scopes side by side are the same, as their variables in Python. */
  private final Map<String, String> places = new HashMap<>();

  private final Map<String, Origin> origins = new LinkedHashMap<>();
  private final Set<String> stores = new HashSet<>();

  Symbols(Symbols parent) {
    this.parent = parent;
    this.level = parent == null ? 0 : parent.level + 1;
  }

  private Symbols(Symbols original, boolean copy) {
    this.parent = original.parent;
    this.level = original.level;
    places.putAll(original.places);
    origins.putAll(original.origins);
    stores.addAll(original.stores);
  }

  /** Places of this scope and how they get their values. */
  Map<String, Origin> origins() {
    return origins;
  }

  private String define(String name, Load load, String source) {
    String place = level + " " + name;
    places.put(name, place);
    origins.put(place, new Origin(load, source));
    return place;
  }

  /** Where a name's value is, or null. */
  String find(String name) {
    String place = places.get(name);
    return place != null || parent == null ? place : parent.find(name);
  }

  /** The origin of a place in this scope or one around it, or null. */
  Origin origin(String place) {
    Origin origin = origins.get(place);
    return origin != null || parent == null ? origin : parent.origin(place);
  }

  String declareParameter(String name) {
    stores.add(name);
    return define(name, Load.PARAMETER, null);
  }

  private void store(String name) {
    stores.add(name);
    if (!places.containsKey(name)) {
      String outer = parent == null ? null : parent.find(name);
      define(name, outer == null ? Load.UNDEFINED : Load.ALIAS, outer);
    }
  }

  private void load(String name) {
    if (find(name) == null) {
      define(name, Load.RESOLVE, name);
    }
  }

  private void merge(List<Symbols> branches) {
    Set<String> assigned = new HashSet<>();
    branches.forEach(branch -> assigned.addAll(branch.stores));
    assigned.removeAll(stores);
    for (Symbols branch : branches) {
      places.putAll(branch.places);
      origins.putAll(branch.origins);
      stores.addAll(branch.stores);
    }
    for (String name : assigned) {
      String outer = parent == null ? null : parent.find(name);
      origins.put(
          find(name),
          outer == null ? new Origin(Load.RESOLVE, name) : new Origin(Load.ALIAS, outer));
    }
  }

  /** Takes in what nodes of this scope name. Scopes inside them are left out. */
  Symbols visit(Collection<? extends Node> nodes) {
    nodes.forEach(this::visit);
    return this;
  }

  private void visit(Node node) {
    if (node instanceof Ast.Name name) {
      switch (name.use()) {
        case LOAD -> load(name.name());
        case STORE -> store(name.name());
        case PARAM -> declareParameter(name.name());
      }
    } else if (node instanceof Ast.NamespaceRef reference) {
      load(reference.name());
    } else if (node instanceof Ast.If condition) {
      visit(condition.test());
      merge(
          List.of(
              new Symbols(this, true).visit(condition.body()),
              new Symbols(this, true).visit(condition.elifs()),
              new Symbols(this, true).visit(condition.otherwise())));
    } else if (node instanceof Ast.MacroDef macro) {
      store(macro.name());
    } else if (node instanceof Ast.Assign assign) {
      visit(assign.value());
      visit(assign.target());
    } else if (node instanceof Ast.For loop) {
      visit(loop.iterable());
    } else if (node instanceof Ast.CallBlock block) {
      if (block.call() != null) {
        visit(block.call());
      }
    } else if (node instanceof Ast.FilterBlock block) {
      visit(block.filter());
    } else if (node instanceof Ast.With with) {
      visit(with.values());
    } else if (node instanceof Ast.AssignBlock block) {
      visit(block.target());
    } else if (!(node instanceof Ast.Scoped)) {
      visit(node.children());
    }
  }

  /** Takes in the target of a loop, whose names are parameters of its scope. */
  void visitTarget(Node target) {
    if (target instanceof Ast.Name name) {
      declareParameter(name.name());
    } else {
      target.children().forEach(this::visitTarget);
    }
  }

  /** Which of the names are used in nodes without being assigned before. */
  static Set<String> undeclared(Collection<? extends Node> nodes, Set<String> names) {
    Set<String> open = new HashSet<>(names);
    Set<String> found = new HashSet<>();
    nodes.forEach(node -> collect(node, open, found));
    return found;
  }

  private static void collect(Node node, Set<String> open, Set<String> found) {
    if (node instanceof Ast.Name name) {
      if (name.use() == Use.LOAD && open.contains(name.name())) {
        found.add(name.name());
      } else {
        open.remove(name.name());
      }
    }
    node.children().forEach(child -> collect(child, open, found));
  }
}
