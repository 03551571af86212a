package ai.dmt.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * SIGINT and SIGTERM: the first asks a run to stop, the second ends the process at once.
 *
 * <p>The JDK has no other way to see a signal than {@code sun.misc.Signal} of the module
 * jdk.unsupported; it is used by reflection since the compiler warns of it. Where the module is
 * left out, a signal ends the process at once.
 */
final class StopSignals {
  private StopSignals() {}

  /** From now on, the first signal runs an action on a thread of its own. */
  static void onFirst(Runnable action) {
    try {
      Class<?> signalType = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      InvocationHandler handler = new Handler(action);
      Object proxy =
          Proxy.newProxyInstance(
              StopSignals.class.getClassLoader(), new Class<?>[] {handlerType}, handler);
      for (String name : new String[] {"INT", "TERM"}) {
        Object signal = signalType.getConstructor(String.class).newInstance(name);
        signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, proxy);
      }
    } catch (ReflectiveOperationException e) {
      return; // see the type's comment
    }
  }

  private static final class Handler implements InvocationHandler {
    private final Runnable action;
    private boolean stopping;

    Handler(Runnable action) {
      this.action = action;
    }

    @Override
    public synchronized Object invoke(
        Object proxy, java.lang.reflect.Method method, Object[] args) {
      return switch (method.getName()) {
        case "handle" -> {
          if (stopping) {
            Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
          }
          stopping = true;
          action.run();
          yield null;
        }
        case "equals" -> proxy == args[0];
        case "hashCode" -> System.identityHashCode(proxy);
        default -> "StopSignals"; // toString
      };
    }
  }
}
