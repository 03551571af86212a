package ai.dmt.recipe;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A word that a whole number of a recipe may be instead; the record has a number of its own for it.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Word {
  /** The word. */
  String value();

  /** What the record has for it; a recipe cannot say this number itself. */
  int number();
}
