package ai.dmt.watch;

import ai.dmt.report.PageServer;
import java.io.IOException;
import java.util.Optional;

/** A folder that is shown. Of one thread at a time. */
interface Watched {
  /** Reads what is new, and shows it. */
  void look();

  /** What lies at a path. */
  Optional<PageServer.Resource> at(String path) throws IOException;

  /** Has open pages load themselves anew, since something else is shown from now on. */
  void leave();
}
