package io.cria.template;

/** A problem with values, found where no line is known; rendering adds the line. */
final class Fault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Fault(String problem) {
    super(problem);
  }
}
