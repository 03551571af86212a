package ai.dmt.architecture;

import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a module promises, as text: a line for each public or protected type and member. */
final class PublicApi {
  /** A record with more components may get another one: users make it from its defaults. */
  private static final int MOST_COMPONENTS = 4;

  private PublicApi() {}

  /** The text. @param types in any order */
  static String text(Collection<Class<?>> types) {
    return types.stream()
        .filter(PublicApi::isPromised)
        .sorted((a, b) -> a.getName().compareTo(b.getName()))
        .flatMap(PublicApi::lines)
        .collect(Collectors.joining("\n", "", "\n"));
  }

  /** Types inside packages named internal are not for users. */
  private static boolean isPromised(Class<?> type) {
    for (Class<?> each = type; each != null; each = each.getEnclosingClass()) {
      if (each.isAnonymousClass() || each.isLocalClass() || !isVisible(each.getModifiers())) {
        return false;
      }
    }
    return !(type.getPackageName() + ".").contains(".internal.")
        && !type.getSimpleName().equals("package-info");
  }

  private static boolean isVisible(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private static Stream<String> lines(Class<?> type) {
    Stream<String> fields =
        members(type.getDeclaredFields()).map(field -> head(field) + name(field));
    Stream<String> constructors =
        members(type.getDeclaredConstructors())
            .filter(each -> !isOfWideRecord(each))
            .map(each -> modifiers(each) + "new" + arguments(each));
    Stream<String> methods =
        members(type.getDeclaredMethods())
            .map(method -> head(method) + name(method) + arguments(method));
    return Stream.concat(
        Stream.of(declaration(type)),
        Stream.of(fields, constructors, methods)
            .flatMap(each -> each)
            .sorted()
            .map(each -> "  " + each));
  }

  /** A new component changes this constructor, and nobody shall depend on it. */
  private static boolean isOfWideRecord(Constructor<?> constructor) {
    RecordComponent[] components = constructor.getDeclaringClass().getRecordComponents();
    return components != null
        && components.length > MOST_COMPONENTS
        && constructor.getParameterCount() == components.length;
  }

  private static String declaration(Class<?> type) {
    String kind =
        type.isAnnotation()
            ? "@interface"
            : type.isInterface()
                ? "interface"
                : type.isEnum() ? "enum" : type.isRecord() ? "record" : "class";
    String bases =
        Stream.concat(
                Stream.ofNullable(type.getGenericSuperclass()),
                Arrays.stream(type.getGenericInterfaces()))
            .map(each -> each.getTypeName())
            .filter(each -> !each.matches("java\\.lang\\.(Object|Record|Enum<.*>)"))
            .collect(Collectors.joining(", "));
    String open =
        kind.equals("class") && Modifier.isAbstract(type.getModifiers()) ? "abstract " : "";
    String closed = kind.equals("class") && Modifier.isFinal(type.getModifiers()) ? "final " : "";
    return open + closed + kind + " " + type.getName() + (bases.isEmpty() ? "" : " : " + bases);
  }

  private static <M extends Member> Stream<M> members(M[] all) {
    return Arrays.stream(all).filter(each -> isVisible(each.getModifiers()) && !each.isSynthetic());
  }

  private static String head(Member member) {
    String type =
        member instanceof Field field
            ? text(field.getAnnotatedType())
            : text(((Method) member).getAnnotatedReturnType());
    return modifiers(member) + type + " ";
  }

  /** With what may be null. */
  private static String text(AnnotatedType type) {
    return type.toString().replace("@" + Nullable.class.getName() + "()", "@Nullable");
  }

  private static String modifiers(Member member) {
    int modifiers = member.getModifiers();
    return List.of(
            Modifier.isProtected(modifiers) ? "protected " : "",
            Modifier.isStatic(modifiers) ? "static " : "",
            Modifier.isAbstract(modifiers) ? "abstract " : "")
        .stream()
        .collect(Collectors.joining());
  }

  private static String name(Member member) {
    return member.getName();
  }

  private static String arguments(Executable member) {
    String thrown =
        Arrays.stream(member.getExceptionTypes())
            .map(Class::getTypeName)
            .collect(Collectors.joining(", "));
    return Arrays.stream(member.getAnnotatedParameterTypes())
            .map(PublicApi::text)
            .collect(Collectors.joining(", ", "(", ")"))
        + (thrown.isEmpty() ? "" : " throws " + thrown);
  }
}
