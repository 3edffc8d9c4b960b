package dev.hawser.tls;

import dev.hawser.ClientSnapshot;
import dev.hawser.ExchangeEvent;
import dev.hawser.TlsFile;
import dev.hawser.TlsOptions;
import dev.hawser.TlsOptions.Identity;
import dev.hawser.TlsOptions.Stapling;
import dev.hawser.io.Events;
import dev.hawser.io.FileVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The TLS context that files say, made anew when they change. What cannot be used leaves the last
 * one in place: a file may be half written, deleted for a moment, or a certificate may have come
 * before its key.
 */
public final class FileContext {
  /**
   * Between two looks. Changed files are read when they have stayed the same for one, and so are in
   * use half a second after they were written.
   */
  private static final long PERIOD = 250_000_000;

  /** Who renews does so with a third of the time left; with a fifth, it seems that nobody has. */
  private static final int WARN_AT_PART = 5;

  private static final Duration WARN_AT_MOST = Duration.ofDays(14);

  private static final System.Logger LOG = System.getLogger("dev.hawser.tls");

  private record Loaded(
      SSLContext context,
      List<ClientSnapshot.Certificate> certificates,
      Map<Path, FileVersion> versions) {}

  private final TlsOptions options;
  private final TlsLibrary library;
  private final Events events;
  private final InstantSource clock;
  private final Runnable reloaded;
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile Loaded loaded;
  private volatile long lookAt = Long.MIN_VALUE; // the ticker's
  // By the look under way alone.
  private Map<Path, FileVersion> seen;
  private @Nullable String problem;
  private final Set<ClientSnapshot.Certificate> warned = new HashSet<>();

  /**
   * Reads the files.
   *
   * @param library who is to compute
   * @param reloaded is run when a new context is in place
   * @throws IOException if they cannot be used; the message is for the user
   */
  public FileContext(
      TlsOptions options, TlsLibrary library, Events events, InstantSource clock, Runnable reloaded)
      throws IOException {
    this.options = options;
    this.library = library;
    this.events = events;
    this.clock = clock;
    this.reloaded = reloaded;
    this.seen = versions();
    this.loaded = load(seen);
  }

  /**
   * Whether these options need a context of their own: stricter checks do for its sessions, as one
   * that another client of the process made without them is not to be resumed.
   */
  public static boolean isNeeded(TlsOptions options) {
    return options.trustAnyone()
        || !options.roots().isEmpty()
        || options.identity().isPresent()
        || !options.pins().isEmpty()
        || options.stapling() != Stapling.CHECKED;
  }

  /** The context that the files said when they were last good. */
  public SSLContext context() {
    return loaded.context();
  }

  /** The certificates that it was made of. */
  public List<ClientSnapshot.Certificate> certificates() {
    return loaded.certificates();
  }

  /**
   * Begins a look when it is time, on a thread of its own: a file may be far away. Returns when to
   * call again.
   */
  public long sweep(long now) {
    if (now >= lookAt && looking.compareAndSet(false, true)) {
      lookAt = now + PERIOD;
      Thread.ofVirtual()
          .name("hawser-tls-files")
          .start(
              () -> {
                try {
                  look();
                } finally {
                  looking.set(false);
                }
              });
    }
    return Math.max(lookAt, now + 1);
  }

  /** Looks at the files, and reads those that have changed and are quiet. */
  void look() {
    Map<Path, FileVersion> versions = versions();
    boolean quiet = versions.equals(seen);
    seen = versions;
    if (!versions.equals(loaded.versions())) {
      if (quiet) {
        reload(versions);
      }
    } else if (problem != null) {
      problem = null; // as they were
    }
    warnOfExpiry();
  }

  private void reload(Map<Path, FileVersion> versions) {
    try {
      Loaded next = load(versions);
      if (!versions().equals(versions)) {
        return; // changed while they were read
      }
      loaded = next;
      problem = null;
      warned.retainAll(next.certificates());
      LOG.log(System.Logger.Level.INFO, "new certificates are in use: {0}", versions.keySet());
      reloaded.run();
      tell(new ExchangeEvent.CertificatesReloaded(next.certificates()));
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      if (!message.equals(problem)) {
        problem = message;
        LOG.log(
            System.Logger.Level.WARNING,
            "changed files cannot be used; those read before stay in use: {0}",
            message);
        tell(new ExchangeEvent.CertificatesRefused(message));
      }
    }
  }

