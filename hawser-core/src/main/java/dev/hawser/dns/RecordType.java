package dev.hawser.dns;

import org.xbill.DNS.Type;

/** What is asked for. */
public enum RecordType {
  A(Type.A),
  AAAA(Type.AAAA),
  SRV(Type.SRV),
  HTTPS(Type.HTTPS),
  /** Addresses of either family, from elsewhere than DNS. */
  ADDRESS(0);

  final int code;

  RecordType(int code) {
    this.code = code;
  }
}
