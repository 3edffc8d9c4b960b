package dev.hawser.interop;

import org.junit.jupiter.api.Tag;

@Tag("real-servers")
class NodeInteropTest extends Interop {
  NodeInteropTest() {
    super(Make.NODE);
  }

  @Override
  Server start(Site site) throws Exception {
    return DebianServer.node(site);
  }
}
