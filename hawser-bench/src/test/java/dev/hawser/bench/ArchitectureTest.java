package dev.hawser.bench;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** On the class path the library's module hides nothing, so this says who may look. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.hawser.bench");

  @Test
  void onlyTheBenchmarksOfHotPathsLookBehindThePublicApi() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.hawser.bench.jmh..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.hawser.connect..",
            "dev.hawser.dns..",
            "dev.hawser.exchange..",
            "dev.hawser.http1..",
            "dev.hawser.http2..",
            "dev.hawser.io..",
            "dev.hawser.policy..",
            "dev.hawser.pool..",
            "dev.hawser.tls..")
        .check(CLASSES);
  }
}
