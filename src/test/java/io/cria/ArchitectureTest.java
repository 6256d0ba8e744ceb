package io.cria;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.cria.sft.ranks.RankCommand;
import io.cria.sft.ranks.RankEvent;
import io.cria.sft.ranks.RankJob;
import io.cria.sft.train.MemoryEstimate;
import io.cria.sft.train.SftConfig;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Who may know whom: the packages of the design, and where each library may be used. */
class ArchitectureTest {
  private static final String ROOT = "io.cria";

  /** A package (with those below it) to the packages of ours that it may use. */
  private static final Map<String, String[]> MAY_USE = new TreeMap<>();

  static {
    allow("task");
    allow("decoding", "task");
    allow("shipped", "task");
    allow("text", "task");
    allow("config", "task");
    allow("prompt", "task", "text");
    allow("llm", "task", "config");
    allow("parse", "task", "text");
    allow("filter", "task", "text");
    allow("similarity", "task", "text");
    // a watermark's profile is a configuration file
    allow("safety", "task", "text", "config");
    allow("dataset", "task");
    allow("storage", "task", "shipped");
    allow("template");
    // for the one exception type that carries an exit code
    allow("weights", "task");
    allow("tokenizer", "task", "weights", "template", "shipped");
    allow("shard", "task", "dataset", "tokenizer");
    allow("sft", "shard", "tokenizer", "weights", "task", "decoding", "config", "shipped");
    // pages for a browser on this machine
    allow("page", "task");
    allow("serve", "task", "decoding", "safety", "template", "page");
    // answers are scored by likeness to references
    allow("evaluate", "task", "text", "similarity", "llm");
    allow("judging", "task", "evaluate", "storage", "page");
    allow("run", "task", "config", "storage");
    allow("ask", "run", "llm", "task", "config", "storage");
    allow("select", "run", "similarity", "task", "text", "config", "storage");
    allow("dedup", "select", "similarity", "run", "task", "text", "storage");
    allow("seed", "select", "similarity", "run", "task", "text", "storage");
    allow("parsefile", "task", "parse", "filter", "storage");
    allow(
        "stage",
        "task",
        "text",
        "config",
        "prompt",
        "llm",
        "parse",
        "filter",
        "similarity",
        "safety",
        "dataset",
        "storage",
        "shard",
        "tokenizer",
        "evaluate",
        "run",
        "ask",
        "select");
    allow(
        "pipeline",
        "task",
        "text",
        "config",
        "prompt",
        "llm",
        "parse",
        "filter",
        "similarity",
        "storage",
        "run",
        "ask",
        "select",
        "seed",
        "evaluate",
        "stage");
    // of sft the run file and the protocol of the ranks' processes: libtorch is theirs alone
    allow(
        "train",
        "task",
        "config",
        "shipped",
        "sft",
        "shard",
        "storage",
        "tokenizer",
        "weights",
        "run");
    // the views read a run, hence its storage and ledger
    allow(
        "sql",
        "task",
        "text",
        "llm",
        "similarity",
        "safety",
        "tokenizer",
        "storage",
        "run",
        "ask",
        "seed");
    allow("view", "task", "text", "similarity", "llm", "storage", "sql", "page");
    // reads a run by its views, scans its ledger, compares its texts, tells how sure a share is
    allow(
        "report",
        "task",
        "text",
        "llm",
        "similarity",
        "evaluate",
        "storage",
        "run",
        "select",
        "sql");
    // looks at whatever was made; of sft and weights a model's card, fingerprint and base, which
    // need
    // no natives
    allow(
        "verify",
        "task",
        "llm",
        "storage",
        "run",
        "ask",
        "seed",
        "pipeline",
        "train",
        "shard",
        "sft",
        "weights",
        "stage",
        "evaluate");
    allow("cli", "*");
  }

  /** A library's packages to the packages of ours that may use it. */
  private static final Map<String, String[]> LIBRARIES =
      new TreeMap<>(
          Map.of(
              "org.apache.spark",
                  new String[] {
                    "run",
                    "ask",
                    "select",
                    "dedup",
                    "seed",
                    "stage",
                    "train",
                    "pipeline",
                    "sql",
                    "view",
                    "report",
                    "verify",
                    "cli"
                  },
              "org.apache.hadoop",
                  new String[] {
                    "storage",
                    "run",
                    "ask",
                    "select",
                    "dedup",
                    "seed",
                    "stage",
                    "train",
                    "pipeline",
                    "sql",
                    "view",
                    "report",
                    "verify",
                    "cli"
                  },
              "com.codahale.metrics", new String[] {"ask"},
              "org.apache.parquet", new String[] {"run", "ask", "dedup", "verify"},
              "org.apache.hc", new String[] {"llm"},
              "org.bytedeco", new String[] {"sft"},
              "ai.djl", new String[] {"tokenizer", "sft"},
              "de.kherud", new String[] {"serve.embedded"},
              "picocli", new String[] {"cli"},
              "com.knuddels.jtokkit", new String[] {"llm", "pipeline"}));

