package dev.hawser.lab;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Who may look at whom. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.hawser.lab");

  /** An experiment that looked inside could not be made with another client. */
  @Test
  void nobodyLooksBehindThePublicApi() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.hawser.connect..",
            "dev.hawser.dns..",
            "dev.hawser.exchange..",
            "dev.hawser.http1..",
            "dev.hawser.http2..",
            "dev.hawser.io..",
            "dev.hawser.overload..",
            "dev.hawser.policy..",
            "dev.hawser.pool..",
            "dev.hawser.tls..",
            "dev.hawser.tune..")
        .check(CLASSES);
  }

  @Test
  void onlyAdaptersKnowTheClients() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.hawser.lab.client..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("okhttp3..", "org.apache..", "io.vertx..", "java.net.http..")
        .check(CLASSES);
  }

  @Test
  void aClientsProcessKnowsNothingOfTheExperiment() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.hawser.lab.client..", "dev.hawser.lab.child..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.hawser.lab.experiment..", "dev.hawser.lab.report..", "dev.hawser.faults..")
        .check(CLASSES);
  }
}
