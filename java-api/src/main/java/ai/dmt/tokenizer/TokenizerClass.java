package ai.dmt.tokenizer;

import static ai.dmt.tokenizer.TokenizerParts.END_OF_TEXT;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The classes of transformers that models of LLaMA's architecture name as {@code tokenizer_class}.
 *
 * <p>[Note: tokenizer classes] Since version 5 most classes of transformers take vocabulary, merges
 * and post-processor from tokenizer.json, and put a normaliser, a pre-tokeniser and a decoder of
 * their own in place of the file's. A folder's ids are those that its class makes, so the same is
 * done here; only {@code PreTrainedTokenizerFast} and the like use the file as it is. A class that
 * contradicts the file's vocabulary (LlamaTokenizerFast on a byte-level one, as DeepSeek's models
 * have it) is no guide, and the file is used as it is: transformers knows such models by name.
 */
enum TokenizerClass {
  /** Uses the file as it is. */
  FILE(false) {
    @Override
    void applyTo(ObjectNode tokenizer, JsonNode settings, Map<String, String> named) {}
  },

  LLAMA(false, "bos_token", "<s>", "eos_token", "</s>", "unk_token", "<unk>") {
    @Override
    void applyTo(ObjectNode tokenizer, JsonNode settings, Map<String, String> named) {
      boolean prefix = flag(settings, "add_prefix_space", true);
      String scheme = flag(settings, "legacy", false) ? "always" : "first";
      setModel(tokenizer, null, true);
      TokenizerParts.set(
          tokenizer,
          "null",
          TokenizerParts.metaspace(prefix ? scheme : "never"),
          TokenizerParts.PIECES + (prefix ? TokenizerParts.STRIP : ""));
    }
  },

  CODE_LLAMA(
      false,
      "bos_token",
      "<s>",
      "eos_token",
      "</s>",
      "unk_token",
      "<unk>",
      "prefix_token",
      "\u2581<PRE>",
      "middle_token",
      "\u2581<MID>",
      "suffix_token",
      "\u2581<SUF>",
      "eot_token",
      "\u2581<EOT>",
      "fill_token",
      "<FILL_ME>") {
    @Override
    void applyTo(ObjectNode tokenizer, JsonNode settings, Map<String, String> named) {
      boolean prefix = flag(settings, "add_prefix_space", true);
      setModel(tokenizer, named.get("unk_token"), true);
      TokenizerParts.set(
          tokenizer,
          "null",
          TokenizerParts.metaspace(prefix ? "first" : "never"),
          TokenizerParts.PIECES + TokenizerParts.STRIP);
    }
  },

  GEMMA(
      false,
      "bos_token",
      "<bos>",
      "eos_token",
      "<eos>",
      "unk_token",
      "<unk>",
      "pad_token",
      "<pad>",
      "mask_token",
      "<mask>") {
    @Override
    void applyTo(ObjectNode tokenizer, JsonNode settings, Map<String, String> named) {
      setModel(tokenizer, named.get("unk_token"), true);
      TokenizerParts.set(
          tokenizer,
          "{\"type\": \"Replace\", \"pattern\": {\"String\": \" \"}, \"content\": \"\u2581\"}",
          "{\"type\": \"Split\", \"pattern\": {\"String\": \" \"},"
              + " \"behavior\": \"MergedWithPrevious\", \"invert\": false}",
          TokenizerParts.PIECES);
    }
  },

  GPT2(true, "bos_token", END_OF_TEXT, "eos_token", END_OF_TEXT, "unk_token", END_OF_TEXT) {
    @Override
    void applyTo(ObjectNode tokenizer, JsonNode settings, Map<String, String> named) {
      setModel(tokenizer, null, false);
      boolean prefix = flag(settings, "add_prefix_space", false);
      TokenizerParts.set(
          tokenizer, "null", TokenizerParts.byteLevel(prefix, true), TokenizerParts.BYTE_LEVEL);
    }
  },

  GPT_NEOX(
      true,
      "bos_token",
      END_OF_TEXT,
      "eos_token",
      END_OF_TEXT,
      "unk_token",
      END_OF_TEXT,
      "pad_token",
      "<|padding|>") {
    @Override
    void applyTo(ObjectNode tokenizer, JsonNode settings, Map<String, String> named) {
      setModel(tokenizer, null, false);
      TokenizerParts.set(
          tokenizer,
          TokenizerParts.NFC,
          TokenizerParts.byteLevel(flag(settings, "add_prefix_space", false), true),
          TokenizerParts.BYTE_LEVEL);
    }
  },

