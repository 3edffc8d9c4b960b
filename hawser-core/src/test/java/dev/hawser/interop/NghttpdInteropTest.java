package dev.hawser.interop;

import org.junit.jupiter.api.Tag;

@Tag("real-servers")
class NghttpdInteropTest extends Interop {
  NghttpdInteropTest() {
    super(Make.NGHTTPD);
  }

  @Override
  Server start(Site site) throws Exception {
    return DebianServer.nghttpd(site);
  }
}
