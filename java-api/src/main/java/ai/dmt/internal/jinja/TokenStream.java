package ai.dmt.internal.jinja;

import java.util.List;

/** Tokens one after the other. */
final class TokenStream {
  private final List<Token> tokens;
  private int at;

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token current() {
    return tokens.get(at);
  }

  int line() {
    return current().line();
  }

  Token look() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  Token next() {
    Token token = current();
    if (at < tokens.size() - 1) {
      at++;
    }
    return token;
  }

  boolean isOperator(String operator) {
    return current().isOperator(operator);
  }

  boolean isName(String name) {
    return current().isName(name);
  }

  boolean is(Token.Type type) {
    return current().is(type);
  }

  boolean skipOperator(String operator) {
    boolean found = isOperator(operator);
    if (found) {
      next();
    }
    return found;
  }

  boolean skipName(String name) {
    boolean found = isName(name);
    if (found) {
      next();
    }
    return found;
  }

  Token expect(Token.Type type) {
    if (!is(type)) {
      throw unexpected(type.words());
    }
    return next();
  }

  Token expectName(String name) {
    if (!isName(name)) {
      throw unexpected("'" + name + "'");
    }
    return next();
  }

  Token expectOperator(String operator) {
    if (!isOperator(operator)) {
      throw unexpected("'" + operator + "'");
    }
    return next();
  }

  private JinjaException unexpected(String expected) {
    return JinjaException.syntax(
        line(), "expected %s, got %s".formatted(expected, current().words()));
  }
}
