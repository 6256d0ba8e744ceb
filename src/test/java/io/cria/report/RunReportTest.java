package io.cria.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.run.DerivedTable;
import io.cria.sql.RunViews;
import io.cria.storage.RunDirectory;
import io.cria.testing.HandMadeRun;
import io.cria.testing.LocalSpark;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every figure of a report is what SQL answers over the run's tables. */
class RunReportTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-02-03T04:05:06Z"), ZoneOffset.UTC);
  private static final String EVIL = "Explain </script><script>alert('1')</script> & <b>&amp;</b>";

  @TempDir static Path folder;

  private static SparkSession spark;
  private static RunDirectory run;
  private static String html;
  private static JsonNode figures;
  private static final List<String> PROGRESS = new ArrayList<>();

  @BeforeAll
  static void makeTheReport() throws Exception {
    spark = LocalSpark.session().newSession();
    List<String> texts = new ArrayList<>(MadeRun.instructions(400));
    texts.set(1, EVIL);
    texts.set(4, "다음 문장을 읽고 글쓴이의 생각을 한 문장으로 요약해 주세요.");
    run = MadeRun.write(spark, folder.resolve("made"), texts, 80);
    html = report(run).html(Long.MAX_VALUE);
    figures = figures(html);
    RunViews.register(spark, run);
  }

  private static RunReport report(RunDirectory run) {
    return new RunReport(LocalSpark.session(), run, CLOCK, PROGRESS::add);
  }

  private static JsonNode figures(String html) throws Exception {
    Matcher data =
        Pattern.compile("<script type=\"application/json\" id=\"figures\">(.*?)</script>")
            .matcher(html);
    assertThat(data.find()).isTrue();
    return JSON.readTree(data.group(1));
  }

  /** The rows that a query gives, each as its columns' texts. */
  private static List<String> sql(String query) {
    return spark.sql(query).collectAsList().stream().map(RunReportTest::line).toList();
  }

  private static String line(Row row) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.length(); i++) {
      Object value = row.get(i);
      line.append(i == 0 ? "" : " ")
          .append(value instanceof Double real ? rounded(real) : String.valueOf(value));
    }
    return line.toString();
  }

  /** Sums of doubles depend on their order. */
  private static String rounded(double real) {
    return String.format(java.util.Locale.ROOT, "%.9f", real);
  }

  private static Stream<JsonNode> all(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false);
  }

  /** Fields of each object in a list, as lines. */
  private static List<String> lines(JsonNode list, String... fields) {
    return all(list)
        .map(
            node -> {
              List<String> values = new ArrayList<>();
              for (String field : fields) {
                JsonNode value = node.get(field);
                values.add(value.isDouble() ? rounded(value.asDouble()) : value.asText());
              }
              return String.join(" ", values);
            })
        .toList();
  }

  @Test
  void aRunWhoseDriverWasKilledIsNotCalledRunning(@TempDir Path killed) throws Exception {
    Files.writeString(killed.resolve("run.json"), "{}");
    Files.writeString(killed.resolve("status.json"), "{\"state\":\"running\"}");
    RunHead head = RunHead.of(RunDirectory.at(killed.toString(), new Configuration()));
    assertThat(head.head(CLOCK.instant()).state()).isEqualTo("not at work, its driver was killed");
    Files.writeString(killed.resolve("status.json"), "{\"state\":\"done\"}");
    assertThat(head.head(CLOCK.instant()).state()).isEqualTo("done");
  }

  @Test
  void theFunnelAndTheRoundsAreThoseOfTheTables() {
    assertThat(lines(figures.get("funnel"), "count"))
        .isEqualTo(
            sql(
                """
                select n from (
                  select 1 as place, count(*) as n from requests where stage = 'generate'
                  union all select 2, count(*) from candidates
                  union all select 3, count(*) from candidates where kept
                  union all select 4, count(*) from instances
                  union all select 5, count(*) from instances where kept
                  union all select 6, count(*) from examples)
                order by place
                """));
    assertThat(figures.get("rounds").get("width").asInt()).isEqualTo(1);
    assertThat(
            lines(
                figures.get("rounds").get("rows"),
                "round",
                "requests",
                "candidates",
                "kept",
                "instances",
                "examples"))
        .hasSize(5)
        .isEqualTo(
            sql(
                """
                select c.round, r.n, c.n, c.kept, i.n, e.n
                from (select round, count(*) as n, count_if(kept) as kept from candidates
                      group by round) c
                join (select round, count(*) as n from requests group by round) r using (round)
                join (select round, count_if(kept) as n from instances group by round) i using (round)
                join (select round, count(*) as n from examples group by round) e using (round)
                order by c.round
                """));
    Map<String, Long> reasons = new TreeMap<>();
    all(figures.get("rounds").get("rows"))
        .forEach(
            round ->
                round
                    .get("reasons")
                    .properties()
                    .forEach(
                        entry ->
                            reasons.merge(entry.getKey(), entry.getValue().asLong(), Long::sum)));
    assertThat(reasons.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()))
        .containsExactlyElementsOf(
            sql(
                "select coalesce(reason, 'kept') as r, count(*) from candidates group by r order by"
                    + " r"));
  }

  @Test
  void manyRoundsAreCountedTogether() {
    RoundFigures three = RoundFigures.of(spark, 3 * RoundFigures.MOST_ROWS);
    assertThat(three.rounds().width()).isEqualTo(3);
    assertThat(three.rounds().rows().stream().map(row -> row.round() + " " + row.candidates()))
        .containsExactlyElementsOf(
            sql(
                "select cast(floor(round / 3) * 3 as int) as r, count(*) from candidates group by r"
                    + " order by r"));
  }

  @Test
  void theReasonsAreThoseOfTheTables() {
    for (Map.Entry<String, String> table :
        Map.of("reasons", "candidates", "instanceReasons", "instances").entrySet()) {
      assertThat(lines(figures.get(table.getKey()), "name", "count"))
          .isNotEmpty()
          .isEqualTo(
              sql(
                  "select reason, count(*) as n from "
                      + table.getValue()
                      + " where not kept group by reason order by n desc, reason"));
    }
  }

  @Test
  void theSpendIsThatOfTheLedger() {
    assertThat(
            lines(
                figures.get("spend"),
                "stage",
                "attempts",
                "ok",
                "promptTokens",
                "completionTokens",
                "usd",
                "unpriced"))
        .isEqualTo(
            sql(
                """
                select stage, count(*), count_if(outcome = 'ok'), sum(usage.prompt),
                  sum(usage.completion), sum(usd), count_if(usage.prompt is not null and usd is null)
                from ledger group by stage order by stage
                """));
    long seconds = figures.get("time").get("seconds").asLong();
    assertThat(lines(figures.get("time").get("bins"), "at", "attempts", "failed", "tokens", "usd"))
        .hasSizeBetween(2, SpendFigures.MOST_BINS + 1)
        .isEqualTo(
            sql(
                "select cast(floor(unix_timestamp(sent_at) / W) * W as long) as at, count(*),"
                        .replace("W", String.valueOf(seconds))
                    + " count_if(outcome <> 'ok'), coalesce(sum(usage.prompt), 0) +"
                    + " coalesce(sum(usage.completion), 0), coalesce(sum(usd), 0d)"
                    + " from ledger group by at order by at"));
  }

  @Test
  void binsOfTimeAreFew() {
    assertThat(SpendFigures.width(0)).isEqualTo(1);
    assertThat(SpendFigures.width(59)).isEqualTo(1);
    assertThat(SpendFigures.width(60)).isEqualTo(2);
    assertThat(SpendFigures.width(86_400L * 365)).isEqualTo(604_800);
    assertThat(SpendFigures.width(Long.MAX_VALUE)).isEqualTo(31_536_000);
  }

  @Test
  void theStatisticsAreThoseOfTheExamples() {
    JsonNode told = figures.get("statistics");
    Row counted =
        spark
            .sql(
                """
                select count(distinct instruction),
                  count(distinct case when is_classification then instruction end),
                  count(*), count_if(input = ''),
                  avg(case when input <> '' then regexp_count(input, r'\\S+') end),
                  avg(regexp_count(output, r'\\S+'))
                from examples
                """)
            .first();
    assertThat(
            lines(
                JSON.createArrayNode().add(told),
                "instructions",
                "classification",
                "instances",
                "emptyInputs"))
        .containsExactly(
            counted.getLong(0)
                + " "
                + counted.getLong(1)
                + " "
                + counted.getLong(2)
                + " "
                + counted.getLong(3));
    assertThat(told.get("inputWords").asDouble()).isCloseTo(counted.getDouble(4), within(1e-9));
    assertThat(told.get("outputWords").asDouble()).isCloseTo(counted.getDouble(5), within(1e-9));
    assertThat(told.get("instructionWords").asDouble())
        .isCloseTo(
            spark
                .sql(
                    "select avg(regexp_count(instruction, r'\\S+')) from (select distinct"
                        + " instruction from examples)")
                .first()
                .getDouble(0),
            within(1e-9));
  }

  @Test
  void theNearestNeighboursAreThoseOfAllPairs() {
    assertThat(
            sql(
                "select candidate_id, seed_id, seed_score, machine_id, machine_score from neighbours"
                    + " order by round, row, item"))
        .isEqualTo(
            sql(
                """
                with m as (select * from pool where source = 'machine'),
                s as (
                  select m.id, max_by(seed, score) as seed, max(score.score) as score from (
                    select m.id, s.id as seed,
                      struct(rouge_l(m.instruction, s.instruction) as score, -s.row as place) as score
                    from m join pool s on s.source = 'seed') m group by m.id),
                n as (
                  select m.id, max_by(other, score) as other, max(score.score) as score from (
                    select m.id, o.id as other,
                      struct(rouge_l(m.instruction, o.instruction) as score, -o.round as a,
                        -o.row as b, -o.item as c) as score
                    from m join m o on o.id <> m.id) m group by m.id)
                select m.id, if(s.score > 0, s.seed, null), s.score, if(n.score > 0, n.other, null),
                  n.score
                from m join s on s.id = m.id join n on n.id = m.id order by m.round, m.row, m.item
                """));
    JsonNode histograms = figures.get("likeness");
    assertThat(all(histograms).map(h -> h.get("name").asText()))
        .containsExactly(TextFigures.SEEDS, TextFigures.MACHINE);
    assertHistogram(histograms.get(0), "neighbours", "seed_score", 0.05);
    assertHistogram(histograms.get(1), "neighbours", "machine_score", 0.05);
  }

  private static void assertHistogram(JsonNode histogram, String from, String value, double width) {
    int last = histogram.get("counts").size() - 1;
    Map<Integer, Long> counts = new TreeMap<>();
    for (int i = 0; i <= last; i++) {
      if (histogram.get("counts").get(i).asLong() > 0) {
        counts.put(i, histogram.get("counts").get(i).asLong());
      }
    }
    assertThat(histogram.get("width").asDouble()).isEqualTo(width);
    assertThat(counts.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()))
        .containsExactlyElementsOf(
            sql(
                String.format(
                    java.util.Locale.ROOT,
                    "select least(cast(floor(%s * %d / %d) as int), %d) as bin, count(*) from %s"
                        + " group by bin order by bin",
                    value,
                    Math.round(1 / Math.min(1, width)),
                    Math.round(Math.max(1, width)),
                    last,
                    from)));
    assertThat(histogram.get("mean").asDouble())
        .isCloseTo(
            spark.sql("select avg(" + value + ") from " + from).first().getDouble(0), within(1e-9));
  }

  @Test
  void theLengthsAreThoseOfTheExamples() {
    JsonNode lengths = figures.get("lengths");
    assertHistogram(
        lengths.get(0),
        "(select distinct instruction from examples)",
        "regexp_count(instruction, r'\\S+')",
        2);
    assertHistogram(
        lengths.get(1),
        "(select input from examples where input <> '')",
        "regexp_count(input, r'\\S+')",
        10);
    assertHistogram(lengths.get(2), "examples", "regexp_count(output, r'\\S+')", 10);
  }

  @Test
  void theVerbsAndLanguagesAreThoseOfTheTraits() {
    JsonNode verbs = figures.get("verbs");
    assertThat(
            verbs.get("instructions") + " " + verbs.get("withVerb") + " " + verbs.get("withNoun"))
        .isEqualTo(
            sql("select count(*), count(verb), count_if(noun is not null) from traits").get(0));
    assertThat(lines(verbs.get("top"), "verb", "count"))
        .isNotEmpty()
        .isEqualTo(
            sql(
                "select verb, count(*) as n from traits where noun is not null group by verb order"
                    + " by n desc, verb limit 20"));
    JsonNode first = verbs.get("top").get(0);
    assertThat(lines(first.get("nouns"), "name", "count"))
        .isEqualTo(
            sql(
                "select noun, count(*) as n from traits where noun is not null and verb = '"
                    + first.get("verb").asText()
                    + "' group by noun order by n desc, noun limit 4"));
    assertThat(verbs.get("shown").asLong())
        .isEqualTo(
            all(verbs.get("top"))
                .flatMap(verb -> all(verb.get("nouns")))
                .mapToLong(noun -> noun.get("count").asLong())
                .sum());
    List<String> languages =
        sql(
            "select coalesce(language, 'too short to tell') as l, count(*) as n from traits group by"
                + " l order by n desc, l");
    List<String> told = lines(figures.get("languages"), "name", "count");
    assertThat(told.subList(0, Math.min(12, languages.size())))
        .isEqualTo(languages.subList(0, Math.min(12, languages.size())));
    assertThat(
            sql(
                "select language, verb from traits join candidates using (candidate_id) where"
                    + " instruction like '다음 문장%'"))
        .containsExactly("kor null");
  }

  @Test
  void theSamplesAreExamplesWithTheirLineage() {
    assertThat(
            lines(
                figures.get("samples"),
                "exampleId",
                "instanceId",
                "candidateId",
                "answerId",
                "requestKey",
                "instruction",
                "input",
                "output",
                "isClassification",
                "finishReason",
                "completionTokens",
                "usd"))
        .hasSize(20)
        .isEqualTo(
            sql(
                """
                select e.example_id, e.instance_id, c.candidate_id, a.answer_id, a.request_key,
                  e.instruction, e.input, e.output, e.is_classification, a.finish_reason,
                  a.completion_tokens, a.usd
                from examples e
                join instances i using (instance_id)
                join candidates c on c.candidate_id = i.candidate_id
                join answers a on a.answer_id = c.answer_id
                order by sha2(e.example_id, 256) limit 20
                """));
    JsonNode sample = figures.get("samples").get(0);
    assertThat(
            sample.get("machine").get("id").asText()
                + " "
                + rounded(sample.get("machine").get("score").asDouble())
                + " "
                + sample.get("machine").get("instruction").asText())
        .isEqualTo(
            sql("select n.machine_id, n.machine_score, p.instruction from neighbours n join pool"
                    + " p on p.id = n.machine_id where n.candidate_id = '"
                    + sample.get("candidateId").asText()
                    + "'")
                .get(0));
  }

  @Test
  void thePairsAreThoseOfTheTables() {
    assertThat(lines(figures.get("rejectedPairs"), "id", "otherId", "score"))
        .hasSize(10)
        .isSubsetOf(
            sql(
                "select candidate_id, neighbour_id, neighbour_score from candidates where reason ="
                    + " 'similar'"));
    assertThat(lines(figures.get("keptPairs"), "score"))
        .hasSizeBetween(5, 10)
        .first()
        .isEqualTo(sql("select max(machine_score) from neighbours").get(0));
    JsonNode pair = figures.get("keptPairs").get(0);
    assertThat(text(pair.get("text")))
        .isEqualTo(
            sql("select instruction from pool where id = '" + pair.get("id").asText() + "'")
                .get(0));
    assertThat(all(pair.get("text")).anyMatch(piece -> piece.get("common").asBoolean())).isTrue();
  }

  private static String text(JsonNode pieces) {
    StringBuilder text = new StringBuilder();
    all(pieces).forEach(piece -> text.append(piece.get("text").asText()));
    return text.toString();
  }

  private static String asked(JsonNode verdict) {
    return "select count(*) from verdicts where kind = 'review' and name = '"
        + verdict.get("name").asText()
        + "' and question = '"
        + verdict.get("question").asText()
        + "' and rater = '"
        + verdict.get("rater").asText()
        + "'";
  }

  @Test
  void whatWasJudgedModeratedAndTrainedIsThatOfTheTables() {
    assertThat(
            lines(figures.get("verdicts"), "kind", "name", "rater", "question", "verdict", "count"))
        .isEqualTo(
            sql(
                "select kind, name, rater, question, verdict, count(*) from verdicts where kind ="
                    + " 'review' group by all order by kind, name, question, rater, verdict"));
    assertThat(all(figures.get("verdicts")))
        .isNotEmpty()
        .allSatisfy(
            verdict -> {
              long count = verdict.get("count").asLong();
              long all = verdict.get("all").asLong();
              assertThat(sql(asked(verdict))).containsExactly(String.valueOf(all));
              // the bound where the observed share lies just 1.96 standard errors away (Wilson)
              double high = verdict.get("interval").get("high").asDouble();
              assertThat(Math.abs((double) count / all - high))
                  .isCloseTo(1.959964 * Math.sqrt(high * (1 - high) / all), within(1e-6));
            });
    JsonNode moderation = figures.get("moderation");
    assertThat(
            moderation.get("rows")
                + " "
                + moderation.get("flagged")
                + " "
                + moderation.get("personal"))
        .isEqualTo(
            sql("select count(*), count_if(flagged), count_if(size(pii) > 0) from moderated")
                .get(0));
    assertThat(lines(moderation.get("kinds"), "name", "count"))
        .isEqualTo(
            sql(
                "select k, count(*) as n from (select explode(pii) as k from moderated) group by k"
                    + " order by n desc, k"));
    JsonNode curve = figures.get("training").get(0);
    assertThat(curve.get("width").asInt()).isEqualTo(3);
    assertThat(lines(curve.get("points"), "step", "loss", "evaluationLoss", "lr"))
        .hasSizeLessThanOrEqualTo(JudgedFigures.MOST_POINTS + 1)
        .isEqualTo(
            sql(
                "select max(step) as step, avg(loss), avg(evaluation_loss), avg(lr) from training"
                    + " group by cast(ceil(step / 3) as int) order by step"));
  }

  @Test
  void nothingOfTheDataIsMarkup() {
    assertThat(html).doesNotContain("alert('1')</script>").doesNotContain("<b>&amp;</b>");
    assertThat(sql("select instruction from examples").stream().filter(EVIL::equals)).isNotEmpty();
    assertThat(figures.get("head").get("name").asText()).isEqualTo("made");
    assertThat(ReportPage.json(List.of("</script>\u2028&")))
        .isEqualTo("[\"\\u003c/script\\u003e\\u2028\\u0026\"]");
  }

  @Test
  void thePolicyNamesTheScriptsAndLetsNothingBeLoaded() throws Exception {
    Matcher policy =
        Pattern.compile("Content-Security-Policy\" content=\"([^\"]*)\"").matcher(html);
    assertThat(policy.find()).isTrue();
    List<String> hashes = new ArrayList<>();
    Matcher scripts = Pattern.compile("<script>(.*?)</script>", Pattern.DOTALL).matcher(html);
    while (scripts.find()) {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(scripts.group(1).getBytes(StandardCharsets.UTF_8));
      hashes.add("'sha256-" + Base64.getEncoder().encodeToString(digest) + "'");
    }
    assertThat(hashes).hasSize(2);
    assertThat(policy.group(1))
        .startsWith("default-src 'none'; script-src " + String.join(" ", hashes) + ";")
        .doesNotContain("http");
    assertThat(html.replaceAll("(?s)<script>.*?</script>", ""))
        .as("charts and script apart")
        .doesNotContainPattern("<(script|link|img|iframe)[^>]*(src|href)=")
        .doesNotContain("http://", "https://");
  }

  @Test
  void whatTakesLongIsComputedOnceAndAgainWhenTheTextsChange() throws Exception {
    assertThat(PROGRESS)
        .contains(
            "report: computing neighbours of 300 instructions, once",
            "report: computing traits of 300 instructions, once");
    PROGRESS.clear();
    Path file = file("neighbours");
    Instant written = Files.getLastModifiedTime(file).toInstant();
    assertThat(report(run).bringDerived(0))
        .as("what is there is shown, whatever may be computed")
        .isEmpty();
    assertThat(PROGRESS).isEmpty();
    assertThat(Files.getLastModifiedTime(file).toInstant()).isEqualTo(written);

    RunDirectory grown =
        MadeRun.write(spark, folder.resolve("grown"), MadeRun.instructions(40), 20);
    assertThat(report(grown).bringDerived(29).get("likeness"))
        .contains("more than 29 instructions");
    assertThat(folder.resolve("grown/neighbours")).doesNotExist();
    assertThat(report(grown).bringDerived(30)).isEmpty();
    assertThat(rows(grown, DerivedTable.NEIGHBOURS)).isEqualTo(30);
    MadeRun.write(spark, folder.resolve("grown"), MadeRun.instructions(80), 40);
    JsonNode outdated = figures(report(grown).html(59));
    assertThat(outdated.get("likeness")).as("of other texts than there are now").isEmpty();
    assertThat(outdated.get("keptPairs")).isEmpty();
    assertThat(outdated.get("notes").get("likeness").asText())
        .isEqualTo(
            "Not computed for more than 59 instructions: cria report RUN --most-compared 60 does"
                + " it.");
    assertThat(report(grown).bringDerived(60)).isEmpty();
    assertThat(rows(grown, DerivedTable.NEIGHBOURS)).isEqualTo(60);
    assertThat(rows(grown, DerivedTable.TRAITS)).isEqualTo(60);
  }

  @Test
  void aTableThatIsNotWholeIsComputedAnew() throws Exception {
    RunDirectory damaged =
        MadeRun.write(spark, folder.resolve("damaged"), MadeRun.instructions(40), 20);
    assertThat(report(damaged).bringDerived(30)).isEmpty();
    try (Stream<Path> files = Files.list(folder.resolve("damaged/neighbours"))) {
      for (Path file : files.filter(file -> file.toString().endsWith(".parquet")).toList()) {
        Files.delete(file);
      }
    }
    assertThat(report(damaged).bringDerived(30)).isEmpty();
    assertThat(rows(damaged, DerivedTable.NEIGHBOURS)).isEqualTo(30);
  }

  private static long rows(RunDirectory of, DerivedTable table) {
    return table.published(of).orElseThrow().rows();
  }

  private static Path file(String table) throws Exception {
    try (Stream<Path> files = Files.list(folder.resolve("made").resolve(table))) {
      return files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
  }

  @Test
  void whatARunHasNotIsLeftOut() throws Exception {
    JsonNode begun = figures(report(HandMadeRun.started(spark, folder.resolve("begun"))).html(0));
    assertThat(begun.get("statistics").isNull()).isTrue();
    assertThat(begun.get("moderation").isNull()).isTrue();
    for (String list :
        List.of("funnel", "reasons", "spend", "likeness", "lengths", "samples", "training")) {
      assertThat(begun.get(list)).as(list).isEmpty();
    }
    assertThat(folder.resolve("begun/neighbours")).doesNotExist();
    assertThat(folder.resolve("begun/traits")).doesNotExist();
  }
}
