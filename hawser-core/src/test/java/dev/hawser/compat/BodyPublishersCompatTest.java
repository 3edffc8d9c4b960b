package dev.hawser.compat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link BodyPublishers}, method by method: what arrives, and how long it is said to be. */
@OnBothClients
class BodyPublishersCompatTest extends WithBothClients {
  private static final byte[] BYTES = letters(50_000).getBytes(StandardCharsets.US_ASCII);

  private void arrives(BodyPublisher publisher, String body, boolean lengthIsSaid)
      throws IOException, InterruptedException {
    assertThat(send(to("/echo").POST(publisher)).body()).isEqualTo(body);

    HttpResponse<String> seen = send(to("/headers").POST(publisher));
    assertThat(received(seen, "Content-Length"))
        .isEqualTo(lengthIsSaid ? List.of(Integer.toString(body.length())) : List.of());
    assertThat(received(seen, "Transfer-Encoding").contains("chunked"))
        .isEqualTo(!lengthIsSaid && subject.version() == Version.HTTP_1_1);
  }

  @Test
  void ofKnownLength(@TempDir Path folder) throws Exception {
    String text = letters(BYTES.length);
    Path file = Files.write(folder.resolve("file"), BYTES);

    arrives(BodyPublishers.ofString(text), text, true);
    arrives(BodyPublishers.ofByteArray(BYTES), text, true);
    arrives(BodyPublishers.ofByteArray(BYTES, 26, 52), letters(52), true);
    arrives(BodyPublishers.ofFile(file), text, true);
    arrives(BodyPublishers.fromPublisher(BodyPublishers.ofString(text), BYTES.length), text, true);
    arrives(
        BodyPublishers.concat(
            BodyPublishers.ofString("one "),
            BodyPublishers.noBody(),
            BodyPublishers.ofString("two")),
        "one two",
        true);
  }

  @Test
  void ofUnknownLength() throws Exception {
    String text = letters(BYTES.length);

    arrives(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(BYTES)), text, false);
    arrives(BodyPublishers.ofByteArrays(List.of(BYTES)), text, false);
    arrives(BodyPublishers.fromPublisher(BodyPublishers.ofString(text)), text, false);
    arrives(
        BodyPublishers.concat(
            BodyPublishers.ofString("one "),
            BodyPublishers.ofByteArrays(List.of(new byte[] {'2'}))),
        "one 2",
        false);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 16_383, 16_384, 16_385, 3_000_000})
  void ofAnySize(int size) throws Exception {
    String text = letters(size);

    assertThat(send(to("/echo").PUT(BodyPublishers.ofString(text))).body()).isEqualTo(text);
    assertThat(
            send(to("/upload")
                    .PUT(
                        BodyPublishers.ofByteArrays(
                            List.of(text.getBytes(StandardCharsets.US_ASCII)))))
                .body())
        .isEqualTo(size + "\n");
  }

  @Test
  void anEmptyPostSaysSo() throws Exception {
    HttpResponse<String> seen = send(to("/headers").POST(BodyPublishers.noBody()));

    if (subject.version() == Version.HTTP_1_1) {
      assertThat(received(seen, "Content-Length")).containsExactly("0");
    }
    assertThat(received(send(to("/headers").GET()), "Content-Length")).isEmpty();
  }

  @Test
  void aFileThatIsNotThereIsSaidAtOnce(@TempDir Path folder) {
    assertThatThrownBy(() -> BodyPublishers.ofFile(folder.resolve("none")))
        .isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void aPublishersFailureIsTheCalls() throws Exception {
    assertThatThrownBy(() -> send(to("/upload").POST(BodyPublishers.ofInputStream(() -> null))))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(
            () ->
                send(
                    to("/upload")
                        .POST(BodyPublishers.fromPublisher(BodyPublishers.ofString("four"), 3))))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(
            () ->
                send(
                    to("/upload")
                        .POST(BodyPublishers.fromPublisher(BodyPublishers.ofString("four"), 5))))
        .isInstanceOf(IOException.class);
    assertThat(get("/bytes/1").body()).isEqualTo(letters(1));
  }
}
