package ai.dmt.recipe;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Which numbers a key of a recipe takes, for its JSON schema and for people. The records' own
 * checks decide; a test holds both together.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Range {
  /** An interval, such as "[0, 1)" or "(0, inf)"; brackets belong to it, parentheses do not. */
  String value();
}
