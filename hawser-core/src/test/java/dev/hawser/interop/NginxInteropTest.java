package dev.hawser.interop;

import org.junit.jupiter.api.Tag;

@Tag("real-servers")
class NginxInteropTest extends Interop {
  NginxInteropTest() {
    super(Make.NGINX);
  }

  @Override
  Server start(Site site) throws Exception {
    return DebianServer.nginx(site);
  }
}
