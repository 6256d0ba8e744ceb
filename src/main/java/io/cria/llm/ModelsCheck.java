package io.cria.llm;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.config.NearestWord;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Asks an endpoint whether it is there, takes the key and has the model, before anything is paid:
 * by its list of models, {@code GET BASE/models}. No text of the user's is sent. Where the list
 * does not have the model, {@code GET BASE/models/MODEL} is asked, too: lists are cut, and some
 * servers have names beside those that they list.
 */
public final class ModelsCheck {
  /** How long each of the two questions may take. */
  public static final Duration LIMIT = Duration.ofSeconds(5);

  private static final int MOST_NAMED = 3;
  private static final String ANY_NAME = "llamacpp";

  private final Exchange exchange;
  private final Schedule schedule;
  private final Endpoint endpoint;
  private final Credentials credentials;
  private final Redactor redactor;

  /** Of whoever is asked over HTTP from this host. */
  public ModelsCheck(Endpoint endpoint, Credentials credentials) {
    this(HttpTransport.shared(), Schedule.system(), endpoint, credentials);
  }

  ModelsCheck(Exchange exchange, Schedule schedule, Endpoint endpoint, Credentials credentials) {
    this.exchange = exchange;
    this.schedule = schedule;
    this.endpoint = endpoint;
    this.credentials = credentials;
    this.redactor = new Redactor(credentials);
  }

  /** What was found. */
  public enum Verdict {
    /** It answers, takes the key and has the model. */
    GOOD,
    /** It could not be told, which is no fault: many gateways have no such list. */
    NOT_CHECKED,
    /** Nothing answers there. */
    UNREACHABLE,
    /** The key is refused. */
    KEY_REFUSED,
    /** There is no such model. */
    NO_MODEL
  }

  /**
   * What was found, in words.
   *
   * @param words one line without a secret: what, where, remedy; empty where all is well
   */
  public record Finding(Verdict verdict, String words) {}

  /** Asks; comes back within twice {@link #LIMIT} and never fails. */
  public Finding of(String model) {
    String url = endpoint.modelsUrl();
    Answer list = get(url);
    if (list.reply() == null) {
      return notReached(url, list);
    }
    HttpReply reply = list.reply();
    int status = reply.status();
    if (status == 401) {
      return refused(url, reply);
    }
    if (status == 403) {
      // gateways say so of a route that they do not know, and providers of a list alone
      return notChecked(url + " answered 403, " + words(reply));
    }
    if (status < 200 || status >= 300) {
      return notChecked(url + " answered " + status);
    }
    JsonNode json = ServerJson.value(reply.body());
    List<String> ids = ids(json);
    if (json == null || ids.isEmpty()) {
      return notChecked(url + " is no list of models");
    }
    if (isListed(model, ids) || takesAnyName(json)) {
      return new Finding(Verdict.GOOD, "");
    }
    return unlisted(model, url, ids);
  }

  /**
   * Of a model that the list lacks: only the server's own word that there is none counts. Lists
   * have other names than deployments, hide what a key may not see, or are of one model that takes
   * any.
   */
  private Finding unlisted(String model, String url, List<String> ids) {
    String path = URLEncoder.encode(model, StandardCharsets.UTF_8).replace("+", "%20");
    HttpReply reply = get(endpoint.modelUrl(path)).reply();
    if (reply != null && reply.status() == 200) {
      JsonNode json = ServerJson.value(reply.body());
      if (json != null && json.path("id").isTextual()) {
        return new Finding(Verdict.GOOD, "");
      }
    }
    List<String> near = nearest(model, ids);
    String named = near.isEmpty() ? "" : ", for example " + String.join(", ", near);
    boolean denied = reply != null && reply.status() == 404 && words(reply).contains(model);
    return denied
        ? new Finding(
            Verdict.NO_MODEL,
            url
                + " has no model "
                + quoted(model)
                + ", among "
                + ids.size()
                + ": give --model or model as it is called there"
                + named)
        : notChecked(url + " does not list " + quoted(model) + ", among " + ids.size() + named);
  }

  private String quoted(String id) {
    return "'" + redactor.message(id) + "'";
  }

