package io.cria.ask;

import io.cria.ask.AskSettings.EndpointSettings;
import io.cria.config.AskConfig;
import io.cria.config.Operation.Endpoint;
import io.cria.llm.MissingSecretException;
import io.cria.llm.ModelsCheck;
import io.cria.llm.ModelsCheck.Finding;
import io.cria.llm.ModelsCheck.Verdict;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Looks at the endpoints that will be asked before anything is spent: each is there, takes the key
 * and has the model. Nothing of the user's is sent. What cannot be told is no hindrance.
 */
public final class EndpointCheck {
  private final boolean local;
  private final boolean begun;
  private final Map<String, String> environment;
  private final Consumer<String> notes;

  /**
   * @param local whether this very process asks; executors elsewhere have keys and ways of their
   *     own, so that what fails here says nothing of them
   * @param begun whether there are answers already: what is down then is waited for, as in any
   *     outage
   * @param environment with the keys
   * @param notes takes a line for each endpoint that could not be checked
   */
  public EndpointCheck(
      boolean local, boolean begun, Map<String, String> environment, Consumer<String> notes) {
    this.local = local;
    this.begun = begun;
    this.environment = environment;
    this.notes = notes;
  }

  /**
   * Checks them, each once.
   *
   * @param asked whoever will be asked; the embedded model is left out
   * @return a line for each that is as it should be
   * @throws CriaException ({@link ExitCode#ENDPOINT}) for the first that is not
   */
  public List<String> require(List<AskConfig> asked) {
    List<String> good = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (AskConfig config : asked) {
      String url = config.endpoint().baseUrl();
      if (url != null && !config.endpoint().isEmbedded() && seen.add(who(url, config))) {
        require(url, config, good);
      }
    }
    return good;
  }

  /** An address asked with two keys is looked at with both. */
  private static String who(String url, AskConfig config) {
    Endpoint endpoint = config.endpoint();
    return url + " " + config.model() + " " + endpoint.keyEnv() + " " + endpoint.keyFile();
  }

  private void require(String url, AskConfig config, List<String> good) {
    EndpointSettings endpoint = EndpointSettings.of(config.endpoint(), url);
    Finding found;
    try {
      found =
          new ModelsCheck(endpoint.asked(), endpoint.credentials(environment)).of(config.model());
    } catch (MissingSecretException e) {
      if (!local) {
        notes.accept("key and model at " + url + " are not checked: the key is the executors'");
        return;
      }
      Keyless here = new Keyless("this machine", e.what(), e.place(), e.trouble());
      throw Keyless.refusal(url, List.of(here), true, false);
    }
    if (found.verdict() == Verdict.GOOD) {
      good.add(url + " answers, takes the key and has the model " + config.model());
    } else if (found.verdict() == Verdict.NOT_CHECKED) {
      notes.accept(found.words());
    } else if (begun && found.verdict() == Verdict.UNREACHABLE) {
      notes.accept(found.words() + "; it is waited for (limits.outageSeconds)");
    } else if (!local && found.verdict() == Verdict.UNREACHABLE) {
      notes.accept("from here " + found.words() + "; the executors may reach it");
    } else {
      throw new CriaException(ExitCode.ENDPOINT, found.words() + "; nothing was sent");
    }
  }
}
