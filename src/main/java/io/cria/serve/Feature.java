package io.cria.serve;

/** What not every backend can do. */
public enum Feature {
  /** How likely each token is. */
  LOGPROBS("logprobs"),
  /** The prompt as the beginning of its answer. */
  ECHO("echo"),
  /** A prompt of token ids. */
  TOKEN_IDS("prompt"),
  /** Tools that the model may call. */
  TOOLS("tools");

  private final String parameter;

  Feature(String parameter) {
    this.parameter = parameter;
  }

  /** The request's parameter that asks for it. */
  String parameter() {
    return parameter;
  }
}
