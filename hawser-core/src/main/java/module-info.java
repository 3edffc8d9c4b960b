/** An HTTP client whose connections, DNS answers and TLS sessions stay fresh. */
module dev.hawser {
  requires transitive java.net.http;
  requires org.dnsjava;
  requires static org.conscrypt;
  requires static transitive org.jspecify;

  exports dev.hawser;
}
