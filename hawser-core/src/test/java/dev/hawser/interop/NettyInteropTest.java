package dev.hawser.interop;

class NettyInteropTest extends Interop {
  NettyInteropTest() {
    super(Make.NETTY);
  }

  @Override
  Server start(Site site) throws Exception {
    return NettyServer.start(site);
  }
}
