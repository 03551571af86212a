package ai.dmt.completion;

import ai.dmt.data.ChatTemplate;
import ai.dmt.generate.Completion;
import ai.dmt.generate.GenerationListener;
import ai.dmt.internal.files.Disk;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/**
 * Writes completions as JSON lines in the order of the prompts, each as soon as those before it are
 * there.
 */
public final class CompletionWriter implements GenerationListener {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<PromptRecord> prompts;
  private final ChatTemplate template;
  private final Appendable out;
  private final Completion[] done;
  private int written;

  /**
   * Makes a writer; nothing is written yet.
   *
   * @param prompts in the order of the lines to write
   * @param template that the prompts are rendered with
   * @param out flushed by its owner
   */
  public CompletionWriter(List<PromptRecord> prompts, ChatTemplate template, Appendable out) {
    this.prompts = prompts;
    this.template = template;
    this.out = out;
    this.done = new Completion[prompts.size()];
  }

  @Override
  public void onCompletion(int request, Completion completion) {
    done[request] = completion;
    while (written < done.length && done[written] != null) {
      write(prompts.get(written), done[written]);
      done[written++] = null; // only the order needed it
    }
  }

  private void write(PromptRecord prompt, Completion completion) {
    ObjectNode line = JSON.createObjectNode().put("id", prompt.id());
    if (prompt.text() != null) {
      line.put("prompt", prompt.text());
    }
    line.put("completion", template.answer(completion.text()));
    line.put("finish_reason", completion.reason().name().toLowerCase(Locale.ROOT));
    line.put("tokens", completion.tokenIds().length);
    try {
      out.append(line.toString()).append('\n');
    } catch (IOException e) {
      throw new UncheckedIOException("completions cannot be written: " + Disk.reason(e), e);
    }
  }
}
