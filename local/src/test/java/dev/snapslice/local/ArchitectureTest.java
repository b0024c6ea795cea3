package dev.snapslice.local;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Which folder may use which, as design says. Reads the classes that the build has just made of
 * core and of every function, whether this module depends on them or not.
 */
class ArchitectureTest {
  private static final Path ROOT = Path.of("..");

  @Test
  void core_uses_the_AWS_SDK_Jackson_and_the_JDK_and_nothing_of_Lambda_HTTP_servers_or_CDK() {
    classes()
        .that()
        .resideInAPackage("dev.snapslice.core..")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                    "dev.snapslice.core..",
                    "software.amazon.awssdk..",
                    "com.fasterxml.jackson..",
                    "org.slf4j..",
                    "java..",
                    "javax..")
                .as("are of core, the AWS SDK, Jackson, slf4j or the JDK"))
        .check(built(ROOT.resolve("core")));
  }

  @Test
  void what_functions_share_knows_who_calls_and_nothing_else_of_the_domain() {
    classes()
        .should()
        .onlyDependOnClassesThat(
            oursOnlyIn(
                "dev.snapslice.runtime..",
                "dev.snapslice.core.access..",
                "dev.snapslice.core.install..",
                "dev.snapslice.core.json.."))
        .check(built(ROOT.resolve("functions/runtime")));
  }

  @TestFactory
  Stream<DynamicTest> functions_use_core_and_what_they_share_but_not_each_other()
      throws IOException {
    return functions().stream()
        .map(function ->
            DynamicTest.dynamicTest(
                function,
                () ->
                    classes()
                        .should()
                        .onlyDependOnClassesThat(
                            oursOnlyIn(
                                "dev.snapslice." + function + "..",
                                "dev.snapslice.core..",
                                "dev.snapslice.runtime.."))
                        .check(built(ROOT.resolve("functions").resolve(function)))));
  }

  @Test
  void the_proxy_uses_core_and_no_function() {
    classes()
        .should()
        .onlyDependOnClassesThat(oursOnlyIn("dev.snapslice.proxy..", "dev.snapslice.core.."))
        .check(built(ROOT.resolve("proxy")));
  }

  @Test
  void the_client_for_S3A_uses_nothing_else_of_ours() {
    classes()
        .should()
        .onlyDependOnClassesThat(oursOnlyIn("dev.snapslice.s3a.."))
        .check(built(ROOT.resolve("clients/s3a")));
  }

  private static DescribedPredicate<JavaClass> oursOnlyIn(String... packages) {
    return not(resideInAPackage("dev.snapslice.."))
        .or(resideInAnyPackage(packages))
        .as("are ours only in " + List.of(packages));
  }

  private static List<String> functions() throws IOException {
    try (Stream<Path> folders = Files.list(ROOT.resolve("functions"))) {
      List<String> names =
          folders
              .filter(folder -> Files.exists(folder.resolve("pom.xml")))
              .map(folder -> folder.getFileName().toString())
              .filter(name -> !name.equals("runtime"))
              .sorted()
              .toList();
      assertFalse(names.isEmpty(), "there are no functions");
      return names;
    }
  }

  private static JavaClasses built(Path module) {
    Path classes = module.resolve("target/classes");
    assertTrue(Files.isDirectory(classes), () -> classes + " is missing: build all modules first");
    return new ClassFileImporter().importPath(classes);
  }
}