  private void warnOfExpiry() {
    var now = clock.instant();
    for (ClientSnapshot.Certificate certificate : loaded.certificates()) {
      Duration whole = Duration.between(certificate.notBefore(), certificate.notAfter());
      Duration part = whole.dividedBy(WARN_AT_PART);
      Duration ahead = part.compareTo(WARN_AT_MOST) < 0 ? part : WARN_AT_MOST;
      if (now.isAfter(certificate.notAfter().minus(ahead)) && warned.add(certificate)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "{0}: the certificate of {1} ends at {2}; renew it",
            certificate.file(),
            certificate.subject(),
            certificate.notAfter());
        tell(new ExchangeEvent.CertificateExpiring(certificate));
      }
    }
  }

  private void tell(ExchangeEvent event) {
    if (events.wanted()) {
      events.tell(event);
    }
  }

  private Map<Path, FileVersion> versions() {
    var versions = new HashMap<Path, FileVersion>();
    files()
        .forEach(
            file -> {
              FileVersion version = FileVersion.of(file.path());
              if (version != null) {
                versions.put(file.path(), version);
              }
            });
    return versions;
  }

  private Stream<TlsFile> files() {
    return Stream.concat(
        options.roots().stream(),
        options.identity().stream().flatMap(own -> Stream.of(own.certificates(), own.key())));
  }

  private Loaded load(Map<Path, FileVersion> versions) throws IOException {
    var roots = new ArrayList<X509Certificate>();
    var facts = new ArrayList<ClientSnapshot.Certificate>();
    for (TlsFile file : options.roots()) {
      List<X509Certificate> inFile = new KeyFile("tls.roots", file).certificates();
      roots.addAll(inFile);
      inFile.forEach(certificate -> facts.add(fact(file, false, certificate)));
    }
    try {
      KeyManager[] keys = null;
      Optional<Identity> identity = options.identity();
      if (identity.isPresent()) {
        TlsFile file = identity.get().certificates();
        List<X509Certificate> chain = new KeyFile("tls.identity", file).certificates();
        PrivateKey key = new KeyFile("tls.identity", identity.get().key()).privateKey();
        if (!belongTogether(key, chain.getFirst())) {
          throw new IOException(
              "tls.identity: the key in %s is not that of the first certificate of %s"
                  .formatted(identity.get().key(), file));
        }
        keys = new KeyManager[] {new OneKey(key, chain)};
        chain.forEach(certificate -> facts.add(fact(file, true, certificate)));
      }
      SSLContext context =
          library.newContext(keys, ChainWitness.beside(Trust.managers(options, roots), checks()));
      return new Loaded(context, List.copyOf(facts), versions);
    } catch (GeneralSecurityException e) {
      throw new IOException("these TLS files cannot be used: " + e.getMessage(), e);
    }
  }

  private List<ChainCheck> checks() {
    var checks = new ArrayList<ChainCheck>();
    if (!options.trustAnyone()) {
      checks.add(new NameCheck());
    }
    if (!options.pins().isEmpty()) {
      checks.add(new PinCheck(options));
    }
    if (options.stapling() != Stapling.IGNORED && !options.trustAnyone()) {
      checks.add(new StapleCheck(options.stapling()));
    }
    return checks;
  }

  private static ClientSnapshot.Certificate fact(
      TlsFile file, boolean own, X509Certificate certificate) {
    return new ClientSnapshot.Certificate(
        file.path(),
        own,
        certificate.getSubjectX500Principal().getName(),
        certificate.getNotBefore().toInstant(),
        certificate.getNotAfter().toInstant());
  }

  /** Whether the certificate verifies what the key signs. */
  private static boolean belongTogether(PrivateKey key, X509Certificate certificate)
      throws GeneralSecurityException {
    if (!certificate.getPublicKey().getAlgorithm().equals(key.getAlgorithm())) {
      return false;
    }
    String algorithm =
        switch (key.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> key.getAlgorithm();
        };
    byte[] text = {1, 2, 3};
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(text);
    byte[] signed = signature.sign();
    signature.initVerify(certificate.getPublicKey());
    signature.update(text);
    return signature.verify(signed);
  }
}
