package io.cria.template;

/** Python's None: a value like others, so that null never stands for one. */
enum None {
  NONE
}
