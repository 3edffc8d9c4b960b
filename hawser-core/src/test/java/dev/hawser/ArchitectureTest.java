package dev.hawser;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import org.junit.jupiter.api.Test;

/**
 * The way of a call, as {@code docs/architecture.md} draws it: arrows between stages go one way.
 */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.hawser");

  @Test
  void stagesUseOnlyThoseAfterThem() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("dev.hawser..")
        .layer("api")
        .definedBy("dev.hawser")
        .layer("exchange")
        .definedBy("dev.hawser.exchange..")
        .layer("policy")
        .definedBy("dev.hawser.policy..")
        .layer("overload")
        .definedBy("dev.hawser.overload..")
        .layer("container")
        .definedBy("dev.hawser.container..")
        .layer("pool")
        .definedBy("dev.hawser.pool..")
        .layer("tune")
        .definedBy("dev.hawser.tune..")
        .layer("http1")
        .definedBy("dev.hawser.http1..")
        .layer("websocket")
        .definedBy("dev.hawser.websocket..")
        .layer("wire")
        .definedBy("dev.hawser.wire..")
        .layer("coding")
        .definedBy("dev.hawser.coding..")
        .layer("http2")
        .definedBy("dev.hawser.http2..")
        .layer("connect")
        .definedBy("dev.hawser.connect..")
        .layer("dns")
        .definedBy("dev.hawser.dns..")
        .layer("tls")
        .definedBy("dev.hawser.tls..")
        .layer("io")
        .definedBy("dev.hawser.io..")
        .whereLayer("exchange")
        .mayOnlyBeAccessedByLayers("api") // the builder, from the entry point
        .whereLayer("policy")
        .mayOnlyBeAccessedByLayers("exchange")
        .whereLayer("overload")
        .mayOnlyBeAccessedByLayers("exchange")
        .whereLayer("container")
        .mayOnlyBeAccessedByLayers("exchange")
        .whereLayer("pool")
        .mayOnlyBeAccessedByLayers("exchange")
        .whereLayer("tune")
        .mayOnlyBeAccessedByLayers("pool", "overload") // and by the command, for its formula
        .whereLayer("http1")
        .mayOnlyBeAccessedByLayers("exchange")
        .whereLayer("websocket")
        .mayOnlyBeAccessedByLayers("exchange")
        .whereLayer("wire")
        .mayOnlyBeAccessedByLayers("exchange", "pool", "connect", "http1", "http2", "coding")
        .whereLayer("coding")
        .mayOnlyBeAccessedByLayers("exchange")
        .whereLayer("http2")
        .mayOnlyBeAccessedByLayers("exchange")
        .whereLayer("connect")
        .mayOnlyBeAccessedByLayers("exchange", "policy", "pool")
        .whereLayer("dns")
        .mayOnlyBeAccessedByLayers("exchange", "connect")
        .whereLayer("tls")
        .mayOnlyBeAccessedByLayers("exchange", "connect")
        .check(CLASSES);
  }

  @Test
  void stagesHaveNoCycles() {
    SlicesRuleDefinition.slices()
        .matching("dev.hawser.(*)..")
        .should()
        .beFreeOfCycles()
        .check(CLASSES);
  }

  @Test
  void onlyTheEntryPointKnowsTheEngine() {
    noClasses()
        .that()
        .resideInAPackage("dev.hawser")
        .and()
        .doNotHaveFullyQualifiedName("dev.hawser.Hawser")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.hawser.*..")
        .check(CLASSES);
  }

  @Test
  void theEngineIsBlockingCode() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.hawser.pool..",
            "dev.hawser.tune..",
            "dev.hawser.http1..",
            "dev.hawser.wire..",
            "dev.hawser.http2..",
            "dev.hawser.io..",
            "dev.hawser.tls..",
            "dev.hawser.coding..",
            "dev.hawser.connect..")
        .and(
            not(name("dev.hawser.tls.BoringSsl"))) // it borrows platform threads: native code calls
        // back
        .should()
        .dependOnClassesThat()
        .areAssignableTo(CompletableFuture.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(ExecutorService.class)
        .check(CLASSES);
  }

  @Test
  void onlyTheDnsStageKnowsDnsjava() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.hawser.dns..", "dev.hawser.faults..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.xbill..")
        .check(CLASSES);
  }

  @Test
  void nothingIsNamedForWantOfAName() {
    classes()
        .that()
        .resideInAPackage("dev.hawser..")
        .should()
        .haveNameNotMatching(".*(Util|Utils|Helper|Manager|Impl)")
        .check(CLASSES);
  }

  @Test
  void timeComesFromTheTicker() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.hawser.pool..",
            "dev.hawser.tune..",
            "dev.hawser.http1..",
            "dev.hawser.http2..",
            "dev.hawser.websocket..",
            "dev.hawser.connect..",
            "dev.hawser.overload..",
            "dev.hawser.dns..")
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(CLASSES);
  }
}
