package ai.dmt.audit;

import ai.dmt.data.Conversation;
import ai.dmt.data.KeptConversations;
import ai.dmt.data.SourceFiles;
import ai.dmt.data.Turn;
import ai.dmt.internal.work.OrderedWorkers;
import ai.dmt.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Looks for prompts of benchmarks in the conversations that sources keep, before they are split or
 * cut. Every turn is looked at by itself, on all cores.
 */
public final class OverlapScan {
  private final PromptIndex index;

  /**
   * Makes a scan for benchmarks.
   *
   * @param benchmarks whose prompts are looked for
   */
  public OverlapScan(List<BenchmarkPrompts> benchmarks) {
    this.index = new PromptIndex(benchmarks);
  }

  /**
   * A prompt of a benchmark in the training data.
   *
   * @param source name of the source
   * @param origin of the conversation, as file:line
   * @param id of the conversation
   * @param turn that holds it, from 1
   * @param benchmark name of the benchmark
   * @param problem id of the problem
   * @param exact whether it is the whole turn
   * @param matched of the prompt's n-grams
   * @param grams the prompt has; 0 if it has fewer words than an n-gram
   * @param words that both have, at most 13
   */
  public record Hit(
      String source,
      String origin,
      String id,
      int turn,
      String benchmark,
      String problem,
      boolean exact,
      int matched,
      int grams,
      String words) {}

  /**
   * Scans a source.
   *
   * @param source to scan; its own limit of conversations holds here too
   * @param tokenizer that its preparation measures with
   * @return in the order of the files
   */
  public List<Hit> scan(SourceFiles source, Tokenizer tokenizer) {
    List<Hit> hits = new ArrayList<>();
    try (KeptConversations conversations = new KeptConversations(source, tokenizer)) {
      long[] left = {source.limit()};
      new OrderedWorkers()
          .run(
              conversations,
              KeptConversations.Kept::characters,
              kept -> find(source.name(), kept.conversation()),
              found -> {
                hits.addAll(found);
                return --left[0] > 0;
              });
    }
    return hits;
  }

  private List<Hit> find(String source, Conversation conversation) {
    List<Hit> hits = new ArrayList<>();
    for (int t = 0; t < conversation.turns().size(); t++) {
      for (PromptIndex.Match match : matches(conversation.turns().get(t))) {
        hits.add(
            new Hit(
                source,
                conversation.origin().toString(),
                conversation.id(),
                t + 1,
                match.entry().benchmark(),
                match.entry().prompt().problem(),
                match.exact(),
                match.matched(),
                match.entry().grams(),
                match.sample()));
      }
    }
    return hits;
  }

  /** A question with an input is also looked at without it. */
  private Set<PromptIndex.Match> matches(Turn turn) {
    Set<PromptIndex.Match> matches = new LinkedHashSet<>(index.find(turn.text()));
    if (!turn.input().isEmpty()) {
      Set<PromptIndex.Entry> known = new LinkedHashSet<>();
      matches.stream().filter(PromptIndex.Match::exact).forEach(m -> known.add(m.entry()));
      for (PromptIndex.Match match : index.find(turn.instruction())) {
        if (match.exact() && known.add(match.entry())) {
          matches.removeIf(each -> each.entry().equals(match.entry()));
          matches.add(match);
        }
      }
    }
    return matches;
  }
}
