package io.cria.run;

import io.cria.config.AskConfig;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;

/**
 * What is asked beside a line works with, in a directory of its own: a judge's questions have
 * neither seeds nor rounds of generation.
 */
public record BesideContext(
    SparkSession spark,
    RunDirectory run,
    RunLock lock,
    AskConfig asking,
    Supplier<String> baseUrl,
    String identity,
    String prices,
    RunProgress progress,
    StopAsked stopAsked,
    Wish wish)
    implements AskContext {}
