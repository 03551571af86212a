package ai.dmt.internal.records;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import org.jspecify.annotations.Nullable;

/** Copies of records that differ in one component. */
public final class RecordCopy {
  private RecordCopy() {}

  /**
   * A copy, checked as every record is.
   *
   * @param <R> type of the record
   * @param record that is copied
   * @param component name of one of the record's
   * @param value of this component
   * @return the copy
   * @throws ai.dmt.config.ConfigException if the record does not take the value
   */
  public static <R extends Record> R with(R record, String component, @Nullable Object value) {
    @SuppressWarnings("unchecked")
    Class<R> type = (Class<R>) record.getClass();
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    boolean found = false;
    for (int c = 0; c < components.length; c++) {
      boolean changed = components[c].getName().equals(component);
      types[c] = components[c].getType();
      values[c] = changed ? value : read(components[c], record);
      found |= changed;
    }
    if (!found) {
      throw new IllegalArgumentException(type + " has no component " + component);
    }
    try {
      Constructor<R> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
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

  /**
   * {@return the value of a component, whatever can see the record}
   *
   * @param component of the record
   * @param from the record
   */
  public static @Nullable Object read(RecordComponent component, Object from) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(from);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component + " cannot be read", e);
    }
  }
}
