package ai.dmt.data;

import com.hubspot.jinjava.el.JinjavaInterpreterResolver;
import com.hubspot.jinjava.lib.exptest.ExpTest;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.util.ForLoop;
import java.beans.FeatureDescriptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELResolver;

/**
 * What templates may ask of values: elements of lists and maps, the state of a loop, and the
 * methods of Python's strings and dictionaries that chat templates use. All else, such as a Java
 * method of a value, is an error.
 */
final class PythonMethods extends ELResolver {
  private final ELResolver standard = JinjavaInterpreterResolver.DEFAULT_RESOLVER_READ_ONLY;

  private PythonMethods() {}

  static ELResolver resolver() {
    return new PythonMethods();
  }

  @Override
  public Object getValue(ELContext context, Object base, Object property) {
    if (base instanceof Map<?, ?> || base instanceof List<?> || isLoopState(base, property)) {
      return standard.getValue(context, base, property);
    }
    if (base instanceof String text && String.valueOf(property).matches("-?\\d{1,9}")) {
      context.setPropertyResolved(true);
      int index = Integer.parseInt(String.valueOf(property));
      int at = index < 0 ? text.length() + index : index;
      return at >= 0 && at < text.length() ? text.substring(at, at + 1) : null;
    }
    context.setPropertyResolved(true); // undefined, as any attribute that is not there
    return null;
  }

  private static boolean isLoopState(Object base, Object property) {
    return base instanceof ForLoop && !"class".equals(property);
  }

  @Override
  public Object invoke(
      ELContext context, Object base, Object method, Class<?>[] types, Object[] arguments) {
    if (base instanceof Filter || base instanceof ExpTest) { // x | trim is a call of a filter
      return standard.invoke(context, base, method, types, arguments);
    }
    Object[] given = arguments == null ? new Object[0] : arguments;
    Object result;
    if (base instanceof String text) {
      result = ofText(text, String.valueOf(method), given);
    } else if (base instanceof Map<?, ?> map) {
      result = ofMap(map, String.valueOf(method), given);
    } else {
      throw unknown(method, base);
    }
    context.setPropertyResolved(true);
    return result;
  }

  private static Object ofText(String text, String method, Object[] given) {
    String first = given.length > 0 && given[0] != null ? given[0].toString() : null;
    return switch (method) {
      case "strip" -> rstrip(lstrip(text, first), first);
      case "lstrip" -> lstrip(text, first);
      case "rstrip" -> rstrip(text, first);
      case "startswith" -> text.startsWith(demand(first, method));
      case "endswith" -> text.endsWith(demand(first, method));
      case "find" -> (long) text.indexOf(demand(first, method));
      case "split" -> split(text, first, given);
      case "splitlines" -> new ArrayList<>(text.lines().toList());
      case "replace" -> text.replace(demand(first, method), demand(second(given), method));
      case "lower" -> text.toLowerCase(Locale.ROOT);
      case "upper" -> text.toUpperCase(Locale.ROOT);
      case "capitalize" -> capitalize(text);
      case "title" ->
          Pattern.compile("\\p{L}+").matcher(text).replaceAll(word -> capitalize(word.group()));
      default -> throw unknown(method, text);
    };
  }

  private static Object ofMap(Map<?, ?> map, String method, Object[] given) {
    return switch (method) {
      case "get" -> {
        Object found = given.length == 0 ? null : map.get(given[0]);
        yield found == null && given.length > 1 ? given[1] : found;
      }
      case "keys" -> new ArrayList<>(map.keySet());
      case "values" -> new ArrayList<>(map.values());
      case "items" -> {
        List<Object> items = new ArrayList<>();
        map.forEach((key, value) -> items.add(new ArrayList<>(Arrays.asList(key, value))));
        yield items;
      }
      default -> throw unknown(method, map);
    };
  }

  private static String second(Object[] given) {
    return given.length > 1 && given[1] != null ? given[1].toString() : null;
  }

  private static List<String> split(String text, String separator, Object[] given) {
    int most = given.length > 1 ? ((Number) given[1]).intValue() + 1 : -1;
    return separator == null
        ? new ArrayList<>(List.of(text.strip().split("\\s+")))
        : new ArrayList<>(List.of(text.split(Pattern.quote(separator), most)));
  }

  private static String lstrip(String text, String characters) {
    int from = 0;
    while (from < text.length() && strips(text.charAt(from), characters)) {
      from++;
    }
    return text.substring(from);
  }

  private static String rstrip(String text, String characters) {
    int to = text.length();
    while (to > 0 && strips(text.charAt(to - 1), characters)) {
      to--;
    }
    return text.substring(0, to);
  }

  private static boolean strips(char c, String characters) {
    return characters == null ? Character.isWhitespace(c) : characters.indexOf(c) >= 0;
  }

  private static String capitalize(String text) {
    return text.isEmpty()
        ? text
        : text.substring(0, 1).toUpperCase(Locale.ROOT)
            + text.substring(1).toLowerCase(Locale.ROOT);
  }

  private static String demand(String argument, String method) {
    if (argument == null) {
      throw new JinjaException.Refusal("the template calls %s without its text".formatted(method));
    }
    return argument;
  }

  private static JinjaException.Refusal unknown(Object method, Object base) {
    String kind = base instanceof String ? "a text" : base instanceof Map ? "a map" : "this value";
    return new JinjaException.Refusal(
        "the template calls %s of %s, which is not supported".formatted(method, kind));
  }

  @Override
  public void setValue(ELContext context, Object base, Object property, Object value) {
    throw new JinjaException.Refusal("the template changes a value, which is not supported");
  }

  @Override
  public boolean isReadOnly(ELContext context, Object base, Object property) {
    return true;
  }

  @Override
  public Class<?> getType(ELContext context, Object base, Object property) {
    return Object.class;
  }

  @Override
  public Class<?> getCommonPropertyType(ELContext context, Object base) {
    return Object.class;
  }

  @Override
  public Iterator<FeatureDescriptor> getFeatureDescriptors(ELContext context, Object base) {
    return null;
  }
}
