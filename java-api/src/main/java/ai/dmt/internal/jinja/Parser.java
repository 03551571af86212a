package ai.dmt.internal.jinja;

import ai.dmt.internal.jinja.Ast.Expr;
import ai.dmt.internal.jinja.Ast.Stmt;
import ai.dmt.internal.jinja.Ast.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Makes a tree of a template. */
final class Parser {
  /** Python allows no more levels of indentation in the code that jinja2 makes. */
  private static final int MAX_DEPTH = 90;

  private static final Set<String> FILES = Set.of("include", "import", "from", "extends", "block");
  private static final Set<String> CONSTANTS =
      Set.of("true", "false", "True", "False", "none", "None");

  private final TokenStream stream;
  private final ExpressionParser expressions;
  private int depth;

  private Parser(TokenStream stream) {
    this.stream = stream;
    this.expressions = new ExpressionParser(stream);
  }

  static List<Stmt> parse(String source) {
    return new Parser(new TokenStream(Lexer.tokens(source))).statements(Set.of());
  }

  /** Statements up to one of the tags, of which the name is the current token then. */
  private List<Stmt> statements(Set<String> ends) {
    if (++depth > MAX_DEPTH) {
      throw JinjaException.syntax(
          stream.line(), "blocks nest more than %s deep".formatted(MAX_DEPTH));
    }
    List<Stmt> body = new ArrayList<>();
    List<Expr> output = new ArrayList<>();
    while (!stream.is(Token.Type.END)) {
      Token token = stream.next();
      switch (token.type()) {
        case DATA -> output.add(new Ast.Data(token.line(), token.text()));
        case VARIABLE_BEGIN -> {
          output.add(expressions.tuple());
          stream.expect(Token.Type.VARIABLE_END);
        }
        default -> {
          flush(output, body);
          if (stream.is(Token.Type.NAME) && ends.contains(stream.current().text())) {
            depth--;
            return body;
          }
          body.add(statement());
          stream.expect(Token.Type.BLOCK_END);
        }
      }
    }
    flush(output, body);
    if (!ends.isEmpty()) {
      throw JinjaException.syntax(
          stream.line(),
          "unexpected end of template, expected "
              + String.join(" or ", ends.stream().sorted().toList()));
    }
    depth--;
    return body;
  }

  private static void flush(List<Expr> output, List<Stmt> body) {
    if (!output.isEmpty()) {
      body.add(new Ast.Output(output.get(0).line(), List.copyOf(output)));
      output.clear();
    }
  }

  /** What stands between a tag that was just read and one of those that end it. */
  private List<Stmt> body(String... ends) {
    stream.skipOperator(":");
    stream.expect(Token.Type.BLOCK_END);
    return statements(Set.of(ends));
  }

  /** As {@link #body}, and the tag that ends it is read. */
  private List<Stmt> wholeBody(String end) {
    List<Stmt> body = body(end);
    stream.next();
    return body;
  }

  private Stmt statement() {
    Token tag = stream.current();
    if (!tag.is(Token.Type.NAME)) {
      throw JinjaException.syntax(tag.line(), "tag name expected");
    }
    if (FILES.contains(tag.text())) {
      throw JinjaException.syntax(
          tag.line(), "tag \"%s\" is not supported in a chat template".formatted(tag.text()));
    }
    stream.next();
    int line = tag.line();
    return switch (tag.text()) {
      case "for" -> loop(line);
      case "if" -> condition(line);
      case "set" -> set(line);
      case "with" -> with(line);
      case "macro" -> macro(line);
      case "call" -> callBlock(line);
      case "filter" -> {
        Expr filter = expressions.filter(null, true);
        yield new Ast.FilterBlock(line, wholeBody("endfilter"), filter);
      }
      case "print" -> print(line);
      case "autoescape" -> autoescape(line);
      case "generation" ->
          new Ast.CallBlock(line, null, Ast.Parameters.NONE, wholeBody("endgeneration"));
      case "break" -> new Ast.Break(line);
      case "continue" -> new Ast.Continue(line);
      default -> throw JinjaException.syntax(line, "unknown tag \"%s\"".formatted(tag.text()));
    };
  }

  private Stmt loop(int line) {
    Expr target = target(Use.STORE, false);
    stream.expectName("in");
    Expr iterable = expressions.tuple(false, false, false, false);
    Expr test = stream.skipName("if") ? expressions.expression() : null;
    boolean recursive = stream.skipName("recursive");
    List<Stmt> body = body("endfor", "else");
    List<Stmt> otherwise = stream.next().text().equals("endfor") ? List.of() : wholeBody("endfor");
    return new Ast.For(line, target, iterable, body, otherwise, test, recursive);
  }

