package ai.dmt.cli;

import ai.dmt.launch.RankProcess;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * SIGINT and SIGTERM: the first asks a run to stop, the second ends the process at once.
 *
 * <p>A SIGTERM right after the first signal counts as the same: {@code timeout} sends it to its
 * child and then to the child's group, and an agent beside a terminal's Ctrl-C. A rank of {@code
 * dmt launch} never sees SIGINT and is not ended by a second signal; that is its launcher's part.
 *
 * <p>The JDK has no other way to see a signal than {@code sun.misc.Signal} of the module
 * jdk.unsupported; it is used by reflection since the compiler warns of it. Where the module is
 * left out, a signal ends the process at once. A signal that was ignored when the process started,
 * as SIGINT is in a script's background, stays so.
 */
final class StopSignals {
  private static final Duration SAME_SIGNAL = Duration.ofMillis(250);

  private StopSignals() {}

  /** From now on, the first signal runs an action on a thread of its own. */
  static void onFirst(Runnable action) {
    boolean launched = System.getenv(RankProcess.LAUNCHED) != null;
    onFirstAndSecond(action, launched ? () -> {} : StopSignals::quit);
  }

  /** From now on, the first signal runs an action, and the second another. */
  static void onFirstAndSecond(Runnable first, Runnable second) {
    handle(new FirstAndSecond(first, second), "INT", "TERM");
  }

  /** From now on, each SIGINT runs an action on a thread of its own. */
  static void onEachInterrupt(Runnable action) {
    handle(signal -> action.run(), "INT");
  }

  private static void handle(Consumer<String> action, String... names) {
    try {
      Class<?> signalType = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      InvocationHandler handler = new Handler(action);
      Object proxy =
          Proxy.newProxyInstance(
              StopSignals.class.getClassLoader(), new Class<?>[] {handlerType}, handler);
      for (String name : names) {
        Object signal = signalType.getConstructor(String.class).newInstance(name);
        signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, proxy);
      }
    } catch (ReflectiveOperationException e) {
      return; // see the type's comment
    }
  }

  /** Ends the process without saving. */
  static void quit() {
    Terminal.line().end();
    Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
  }

  /** A handler of signals that passes on their names. */
  private record Handler(Consumer<String> action) implements InvocationHandler {
    @Override
    public Object invoke(Object proxy, Method method, Object[] args) {
      return switch (method.getName()) {
        case "handle" -> {
          action.accept(args[0].toString());
          yield null;
        }
        case "equals" -> proxy == args[0];
        case "hashCode" -> System.identityHashCode(proxy);
        default -> "StopSignals"; // toString
      };
    }
  }

  private static final class FirstAndSecond implements Consumer<String> {
    private final Runnable first;
    private final Runnable second;
    private boolean stopping;
    private long firstNanos;

    FirstAndSecond(Runnable first, Runnable second) {
      this.first = first;
      this.second = second;
    }

    @Override
    public synchronized void accept(String signal) {
      if (!stopping) {
        stopping = true;
        firstNanos = System.nanoTime();
        first.run();
      } else if (!signal.equals("SIGTERM")
          || System.nanoTime() - firstNanos > SAME_SIGNAL.toNanos()) {
        second.run();
      }
    }
  }
}
