package dev.hawser;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.TypeVariable;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Nobody changes the public API by accident: what {@code public-api.txt} lists is what there is,
 * nullness included, but not what a record's head or an enum implies. A change on purpose updates
 * the listing, and a reviewer sees it.
 */
class PublicApiTest {
  private static final Path LISTING =
      Path.of(System.getProperty("basedir", "."), "src/test/resources/public-api.txt");
  private static final String UPDATE =
      "./mvnw -q -Dformat.skip -Dapi.update -Dtest=PublicApiTest"
          + " -Dsurefire.failIfNoSpecifiedTests=false -pl hawser-core -am test";

  @Test
  void isWhatTheListingSays() throws Exception {
    List<String> api = publicTypes().flatMap(PublicApiTest::describe).toList();
    if (System.getProperty("api.update") != null) {
      Files.write(LISTING, api);
    }
    List<String> listed = Files.exists(LISTING) ? Files.readAllLines(LISTING) : List.of();
    List<String> difference = new ArrayList<>();
    listed.stream()
        .filter(line -> !api.contains(line))
        .forEach(line -> difference.add("- " + line));
    api.stream()
        .filter(line -> !listed.contains(line))
        .forEach(line -> difference.add("+ " + line));
    assertThat(String.join("\n", difference))
        .as(
            "The public API has changed. If that was intended, update the listing with\n  %s",
            UPDATE)
        .isEmpty();
    assertThat(api).as("The order of the listing; update it with\n  %s", UPDATE).isEqualTo(listed);
  }

