package ai.dmt.tokenizer;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Tokens beside a model's vocabulary, and the ids that Hugging Face's library gives them: a token
 * that the vocabulary has keeps its id, any other gets the next one. What a file states as an id is
 * not asked, there as here.
 */
final class AddedVocabulary {
  private final Map<String, Integer> vocabulary;
  private final Map<String, Integer> ids = new HashMap<>();
  private final SortedMap<Integer, AddedToken> tokens = new TreeMap<>();

  /** Begins with no token. */
  AddedVocabulary(Map<String, Integer> vocabulary) {
    this.vocabulary = vocabulary;
  }

  /** Adds a token; one that is there already gets the new token's properties. */
  void add(AddedToken token) {
    if (token.content().isEmpty() || tokens.containsValue(token)) {
      return;
    }
    int id = id(token.content()).orElseGet(this::next);
    ids.put(token.content(), id);
    tokens.put(id, token);
  }

  /** The id that a token gets that is new. */
  int next() {
    int size = vocabulary.size();
    int max = ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
    return max >= size || (size == 0 && max >= 0) ? max + 1 : size;
  }

  boolean contains(String content) {
    return ids.containsKey(content);
  }

  /** Id of an added token or of one of the vocabulary. */
  OptionalInt id(String content) {
    Integer id = ids.getOrDefault(content, vocabulary.get(content));
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  SortedMap<Integer, AddedToken> tokens() {
    return Collections.unmodifiableSortedMap(tokens);
  }
}
