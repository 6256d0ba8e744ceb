package io.cria.similarity;

import io.cria.task.Instruction;
import java.util.AbstractList;
import java.util.Iterator;
import java.util.List;

/** The texts of instructions, without a list of their own. */
final class TextsOf extends AbstractList<String> {
  private final List<Instruction> instructions;

  TextsOf(List<Instruction> instructions) {
    this.instructions = instructions;
  }

  @Override
  public int size() {
    return instructions.size();
  }

  @Override
  public String get(int index) {
    return instructions.get(index).text();
  }

  @Override
  public Iterator<String> iterator() {
    Iterator<Instruction> each = instructions.iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return each.hasNext();
      }

      @Override
      public String next() {
        return each.next().text();
      }
    };
  }
}
