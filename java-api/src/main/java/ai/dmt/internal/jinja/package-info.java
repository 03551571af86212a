/**
 * Renders chat templates as Python's jinja2 3.1.6 does with the settings of transformers: blocks
 * are trimmed, the sandbox is immutable, loops know break and continue, {@code tojson} is that of
 * transformers. What is not supported is refused with its line; nothing is written otherwise than
 * there.
 *
 * <p>[Note: how a template is run] {@link ai.dmt.internal.jinja.Template} reads it once: the lexer
 * cuts it into tokens, the parser makes a tree of them, and the compiler binds every name to a
 * place, by the rules of jinja2's own compiler, which decide what an assignment in a loop or a
 * macro can be seen by. A rendering then only walks closures. Values are those of Java where
 * Python's behave alike (text, Long or BigInteger, Double, Boolean, List; null is None) and classes
 * of this package where they do not. All that takes time or memory is counted by {@link
 * ai.dmt.internal.jinja.Run}, so that a hostile template ends.
 */
package ai.dmt.internal.jinja;
