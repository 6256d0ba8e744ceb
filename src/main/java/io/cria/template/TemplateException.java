package io.cria.template;

/** A template that cannot be parsed or rendered, with the line where. */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int line;

  TemplateException(int line, String problem) {
    super("chat template, line " + line + ": " + problem);
    this.line = line;
  }

  TemplateException(int line, Fault fault) {
    super("chat template, line " + line + ": " + fault.getMessage(), fault);
    this.line = line;
  }

  /** The line of the template, from 1. */
  public int line() {
    return line;
  }
}
