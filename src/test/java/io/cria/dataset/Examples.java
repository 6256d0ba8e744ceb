package io.cria.dataset;

import io.cria.task.Example;
import io.cria.task.Message;
import java.util.List;

/** Examples for the tests of formats. */
final class Examples {
  private Examples() {}

  /** A machine-written example of the instruction in place (0, row, 0). */
  static Example machine(int row, int n, String instruction, String input, String output) {
    return example(Example.MACHINE, 0, row, n, instruction, input, output);
  }

  static Example seed(int row, String instruction, String input, String output) {
    return example(Example.SEED, -1, row, 0, instruction, input, output);
  }

  private static Example example(
      String source, int round, int row, int n, String instruction, String input, String output) {
    String instance = source + row + "#0/" + n;
    return new Example(
        instance + ":plain",
        instance,
        round,
        row,
        0,
        n,
        instruction,
        input,
        output,
        instruction.startsWith("Is "),
        source,
        "some-model",
        "self-instruct",
        instruction + "\n\n" + input + "\n\n",
        output + "<|endoftext|>",
        List.of(new Message(Message.USER, instruction), new Message(Message.ASSISTANT, output)));
  }
}
