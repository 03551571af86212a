package ai.dmt.internal.jinja;

import ai.dmt.internal.jinja.Ast.CallArguments;
import ai.dmt.internal.jinja.Ast.Expr;
import ai.dmt.internal.jinja.Ast.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads expressions, with the precedences of jinja2 (which are not all Python's). */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
  private static final Set<String> PRODUCTS = Set.of("*", "/", "//", "%");
  private static final Set<String> CONSTANTS =
      Set.of("true", "false", "True", "False", "none", "None");

  /** Python's own parser goes no deeper than about this. */
  private static final int MAX_DEPTH = 90;

  /** Of operators, filters or calls one after the other; Python nests 200 parentheses. */
  private static final int MAX_LINKS = 190;

  private final TokenStream stream;
  private int depth;

  ExpressionParser(TokenStream stream) {
    this.stream = stream;
  }

  Expr expression() {
    return conditional();
  }

  Expr expression(boolean withConditional) {
    return withConditional ? conditional() : or();
  }

  private void enter() {
    if (++depth > MAX_DEPTH) {
      throw JinjaException.syntax(
          stream.line(), "an expression nests more than %s deep".formatted(MAX_DEPTH));
    }
  }

  private Expr conditional() {
    enter();
    int line = stream.line();
    Expr value = or();
    for (int links = 1; stream.skipName("if"); links++) {
      demandShort(links);
      Expr test = or();
      Expr other = stream.skipName("else") ? conditional() : null;
      value = new Ast.Conditional(line, test, value, other);
      line = stream.line();
    }
    depth--;
    return value;
  }

  private Expr or() {
    int line = stream.line();
    Expr left = and();
    for (int links = 1; stream.skipName("or"); links++) {
      demandShort(links);
      left = new Ast.Binary(line, "or", left, and());
      line = stream.line();
    }
    return left;
  }

  private Expr and() {
    int line = stream.line();
    Expr left = not();
    for (int links = 1; stream.skipName("and"); links++) {
      demandShort(links);
      left = new Ast.Binary(line, "and", left, not());
      line = stream.line();
    }
    return left;
  }

  private Expr not() {
    if (!stream.isName("not")) {
      return comparison();
    }
    enter();
    int line = stream.next().line();
    Expr not = new Ast.Unary(line, "not", not());
    depth--;
    return not;
  }

  private Expr comparison() {
    int line = stream.line();
    Expr first = sum();
    List<String> operators = new ArrayList<>();
    List<Expr> others = new ArrayList<>();
    while (true) {
      if (stream.is(Token.Type.OPERATOR) && COMPARISONS.contains(stream.current().text())) {
        operators.add(stream.next().text());
      } else if (stream.skipName("in")) {
        operators.add("in");
      } else if (stream.isName("not") && stream.look().isName("in")) {
        stream.next();
        stream.next();
        operators.add("not in");
      } else {
        break;
      }
      others.add(sum());
    }
    return operators.isEmpty() ? first : new Ast.Compare(line, first, operators, others);
  }

  private Expr sum() {
    int line = stream.line();
    Expr left = concat();
    for (int links = 1; stream.isOperator("+") || stream.isOperator("-"); links++) {
      demandShort(links);
      left = new Ast.Binary(line, stream.next().text(), left, concat());
      line = stream.line();
    }
    return left;
  }

  private Expr concat() {
    int line = stream.line();
    Expr first = product();
    if (!stream.isOperator("~")) {
      return first;
    }
    List<Expr> parts = new ArrayList<>(List.of(first));
    while (stream.skipOperator("~")) {
      parts.add(product());
    }
    return new Ast.Concat(line, parts);
  }

  private Expr product() {
    int line = stream.line();
    Expr left = power();
    for (int links = 1; isProduct(stream.current()); links++) {
      demandShort(links);
      left = new Ast.Binary(line, stream.next().text(), left, power());
      line = stream.line();
    }
    return left;
  }

  private static boolean isProduct(Token token) {
    return token.is(Token.Type.OPERATOR) && PRODUCTS.contains(token.text());
  }

  private Expr power() {
    int line = stream.line();
    Expr left = unary(true);
    for (int links = 1; stream.skipOperator("**"); links++) {
      demandShort(links);
      left = new Ast.Binary(line, "**", left, unary(true));
      line = stream.line();
    }
    return left;
  }

  private Expr unary(boolean withFilter) {
    enter();
    int line = stream.line();
    Expr operand;
    if (stream.isOperator("-") || stream.isOperator("+")) {
      operand = new Ast.Unary(line, stream.next().text(), unary(false));
    } else {
      operand = primary(false);
    }
    operand = postfix(operand);
    operand = withFilter ? filters(operand) : operand;
    depth--;
    return operand;
  }

  Expr primary(boolean withNamespace) {
    Token token = stream.current();
    switch (token.type()) {
      case NAME -> {
        stream.next();
        return name(token, withNamespace);
      }
      case STRING -> {
        StringBuilder text = new StringBuilder();
        while (stream.is(Token.Type.STRING)) {
          text.append(stream.next().value());
        }
        return new Ast.Const(token.line(), text.toString());
      }
      case INTEGER, FLOAT -> {
        stream.next();
        return new Ast.Const(token.line(), token.value());
      }
      case OPERATOR -> {
        switch (token.text()) {
          case "(" -> {
            stream.next();
            Expr inside = tuple(false, true, true, false);
            stream.expectOperator(")");
            return inside;
          }
          case "[" -> {
            return list();
          }
          case "{" -> {
            return dict();
          }
          default -> {}
        }
      }
      default -> {}
    }
    throw JinjaException.syntax(token.line(), "unexpected " + token.words());
  }

  private Expr name(Token token, boolean withNamespace) {
    if (CONSTANTS.contains(token.text())) {
      String lower = Unicode.lower(token.text());
      return new Ast.Const(token.line(), lower.equals("none") ? null : lower.equals("true"));
    }
    if (withNamespace && stream.skipOperator(".")) {
      Token attribute = stream.expect(Token.Type.NAME);
      return new Ast.NamespaceRef(token.line(), token.text(), attribute.text());
    }
    return new Ast.Name(token.line(), token.text(), Use.LOAD);
  }

  private boolean endsTuple() {
    return stream.is(Token.Type.VARIABLE_END)
        || stream.is(Token.Type.BLOCK_END)
        || stream.isOperator(")");
  }

  Expr tuple() {
    return tuple(false, true, false, false);
  }

  /**
   * One expression, or several with commas.
   *
   * @param simplified names and literals only
   * @param inParentheses so that nothing at all is a tuple
   */
  Expr tuple(
      boolean simplified, boolean withConditional, boolean inParentheses, boolean withNamespace) {
    int line = stream.line();
    List<Expr> items = new ArrayList<>();
    boolean isTuple = false;
    while (true) {
      if (!items.isEmpty()) {
        stream.expectOperator(",");
      }
      if (endsTuple()) {
        break;
      }
      items.add(simplified ? primary(withNamespace) : expression(withConditional));
      if (!stream.isOperator(",")) {
        break;
      }
      isTuple = true;
      line = stream.line();
    }
    if (!isTuple && !items.isEmpty()) {
      return items.get(0);
    }
    if (!isTuple && !inParentheses) {
      throw JinjaException.syntax(
          stream.line(), "expected an expression, got " + stream.current().words());
    }
    return new Ast.TupleExpr(line, items);
  }

  private Expr list() {
    int line = stream.expectOperator("[").line();
    List<Expr> items = new ArrayList<>();
    while (!stream.isOperator("]")) {
      if (!items.isEmpty()) {
        stream.expectOperator(",");
      }
      if (stream.isOperator("]")) {
        break;
      }
      items.add(expression());
    }
    stream.expectOperator("]");
    return new Ast.ListExpr(line, items);
  }

  private Expr dict() {
    int line = stream.expectOperator("{").line();
    List<Expr> items = new ArrayList<>();
    while (!stream.isOperator("}")) {
      if (!items.isEmpty()) {
        stream.expectOperator(",");
      }
      if (stream.isOperator("}")) {
        break;
      }
      items.add(expression());
      stream.expectOperator(":");
      items.add(expression());
    }
    stream.expectOperator("}");
    return new Ast.DictExpr(line, items);
  }

  private Expr postfix(Expr operand) {
    Expr result = operand;
    int links = 0;
    while (true) {
      if (stream.isOperator(".") || stream.isOperator("[")) {
        result = subscript(result);
      } else if (stream.isOperator("(")) {
        result = call(result);
      } else {
        return result;
      }
      demandShort(++links);
    }
  }

  private void demandShort(int links) {
    if (links > MAX_LINKS) {
      throw JinjaException.syntax(
          stream.line(), "a chain of more than %s operators".formatted(MAX_LINKS));
    }
  }

  private Expr filters(Expr operand) {
    Expr result = operand;
    int links = 0;
    while (true) {
      if (stream.isOperator("|")) {
        result = filter(result, false);
      } else if (stream.isName("is")) {
        result = test(result);
      } else if (stream.isOperator("(")) {
        result = call(result);
      } else {
        return result;
      }
      demandShort(++links);
    }
  }

  private Expr subscript(Expr base) {
    Token token = stream.next();
    if (token.isOperator(".")) {
      Token attribute = stream.next();
      if (attribute.is(Token.Type.NAME)) {
        return new Ast.GetAttribute(token.line(), base, attribute.text());
      }
      if (!attribute.is(Token.Type.INTEGER)) {
        throw JinjaException.syntax(attribute.line(), "expected name or number");
      }
      return new Ast.GetItem(
          token.line(), base, new Ast.Const(attribute.line(), attribute.value()));
    }
    List<Expr> indices = new ArrayList<>();
    while (!stream.isOperator("]")) {
      if (!indices.isEmpty()) {
        stream.expectOperator(",");
      }
      indices.add(index());
    }
    stream.expectOperator("]");
    Expr index = indices.size() == 1 ? indices.get(0) : new Ast.TupleExpr(token.line(), indices);
    return new Ast.GetItem(token.line(), base, index);
  }

  private Expr index() {
    int line = stream.line();
    Expr start = null;
    if (!stream.isOperator(":")) {
      start = expression();
      if (!stream.isOperator(":")) {
        return start;
      }
    }
    stream.next();
    Expr stop = null;
    if (!stream.isOperator(":") && !endsIndex()) {
      stop = expression();
    }
    Expr step = null;
    if (stream.skipOperator(":") && !endsIndex()) {
      step = expression();
    }
    return new Ast.Slice(line, start, stop, step);
  }

  private boolean endsIndex() {
    return stream.isOperator("]") || stream.isOperator(",");
  }

  private CallArguments arguments() {
    int line = stream.expectOperator("(").line();
    List<Expr> positional = new ArrayList<>();
    List<Ast.Keyword> named = new ArrayList<>();
    Expr sequence = null;
    Expr mapping = null;
    boolean first = true;
    while (!stream.isOperator(")")) {
      if (!first) {
        stream.expectOperator(",");
        if (stream.isOperator(")")) {
          break;
        }
      }
      first = false;
      if (stream.isOperator("*")) {
        ensure(sequence == null && mapping == null, line);
        stream.next();
        sequence = expression();
      } else if (stream.isOperator("**")) {
        ensure(mapping == null, line);
        stream.next();
        mapping = expression();
      } else if (stream.is(Token.Type.NAME) && stream.look().isOperator("=")) {
        ensure(mapping == null, line);
        String name = stream.next().text();
        stream.next();
        ensure(named.stream().noneMatch(each -> each.name().equals(name)), line);
        named.add(new Ast.Keyword(line, name, expression()));
      } else {
        ensure(sequence == null && mapping == null && named.isEmpty(), line);
        positional.add(expression());
      }
    }
    stream.expectOperator(")");
    return new CallArguments(positional, named, sequence, mapping);
  }

  private static void ensure(boolean holds, int line) {
    if (!holds) {
      throw JinjaException.syntax(line, "invalid syntax for function call expression");
    }
  }

  private Expr call(Expr callee) {
    int line = stream.line();
    return new Ast.Call(line, callee, arguments());
  }

  /** Filters one after the other; a block's first has no bar before it. */
  Expr filter(Expr operand, boolean startsWithName) {
    Expr result = operand;
    boolean named = startsWithName;
    int links = 0;
    while (named || stream.isOperator("|")) {
      if (!named) {
        stream.next();
      }
      named = false;
      Token token = stream.current();
      String name = dottedName();
      CallArguments arguments = stream.isOperator("(") ? arguments() : CallArguments.NONE;
      result = new Ast.Filter(token.line(), result, name, arguments);
      demandShort(++links);
    }
    return result;
  }

  private String dottedName() {
    StringBuilder name = new StringBuilder(stream.expect(Token.Type.NAME).text());
    while (stream.skipOperator(".")) {
      name.append('.').append(stream.expect(Token.Type.NAME).text());
    }
    return name.toString();
  }

  private Expr test(Expr operand) {
    int line = stream.next().line();
    boolean negated = stream.skipName("not");
    String name = dottedName();
    CallArguments arguments = CallArguments.NONE;
    if (stream.isOperator("(")) {
      arguments = arguments();
    } else if (beginsOperand()) {
      if (stream.isName("is")) {
        throw JinjaException.syntax(stream.line(), "tests cannot be chained with is");
      }
      Expr argument = postfix(primary(false));
      arguments = new CallArguments(List.of(argument), List.of(), null, null);
    }
    Expr test = new Ast.Test(line, operand, name, arguments);
    return negated ? new Ast.Unary(line, "not", test) : test;
  }

  private boolean beginsOperand() {
    return switch (stream.current().type()) {
      case NAME -> !stream.isName("else") && !stream.isName("or") && !stream.isName("and");
      case STRING, INTEGER, FLOAT -> true;
      case OPERATOR -> stream.isOperator("[") || stream.isOperator("{");
      default -> false;
    };
  }
}
