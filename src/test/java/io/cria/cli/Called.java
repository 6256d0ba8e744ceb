package io.cria.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;

/**
 * A command as it was called in this process.
 *
 * @param code its exit code
 * @param out standard output
 * @param err standard error
 */
record Called(int code, String out, String err) {
  static Called with(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] words = new String[args.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = args[i] instanceof Path path ? path.toString() : String.valueOf(args[i]);
    }
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), words);
    return new Called(code, out.toString(), err.toString());
  }
}