  private Stmt condition(int line) {
    Expr test = expressions.tuple(false, false, false, false);
    List<Stmt> body = body("elif", "else", "endif");
    List<Ast.If> elifs = new ArrayList<>();
    List<Stmt> otherwise = List.of();
    while (true) {
      Token token = stream.next();
      if (token.isName("elif")) {
        Expr other = expressions.tuple(false, false, false, false);
        elifs.add(
            new Ast.If(token.line(), other, body("elif", "else", "endif"), List.of(), List.of()));
        continue;
      }
      if (token.isName("else")) {
        otherwise = wholeBody("endif");
      }
      return new Ast.If(line, test, body, elifs, otherwise);
    }
  }

  private Stmt set(int line) {
    Expr target = target(Use.STORE, true);
    if (stream.skipOperator("=")) {
      return new Ast.Assign(line, target, expressions.tuple());
    }
    Expr filter = expressions.filter(null, false);
    return new Ast.AssignBlock(line, target, filter, wholeBody("endset"));
  }

  private Stmt with(int line) {
    List<Expr> targets = new ArrayList<>();
    List<Expr> values = new ArrayList<>();
    while (!stream.is(Token.Type.BLOCK_END)) {
      if (!targets.isEmpty()) {
        stream.expectOperator(",");
      }
      targets.add(target(Use.PARAM, false));
      stream.expectOperator("=");
      values.add(expressions.expression());
    }
    return new Ast.With(line, targets, values, wholeBody("endwith"));
  }

  private Stmt autoescape(int line) {
    Expr value = expressions.expression();
    if (!(value instanceof Ast.Const constant) || !Boolean.FALSE.equals(constant.value())) {
      throw JinjaException.syntax(line, "autoescape other than false is not supported");
    }
    return new Ast.Scoped(line, wholeBody("endautoescape"));
  }

  private Stmt macro(int line) {
    String name = parameterName(Use.STORE).name();
    Ast.Parameters parameters = parameters();
    return new Ast.MacroDef(line, name, parameters, wholeBody("endmacro"));
  }

  private Stmt callBlock(int line) {
    Ast.Parameters parameters = stream.isOperator("(") ? parameters() : Ast.Parameters.NONE;
    if (!(expressions.expression() instanceof Ast.Call call)) {
      throw JinjaException.syntax(line, "expected call");
    }
    return new Ast.CallBlock(line, call, parameters, wholeBody("endcall"));
  }

  private Stmt print(int line) {
    List<Expr> parts = new ArrayList<>();
    while (!stream.is(Token.Type.BLOCK_END)) {
      if (!parts.isEmpty()) {
        stream.expectOperator(",");
      }
      parts.add(expressions.expression());
    }
    return new Ast.Output(line, parts);
  }

  private Ast.Parameters parameters() {
    List<Ast.Name> names = new ArrayList<>();
    List<Expr> defaults = new ArrayList<>();
    stream.expectOperator("(");
    while (!stream.isOperator(")")) {
      if (!names.isEmpty()) {
        stream.expectOperator(",");
      }
      Ast.Name name = parameterName(Use.PARAM);
      if (names.stream().anyMatch(each -> each.name().equals(name.name()))) {
        throw JinjaException.syntax(name.line(), "duplicate argument '%s'".formatted(name.name()));
      }
      if (stream.skipOperator("=")) {
        defaults.add(expressions.expression());
      } else if (!defaults.isEmpty()) {
        throw JinjaException.syntax(name.line(), "non-default argument follows default argument");
      }
      names.add(name);
    }
    stream.expectOperator(")");
    return new Ast.Parameters(names, defaults);
  }

  private Ast.Name parameterName(Use use) {
    Token token = stream.expect(Token.Type.NAME);
    return (Ast.Name) assignable(new Ast.Name(token.line(), token.text(), Use.LOAD), use);
  }

  private Expr target(Use use, boolean withNamespace) {
    return assignable(expressions.tuple(true, true, false, withNamespace), use);
  }

  private static Expr assignable(Expr target, Use use) {
    if (target instanceof Ast.Name name && !CONSTANTS.contains(name.name())) {
      return new Ast.Name(name.line(), name.name(), use);
    }
    if (target instanceof Ast.NamespaceRef) {
      return target;
    }
    if (target instanceof Ast.TupleExpr tuple) {
      return new Ast.TupleExpr(
          tuple.line(), tuple.items().stream().map(each -> assignable(each, use)).toList());
    }
    throw JinjaException.syntax(target.line(), "cannot assign to this");
  }
}
