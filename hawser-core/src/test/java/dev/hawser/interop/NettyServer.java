package dev.hawser.interop;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.stream.ChunkedInput;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Netty, in this process, a port for each protocol. Its reload sends GOAWAY on all connections of
 * HTTP/2; those of HTTP/1.1 are closed at once where they are idle, and after their response where
 * not.
 */
final class NettyServer implements Server {
  private static final AttributeKey<Boolean> BUSY = AttributeKey.valueOf("busy");
  private static final AttributeKey<Boolean> LEAVING = AttributeKey.valueOf("leaving");

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final Map<Protocol, Channel> listeners = new EnumMap<>(Protocol.class);

  private NettyServer() {}

  static NettyServer start(Site site) throws Exception {
    var server = new NettyServer();
    for (Protocol protocol : Protocol.values()) {
      server.listeners.put(protocol, server.listen(protocol, site));
    }
    return server;
  }

  private Channel listen(Protocol protocol, Site site) throws Exception {
    String application =
        protocol.multiplexed()
            ? ApplicationProtocolNames.HTTP_2
            : ApplicationProtocolNames.HTTP_1_1;
    SslContext tls =
        SslContextBuilder.forServer(
                site.dir().resolve("chain.pem").toFile(), site.dir().resolve("key.pem").toFile())
            .sslProvider(SslProvider.JDK)
            .applicationProtocolConfig(
                new ApplicationProtocolConfig(
                    ApplicationProtocolConfig.Protocol.ALPN,
                    ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                    ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                    application))
            .build();
    var initializer =
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            connections.add(channel);
            if (protocol.secure()) {
              channel.pipeline().addLast(tls.newHandler(channel.alloc()));
            }
            if (protocol.multiplexed()) {
              http2(channel.pipeline());
            } else {
              channel.pipeline().addLast(new HttpServerCodec(), new HttpServerKeepAliveHandler());
              exchanges(channel.pipeline());
            }
          }
        };
    return new ServerBootstrap()
        .group(loops)
        .channel(NioServerSocketChannel.class)
        .childHandler(initializer)
        .bind("127.0.0.1", 0)
        .sync()
        .channel();
  }

  private static void http2(ChannelPipeline pipeline) {
    var stream =
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            channel.pipeline().addLast(new Http2StreamFrameToHttpObjectCodec(true));
            exchanges(channel.pipeline());
          }
        };
    // By default this codec waits for no stream when it is closed.
    var frames = Http2FrameCodecBuilder.forServer().gracefulShutdownTimeoutMillis(10_000).build();
    pipeline.addLast(frames, new Http2MultiplexHandler(stream));
  }

  private static void exchanges(ChannelPipeline pipeline) {
    pipeline.addLast(new ChunkedWriteHandler(), new Paths());
  }

  @Override
  public int port(Protocol protocol) {
    return ((java.net.InetSocketAddress) listeners.get(protocol).localAddress()).getPort();
  }

  @Override
  public void reload() {
    for (Channel connection : connections) {
      connection.eventLoop().execute(() -> leave(connection));
    }
  }

  private static void leave(Channel connection) {
    connection.attr(LEAVING).set(true);
    boolean http2 = connection.pipeline().get(Http2FrameCodec.class) != null;
    // Closing is graceful over HTTP/2: GOAWAY, and the end when its streams have ended. One of
    // HTTP/1.1 that has not begun yet is not idle.
    if (http2 || Boolean.FALSE.equals(connection.attr(BUSY).get())) {
      connection.close();
    }
  }

  @Override
  public void close() throws IOException {
    loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** What {@link Server} lists. */
  private static final class Paths extends SimpleChannelInboundHandler<HttpObject> {
    private HttpRequest request;
    private Content.Check check;

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
      if (message instanceof HttpRequest begun) {
        request = begun;
        check = new Content.Check();
        context.channel().attr(BUSY).set(true);
        begin(context);
      }
      if (message instanceof HttpContent some && request != null) {
        for (ByteBuffer buffer : some.content().nioBuffers()) {
          check.add(buffer);
        }
        if (message instanceof LastHttpContent) {
          answer(context);
        }
      }
    }

    private void begin(ChannelHandlerContext context) {
      if (request.uri().equals("/refuse")) {
        request = null; // whatever comes of its body is dropped
        HttpResponse refusal = response(413, 0);
        if (!(context.channel() instanceof Http2StreamChannel)) {
          HttpUtil.setKeepAlive(refusal, false);
        }
        context.write(refusal);
        end(context, LastHttpContent.EMPTY_LAST_CONTENT);
      } else if (HttpUtil.is100ContinueExpected(request)) {
        context.writeAndFlush(
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
      }
    }

    private void answer(ChannelHandlerContext context) {
      String path = request.uri();
      switch (path) {
        case "/204" -> {
          context.write(new DefaultHttpResponse(HttpVersion.HTTP_1_1, status(204)));
          end(context, LastHttpContent.EMPTY_LAST_CONTENT);
        }
        case "/check" -> {
          byte[] text = check.toString().getBytes(StandardCharsets.US_ASCII);
          context.write(response(200, text.length));
          end(context, new DefaultLastHttpContent(Unpooled.wrappedBuffer(text)));
        }
        case "/trailers" -> {
          HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, status(200));
          HttpUtil.setTransferEncodingChunked(head, true);
          context.write(head);
          var last = new DefaultLastHttpContent(bytes(1_000));
          last.trailingHeaders().set("x-trailer", "last");
          end(context, last);
        }
        case "/hints" -> {
          var hints = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status(103));
          hints.headers().set("link", "</style.css>; rel=preload");
          context.writeAndFlush(hints);
          context.write(response(200, 1_000));
          end(context, new DefaultLastHttpContent(bytes(1_000)));
        }
        case "/cut" -> {
          context.write(response(200, 1_000_000));
          context
              .writeAndFlush(new DefaultHttpContent(bytes(100_000)))
              .addListener(done -> reset(context));
        }
        default -> file(context, Long.parseLong(path.substring("/bytes/".length())));
      }
    }

    private void file(ChannelHandlerContext context, long size) {
      boolean known = request.headers().contains(HttpHeaderNames.IF_NONE_MATCH, "\"it\"", false);
      HttpResponse head = response(known ? 304 : 200, size);
      head.headers().set(HttpHeaderNames.ETAG, "\"it\"");
      if (known || request.method().equals(HttpMethod.HEAD)) {
        context.write(head);
        end(context, LastHttpContent.EMPTY_LAST_CONTENT);
      } else {
        context.write(head);
        context.write(new Pieces(size));
        end(context, LastHttpContent.EMPTY_LAST_CONTENT);
      }
    }

    private static void reset(ChannelHandlerContext context) {
      if (context.channel() instanceof Http2StreamChannel) {
        context.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR));
      } else {
        context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
        context.close();
      }
    }

    private static void end(ChannelHandlerContext context, LastHttpContent last) {
      Channel channel = context.channel();
      channel.attr(BUSY).set(false);
      var sent = context.writeAndFlush(last);
      if (channel.attr(LEAVING).get() != null) {
        sent.addListener(ChannelFutureListener.CLOSE);
      }
    }

    private static HttpResponse response(int status, long size) {
      var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, status(status));
      HttpUtil.setContentLength(head, size);
      return head;
    }

    private static HttpResponseStatus status(int code) {
      return HttpResponseStatus.valueOf(code);
    }

    private static ByteBuf bytes(long size) {
      return Unpooled.wrappedBuffer(Content.pieces(size).toArray(byte[][]::new));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }

  /** A body that is written as fast as it is taken. */
  private static final class Pieces implements ChunkedInput<HttpContent> {
    private final Iterator<byte[]> left;
    private final long size;
    private long given;

    Pieces(long size) {
      this.left = Content.pieces(size).iterator();
      this.size = size;
    }

    @Override
    public HttpContent readChunk(ByteBufAllocator allocator) {
      byte[] piece = left.next();
      given += piece.length;
      return new DefaultHttpContent(Unpooled.wrappedBuffer(piece));
    }

    @Override
    @Deprecated
    public HttpContent readChunk(ChannelHandlerContext context) {
      return readChunk(context.alloc());
    }

    @Override
    public boolean isEndOfInput() {
      return !left.hasNext();
    }

    @Override
    public long length() {
      return size;
    }

    @Override
    public long progress() {
      return given;
    }

    @Override
    public void close() {}
  }
}