  QWEN2(true, "eos_token", END_OF_TEXT, "unk_token", END_OF_TEXT, "pad_token", END_OF_TEXT) {
    @Override
    void applyTo(ObjectNode tokenizer, JsonNode settings, Map<String, String> named) {
      setModel(tokenizer, null, false);
      boolean prefix = flag(settings, "add_prefix_space", false);
      TokenizerParts.set(
          tokenizer,
          TokenizerParts.NFC,
          TokenizerParts.wordsOf(TokenizerParts.QWEN2_WORDS, prefix),
          TokenizerParts.BYTE_LEVEL);
    }
  };

  /** Classes of transformers that do something else, for other kinds of models. */
  private static final Set<String> OTHERS =
      Set.of(
          ("Albert Bart Barthez Bartpho BertGeneration BertJapanese Bert Bertweet BigBird BioGpt"
                  + " BlenderbotSmall Blenderbot ByT5 CLIP CTRL Camembert Canine Clvp Cohere CpmAnt"
                  + " Cpm DPRQuestionEncoder Deberta DebertaV2 Dia Esm Esmc FSMT Flaubert Funnel"
                  + " GPTNeoXJapanese GPTSw3 Herbert LED Lasr LayoutLMv2 LayoutLMv3 LayoutXLM Luke"
                  + " Lxmert M2M100 MBart50 MBart MLuke MPNet Marian MarkupLM Mgpstr MobileBert Mvp"
                  + " MyT5 Nllb Nougat OpenAIGPT PLBart Pegasus Perceiver Phobert ProphetNet Qwen3_5"
                  + " Rag Reformer RemBert RoCBert RoFormer Roberta SeamlessM4T Siglip2 Siglip"
                  + " Speech2Text SpeechT5 Splinter T5 Tapas Tipsv2 Udop VideoPrism Vits Wav2Vec2CTC"
                  + " Wav2Vec2PhonemeCTC Whisper XGLM XLMRoberta XLM XLNet")
              .split(" "));

  private final boolean byteLevel;
  private final Map<String, String> names = new LinkedHashMap<>();

  TokenizerClass(boolean byteLevel, String... names) {
    this.byteLevel = byteLevel;
    for (int i = 0; i < names.length; i += 2) {
      this.names.put(names[i], names[i + 1]);
    }
  }

  /**
   * The class of a name.
   *
   * @throws IllegalArgumentException if it is none that is known to work
   */
  static TokenizerClass of(String name) {
    String stem = name.replaceFirst("Fast$", "").replaceFirst("Tokenizer$", "");
    if (name.contains("Tokenizer") && OTHERS.contains(stem)) {
      throw new IllegalArgumentException(
          ("tokenizer_class %s is not supported; supported are %s, and PreTrainedTokenizerFast for"
                  + " a tokenizer.json as it is")
              .formatted(
                  name,
                  List.of(
                      "LlamaTokenizer",
                      "CodeLlamaTokenizer",
                      "GemmaTokenizer",
                      "GPT2Tokenizer",
                      "GPTNeoXTokenizer",
                      "Qwen2Tokenizer")));
    }
    return switch (stem) {
      case "Llama" -> LLAMA;
      case "CodeLlama" -> CODE_LLAMA;
      case "Gemma" -> GEMMA;
      case "GPT2" -> GPT2;
      case "GPTNeoX" -> GPT_NEOX;
      case "Qwen2" -> QWEN2;
      default -> FILE;
    };
  }

  /** Puts the class's own parts in place of a tokenizer's. */
  abstract void applyTo(ObjectNode tokenizer, JsonNode settings, Map<String, String> named);

  /** Tokens that the class names where the folder does not, by their use. */
  Map<String, String> names() {
    return names;
  }

  /** Whether a vocabulary is of the kind that the class is made for. */
  boolean fits(JsonNode model, boolean vocabularyIsByteLevel) {
    return this == FILE
        || (model.path("vocab").isObject()
            && model.path("type").asText("BPE").equals("BPE")
            && vocabularyIsByteLevel == byteLevel);
  }

  /** A setting; null counts as one that is absent. */
  private static boolean flag(JsonNode settings, String name, boolean otherwise) {
    return settings.hasNonNull(name) ? settings.get(name).asBoolean() : otherwise;
  }

  private static void setModel(ObjectNode tokenizer, @Nullable String unk, boolean pieces) {
    ObjectNode model = (ObjectNode) tokenizer.get("model");
    model.put("type", "BPE").put("unk_token", unk).putNull("dropout");
    model.put("byte_fallback", pieces).put("fuse_unk", pieces).put("ignore_merges", false);
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
  }
}
