package dev.hawser.interop;

import org.junit.jupiter.api.Tag;

@Tag("real-servers")
class HaproxyInteropTest extends Interop {
  HaproxyInteropTest() {
    super(Make.HAPROXY);
  }

  @Override
  Server start(Site site) throws Exception {
    return DebianServer.haproxy(site);
  }
}
