package io.cria.template;

/**
 * What is not there: prints as nothing, is false, has no elements; most other uses are faults.
 *
 * @param why the words of the fault
 */
record Undefined(String why) {
  Fault fault() {
    return new Fault(why);
  }
}
