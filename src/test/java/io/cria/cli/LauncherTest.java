package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * scripts/cria in a folder of its own, with a java and a spark-submit that print how they were
 * called.
 */
class LauncherTest {
  private static final String TELL =
      """
      #!/bin/sh
      for word in "$@"; do echo "$word"; done
      echo "threads=$OMP_NUM_THREADS,$OPENBLAS_NUM_THREADS ip=$SPARK_LOCAL_IP"
      [ -z "$CRIA_HADOOP_SETTINGS" ] || echo "hadoop=$CRIA_HADOOP_SETTINGS"
      exit 4
      """;

  @TempDir Path folder;

  private static final String CTRL_C = "\u0003";

  private Path home;
  private final Map<String, String> environment = new TreeMap<>();

  @BeforeEach
  void makeAnInstallation() throws IOException {
    home = Files.createDirectories(folder.resolve("cria home"));
    for (String file :
        List.of(
            "scripts/cria",
            "scripts/lib/heap",
            "scripts/lib/spark-home",
            "scripts/lib/start",
            "scripts/lib/submit",
            "conf/java-options",
            "conf/log4j2.properties")) {
      Files.createDirectories(home.resolve(file).getParent());
      Files.copy(
          Path.of(file), home.resolve(file), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
    }
    Files.createDirectories(home.resolve("target/classpath/app"));
    Files.writeString(home.resolve("target/cria.jar"), "");
    for (String jar : List.of("a.jar", "b.jar")) {
      Files.writeString(home.resolve("target/classpath/app/" + jar), "");
    }
    write(home.resolve("target/classpath/s3/aws.jar"), "");
    for (String path : List.of("spark", "embedded", "train")) {
      Files.writeString(home.resolve("target/classpath/" + path + ".txt"), "/m2/" + path + ".jar");
    }
    executable(folder.resolve("jdk/bin/java"), TELL);
    environment.put("JAVA_HOME", folder.resolve("jdk").toString());
    environment.put("CRIA_CACHE", folder.resolve("cache").toString());
  }

  @Test
  void helpNeedsTheApplicationAlone() throws Exception {
    Told told = cria("--help");
    assertThat(told.words())
        .containsSubsequence(
            "-XX:TieredStopAtLevel=1",
            "-Dcria.home=" + home,
            "-cp",
            app(),
            "io.cria.cli.Main",
            "--help");
    assertThat(told.words()).noneMatch(word -> word.contains("spark.jar"));
  }

  @Test
  void theExitCodePassesThrough() throws Exception {
    assertThat(cria("run", "x").code()).isEqualTo(4);
  }

  @Test
  void aRunHasSparkItsOptionsAndThePathOfTheEmbeddedModel() throws Exception {
    Told told = cria("run", "conf/my run.yaml", "--run", "r");
    assertThat(told.words())
        .contains(
            "@" + home + "/conf/java-options",
            "-Dcria.embedded.classpath=" + app() + ":/m2/embedded.jar",
            "-Dlog4j2.configurationFile=file:" + home + "/conf/log4j2.properties",
            "threads=1,1 ip=127.0.0.1")
        .containsSubsequence(
            "-cp",
            app() + ":/m2/spark.jar",
            "io.cria.cli.Main",
            "run",
            "conf/my run.yaml",
            "--run",
            "r");
  }

  @ParameterizedTest
  @CsvSource({
    "16384, max, 8192m",
    "6144, max, 3072m",
    "65536, 3221225472, 1536m",
    "65536, 9223372036854771712, 8192m",
    "1024, '', 768m",
    "65536, 1073741824, 768m",
    "65536, 536870912, 384m",
    "65536, 1610612736, 1024m",
    "65536, 0, 8192m"
  })
  void theHeapIsHalfOfWhatMachineOrContainerHas(long mib, String limit, String heap)
      throws Exception {
    machine(mib);
    write(folder.resolve("cgroup/memory.max"), limit + "\n");
    assertThat(cria("run", "x").words()).contains("-Xmx" + heap);
  }

  @ParameterizedTest
  @CsvSource({
    "memory.max, 0::/, 2048m",
    "system.slice/memory.max, 0::/system.slice/job 7:a/task, 2048m",
    "system.slice/job 7:a/memory.max, 0::/system.slice/job 7:a/task, 2048m",
    "system.slice/job 7:a/task/memory.max, 0::/system.slice/job 7:a/task, 2048m",
    "system.slice/other/memory.max, 0::/system.slice/job 7:a/task, 8192m",
    "memory/memory.limit_in_bytes, 4:memory:/docker/a, 2048m",
    "memory/slurm/job_7/memory.limit_in_bytes, '4:cpu,memory:/slurm/job_7/step_0', 2048m",
    "memory/slurm/memory.limit_in_bytes, 4:cpuset:/slurm, 8192m",
    "memory.max, 0::/../other, 2048m",
    "memory.max, no group at all, 2048m"
  })
  void theSmallestLimitOfTheGroupsAroundTheProcessCounts(String file, String self, String heap)
      throws Exception {
    machine(65536);
    write(folder.resolve("cgroup/memory.max"), "max\n");
    write(folder.resolve("cgroup/memory/memory.limit_in_bytes"), "9223372036854771712\n");
    write(folder.resolve("cgroup").resolve(file), "4294967296\n");
    write(folder.resolve("self"), "9:name=systemd:/x\n" + self + "\n1:cpu:/y\n");
    assertThat(cria("run", "x").words()).contains("-Xmx" + heap);
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', 2048m",
    "MemTotal: many, '', 2048m",
    "MemTotal:  kB, '', 2048m",
    "'', echo 12884901888, 6144m",
    "'', echo unknown oid, 2048m",
    "'', exit 1, 2048m"
  })
  void theHeapNeedsNoMeminfo(String meminfo, String sysctl, String heap) throws Exception {
    machine(65536);
    if (meminfo.isEmpty()) {
      Files.delete(folder.resolve("meminfo"));
    } else {
      write(folder.resolve("meminfo"), meminfo + "\n");
    }
    executable(
        folder.resolve("bin/sysctl"),
        "#!/bin/sh\n[ \"$*\" = '-n hw.memsize' ] || exit 1\n" + sysctl + "\n");
    environment.put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
    Told told = cria("run", "x");
    assertThat(told.words()).contains("-Xmx" + heap).noneMatch(word -> word.contains(": line "));
    write(folder.resolve("cgroup/memory.max"), "17179869184\n");
    write(folder.resolve("bin/sysctl"), "#!/bin/sh\nexit 1\n");
    assertThat(cria("run", "x").words()).contains("-Xmx8192m");
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', '', 8192m",
    "5g, --driver-memory 3g, spark.driver.memory 2g, 5g",
    "5g, --deploy-mode cluster, '', 5g",
    "'', --master yarn --deploy-mode client, '', 8192m",
    "'', --master yarn --deploy-mode cluster, '', ",
    "'', --deploy-mode=cluster, '', ",
    "'', --conf spark.submit.deployMode=cluster, '', ",
    "'', '', spark.submit.deployMode   cluster, ",
    "'', --deploy-mode client, spark.submit.deployMode=cluster, 8192m",
    "'', '', 'spark.submit.deployMode client ', 8192m",
    "'', --driver-memory 3g, '', ",
    "'', --driver-memory=3g, '', ",
    "'', -c spark.driver.memory=3g, '', ",
    "'', --conf=spark.driver.memory=3g, '', ",
    "'', --conf spark.driver.memoryOverhead=3g, spark.driver.memoryOverhead 1g, 8192m",
    "'', '', ' spark.driver.memory = 2g', ",
    "'', '', '#spark.driver.memory 2g', 8192m"
  })
  void sparkIsToldAHeapOnlyWhereNothingElseTellsIt(
      String wish, String arguments, String defaults, @Nullable String told) throws Exception {
    machine(65536);
    spark("spark.ui.enabled false", defaults);
    environment.putAll(Map.of("CRIA_HEAP", wish, "CRIA_SPARK_ARGS", arguments));
    List<String> words = submitted("run", "x", "--run", "r", "--yes");
    List<String> own = words.subList(0, words.indexOf("--jars"));
    if (told == null) {
      assertThat(own).doesNotContain("--driver-memory");
    } else {
      assertThat(own).containsSubsequence("--driver-memory", told);
    }
  }

  @Test
  void aFileOfPropertiesMayTellSparkTheHeapToo() throws Exception {
    machine(65536);
    spark();
    write(folder.resolve("mine.conf"), "spark.driver.memory 2g\n");
    environment.put("CRIA_SPARK_ARGS", "--properties-file " + folder.resolve("mine.conf"));
    assertThat(cria("run", "x").words()).doesNotContain("--driver-memory");
    environment.remove("CRIA_SPARK_ARGS");
    assertThat(cria("run", "x").words()).containsSubsequence("--driver-memory", "8192m");
    environment.put("SPARK_DRIVER_MEMORY", "2g");
    assertThat(cria("run", "x").words()).doesNotContain("--driver-memory");
  }

  @Test
  void whatTheUserSetsStands() throws Exception {
    environment.putAll(
        Map.of(
            "CRIA_HEAP", "6g",
            "CRIA_JAVA_OPTS", "-Da=1 -Db=2",
            "OMP_NUM_THREADS", "3",
            "SPARK_LOCAL_IP", "10.0.0.1"));
    assertThat(cria("run", "x").words())
        .contains("-Xmx6g", "-Da=1", "-Db=2", "threads=3,1 ip=10.0.0.1");
  }

  @Test
  void theServerHasItsOwnClassPath() throws Exception {
    assertThat(cria("serve", "--gguf", "m").words())
        .containsSubsequence("-cp", app() + ":/m2/embedded.jar");
    assertThat(cria("serve", "--checkpoint", "d").words())
        .containsSubsequence("-cp", app() + ":/m2/train.jar");
    assertThat(cria("train-local", "x").words())
        .containsSubsequence("-cp", app() + ":/m2/train.jar");
  }

  @Test
  void theCommandsAroundATunedModelHaveTheClassPathOfTraining() throws Exception {
    for (String command : List.of("shards", "train-local", "generate", "merge", "export-gguf")) {
      assertThat(cria(command, "x").words())
          .as(command)
          .contains("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
          .containsSubsequence("-cp", app() + ":/m2/train.jar", "io.cria.cli.Main", command);
    }
  }

  @Test
  void theShardStageHasSparkAndTheTokenizerButNotLibtorch() throws Exception {
    Files.writeString(
        home.resolve("target/classpath/train.txt"), "/m2/pytorch-2.jar:/m2/tokenizers-0.jar");
    assertThat(cria("stage", "shards", "--run", "r").words())
        .containsSubsequence("-cp", app() + ":/m2/tokenizers-0.jar:/m2/spark.jar");
    assertThat(cria("stage", "dataset", "--run", "shards").words())
        .containsSubsequence("-cp", app() + ":/m2/spark.jar");
    spark();
    assertThat(cria("stage", "shards", "--run", "r").words())
        .containsSubsequence("--jars", jars() + ",/m2/tokenizers-0.jar");
  }

  @Test
  void aTrainingInThisProcessIsToldTheEngineAndHasItOnNoClassPath() throws Exception {
    theTrainingsJars();
    List<String> words = cria("train", "r", "--name", "n").words();
    assertThat(words)
        .contains("-Dcria.train.classpath=" + app() + ":/m2/pytorch-2.jar:/m2/tokenizers-0.jar")
        .containsSubsequence(
            "-cp", app() + ":/m2/tokenizers-0.jar:/m2/spark.jar", "io.cria.cli.Main", "train", "r");
    spark();
    environment.put("CRIA_SPARK_ARGS", "--master local[2]");
    assertThat(cria("train", "r", "--name", "n").words())
        .doesNotContain("--files")
        .anyMatch(
            word -> word.contains("\"-Dcria.train.classpath=" + app() + ":/m2/pytorch-2.jar"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | spark.master spark://h:7077 | ''",
        "--master spark://h:7077 --files /u/x.txt | '' | /u/x.txt,",
        "--master=yarn --conf spark.files=/u/x.txt | spark.files /u/z.txt | /u/x.txt,",
        "--master local-cluster[2,1,1024] | spark.files /u/z.txt | /u/z.txt,"
      })
  void theEngineTravelsWithATrainingBesideTheUsersFiles(
      String arguments, String defaults, String before) throws Exception {
    theTrainingsJars();
    spark(defaults);
    environment.put("CRIA_SPARK_ARGS", arguments);
    String files =
        before + home + "/target/cria.jar," + jars() + ",/m2/pytorch-2.jar,/m2/tokenizers-0.jar";
    List<String> words = cria("train", "r", "--name", "n").words();
    assertThat(words)
        .containsSubsequence("--jars", jars() + ",/m2/tokenizers-0.jar", "--files", files)
        .containsSubsequence(home + "/target/cria.jar", "train", "r", "--name", "n");
    assertThat(words).filteredOn(word -> word.contains("files")).containsExactly("--files");
    List<String> others = cria("run", "x").words();
    assertThat(others).noneMatch(word -> word.contains("pytorch"));
    assertThat(others.contains("--files")).isEqualTo(!before.isEmpty());
  }

  @Test
  void aTrainingsDriverInTheClusterIsToldAbsolutePathsAndWhereTheEngineIs() throws Exception {
    theTrainingsJars();
    spark();
    environment.put("CRIA_SPARK_ARGS", "--master spark://h:7077 --deploy-mode cluster");
    Path here = Path.of("").toAbsolutePath();
    List<String> words =
        submitted(
            "train",
            "s3a://b/r",
            "--name=n",
            "--sft-conf",
            "mine.yaml",
            "--base",
            "./m",
            "--ranks",
            "2",
            "--verbose");
    assertThat(words)
        .containsSubsequence(
            "--files",
            home + "/target/cria.jar," + jars() + ",/m2/pytorch-2.jar,/m2/tokenizers-0.jar")
        .containsSubsequence(
            "train",
            "s3a://b/r",
            "--name",
            "n",
            "--sft-conf",
            here + "/mine.yaml",
            "--base",
            here + "/m",
            "--ranks",
            "2",
            "--verbose")
        .noneMatch(word -> word.contains("cria.train.classpath"));
    environment.put("CRIA_DIST", "local:///opt/cria");
    assertThat(submitted("train", "s3a://b/r", "--name", "n"))
        .doesNotContain("--files")
        .anyMatch(
            word ->
                word.contains("-Dcria.train.classpath=/opt/cria/target/cria.jar:")
                    && !word.contains("local:"));
  }

  /**
   * A submission that lasts until {@code stop} is asked to, which makes the file, and a run that
   * tells how it ended.
   */
  private void submittedUntilStopped(Path stopped, String stop, String run) throws IOException {
    executable(
        folder.resolve("spark/bin/spark-submit"),
        "#!/bin/sh\nwhile [ ! -e '" + stopped + "' ]; do sleep 0.1; done\n");
    executable(
        folder.resolve("jdk/bin/java"),
        """
        #!/bin/sh
        case " $* " in
          *' stop STOP '*) : > 'FILE' ;;
          *' status RUN --outcome '*) echo 'told by the run'; exit 3 ;;
          *) exit 1 ;;
        esac
        """
            .replace("STOP", stop)
            .replace("FILE", stopped.toString())
            .replace("RUN", run));
  }

  @Test
  void howATrainingInTheClusterEndedIsToldByTheRunAndTheTrainingIsAskedToStop() throws Exception {
    theTrainingsJars();
    spark();
    Path run = folder.resolve("run");
    write(run.resolve("run.json"), "{}");
    Path stopped = folder.resolve("stopped");
    submittedUntilStopped(stopped, run + "/training/n", run.toString());
    environment.put("CRIA_SPARK_ARGS", "--deploy-mode cluster");
    Process launcher = start(home.resolve("scripts/cria"), "train", "--name", "n", run.toString());
    try (BufferedReader said = launcher.inputReader(StandardCharsets.UTF_8)) {
      assertThat(said.readLine()).contains("the driver runs in the cluster");
      launcher.toHandle().destroy();
      assertThat(said.lines()).last().isEqualTo("told by the run");
    }
    assertThat(launcher.waitFor()).isEqualTo(3);
  }

  private void theTrainingsJars() throws IOException {
    Files.writeString(
        home.resolve("target/classpath/train.txt"),
        "/m2/pytorch-2.jar:/m2/tokenizers-0.jar:/m3/pytorch-2.jar");
  }

  @Test
  void masksHasTheTokenizerWithSparksJarsAndDoesWithoutThem() throws Exception {
    Files.writeString(
        home.resolve("target/classpath/train.txt"), "/m2/pytorch-2.jar:/m2/tokenizers-0.jar");
    assertThat(cria("masks", "r").words())
        .contains("-XX:TieredStopAtLevel=1")
        .containsSubsequence(
            "-cp", app() + ":/m2/tokenizers-0.jar:/m2/spark.jar", "io.cria.cli.Main", "masks", "r");
    spark();
    assertThat(cria("masks", "r").words())
        .containsSubsequence(
            "-cp", app() + ":/m2/tokenizers-0.jar:" + folder + "/spark/jars/*", "masks", "r");
    environment.remove("SPARK_HOME");
    Files.delete(home.resolve("target/classpath/spark.txt"));
    environment.put("PATH", "/usr/bin:/bin");
    assertThat(cria("masks", "r").words())
        .containsSubsequence(
            "-cp", app() + ":/m2/pytorch-2.jar:/m2/tokenizers-0.jar", "masks", "r");
  }

  @Test
  void aSparkHomeWithoutJarsIsNoSpark() throws Exception {
    spark();
    Files.delete(folder.resolve("spark/jars"));
    for (String command : List.of("run", "status")) {
      Told told = cria(command, "x");
      assertThat(told.code()).isEqualTo(2);
      assertThat(told.words())
          .singleElement()
          .asString()
          .startsWith("cria: no Spark in SPARK_HOME, " + folder.resolve("spark") + ": ");
    }
  }

  @Test
  void anUnpackedDistributionTakesTheSparkThatWasFetched() throws Exception {
    Files.move(home.resolve("target/classpath"), home.resolve("lib"));
    Files.move(home.resolve("target/cria.jar"), home.resolve("lib/cria.jar"));
    Files.delete(home.resolve("lib/spark.txt"));
    spark();
    environment.remove("SPARK_HOME");
    environment.put("PATH", "/usr/bin:/bin");
    environment.put("CRIA_CACHE", folder.resolve("cache").toString());
    Path fetched = Files.createDirectories(folder.resolve("cache/spark-4.2.0"));
    Files.move(folder.resolve("spark"), fetched.resolve("pyspark"));
    assertThat(cria("status", "x").words())
        .anyMatch(word -> word.endsWith(":" + fetched + "/pyspark/jars/*"));
  }

  @Test
  void aHeapThatIsNoSizeIsNamed() throws Exception {
    environment.put("CRIA_HEAP", "lots");
    Told told = cria("run", "x");
    assertThat(told.code()).isEqualTo(2);
    assertThat(told.words()).containsExactly("cria: CRIA_HEAP, 'lots': give a size such as 4g");
  }

  @Test
  void keysAreToldWithoutSpark() throws Exception {
    environment.put("PATH", "/usr/bin:/bin");
    Files.delete(home.resolve("target/classpath/spark.txt"));
    assertThat(cria("config", "model").words())
        .containsSubsequence(
            "-cp", app() + ":/m2/train.jar", "io.cria.cli.Main", "config", "model");
    Files.delete(home.resolve("target/classpath/train.txt"));
    spark();
    assertThat(cria("config", "model").words())
        .contains("-XX:TieredStopAtLevel=1")
        .containsSubsequence("-cp", app() + ":" + folder + "/spark/jars/*", "config", "model");
  }

  @Test
  void anImageWithoutTheTrainingsJarsDoesWhatNeedsNoneOfThem() throws Exception {
    Files.move(home.resolve("target/classpath"), home.resolve("lib"));
    Files.move(home.resolve("target/cria.jar"), home.resolve("lib/cria.jar"));
    for (String list : List.of("embedded", "train")) {
      Files.delete(home.resolve("lib/" + list + ".txt"));
    }
    spark();
    assertThat(cria("completion", "bash").words()).contains("completion", "bash");
    assertThat(cria("sql", "r", "-f", "q.sql").words()).contains("-f", "q.sql");
    assertThat(cria("evaluate", "e.yaml", "--run", "e").words())
        .contains("e.yaml")
        .noneMatch(word -> word.contains("cria.train.classpath"));
    Told told = cria("watermark", "new", "w");
    assertThat(told.code()).isEqualTo(2);
    assertThat(told.words())
        .singleElement()
        .asString()
        .startsWith("cria: not in this installation, " + home + "/lib/train: ");
  }

  @Test
  void itIsFoundThroughLinks() throws Exception {
    Path links = Files.createDirectories(folder.resolve("bin"));
    Files.createSymbolicLink(links.resolve("direct"), home.resolve("scripts/cria"));
    Files.createSymbolicLink(links.resolve("cria"), Path.of("direct"));
    assertThat(call(links.resolve("cria"), "--version").words()).contains("-Dcria.home=" + home);
  }

  @Test
  void withASparkHomeTheRunIsSubmittedThere() throws Exception {
    spark();
    environment.put("CRIA_SPARK_ARGS", "--master spark://h:7077");
    Told told = cria("run", "x", "--run", "r");
    assertThat(told.code()).isEqualTo(4);
    assertThat(told.words())
        .containsSubsequence("--class", "io.cria.cli.Main", "--jars", jars())
        .containsSubsequence("--deploy-mode", "client", "--master", "spark://h:7077")
        .containsSubsequence(home + "/target/cria.jar", "run", "x", "--run", "r")
        .anyMatch(word -> word.contains("\"-Dcria.home=" + home + "\""));
    for (String command : List.of("status", "stop")) {
      assertThat(cria(command, "r").words())
          .containsSubsequence(
              "-cp", app() + ":" + folder + "/spark/jars/*", "io.cria.cli.Main", command);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--jars /u/x.jar,/u/y.jar | '' | /u/x.jar,/u/y.jar,",
        "--jars=/u/x.jar | spark.jars /u/z.jar | /u/x.jar,",
        "--conf spark.jars=/u/x.jar | '' | /u/x.jar,",
        "--packages a:b:1 | spark.jars  /u/z.jar | /u/z.jar,",
        "'' | '' | ''"
      })
  void theUsersJarsStandBesideItsOwn(String arguments, String defaults, String before)
      throws Exception {
    spark(defaults);
    environment.put("CRIA_SPARK_ARGS", arguments);
    List<String> words = cria("run", "x").words();
    assertThat(words).containsSubsequence("--jars", before + jars());
    assertThat(words).filteredOn(word -> word.contains("jars")).containsExactly("--jars");
    assertThat(words.contains("--packages")).isEqualTo(arguments.contains("--packages"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--driver-java-options '-Du=1 -Dv=2' | ''",
        "--conf 'spark.driver.extraJavaOptions=-Du=1 -Dv=2' | ''",
        "'' | spark.driver.extraJavaOptions   -Du=1 -Dv=2"
      })
  void theUsersJavaOptionsStandBesideItsOwn(String arguments, String defaults) throws Exception {
    spark(defaults);
    environment.put("CRIA_SPARK_ARGS", arguments.equals("''") ? "" : arguments);
    assertThat(cria("run", "x").words())
        .filteredOn(word -> word.contains("-Du=1"))
        .singleElement()
        .asString()
        .startsWith("-Du=1 -Dv=2 \"-Dcria.home=");
  }

  @Test
  void quotesHoldWordsTogetherAndAnOpenOneIsNamed() throws Exception {
    spark();
    environment.put("CRIA_SPARK_ARGS", "--conf \"spark.app.note=two words\" --conf a='b c'");
    assertThat(cria("run", "x").words())
        .containsSubsequence("--conf", "spark.app.note=two words", "--conf", "a=b c");
    environment.put("CRIA_SPARK_ARGS", "--conf 'a=b");
    assertThat(cria("run", "x").words())
        .last()
        .isEqualTo("cria: CRIA_SPARK_ARGS: a quote is not closed");
  }

  @Test
  void aDriverInTheClusterIsToldAbsolutePathsAndItsInvocation() throws Exception {
    spark();
    environment.put("CRIA_SPARK_ARGS", "--master spark://h:7077 --deploy-mode cluster");
    environment.put("CRIA_DIST", "hdfs:///cria/");
    Path here = Path.of("").toAbsolutePath();
    List<String> words =
        submitted(
            "run",
            "mine.yaml",
            "--no-endpoint-check",
            "--run=runs/a",
            "--no-report",
            "--yes",
            "--seeds",
            "./s.jsonl",
            "--set",
            "endpoint.keyFile=key",
            "--set",
            "rounds.seed=7",
            "--model",
            "m");
    assertThat(words)
        .containsSubsequence(
            "--jars",
            "hdfs:///cria/target/classpath/app/a.jar,hdfs:///cria/target/classpath/app/b.jar",
            "--deploy-mode",
            "cluster",
            "--conf",
            "spark.standalone.submit.waitAppCompletion=true",
            "hdfs:///cria/target/cria.jar")
        .containsSubsequence(
            "run",
            here + "/mine.yaml",
            "--no-endpoint-check",
            "--run",
            here + "/runs/a",
            "--no-report",
            "--yes",
            "--seeds",
            here + "/s.jsonl",
            "--set",
            "endpoint.keyFile=" + here + "/key",
            "--set",
            "rounds.seed=7",
            "--model",
            "m")
        .anyMatch(word -> word.contains("\"-Dcria.invocation="))
        .noneMatch(word -> word.contains("cria.home") || word.contains("log4j2"));
  }

  @Test
  void aMasterIsNotSentTheKeysOfThisEnvironment() throws Exception {
    spark();
    environment.put("CRIA_SPARK_ARGS", "--master spark://h:7077 --deploy-mode cluster");
    environment.put("OPENAI_API_KEY", "sk-of-this-environment");
    environment.put("SPARK_CONF_DIR", "/c");
    executable(
        folder.resolve("spark/bin/spark-submit"), "#!/bin/sh\nenv > '" + folder + "/submitted'\n");
    assertThat(submitted("stage", "generate", "--run", "/d/r"))
        .contains("SPARK_CONF_DIR=/c", "SPARK_HOME=" + folder + "/spark")
        .noneMatch(line -> line.contains("sk-of") || line.startsWith("CRIA_"));
  }

  @ParameterizedTest
  @CsvSource({
    "s3a://b/mine.yaml, s3a://b/mine.yaml",
    "/d/mine.yaml, /d/mine.yaml",
    "shipped:conf/alpaca.yaml, shipped:conf/alpaca.yaml",
    "conf/none.yaml, conf/none.yaml"
  })
  void whatADriverInTheClusterFindsByItselfIsLeft(String given, String told) throws Exception {
    spark("spark.submit.deployMode cluster");
    assertThat(submitted("stage", "generate", "--run", "hdfs://h/r", "--conf", given))
        .containsSubsequence("stage", "generate", "--run", "hdfs://h/r", "--conf", told);
  }

  @Test
  void inAnImageTheRunFilesOfTheInstallationAreAPath() throws Exception {
    spark("spark.submit.deployMode cluster");
    environment.put("CRIA_DIST", "local:///opt/cria");
    assertThat(
            submitted("stage", "generate", "--run", "s3a://b/r", "--conf", home + "/conf/x.yaml"))
        .contains("local:///opt/cria/target/cria.jar")
        .containsSubsequence("--conf", "/opt/cria/conf/x.yaml");
  }

  @Test
  void howADriverInTheClusterEndedIsToldByItsRun() throws Exception {
    spark();
    environment.put("CRIA_SPARK_ARGS", "--deploy-mode cluster");
    Told told = cria("stage", "generate", "--run", "/d/r");
    assertThat(told.code()).isEqualTo(4);
    assertThat(told.words())
        .containsSubsequence("io.cria.cli.Main", "status", "/d/r", "--outcome")
        .noneMatch(word -> word.equals("--class"));
  }

  @Test
  void whoEndsTheLauncherAsksTheRunInTheClusterToStopAndIsToldItsEnd() throws Exception {
    spark();
    Path stopped = folder.resolve("stopped");
    submittedUntilStopped(stopped, "/d/r", "/d/r");
    environment.put("CRIA_SPARK_ARGS", "--deploy-mode cluster");
    Process launcher = start(home.resolve("scripts/cria"), "stage", "generate", "--run", "/d/r");
    try (BufferedReader said = launcher.inputReader(StandardCharsets.UTF_8)) {
      assertThat(said.readLine()).contains("the driver runs in the cluster");
      launcher.toHandle().destroy();
      assertThat(said.lines())
          .containsExactly(
              "cria: asking the run to stop; once more leaves it to itself", "told by the run");
    }
    assertThat(launcher.waitFor()).isEqualTo(3);
  }

  @Test
  void whoEndsTheLauncherTwiceLeavesTheRunInTheClusterToItself() throws Exception {
    spark();
    executable(folder.resolve("spark/bin/spark-submit"), "#!/bin/sh\nexec sleep 600\n");
    executable(folder.resolve("jdk/bin/java"), "#!/bin/sh\nexit 2\n");
    environment.put("CRIA_SPARK_ARGS", "--deploy-mode cluster");
    Process launcher = start(home.resolve("scripts/cria"), "stage", "generate", "--run", "/d/r");
    try (BufferedReader said = launcher.inputReader(StandardCharsets.UTF_8)) {
      assertThat(said.readLine()).contains("the driver runs in the cluster");
      launcher.toHandle().destroy();
      assertThat(said.readLine()).contains("asking the run to stop");
      launcher.toHandle().destroy();
      assertThat(said.readLine()).contains("/d/r: left to itself: the driver goes on");
    }
    assertThat(launcher.waitFor()).isEqualTo(130);
  }

  @ParameterizedTest
  @CsvSource({
    "'run,x,--run,r', '', --yes",
    "'run,x,--yes', '', --run",
    "'stage,generate', '', --run",
    "'train,--name,n', '', RUN",
    "'train,/no/run,--name,n', '', /no/run: no run is there",
    "'stage,generate,--run,r', --conf spark.master.rest.enabled=true, spark.master.rest.enabled",
    "'stage,generate,--run,r', --conf spark.yarn.submit.waitAppCompletion=false, waitAppCompletion"
  })
  void whatADriverInTheClusterCouldNotAskOrTellIsRefused(String command, String more, String named)
      throws Exception {
    spark();
    environment.put("CRIA_SPARK_ARGS", "--deploy-mode cluster " + more);
    Told told = cria(command.split(","));
    assertThat(told.code()).isEqualTo(2);
    assertThat(told.words()).singleElement().asString().startsWith("cria: ").contains(named);
  }

  @Test
  void whatAnswersHereIsNeverSentToTheCluster() throws Exception {
    spark();
    environment.put("CRIA_SPARK_ARGS", "--master yarn --deploy-mode cluster");
    for (String command : List.of("show", "sql", "export", "report", "dedup")) {
      assertThat(cria(command, "r").words())
          .containsSubsequence("--deploy-mode", "client", "--master", "yarn", command);
    }
    assertThat(cria("status", "r", "--statistics").words())
        .as("it counts words by Spark, where status does without")
        .containsSubsequence("--deploy-mode", "client", "--master", "yarn", "status");
  }

  @Test
  void aPathOfAnObjectStoreBringsItsJarsAndHadoopsSettings() throws Exception {
    String s3 = home + "/target/classpath/s3/aws.jar";
    assertThat(cria("run", "x", "--run", "s3a://b/r").words())
        .containsSubsequence("-cp", app() + ":" + s3 + ":/m2/spark.jar");
    spark("spark.hadoop.fs.s3a.endpoint  http://e:1", "spark.hadoop.a=b");
    environment.put("CRIA_SPARK_ARGS", "--conf spark.hadoop.a=c --conf spark.x=y");
    assertThat(cria("run", "x", "--run=s3a://b/r").words())
        .containsSubsequence("--jars", jars() + "," + s3);
    assertThat(cria("status", "s3a://b/r").words())
        .contains(app() + ":" + s3 + ":" + folder + "/spark/jars/*")
        .containsSubsequence(
            "hadoop=spark.hadoop.fs.s3a.endpoint=http://e:1",
            "spark.hadoop.a=b",
            "spark.hadoop.a=c")
        .noneMatch(word -> word.contains("spark.x=y") || word.startsWith("-Dspark.hadoop"));
  }

  @Test
  void withoutASparkHomePropertiesAreTakenAndTheRestRefused() throws Exception {
    environment.put(
        "CRIA_SPARK_ARGS", "--conf spark.x=y --master local[2] --conf spark.hadoop.secret=s");
    assertThat(cria("run", "x").words())
        .contains("-Dspark.x=y", "-Dspark.master=local[2]", "hadoop=spark.hadoop.secret=s")
        .noneMatch(word -> word.startsWith("-Dspark.hadoop"));
    for (String unfit : List.of("--master spark://h:7077", "--jars a.jar")) {
      environment.put("CRIA_SPARK_ARGS", unfit);
      assertThat(cria("run", "x"))
          .isEqualTo(
              new Told(
                  2,
                  List.of(
                      "cria: CRIA_SPARK_ARGS, "
                          + unfit.replace(" a.jar", "")
                          + ": that is for spark-submit: set SPARK_HOME")));
    }
  }

  @Test
  void anUnpackedDistributionHasItsJarsInFoldersAndWantsASpark() throws Exception {
    Files.move(home.resolve("target/classpath"), home.resolve("lib"));
    Files.move(home.resolve("target/cria.jar"), home.resolve("lib/cria.jar"));
    for (String list : List.of("embedded", "train")) {
      Files.delete(home.resolve("lib/" + list + ".txt"));
      write(home.resolve("lib/" + list + "/" + list + ".jar"), "");
    }
    Files.delete(home.resolve("lib/spark.txt"));
    String lib = home + "/lib";
    String apps = lib + "/cria.jar:" + lib + "/app/a.jar:" + lib + "/app/b.jar";
    assertThat(cria("--version").words()).containsSubsequence("-cp", apps, "--version");
    assertThat(cria("merge", "x").words())
        .containsSubsequence("-cp", apps + ":" + lib + "/train/train.jar");
    environment.put("PATH", "/usr/bin:/bin");
    assertThat(cria("run", "x").words())
        .singleElement()
        .asString()
        .startsWith("cria: no Spark, SPARK_HOME: ");
    spark();
    assertThat(cria("run", "x").words())
        .containsSubsequence("--jars", lib + "/app/a.jar," + lib + "/app/b.jar")
        .contains(lib + "/cria.jar")
        .anyMatch(word -> word.contains("-Dcria.embedded.classpath=" + apps));
    environment.remove("SPARK_HOME");
    Files.createDirectories(folder.resolve("spark/jars"));
    environment.put("PATH", folder.resolve("spark/bin") + ":/usr/bin:/bin");
    assertThat(cria("run", "x").words()).contains(lib + "/cria.jar");
  }

  @Test
  void helpAndVersionAreAskedAsOptions() throws Exception {
    assertThat(cria("help").words()).containsSubsequence("io.cria.cli.Main", "--help");
    assertThat(cria("version").words()).containsSubsequence("io.cria.cli.Main", "--version");
    assertThat(cria("help", "seeds", "check").words())
        .containsSubsequence("-cp", app() + ":/m2/spark.jar", "seeds", "check", "--help");
    assertThat(cria("completion", "bash").words())
        .contains("-XX:TieredStopAtLevel=1")
        .containsSubsequence("io.cria.cli.Main", "completion", "bash");
  }

  /**
   * At a terminal, told by keys.
   *
   * @param key what is typed when {@code ready} is shown
   */
  private Told typed(String ready, String key, String... args) throws Exception {
    Path exchange = folder.resolve("typescript");
    String command = home.resolve("scripts/cria").toString().replace(" ", "\\ ");
    Process terminal =
        start(
            Path.of("script"),
            "-qefc",
            // without exec, a shell that stays beside the command dies of the key itself: dash
            "exec " + command + " " + String.join(" ", args),
            exchange.toString());
    try (BufferedReader shown = terminal.inputReader(StandardCharsets.UTF_8);
        OutputStream keys = terminal.getOutputStream()) {
      List<String> lines = new ArrayList<>();
      for (String line = shown.readLine(); line != null; line = shown.readLine()) {
        lines.add(line);
        if (line.contains(ready)) {
          keys.write(key.getBytes(StandardCharsets.UTF_8));
          keys.flush();
        }
      }
      return new Told(terminal.waitFor(), lines);
    }
  }

  @Test
  void ctrlCBeforeJavaHearsItIsARequestToStop() throws Exception {
    executable(folder.resolve("jdk/bin/java"), "#!/bin/sh\necho ready\nexec sleep 600\n");
    Told told = typed("ready", CTRL_C, "run", "x", "--run", "r");
    assertThat(told.code()).as(told.toString()).isEqualTo(3);
    assertThat(told.words()).last().asString().endsWith("cria: stopped on request");
  }

  @Test
  void ctrlCInTheLauncherItselfIsOneToo() throws Exception {
    machine(65536);
    Files.delete(folder.resolve("meminfo"));
    executable(folder.resolve("bin/sysctl"), "#!/bin/sh\necho ready > /dev/tty\nexec sleep 600\n");
    environment.put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
    Told told = typed("ready", CTRL_C, "run", "x", "--run", "r");
    assertThat(told.code()).as(told.toString()).isEqualTo(3);
    assertThat(told.words()).last().asString().endsWith("cria: stopped on request");
  }

  @Test
  void whatJavaMakesOfCtrlCStands() throws Exception {
    executable(
        folder.resolve("jdk/bin/java"),
        """
        #!/bin/bash
        trap 'echo kept; exit 3' INT
        trap : TERM
        echo ready
        while :; do sleep 0.1; done
        """);
    Told told = typed("ready", CTRL_C, "run", "x", "--run", "r");
    assertThat(told.code()).as(told.toString()).isEqualTo(3);
    assertThat(told.words()).anyMatch(line -> line.endsWith("kept"));
    assertThat(told.words()).noneMatch(line -> line.contains("stopped on request"));
  }

  @Test
  void aTerminalReadsAndIsToldTheExitCode() throws Exception {
    executable(
        folder.resolve("jdk/bin/java"),
        "#!/bin/sh\necho ready\nread -r answer\necho \"heard $answer\"\nexit 4\n");
    Told told = typed("ready", "yes\n", "run", "x", "--run", "r");
    assertThat(told.code()).as(told.toString()).isEqualTo(4);
    assertThat(told.words())
        .anyMatch(line -> line.contains("heard yes"))
        .anyMatch(line -> line.contains("cria: starting Spark …"));
  }

  @Test
  void aTerminalIsToldOfWhatTakesSecondsAtOnce() throws Exception {
    executable(folder.resolve("jdk/bin/java"), "#!/bin/sh\necho ready\nread -r answer\nexit 0\n");
    for (String command : List.of("generate", "train-local", "serve")) {
      Told told = typed("ready", "yes\n", command, "x");
      assertThat(told.words())
          .first()
          .asString()
          .matches("cria: starting the (engine|server) …ready");
    }
  }

  @Test
  void anEmptySparkHomeIsNamed() throws Exception {
    environment.put("SPARK_HOME", folder.resolve("none").toString());
    Told told = cria("run", "x");
    assertThat(told.code()).isEqualTo(2);
    assertThat(told.words())
        .singleElement()
        .asString()
        .startsWith("cria: no Spark in SPARK_HOME, " + folder.resolve("none"));
  }

  @Test
  void withoutABuildTheRemedyIsNamed() throws Exception {
    Files.delete(home.resolve("target/cria.jar"));
    assertThat(cria("--help"))
        .isEqualTo(
            new Told(2, List.of("cria: not built yet, " + home + "/target: run scripts/build")));
  }

  private String jars() {
    return home + "/target/classpath/app/a.jar," + home + "/target/classpath/app/b.jar";
  }

  private String app() {
    Path target = home.resolve("target");
    return target
        + "/cria.jar:"
        + target
        + "/classpath/app/a.jar:"
        + target
        + "/classpath/app/b.jar";
  }

  private static void executable(Path file, String text) throws IOException {
    write(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  /** A machine of so much memory, on which no group has a limit. */
  private void machine(long mib) throws IOException {
    write(folder.resolve("meminfo"), "MemTotal:       " + mib * 1024 + " kB\nMemFree: 5 kB\n");
    write(folder.resolve("self"), "0::/\n");
    Files.createDirectories(folder.resolve("cgroup"));
    environment.put("CRIA_MEMINFO", folder.resolve("meminfo").toString());
    environment.put("CRIA_SELF_CGROUP", folder.resolve("self").toString());
    environment.put("CRIA_CGROUP", folder.resolve("cgroup").toString());
  }

  /** A Spark beside the launcher, with lines in its own defaults. */
  private void spark(String... defaults) throws IOException {
    Path spark = folder.resolve("spark");
    executable(
        spark.resolve("bin/spark-submit"),
        TELL.replace(
            "exit 4",
            "for word in \"$@\"; do echo \"$word\"; done > '" + folder + "/submitted'; exit 4"));
    write(spark.resolve("conf/spark-defaults.conf"), String.join("\n", defaults) + "\n");
    Files.createDirectories(spark.resolve("jars"));
    environment.put("SPARK_HOME", spark.toString());
  }

  /** What spark-submit was told, wherever the driver is to run. */
  private List<String> submitted(String... args) throws IOException, InterruptedException {
    Told unused = cria(args);
    return Files.readAllLines(folder.resolve("submitted"));
  }

  private record Told(int code, List<String> words) {}

  private Told cria(String... args) throws IOException, InterruptedException {
    return call(home.resolve("scripts/cria"), args);
  }

  private Told call(Path script, String... args) throws IOException, InterruptedException {
    Process process = start(script, args);
    process.getOutputStream().close();
    List<String> words =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    return new Told(process.waitFor(), words);
  }

  private Process start(Path script, String... args) throws IOException {
    List<String> command = new ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder
        .environment()
        .keySet()
        .removeIf(
            key ->
                key.startsWith("CRIA_")
                    || key.startsWith("SPARK_")
                    || key.endsWith("_NUM_THREADS"));
    builder.environment().putAll(environment);
    return builder.start();
  }
}
