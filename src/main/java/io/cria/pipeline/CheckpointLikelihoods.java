package io.cria.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.config.AskConfig;
import io.cria.evaluate.PairLikelihood;
import io.cria.evaluate.SetItem;
import io.cria.evaluate.TaskPrompt;
import io.cria.run.AskContext;
import io.cria.stage.BesideStage;
import io.cria.stage.Likelihoods;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Ids;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How likely a checkpoint holds the two requests of each pair, in the engine's own process. Only a
 * model whose weights are here can be asked that.
 */
final class CheckpointLikelihoods implements BesideStage {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String answerer;
  private final CheckpointAnswers.Model model;
  private final List<SetItem.Equal> pairs;

  CheckpointLikelihoods(String answerer, CheckpointAnswers.Model model, List<SetItem.Equal> pairs) {
    this.answerer = answerer;
    this.model = model;
    this.pairs = List.copyOf(pairs);
  }

  @Override
  public String name() {
    return "likelihood-" + answerer;
  }

  @Override
  public Optional<AskConfig> asks() {
    return Optional.empty();
  }

  @Override
  public boolean run(AskContext context) {
    List<TaskPrompt> texts = pairs.stream().flatMap(pair -> pair.prompts().stream()).toList();
    String from = Ids.sha256(model.fingerprint() + "\n" + texts);
    if (Likelihoods.read(context.run(), answerer).filter(l -> l.from().equals(from)).isPresent()) {
      return false;
    }
    context.checkpoint();
    context.progress().begin(name(), texts.size());
    List<Optional<Double>> measured;
    try {
      measured = measured(context, texts);
    } finally {
      context.progress().end();
    }
    List<PairLikelihood> found = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      Optional<Double> b = measured.get(2 * i + 1);
      String id = pairs.get(i).id();
      measured
          .get(2 * i)
          .flatMap(a -> b.map(other -> new PairLikelihood(id, a, other)))
          .ifPresent(found::add);
    }
    context.checkpoint();
    Likelihoods.measured(from, found).write(context.run(), answerer);
    return true;
  }

  /** One a text; empty for one that the model has no room for. */
  private List<Optional<Double>> measured(AskContext context, List<TaskPrompt> texts) {
    List<Optional<Double>> measured = new ArrayList<>();
    List<String> arguments = new ArrayList<>(model.arguments());
    arguments.add("--score");
    CheckpointAnswers.ask(
        context,
        answerer,
        arguments,
        texts,
        line -> {
          measured.add(likelihood(line));
          context.progress().advance(measured.size(), null);
          return measured.size() == texts.size();
        });
    return measured;
  }

  private Optional<Double> likelihood(String line) {
    try {
      JsonNode said = JSON.readTree(line).path("log_likelihood");
      return said.isNumber() ? Optional.of(said.doubleValue()) : Optional.empty();
    } catch (JsonProcessingException e) {
      throw new CriaException(
          ExitCode.FAULT, answerer + ": the engine wrote what is no likelihood", e);
    }
  }
}
