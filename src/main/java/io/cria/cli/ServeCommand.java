package io.cria.cli;

import io.cria.serve.ServedModel;
import io.cria.serve.embedded.Serve;
import io.cria.sft.TunedModel;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cria serve --gguf FILE}: until it is stopped. */
@Command(
    description = {
      "Serves a model on this machine with OpenAI's HTTP interface (completions and chat): a GGUF",
      "file with llama.cpp, or a checkpoint with Cria's own engine. A worker is a process that"
          + " answers",
      "one request at a time; further ones wait in line. A checkpoint has one, in this process.",
      "The base URL is printed on standard output when the model is loaded. With --demo it is a page"
          + " to chat",
      "with a checkpoint, under terms, moderated and marked (docs/demo.md)."
    },
    footer = {
      "",
      "Examples:",
      "  cria serve --gguf $(cria fetch-model) --port 8080",
      "  cria serve --gguf model.gguf --workers 2 --context 2048",
      "  cria serve --checkpoint runs/tuned/model --port 8080",
      "  cria serve --checkpoint runs/tuned/model --demo",
      "  cria serve --checkpoint runs/tuned/model --demo --host 0.0.0.0 --password-file word"
    })
final class ServeCommand extends CriaCommand {
  @Option(names = "--gguf", paramLabel = "FILE", description = "The model as a GGUF file.")
  @Nullable Path gguf;

  @Option(
      names = "--checkpoint",
      paramLabel = "DIR",
      description = "The model as a directory, or an adapter's directory.")
  @Nullable Path checkpoint;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "A LoRA adapter to put on the checkpoint.")
  @Nullable Path adapter;

  @Option(
      names = "--template",
      paramLabel = "T",
      description =
          "Of a checkpoint: chat for the model's own chat form, or a template file. Default: what"
              + " it was taught.")
  @Nullable String template;

  @Option(
      names = "--watermark",
      paramLabel = "FILE",
      description = "Of a checkpoint: mark what it writes, as this profile says.")
  @Nullable Path watermark;

  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      description = "A loopback address (${DEFAULT-VALUE}); of the demo, any of this machine.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String host;

  @Option(names = "--port", defaultValue = "0", description = "0 for any free one, the default.")
  int port;

  @Option(
      names = "--workers",
      defaultValue = "0",
      description = "Worker processes; 0 for one a core, the default.")
  int workers;

  @Option(
      names = "--context",
      defaultValue = "0",
      paramLabel = "TOKENS",
      description =
          "Prompt and answer together, at least 64; 0 for the model's own, at most 4096, the"
              + " default.")
  int contextLength;

  @Option(
      names = "--model-name",
      paramLabel = "NAME",
      description =
          "What clients call the model (the file's name without .gguf, or the folder's; of a"
              + " training's model or adapter the training's).")
  @Nullable String modelName;

  @Option(
      names = "--with-parent",
      description = "End when standard input closes: for a program that starts the server.")
  boolean withParent;

  @Mixin DemoOptions demo = new DemoOptions();

  @Override
  ExitCode run() {
    if (!demo.demo) {
      demo.requireNone();
    } else if (checkpoint == null) {
      throw CriaException.badInput(
          "serve: --demo is for --checkpoint: what llama.cpp writes cannot be marked");
    }
    if (checkpoint != null && gguf == null) {
      return serveCheckpoint(checkpoint);
    }
    if (gguf == null || checkpoint != null) {
      throw CriaException.badInput(
          "serve: which model is not clear: give either --gguf FILE or --checkpoint DIR");
    }
    if (adapter != null || template != null) {
      throw CriaException.badInput(
          "serve: --adapter and --template are for --checkpoint: a GGUF file brings both");
    }
    if (watermark != null) {
      throw CriaException.badInput(
          "serve: --watermark is for --checkpoint: llama.cpp's tokens are out of reach");
    }
    return serveGguf(gguf);
  }

  private ExitCode serveCheckpoint(Path directory) {
    if (workers > 1 || contextLength != 0) {
      throw CriaException.badInput(
          "serve: --workers and --context are for --gguf: a checkpoint has one worker and its own"
              + " context");
    }
    Serve.requirePort(port);
    CheckpointOptions options = new CheckpointOptions();
    options.checkpoint = directory;
    options.adapter = adapter;
    options.template = template;
    options.watermark = watermark;
    if (demo.demo) {
      return new ServeDemo(this, options, demo).run(modelName, host, port);
    }
    TunedModel model = options.open(this::say);
    String name = modelName == null ? options.name() : modelName;
    return untilClosed(ServeCheckpoint.start(model, name, host, port));
  }

  private ExitCode serveGguf(Path file) {
    return untilClosed(
        Serve.start(new Serve.Options(file, host, port, workers, contextLength, modelName))
            .served());
  }

  private ExitCode untilClosed(ServedModel served) {
    try (served) {
      Runtime.getRuntime().addShutdownHook(new Thread(served::close, "cria-serve-close"));
      err().println("cria: serving " + served.describe());
      out().println(served.baseUrl());
      if (withParent) {
        drain(System.in);
      } else {
        served.join();
      }
      return ExitCode.DONE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriaException(ExitCode.STOPPED, "serve: interrupted", e);
    }
  }

  /** Returns at the end of the stream. */
  private static void drain(InputStream in) {
    try {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException("standard input cannot be read", e);
    }
  }
}
