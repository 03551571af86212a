package ai.dmt.engine;

import ai.dmt.config.DmtException;
import ai.dmt.internal.text.Printable;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * One call into native code: temporaries are freed, and what C++ throws becomes an {@link
 * EngineException} with its sentence alone.
 */
final class NativeCall {
  /** Where libtorch's own errors begin to tell of source files and stack frames. */
  private static final String BACKTRACE = "\nException raised from";

  private NativeCall() {}

  /** Runs a call that gives a value; pointers that are made in it are freed. */
  static <T> T get(Supplier<T> call) {
    PointerScope scope = new PointerScope();
    try {
      return call.get();
    } catch (DmtException | IllegalArgumentException | IllegalStateException e) {
      throw e; // from our own code, with a message of its own
    } catch (RuntimeException e) { // what JavaCPP makes of a std::exception
      throw new EngineException(sentence(e), e);
    } finally {
      scope.close();
    }
  }

  /** Runs a call that makes a native object, which stays until its owner closes it. */
  static <P extends Pointer> P make(Supplier<P> maker) {
    return get(
        () -> {
          P made = maker.get();
          made.retainReference(); // the scope gives up its own
          return made;
        });
  }

  /** Runs a call that gives nothing. */
  static void run(Runnable call) {
    get(
        () -> {
          call.run();
          return null;
        });
  }

  /** The message without a C++ backtrace. */
  static String sentence(Throwable e) {
    String message = Printable.reason(e);
    int backtrace = message.indexOf(BACKTRACE);
    return (backtrace < 0 ? message : message.substring(0, backtrace)).strip();
  }
}