  /** The public types of the exported package, nested ones after their outer type. */
  private static Stream<Class<?>> publicTypes() throws IOException, URISyntaxException {
    Path classes =
        Path.of(Hawser.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path exported = classes.resolve(Hawser.class.getPackageName().replace('.', '/'));
    List<Class<?>> types = new ArrayList<>();
    try (Stream<Path> files = Files.list(exported)) {
      for (Path file :
          (Iterable<Path>) files.filter(f -> f.toString().endsWith(".class"))::iterator) {
        Class<?> type = load(file.getFileName().toString().replace(".class", ""));
        if (isVisible(type)) {
          types.add(type);
        }
      }
    }
    return types.stream().sorted(Comparator.comparing(Class::getName));
  }

  private static Class<?> load(String simpleName) {
    try {
      return Class.forName(Hawser.class.getPackageName() + "." + simpleName);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isVisible(Class<?> type) {
    return !type.isAnonymousClass()
        && !type.isSynthetic()
        && (type.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) != 0
        && (type.getEnclosingClass() == null || isVisible(type.getEnclosingClass()));
  }

  private static Stream<String> describe(Class<?> type) {
    Stream<String> members =
        Stream.of(
                Arrays.stream(type.getDeclaredFields())
                    .filter(PublicApiTest::isVisible)
                    .map(PublicApiTest::describe),
                Arrays.stream(type.getDeclaredConstructors())
                    .filter(PublicApiTest::isVisible)
                    .map(PublicApiTest::describe)
                    .sorted(),
                Arrays.stream(type.getDeclaredMethods())
                    .filter(PublicApiTest::isVisible)
                    .map(PublicApiTest::describe)
                    .sorted())
            .flatMap(m -> m)
            .map(member -> "  " + member);
    return Stream.concat(Stream.of(head(type)), members);
  }

  private static boolean isVisible(Member member) {
    return (member.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) != 0
        && !member.isSynthetic()
        && !(member instanceof Executable executable && isImplied(executable));
  }

  private static boolean isImplied(Executable executable) {
    Class<?> type = executable.getDeclaringClass();
    String name = executable.getName();
    List<Class<?>> parameters = List.of(executable.getParameterTypes());
    if (executable instanceof Method
        && Arrays.stream(Object.class.getMethods())
            .anyMatch(
                m ->
                    m.getName().equals(name)
                        && parameters.equals(List.of(m.getParameterTypes())))) {
      return true;
    }
    if (type.isRecord()) {
      List<RecordComponent> components = List.of(type.getRecordComponents());
      return executable instanceof Method
          ? parameters.isEmpty() && components.stream().anyMatch(c -> c.getName().equals(name))
          : parameters.equals(components.stream().map(RecordComponent::getType).toList());
    }
    return type.isEnum() && (name.equals("values") || name.equals("valueOf"));
  }

  private static String head(Class<?> type) {
    StringBuilder head = new StringBuilder(deprecated(type));
    int modifiers = type.getModifiers() & ~Modifier.INTERFACE;
    if (type.isInterface()) {
      modifiers &= ~(Modifier.ABSTRACT | Modifier.STATIC);
    } else if (type.isEnum() || type.isRecord()) {
      modifiers &= ~(Modifier.ABSTRACT | Modifier.FINAL | Modifier.STATIC);
    }
    head.append(modifiers(modifiers));
    head.append(type.isSealed() ? "sealed " : "");
    head.append(
        type.isAnnotation()
            ? "@interface "
            : type.isInterface()
                ? "interface "
                : type.isEnum() ? "enum " : type.isRecord() ? "record " : "class ");
    head.append(shorten(type.getName())).append(typeParameters(type.getTypeParameters()));
    if (type.isRecord()) {
      head.append(
          Arrays.stream(type.getRecordComponents())
              .map(c -> name(c.getAnnotatedType()) + " " + c.getName())
              .collect(joining(", ", "(", ")")));
    }
    AnnotatedType parent = type.getAnnotatedSuperclass();
    if (parent != null && !type.isEnum() && !type.isRecord() && parent.getType() != Object.class) {
      head.append(" extends ").append(name(parent));
    }
    if (type.getAnnotatedInterfaces().length > 0) {
      head.append(type.isInterface() ? " extends " : " implements ");
      head.append(names(type.getAnnotatedInterfaces()));
    }
    if (type.isSealed()) {
      head.append(
          Arrays.stream(type.getPermittedSubclasses())
              .map(permitted -> isVisible(permitted) ? shorten(permitted.getName()) : "(internal)")
              .sorted()
              .distinct()
              .collect(joining(", ", " permits ", "")));
    }
    return head.toString();
  }

  private static String describe(Field field) {
    return deprecated(field)
        + (field.isEnumConstant()
            ? field.getName()
            : modifiers(field.getModifiers())
                + name(field.getAnnotatedType())
                + " "
                + field.getName());
  }

  private static String describe(Constructor<?> constructor) {
    return deprecated(constructor)
        + modifiers(constructor.getModifiers())
        + constructor.getDeclaringClass().getSimpleName()
        + parametersAndThrows(constructor);
  }

  private static String describe(Method method) {
    int modifiers = method.getModifiers() & ~(Modifier.SYNCHRONIZED | Modifier.NATIVE);
    if (method.getDeclaringClass().isInterface()) {
      modifiers &= ~(Modifier.PUBLIC | Modifier.ABSTRACT);
    }
    String typeParameters = typeParameters(method.getTypeParameters());
    return deprecated(method)
        + modifiers(modifiers & ~(Modifier.TRANSIENT | Modifier.VOLATILE)) // varargs, bridge
        + (method.isDefault() ? "default " : "")
        + (typeParameters.isEmpty() ? "" : typeParameters + " ")
        + name(method.getAnnotatedReturnType())
        + " "
        + method.getName()
        + parametersAndThrows(method);
  }

  private static String parametersAndThrows(Executable executable) {
    String parameters =
        Arrays.stream(executable.getParameters())
            .map(PublicApiTest::describe)
            .collect(joining(", ", "(", ")"));
    AnnotatedType[] exceptions = executable.getAnnotatedExceptionTypes();
    return parameters + (exceptions.length == 0 ? "" : " throws " + names(exceptions));
  }

  private static String describe(Parameter parameter) {
    String type = name(parameter.getAnnotatedType());
    if (parameter.isVarArgs()) {
      type = type.replaceAll("\\[\\]$", "...");
    }
    return type + (parameter.isNamePresent() ? " " + parameter.getName() : "");
  }

  private static String typeParameters(TypeVariable<?>[] variables) {
    if (variables.length == 0) {
      return "";
    }
    return Arrays.stream(variables)
        .map(
            variable -> {
              String bounds =
                  Arrays.stream(variable.getAnnotatedBounds())
                      .map(PublicApiTest::name)
                      .collect(joining(" & "));
              return variable.getName() + (bounds.equals("Object") ? "" : " extends " + bounds);
            })
        .collect(joining(", ", "<", ">"));
  }

  private static String deprecated(AnnotatedElement element) {
    return element.isAnnotationPresent(Deprecated.class) ? "@Deprecated " : "";
  }

  private static String modifiers(int modifiers) {
    return modifiers == 0 ? "" : Modifier.toString(modifiers) + " ";
  }

  private static String names(AnnotatedType[] types) {
    return Arrays.stream(types).map(PublicApiTest::name).collect(joining(", "));
  }

  private static String name(AnnotatedType type) {
    return shorten(type.toString());
  }

  /**
   * Without the packages that everyone knows: {@code Duration}, {@code HttpResponse.BodyHandler}.
   */
  private static String shorten(String types) {
    return types
        .replace("()", "")
        .replaceAll("(?<![\\w.])(?:[a-z_][a-z0-9_]*\\.)+(?=@?[A-Z])", "")
        .replace('$', '.');
  }
}
