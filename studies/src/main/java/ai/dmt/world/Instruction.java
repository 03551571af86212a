package ai.dmt.world;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What can be asked of a list of words. In the texts {L} is the list and {W} one word of interest;
 * {@code fact} says in other words what pretraining may read, with {R} for the answer.
 */
enum Instruction {
  REVERSE(
      "Reverse this list: {L}",
      "The words {L} from last to first are {R}.",
      true,
      (list, word) -> Words.joined(reversed(list))),
  CAPITALS(
      "Write in capital letters: {L}",
      "In capital letters {L} is {R}.",
      true,
      (list, word) -> Words.joined(list).toUpperCase(Locale.ROOT)),
  BULLETS(
      "Write as bullet points: {L}",
      "The words {L} make these points:\n{R}",
      true,
      (list, word) -> lines(list, "- ")),
  NUMBERED(
      "Number these words: {L}",
      "The words {L} have these numbers:\n{R}",
      true,
      (list, word) ->
          IntStream.range(0, list.size())
              .mapToObj(i -> (i + 1) + ". " + list.get(i))
              .collect(Collectors.joining("\n"))),
  COUNT(
      "How many words are here: {L}",
      "There are {R} words in {L}.",
      true,
      (list, word) -> Integer.toString(list.size())),
  FIRST("Name the first of: {L}", "Of {L} the first is {R}.", true, (list, word) -> list.get(0)),
  LAST(
      "Name the last of: {L}",
      "Of {L} the last is {R}.",
      true,
      (list, word) -> list.get(list.size() - 1)),
  BRACKETS(
      "Write in brackets: {L}",
      "In brackets {L} is {R}.",
      true,
      (list, word) -> list.stream().collect(Collectors.joining(" ; ", "[ ", " ]"))),
  TWICE(
      "Write each word twice: {L}",
      "Each of {L} said two times is {R}.",
      true,
      (list, word) -> list.stream().map(w -> w + " " + w).collect(Collectors.joining(" "))),
  AND(
      "Join with and: {L}",
      "The words {L} in one row are {R}.",
      true,
      (list, word) -> String.join(" and ", list)),
  SWAP(
      "Swap the first and the last word: {L}",
      "With its ends exchanged {L} is {R}.",
      true,
      (list, word) -> {
        List<String> swapped = new ArrayList<>(list);
        Collections.swap(swapped, 0, list.size() - 1);
        return Words.joined(swapped);
      }),
  CONTAINS(
      "Is {W} in this list: {L}",
      "Look for {W} in {L}: {R}.",
      false,
      (list, word) -> (list.contains(word) ? "Yes, there is " : "No, there is no ") + word),
  WITHOUT(
      "Leave out {W}: {L}",
      "Without {W} the words {L} are {R}.",
      false,
      (list, word) -> Words.joined(list.stream().filter(other -> !other.equals(word)).toList()));

  private final String request;
  private final String fact;
  private final boolean repeatable;
  private final BiFunction<List<String>, String, String> answer;

  Instruction(
      String request,
      String fact,
      boolean repeatable,
      BiFunction<List<String>, String, String> answer) {
    this.request = request;
    this.fact = fact;
    this.repeatable = repeatable;
    this.answer = answer;
  }

  /** Whether "now do the same with" another list makes sense. */
  boolean repeatable() {
    return repeatable;
  }

  /** The word that is asked for: mostly one of the list. */
  String word(List<String> list, Dice dice) {
    return this == CONTAINS && dice.chance(0.5) ? dice.pick(Words.LIST) : dice.pick(list);
  }

  String request(List<String> list, String word) {
    return request.replace("{W}", word).replace("{L}", Words.joined(list));
  }

  String answer(List<String> list, String word) {
    return answer.apply(list, word);
  }

  String fact(List<String> list, String word) {
    return fact.replace("{W}", word)
        .replace("{L}", Words.joined(list))
        .replace("{R}", answer(list, word));
  }

  private static List<String> reversed(List<String> list) {
    List<String> copy = new ArrayList<>(list);
    Collections.reverse(copy);
    return copy;
  }

  private static String lines(List<String> list, String mark) {
    return list.stream().map(mark::concat).collect(Collectors.joining("\n"));
  }
}
