package ai.dmt.evaluators.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class SecretTest {
  private static final String KEY = "sk-Proj_9/x+Y==7?>~\"q";
  private static final Secret SECRET = new Secret(KEY);

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void keyIsMaskedAsItIsAndEscaped() {
    String json = KEY.replace("\"", "\\u0022").replace("/", "\\u002F");
    String html = KEY.replace("\"", "&#34;").replace(">", "&#x3E;");
    String spaced = String.join(" ", KEY.split(""));
    String url = URLEncoder.encode(KEY, StandardCharsets.UTF_8);
    String all =
        "%" + String.join("%", HexFormat.ofDelimiter("%").formatHex(bytes(KEY)).split("%"));
    for (String form :
        List.of(KEY, KEY.toLowerCase(java.util.Locale.ROOT), json, html, spaced, url, all)) {
      assertEquals("a ***, b", SECRET.masked("a " + form + ", b"));
    }
  }

  @Test
  void keyIsMaskedInHexadecimalDigits() {
    String hex = HexFormat.of().formatHex(bytes(KEY));
    for (String form :
        List.of(
            hex,
            hex.toUpperCase(java.util.Locale.ROOT),
            HexFormat.ofDelimiter(":").formatHex(bytes(KEY)))) {
      assertEquals("a ***, b", SECRET.masked("a " + form + ", b"));
    }
  }

  @Test
  void nothingOfTheKeyIsLeftInBase64WhereverItStands() {
    List<Base64.Encoder> encoders =
        List.of(
            Base64.getEncoder(),
            Base64.getUrlEncoder(),
            Base64.getUrlEncoder().withoutPadding(),
            Base64.getMimeEncoder(16, bytes("\n")));
    List<String> left = new ArrayList<>();
    for (Base64.Encoder encoder : encoders) {
      for (String before : List.of("", "B", "Be", "Bearer ")) {
        for (String after : List.of("", "x", "xy", "xyz")) {
          String masked = SECRET.masked(encoder.encodeToString(bytes(before + KEY + after)));
          if (!masked.contains(Secret.MASK)) {
            left.add(before + "|" + after + " " + masked);
          }
        }
      }
    }
    assertEquals(List.of(), left);
  }

  @Test
  void otherTextsAndWordsAsKeysStayAsTheyAre() {
    assertEquals("Rating: [[5]]", SECRET.masked("Rating: [[5]]"));
    assertEquals("EMPTY", new Secret("EMPTY").masked("EMPTY"));
    assertEquals("x", new Secret(null).masked("x"));
  }
}
