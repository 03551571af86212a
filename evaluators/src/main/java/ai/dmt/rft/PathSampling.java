package ai.dmt.rft;

import ai.dmt.checkpoint.ModelDigest;
import ai.dmt.config.ConfigException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.Conversation;
import ai.dmt.data.TemplateFile;
import ai.dmt.data.Turn;
import ai.dmt.evaluators.Fingerprint;
import ai.dmt.evaluators.gsm8k.Gsm8kProblem;
import ai.dmt.generate.Completion;
import ai.dmt.generate.GenerationListener;
import ai.dmt.generate.GenerationRequest;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.internal.files.WholeFile;
import ai.dmt.model.Model;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;

/**
 * Samples answers to questions with a model, into a folder: all questions once, then all a second
 * time, and so on. It may be killed at any moment and goes on where it was; so does one that is to
 * have more samples now. What a sample is depends on model, template, settings, question and its
 * number alone.
 */
public final class PathSampling {
  /** The samples, as {@link RftData} reads them. */
  public static final String SAMPLES = "samples.jsonl";

  /** What the samples were made with. */
  public static final String SETTINGS = "sampling.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Model model;
  private final ChatTemplate template;
  private final PathSettings settings;

  /**
   * Makes it; nothing is sampled yet.
   *
   * @param model stays the caller's
   * @param template that questions are put in
   * @param settings of the samples
   */
  public PathSampling(Model model, ChatTemplate template, PathSettings settings) {
    this.model = model;
    this.template = template;
    this.settings = settings;
  }

  /**
   * Samples what is missing.
   *
   * @param problems whose questions are asked; those that do not fit the model are passed over
   * @param folder is made if it is not there
   * @param done called after each sample with how many this call has made
   * @return how many questions do not fit the model
   * @throws ConfigException if the folder has samples that were made otherwise, or another process
   *     makes some
   * @throws ai.dmt.data.DataException if its samples are damaged
   */
  public int run(List<Gsm8kProblem> problems, Path folder, IntConsumer done) {
    demandSame(folder, identity(problems));
    List<int[]> prompts = problems.stream().map(this::prompt).toList();
    try (SampledPaths paths = SampledPaths.open(folder.resolve(SAMPLES))) {
      int[] made = {0};
      for (int sample = 0; sample < settings.samples(); sample++) {
        round(sample, prompts, paths, () -> done.accept(++made[0]));
      }
    }
    return (int) prompts.stream().filter(prompt -> !model.fits(prompt)).count();
  }

  private int[] prompt(Gsm8kProblem problem) {
    return model.encode(Conversation.of(Turn.user(problem.question())), template);
  }

  private void round(int sample, List<int[]> prompts, SampledPaths paths, Runnable done) {
    List<GenerationRequest> requests = new ArrayList<>();
    List<Integer> asked = new ArrayList<>();
    for (int p = 0; p < prompts.size(); p++) {
      if (model.fits(prompts.get(p)) && !paths.has(p, sample)) {
        requests.add(
            new GenerationRequest(Integer.toString(p), prompts.get(p), settings.seed(p, sample)));
        asked.add(p);
      }
    }
    model.complete(
        requests,
        template,
        settings.generation(),
        new GenerationListener() {
          @Override
          public void onCompletion(int request, Completion completion) {
            paths.add(
                asked.get(request),
                sample,
                template.answer(completion.text()),
                completion.reason().name().toLowerCase(Locale.ROOT));
            done.run();
          }
        });
  }

  /** What samples depend on, but for their number. */
  private ObjectNode identity(List<Gsm8kProblem> problems) {
    Fingerprint questions = new Fingerprint();
    problems.forEach(problem -> questions.add(problem.question()));
    try {
      return JSON.createObjectNode()
          .put("model", ModelDigest.of(model.info().folder()))
          .put("template", new Fingerprint().add(TemplateFile.content(template).toString()).text())
          .put("questions", questions.text())
          .put("temperature", settings.temperature())
          .put("top_p", settings.topP())
          .put("max_new_tokens", settings.maxNewTokens())
          .put("seed", settings.seed());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void demandSame(Path folder, ObjectNode identity) {
    try {
      Path file = OutputPlace.make(folder).resolve(SETTINGS);
      if (!Files.exists(file)) {
        if (Files.exists(folder.resolve(SAMPLES))) {
          throw new ConfigException(
              "%s has %s, and no %s says what they were made with"
                  .formatted(folder, SAMPLES, SETTINGS));
        }
        WholeFile.replace(file, identity.toPrettyString() + "\n");
        return;
      }
      JsonNode there = JSON.readTree(Files.readString(file));
      for (var each : identity.properties()) {
        String was = there.path(each.getKey()).asText();
        if (!was.equals(each.getValue().asText())) {
          throw new ConfigException(
              "%s: the samples there were made with %s %s, these would be with %s; take another folder"
                  .formatted(file, each.getKey(), was, each.getValue().asText()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be used: %s".formatted(folder, e.getMessage()), e);
    }
  }
}
