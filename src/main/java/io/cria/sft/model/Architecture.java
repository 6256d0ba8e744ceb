package io.cria.sft.model;

import io.cria.task.CriaException;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The model classes of transformers that the decoder computes. It says how config.json is worded;
 * what differs in the computation stands in {@link ModelConfig}.
 */
public enum Architecture {
  LLAMA("LlamaForCausalLM", "llama"),
  MISTRAL("MistralForCausalLM", "mistral"),
  QWEN2("Qwen2ForCausalLM", "qwen2"),
  QWEN3("Qwen3ForCausalLM", "qwen3"),
  SMOLLM3("SmolLM3ForCausalLM", "smollm3"),
  PHI3("Phi3ForCausalLM", "phi3");

  private final String className;
  private final String modelType;

  Architecture(String className, String modelType) {
    this.className = className;
    this.modelType = modelType;
  }

  /** As in {@code architectures} of config.json. */
  public String className() {
    return className;
  }

  /** As in {@code model_type} of config.json. */
  public String modelType() {
    return modelType;
  }

  /**
   * The architecture of that class name.
   *
   * @throws CriaException naming it and those supported
   */
  static Architecture named(String className, String where) {
    for (Architecture architecture : values()) {
      if (architecture.className.equals(className)) {
        return architecture;
      }
    }
    throw CriaException.badInput(
        "architecture '"
            + className
            + "' is not supported ("
            + where
            + "): use a model of one of "
            + Arrays.stream(values())
                .map(Architecture::className)
                .collect(Collectors.joining(", ")));
  }
}
