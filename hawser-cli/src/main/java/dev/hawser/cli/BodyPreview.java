package dev.hawser.cli;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The first lines of a body, if they are text that a terminal can show. */
final class BodyPreview implements Reception.Destination {
  private static final int MOST_BYTES = 8 * 1024;
  private static final int MOST_LINES = 8;
  private static final int MOST_COLUMNS = 160;
  private static final Pattern TEXT =
      Pattern.compile("(?i)text/.*|.*[/+](json|xml|yaml|javascript|x-www-form-urlencoded)\\b.*");
  private static final Pattern CHARSET = Pattern.compile("(?i)charset=\"?([A-Za-z0-9._:+-]+)");

  private final ByteArrayOutputStream begin = new ByteArrayOutputStream();
  private String note = "";
  private boolean text;
  private Charset charset = StandardCharsets.UTF_8;
  private boolean more;

  @Override
  public OutputStream open(Exchange.Head head) {
    String type = head.contentType();
    String coding = head.headers().firstValue("content-encoding").orElse("identity");
    text = type.isEmpty() || TEXT.matcher(type).matches();
    if (!coding.equalsIgnoreCase("identity")) {
      text = false;
      note = "(the body is encoded with " + Errors.printable(coding) + ": --output FILE keeps it)";
    }
    Matcher matcher = CHARSET.matcher(type);
    try {
      charset = matcher.find() ? Charset.forName(matcher.group(1)) : StandardCharsets.UTF_8;
    } catch (IllegalArgumentException e) {
      charset = StandardCharsets.ISO_8859_1; // shows at least what is ASCII
    }
    return new OutputStream() {
      @Override
      public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int from, int count) {
        int room = Math.min(count, MOST_BYTES - begin.size());
        begin.write(bytes, from, room);
        more |= room < count;
      }
    };
  }

  /** The lines; empty if there are none to show. */
  String text() {
    String all = begin.toString(charset);
    if (begin.size() == 0 || !text || all.indexOf('\0') >= 0) {
      return begin.size() == 0 ? "" : note;
    }
    List<String> lines = all.lines().limit(MOST_LINES + 1L).toList();
    var shown = new StringBuilder();
    lines.stream().limit(MOST_LINES).forEach(line -> shown.append(shortened(line)).append('\n'));
    boolean cut = more || lines.size() > MOST_LINES || lines.stream().anyMatch(BodyPreview::isLong);
    return cut ? shown + "(--body shows all)\n" : shown.toString();
  }

  private static boolean isLong(String line) {
    return line.length() > MOST_COLUMNS;
  }

  private static String shortened(String line) {
    String printable = Errors.printable(line.replace("\t", "    "));
    return isLong(printable) ? printable.substring(0, MOST_COLUMNS) + "..." : printable;
  }
}
