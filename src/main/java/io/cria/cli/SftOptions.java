package io.cria.cli;

import io.cria.sft.SftRunFile;
import io.cria.task.CriaException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The run file of a fine-tuning, and what may be said over it. */
final class SftOptions {
  @Parameters(paramLabel = "CONF", description = "Run file, for example conf/sft-quickstart.yaml.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String conf;

  @Option(
      names = "--base",
      paramLabel = "MODEL",
      description = "The model to tune, in place of the run file's: a directory or a GGUF file.")
  @Nullable Path base;

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description = "Any key of the run file, for example training.epochs=1. May be repeated.")
  List<String> settings = List.of();

  SftRunFile runFile() {
    return read(conf, settings);
  }

  /** Reads a run file, which must be a fine-tuning's. */
  static SftRunFile read(String conf, List<String> settings) {
    SftRunFile.text(conf).ifPresent(text -> RunFileKind.SFT.require(text, conf));
    return SftRunFile.read(conf, overrides(settings));
  }

  static Map<String, String> overrides(List<String> settings) {
    Map<String, String> overrides = new LinkedHashMap<>();
    for (String setting : settings) {
      int at = setting.indexOf('=');
      if (at < 1) {
        throw CriaException.badInput(
            "--set " + setting + ": this is no key=value: write for example training.epochs=1");
      }
      overrides.put(setting.substring(0, at), setting.substring(at + 1));
    }
    return overrides;
  }
}
