package dev.hawser.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import dev.hawser.lab.child.Call;
import dev.hawser.lab.child.Load;
import dev.hawser.lab.child.Task;
import dev.hawser.lab.client.Client;
import dev.hawser.lab.client.Settings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The processes of the clients: what they tell, and that nothing of them is left. */
@Timeout(60)
class LabTest {
  private static final Duration SHORT = Duration.ofMillis(500);

  @ParameterizedTest
  @EnumSource(Client.class)
  void everyClientCallsAndIsCounted(Client client) throws Exception {
    try (Lab lab = Lab.open(Scale.QUICK, 1);
        var server =
            FaultServer.start(
                Script.keepAlive(
                    peer ->
                        peer.send(
                            "HTTP/1.1 200 OK\r\nX-Lab: me/%d\r\nContent-Length: 2\r\n\r\nhi"
                                .formatted(peer.number()))))) {
      ClientProcess process = lab.start(client, Settings.NONE, "");
      List<Call> calls =
          process.run(
              Task.get(
                  new Load.Callers(3, 2, Duration.ofMillis(1), Duration.ofMillis(5), Duration.ZERO),
                  server.uri("/")));
      assertThat(calls).hasSize(6).allMatch(Call::ok);
      assertThat(calls).allMatch(call -> call.serverName().equals("me") && call.millis() > 0);
      assertThat(process.run(Task.get(Load.inTurn(2), server.uri("/")).post())).allMatch(Call::ok);
      assertThat(process.sockets())
          .satisfiesAnyOf(s -> assertThat(s).isNaN(), s -> assertThat(s).isPositive());
    }
  }

  @ParameterizedTest
  @EnumSource(Client.class)
  void aCallWithoutAnEndIsToldAsSuch(Client client) throws Exception {
    try (Lab lab = Lab.open(Scale.QUICK, 1);
        var server = FaultServer.start(Script.neverRead())) {
      ClientProcess process = lab.start(client, Settings.NONE, "");
      List<Call> calls = process.run(Task.get(Load.atOnce(2), server.uri("/")).timeout(SHORT));
      assertThat(calls).hasSize(2).noneMatch(Call::ok).allMatch(call -> call.millis() >= 400);
    }
  }

  @Test
  void nothingIsLeftWhenItIsClosed() throws Exception {
    List<ProcessHandle> processes;
    Lab lab = Lab.open(Scale.QUICK, 1);
    try (lab) {
      lab.start(Client.JDK, Settings.NONE, "");
      processes = lab.alive();
      assertThat(processes).hasSize(1);
      assertThat(lab.folder()).exists();
    }
    assertThat(processes).noneMatch(ProcessHandle::isAlive);
    assertThat(lab.folder()).doesNotExist();
  }

  @Test
  void aProcessThatDiesIsAnErrorAndNoHang() throws Exception {
    try (Lab lab = Lab.open(Scale.QUICK, 1);
        var server = FaultServer.start(Script.neverRead())) {
      ClientProcess process = lab.start(Client.JDK, Settings.NONE, "");
      ClientProcess.Running running =
          process.begin(Task.get(Load.atOnce(1), server.uri("/")).timeout(Duration.ofMinutes(1)));
      process.handle().destroyForcibly();
      process.handle().onExit().get(10, TimeUnit.SECONDS);
      assertThatThrownBy(running::await).hasMessageContaining("has ended");
    }
  }
}
