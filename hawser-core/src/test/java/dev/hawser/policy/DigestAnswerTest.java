package dev.hawser.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.PasswordAuthentication;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The examples of the RFCs, and which challenge is answered. */
class DigestAnswerTest {
  private static final PasswordAuthentication MUFASA = password("Mufasa", "Circle of Life");

  private static PasswordAuthentication password(String user, String password) {
    return new PasswordAuthentication(user, password.toCharArray());
  }

  private static Challenge challenge(String value) {
    return Challenge.parse(List.of(value)).getFirst();
  }

  /** RFC 7616 section 3.9.1. */
  @ParameterizedTest
  @CsvSource({
    "MD5,8ca523f5e9506fed4657c9700eebdbec",
    "SHA-256,753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
  })
  void theExampleWithBothAlgorithms(String algorithm, String response) {
    var answer =
        new DigestAnswer(
            challenge(
                """
                Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=%s, \
                nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", \
                opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"\
                """
                    .formatted(algorithm)),
            MUFASA,
            "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");

    assertThat(answer.to("GET", "/dir/index.html"))
        .isEqualTo(
            """
            Digest username="Mufasa", realm="http-auth@example.org", \
            nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", uri="/dir/index.html", \
            response="%s", algorithm=%s, qop=auth, nc=00000001, \
            cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", \
            opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"\
            """
                .formatted(response, algorithm));
    assertThat(answer.to("GET", "/dir/index.html"))
        .contains("nc=00000002")
        .doesNotContain(response);
  }

  /** RFC 2617 section 3.5, with a qop and, as RFC 2069 had it, without. */
  @ParameterizedTest
  @CsvSource({
    "'qop=\"auth\",',6629fae49393a05397450978507c4ef1",
    "'',670fd8c2df070c60b045671b8b24ff02"
  })
  void theOldExample(String qop, String response) {
    var answer =
        new DigestAnswer(
            challenge(
                """
                Digest realm="testrealm@host.com", %s \
                nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", \
                opaque="5ccc069c403ebaf9f0171e9517f40e41\"\
                """
                    .formatted(qop)),
            password("Mufasa", "Circle Of Life"),
            "0a4f113b");

    assertThat(answer.to("GET", "/dir/index.html")).contains("response=\"" + response + "\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Basic realm="a" | basic
          Basic realm="a", Digest realm="a", nonce="n" | digest
          Digest realm="a", nonce="n", qop="auth-int", Basic realm="b" | basic
          Digest realm="a", nonce="n", qop="auth-int" | none
          Digest realm="a", nonce="n", algorithm=SHA-3 | none
          Digest realm="a" | none
          Negotiate abc==, Bearer realm="x" | none
          NTLM, Basic realm="a, b", charset="UTF-8" | basic
          =, Basic realm="after nonsense" | none
          basic | basic
          """)
  void theStrongestThatIsKnown(String header, String scheme) {
    Challenge chosen = Answer.strongest(Challenge.parse(List.of(header)), AuthSchemes.OF_SERVERS);

    assertThat(chosen == null ? "none" : chosen.scheme()).isEqualTo(scheme);
  }

  @Test
  void sha256IsStrongerThanMd5WhereverItStands() {
    for (List<String> headers :
        List.of(
            List.of(
                "Digest realm=\"a\", nonce=\"1\", algorithm=SHA-256",
                "Digest realm=\"a\", nonce=\"2\""),
            List.of(
                "Digest realm=\"a\", nonce=\"2\", Digest realm=\"a\", nonce=\"1\","
                    + " algorithm=SHA-256-sess"))) {
      assertThat(Answer.strongest(Challenge.parse(headers), AuthSchemes.OF_SERVERS))
          .hasFieldOrPropertyWithValue("parameters.nonce", "1");
    }
  }

  @Test
  void quotesAndCommasInValues() {
    Challenge challenge = challenge("Basic realm=\"say \\\"hi\\\", all\" , charset = utf-8");

    assertThat(challenge.realm()).isEqualTo("say \"hi\", all");
    assertThat(challenge.says("charset", "UTF-8")).isTrue();
    assertThat(challenge.toString()).doesNotContain("password");
  }

  @Test
  void basicInTheServersCharset() {
    var password = password("tëst", "pä£");

    assertThat(Answer.to(challenge("Basic realm=a"), password).to("GET", "/"))
        .isEqualTo("Basic dOtzdDpw5KM=");
    assertThat(Answer.to(challenge("Basic realm=a, charset=\"utf-8\""), password).to("GET", "/"))
        .isEqualTo("Basic dMOrc3Q6cMOkwqM=");
  }
}
