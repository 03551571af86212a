package ai.dmt.internal.handle;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who guards the native objects that others are handed as an address. An address of an object that
 * is gone stays known as such until another object is made there.
 */
public final class NativeAddresses {
  private static final Map<Long, HandleGuard> GUARDS = new ConcurrentHashMap<>();

  private NativeAddresses() {}

  /**
   * Says that an object was made at an address.
   *
   * @param address of the native object; what was known of an earlier object there is forgotten
   * @param guard of the object
   */
  public static void register(long address, HandleGuard guard) {
    GUARDS.put(address, guard);
  }

  /**
   * Keeps the object at an address from being closed.
   *
   * @param address 0 stands for none; one that nobody registered is its maker's own affair
   * @param user as messages say it
   * @return gives it free again
   * @throws IllegalStateException if the object is closed
   */
  public static Runnable retain(long address, String user) {
    HandleGuard guard = GUARDS.get(address);
    return guard == null ? () -> {} : guard.retain(user);
  }
}
