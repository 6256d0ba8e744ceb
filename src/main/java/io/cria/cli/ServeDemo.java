package io.cria.cli;

import io.cria.config.ConfigReader;
import io.cria.page.Door;
import io.cria.safety.Moderation;
import io.cria.safety.ModerationRules;
import io.cria.serve.Backend;
import io.cria.serve.demo.DemoPage;
import io.cria.serve.demo.DemoTerms;
import io.cria.sft.CheckpointCard;
import io.cria.sft.generate.CheckpointGenerator;
import io.cria.shipped.Shipped;
import io.cria.task.CriaException;
import io.cria.task.Decoding;
import io.cria.task.ExitCode;
import io.cria.task.Message;
import io.cria.task.Terms;
import io.cria.task.TextGenerator.PromptTooLongException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code cria serve --checkpoint DIR --demo}. */
final class ServeDemo {
  private static final List<String> LANGUAGES = List.of("en", "ko");
  private static final String WATERMARK_ENDING = ".watermark.yaml";

  private final CriaCommand command;
  private final CheckpointOptions checkpoint;
  private final DemoOptions options;

  /**
   * @param checkpoint whose watermark may be missing
   */
  ServeDemo(CriaCommand command, CheckpointOptions checkpoint, DemoOptions options) {
    this.command = command;
    this.checkpoint = checkpoint;
    this.options = options;
  }

  /** Serves until the process is ended. */
  ExitCode run(@Nullable String modelName, String host, int port) {
    Decoding decoding = options.decoding();
    Door door = options.door(host, port);
    Terms terms = terms();
    if (checkpoint.watermark == null) {
      checkpoint.watermark = keptWatermark();
    }
    var model = checkpoint.open(command::say);
    model.notice().ifPresent(command::say);
    Backend backend =
        new CheckpointBackend(model, modelName == null ? checkpoint.name() : modelName);
    try {
      tryOut(backend);
      DemoPage page =
          new DemoPage(
              backend,
              moderation(),
              new DemoTerms(backend.modelName(), terms),
              decoding,
              options.requestsPerMinute,
              Clock.systemUTC());
      return ServedPage.untilEnded(
          command, page.routes(), door, "a demo of " + backend.modelName(), backend::close);
    } finally {
      backend.close();
    }
  }

  private Terms terms() {
    return options.terms == null
        ? CheckpointCard.terms(checkpoint.directory())
        : ConfigReader.read(options.terms, Terms.class, Map.of());
  }

  /** The profile beside the checkpoint, which is made where there is none. */
  private Path keptWatermark() {
    Path directory = checkpoint.directory().toAbsolutePath().normalize();
    Path name = Objects.requireNonNull(directory.getFileName(), "a checkpoint has a name");
    Path profile = directory.resolveSibling(name + WATERMARK_ENDING);
    if (Files.exists(profile)) {
      command.say("answers are marked as " + profile + " says");
    } else {
      Path key = NewWatermark.write(profile, CheckpointGenerator.modelOf(checkpoint.checkpoint));
      command.say(
          "answers are marked as "
              + profile
              + " says; its key is new, "
              + key
              + ": keep it secret");
    }
    return profile;
  }

  /** One token, so that what does not fit together is told before anybody is let in. */
  private static void tryOut(Backend backend) {
    Decoding one = new Decoding(1, 0.0, null, null, null, null, null, List.of(), Map.of(), 0L);
    try {
      var unused = backend.chat(List.of(new Message(Message.USER, "Hello.")), one, more -> true);
    } catch (PromptTooLongException e) {
      throw new CriaException(ExitCode.BAD_INPUT, "serve: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriaException(ExitCode.STOPPED, "serve: interrupted", e);
    }
  }

  private static Moderation moderation() {
    List<ModerationRules> rules = new ArrayList<>();
    for (String language : LANGUAGES) {
      String name = "conf/moderation/" + language + ".yaml";
      try {
        String text = Shipped.FILES.text(name);
        rules.add(ConfigReader.parse(text, name, ModerationRules.class, Map.of()));
      } catch (IOException e) {
        throw new UncheckedIOException("the shipped rules cannot be read, " + name, e);
      }
    }
    return new Moderation(rules);
  }
}
