package dev.hawser.interop;

class JettyInteropTest extends Interop {
  JettyInteropTest() {
    super(Make.JETTY);
  }

  @Override
  Server start(Site site) throws Exception {
    return JettyServer.start(site);
  }
}
