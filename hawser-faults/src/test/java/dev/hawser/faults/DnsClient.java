package dev.hawser.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/** Asks a server, and takes whatever comes for an answer. */
final class DnsClient implements AutoCloseable {
  private static final int PATIENCE = 10_000;

  private final InetSocketAddress server;
  private final DatagramSocket udp;

  DnsClient(InetAddress address, int port) throws IOException {
    this.server = new InetSocketAddress(address, port);
    // Not connected: what comes from elsewhere is to be seen.
    this.udp = new DatagramSocket(new InetSocketAddress(address, 0));
    udp.setSoTimeout(PATIENCE);
  }

  /** A question that knows EDNS. */
  static Message edns(String name, int type) {
    Message query = query(name, type);
    query.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
    return query;
  }

  static Message query(String name, int type) {
    return Message.newQuery(Record.newRecord(Name.fromConstantString(name + "."), type, DClass.IN));
  }

  void send(byte[] query) throws IOException {
    udp.send(new DatagramPacket(query, query.length, server));
  }

  Message send(String name, int type) throws IOException {
    Message query = query(name, type);
    send(query.toWire());
    return query;
  }

  DatagramPacket packet() throws IOException {
    var packet = new DatagramPacket(new byte[65_535], 65_535);
    udp.receive(packet);
    return packet;
  }

  byte[] bytes() throws IOException {
    DatagramPacket packet = packet();
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  Message receive() throws IOException {
    return new Message(bytes());
  }

  Message ask(String name, int type) throws IOException {
    send(name, type);
    return receive();
  }

  /** The values that come back for a name. */
  List<String> values(String name, int type) throws IOException {
    return values(ask(name, type));
  }

  static List<String> values(Message answer) {
    return answer.getSection(Section.ANSWER).stream().map(Record::rdataToString).toList();
  }

  Socket connect() throws IOException {
    var socket = new Socket(server.getAddress(), server.getPort());
    socket.setSoTimeout(PATIENCE);
    return socket;
  }

  static void send(Socket socket, Message query) throws IOException {
    var out = new DataOutputStream(socket.getOutputStream());
    byte[] bytes = query.toWire();
    out.writeShort(bytes.length);
    out.write(bytes);
  }

  static byte[] bytes(Socket socket) throws IOException {
    var in = new DataInputStream(socket.getInputStream());
    byte[] bytes = new byte[in.readUnsignedShort()];
    in.readFully(bytes);
    return bytes;
  }

  static Message receive(Socket socket) throws IOException {
    return new Message(bytes(socket));
  }

  Message askTcp(String name, int type) throws IOException {
    try (var socket = connect()) {
      send(socket, query(name, type));
      return receive(socket);
    }
  }

  static void assertClosed(Socket socket) throws IOException {
    assertThat(socket.getInputStream().read()).isEqualTo(-1);
  }

  @Override
  public void close() {
    udp.close();
  }
}
