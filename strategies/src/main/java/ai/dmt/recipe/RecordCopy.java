package ai.dmt.recipe;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import org.jspecify.annotations.Nullable;

/** Copies of records that differ in one component. */
final class RecordCopy {
  private RecordCopy() {}

  /**
   * A copy, checked as every record is.
   *
   * @param component name of one of the record's
   * @throws ai.dmt.config.ConfigException if the record does not take the value
   */
  static <R extends Record> R with(R record, String component, @Nullable Object value) {
    @SuppressWarnings("unchecked")
    Class<R> type = (Class<R>) record.getClass();
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    boolean found = false;
    for (int c = 0; c < components.length; c++) {
      boolean changed = components[c].getName().equals(component);
      types[c] = components[c].getType();
      values[c] = changed ? value : RecordBinder.read(components[c], record);
      found |= changed;
    }
    if (!found) {
      throw new IllegalArgumentException(type + " has no component " + component);
    }
    try {
      Constructor<R> constructor = type.getDeclaredConstructor(types);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException refused) {
        throw refused;
      }
      throw new IllegalStateException(type + " cannot be copied", e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be copied", e);
    }
  }
}