  static {
    LIBRARIES.put("opennlp", new String[] {"report"});
    LIBRARIES.put("com.univocity", new String[] {"cli"});
  }

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  private static void allow(String user, String... used) {
    MAY_USE.put(user, used);
  }

  @TestFactory
  Stream<DynamicTest> aPackageUsesOnlyThoseItMayKnow() {
    return MAY_USE.entrySet().stream()
        .filter(entry -> !Arrays.asList(entry.getValue()).contains("*"))
        .map(entry -> test(entry.getKey(), onlyUses(entry.getKey(), entry.getValue())));
  }

  private static ArchRule onlyUses(String user, String[] used) {
    String[] allowed =
        Stream.concat(Stream.of(user), Arrays.stream(used))
            .map(ArchitectureTest::within)
            .toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage(within(user))
        .should()
        .dependOnClassesThat(
            JavaClass.Predicates.resideInAPackage(ROOT + "..")
                .and(DescribedPredicate.not(JavaClass.Predicates.resideInAnyPackage(allowed)))
                .as("are none of " + Arrays.toString(used)))
        .allowEmptyShould(true);
  }

  @Test
  void templatesNeedNothingButTheJdk() {
    classes()
        .that()
        .resideInAPackage(within("template"))
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(within("template"), "java..", "org.jspecify..")
        .check(CLASSES);
  }

  @TestFactory
  Stream<DynamicTest> aLibraryIsUsedOnlyWhereItBelongs() {
    return LIBRARIES.entrySet().stream()
        .map(entry -> test(entry.getKey(), usedOnlyIn(entry.getKey(), entry.getValue())));
  }

  private static ArchRule usedOnlyIn(String library, String[] users) {
    return noClasses()
        .that()
        .resideInAPackage(ROOT + "..")
        .and()
        .resideOutsideOfPackages(
            Arrays.stream(users).map(ArchitectureTest::within).toArray(String[]::new))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library + "..");
  }

  /** A driver asks for it, in whose process no natives are. */
  /** Picocli looks at every method of a command and of what it extends. */
  @Test
  void whatStartsWithoutSparkDoesNotNameIt() {
    noClasses()
        .that()
        .haveNameMatching(
            "io\\.cria\\.cli\\.(Main|CriaCommand|TrainLocalCommand|GenerateCommand|MergeCommand"
                + "|ExportGgufCommand|ShardsCommand|ServeCommand|SftOptions|CheckpointOptions"
                + "|ModelPaths|GenerateRows|Console|Signals|Terminal|HelpText|CommandName)")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.spark..")
        .check(CLASSES);
  }

  @Test
  void theMemoryEstimateNeedsNoNatives() {
    noClasses()
        .that()
        .haveNameMatching(Pattern.quote(MemoryEstimate.class.getName()) + "(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(within("sft.natives"), "org.bytedeco..")
        .check(CLASSES);
  }

  /** What the training stage may know of the engine: classes that load no natives. */
  @Test
  void theTrainingStageKnowsOfTheEngineOnlyWhatNeedsNoNatives() {
    noClasses()
        .that()
        .resideInAPackage(within("train"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            within("sft.natives"), within("sft.model"), within("sft.generate"), "org.bytedeco..")
        .orShould()
        .dependOnClassesThat(
            JavaClass.Predicates.resideInAnyPackage(within("sft.train"), within("sft.ranks"))
                .and(
                    DescribedPredicate.not(
                        JavaClass.Predicates.belongToAnyOf(
                            SftConfig.class,
                            MemoryEstimate.class,
                            RankJob.class,
                            RankCommand.class,
                            RankEvent.class)))
                .as("are of the training loop"))
        .check(CLASSES);
  }

  @TestFactory
  Stream<DynamicTest> packagesHaveNoCycles() {
    return Stream.of(
        test("packages", slices().assignedFrom(new TopPackage()).should().beFreeOfCycles()),
        test("packages of sft", slices().matching(ROOT + ".sft.(*)..").should().beFreeOfCycles()));
  }

  @TestFactory
  Stream<DynamicTest> everyPackageIsInTheTable() {
    return CLASSES.stream()
        .filter(TopPackage::has)
        .map(TopPackage::of)
        .distinct()
        .sorted()
        .map(
            name ->
                DynamicTest.dynamicTest(
                    name,
                    () ->
                        org.assertj.core.api.Assertions.assertThat(MAY_USE.keySet())
                            .contains(name)));
  }

  private static String within(String name) {
    return ROOT + "." + name + "..";
  }

  private static DynamicTest test(String name, ArchRule rule) {
    return DynamicTest.dynamicTest(name, () -> rule.check(CLASSES));
  }

  /** A package of the table with all below it. */
  private static final class TopPackage implements SliceAssignment {
    static String of(JavaClass type) {
      String below = type.getPackageName().substring(ROOT.length() + 1);
      int dot = below.indexOf('.');
      return dot < 0 ? below : below.substring(0, dot);
    }

    static boolean has(JavaClass type) {
      return type.getPackageName().startsWith(ROOT + ".");
    }

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      return has(type) ? SliceIdentifier.of(of(type)) : SliceIdentifier.ignore();
    }

    @Override
    public String getDescription() {
      return "packages of the design";
    }
  }
}