  private static List<String> ids(@Nullable JsonNode json) {
    List<String> ids = new ArrayList<>();
    if (json != null) {
      JsonNode list = json.isArray() ? json : json.path("data");
      for (JsonNode each : list) {
        JsonNode id = each.isTextual() ? each : each.path("id");
        if (id.isTextual() && !id.textValue().isBlank()) {
          ids.add(id.textValue());
        }
      }
    }
    return ids;
  }

  /** llama.cpp's own server answers for its one model, whatever it is called. */
  private static boolean takesAnyName(JsonNode json) {
    for (JsonNode each : json.path("data")) {
      if (ANY_NAME.equals(each.path("owned_by").textValue())) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether one of these is meant. Ollama adds {@code :latest} to a name without a tag, routers
   * take variants behind a colon, Google puts {@code models/} before each, proxies list patterns.
   */
  private static boolean isListed(String model, List<String> ids) {
    int variant = model.lastIndexOf(':');
    String base = variant > 0 ? model.substring(0, variant) : model;
    return ids.stream()
        .map(id -> id.startsWith("models/") && !model.startsWith("models/") ? id.substring(7) : id)
        .anyMatch(
            id ->
                id.equals(model)
                    || id.equals(model + ":latest")
                    || (id.contains("/") && id.equals(base))
                    || (id.endsWith("*") && model.startsWith(id.substring(0, id.length() - 1))));
  }

  /** The nearest by letters first, then those that have the name in theirs. */
  private List<String> nearest(String model, List<String> ids) {
    List<String> left = new ArrayList<>(ids.stream().distinct().sorted().toList());
    List<String> near = new ArrayList<>();
    left.stream()
        .filter(id -> tail(id).contains(tail(model)) || tail(model).contains(tail(id)))
        .sorted(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()))
        .limit(MOST_NAMED)
        .forEach(near::add);
    left.removeAll(near);
    while (near.size() < MOST_NAMED && !left.isEmpty()) {
      String next = NearestWord.of(model, left).orElse(null);
      if (next == null) {
        break;
      }
      near.add(next);
      left.remove(next);
    }
    if (near.isEmpty()) {
      left.stream().limit(MOST_NAMED).forEach(near::add);
    }
    return near.stream().map(redactor::message).toList();
  }

  private static String tail(String id) {
    return ProviderError.bare(id.substring(id.lastIndexOf('/') + 1));
  }

  private Finding refused(String url, HttpReply reply) {
    String words = words(reply);
    return new Finding(
        Verdict.KEY_REFUSED,
        url
            + " answered "
            + reply.status()
            + ", "
            + words
            + ": give a key that it takes (now: "
            + credentials.place()
            + "); --no-endpoint-check where only its list of models refuses it");
  }

  private String words(HttpReply reply) {
    return redactor.message(
        ProviderError.of(ServerJson.value(reply.body()), reply.body()).message());
  }

  private static Finding notChecked(String why) {
    return new Finding(Verdict.NOT_CHECKED, "key and model are not checked: " + why);
  }

  private Finding notReached(String url, Answer answer) {
    String error = answer.error();
    if (error == null) {
      return notChecked(url + " did not answer within " + LIMIT.toSeconds() + " s");
    }
    if (!answer.nothingThere()) {
      return notChecked(url + " failed, " + redactor.message(error));
    }
    return new Finding(
        Verdict.UNREACHABLE,
        url + " failed, " + redactor.message(error) + ": " + JobStop.unreachable(error));
  }

  /**
   * What became of a question.
   *
   * @param reply null where none came
   * @param error why none came; null where the time was over
   * @param nothingThere whether no connection was made
   */
  private record Answer(@Nullable HttpReply reply, @Nullable String error, boolean nothingThere) {}

  private Answer get(String url) {
    Map<String, String> headers = new LinkedHashMap<>(credentials.headers(endpoint.keyHeader()));
    headers.putIfAbsent("Accept", "application/json");
    CompletableFuture<HttpReply> reply = exchange.get(url, headers);
    Schedule.Alarm alarm = schedule.deadline(LIMIT, () -> reply.cancel(true));
    try {
      return new Answer(reply.join(), null, false);
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      boolean nothing =
          cause instanceof TransportException failed
              && failed.reached() == TransportException.Reached.NOTHING;
      return new Answer(null, String.valueOf(cause.getMessage()), nothing);
    } catch (CancellationException e) {
      return new Answer(null, null, false);
    } finally {
      alarm.cancel();
    }
  }
}
