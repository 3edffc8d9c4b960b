package dev.hawser.interop;

import org.junit.jupiter.api.Tag;

@Tag("real-servers")
class ApacheInteropTest extends Interop {
  ApacheInteropTest() {
    super(Make.APACHE);
  }

  @Override
  Server start(Site site) throws Exception {
    return DebianServer.apache(site);
  }
}
