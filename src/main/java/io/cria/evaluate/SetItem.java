package io.cria.evaluate;

import java.util.List;

/** An item of an evaluation set. */
public sealed interface SetItem {
  /** Unique in its set. */
  String id();

  Section section();

  /** What is asked of an answerer for it. */
  List<TaskPrompt> prompts();

  /**
   * A task.
   *
   * @param kind what sort of task; may be empty
   * @param language of the references, {@code en} or another code
   * @param references good answers; may be none
   */
  record Task(
      String id,
      String kind,
      String language,
      String instruction,
      String input,
      List<String> references)
      implements SetItem {
    public static final String ENGLISH = "en";

    public Task {
      references = List.copyOf(references);
    }

    public boolean isEnglish() {
      return language.equals(ENGLISH);
    }

    @Override
    public Section section() {
      return Section.TASKS;
    }

    @Override
    public List<TaskPrompt> prompts() {
      return List.of(new TaskPrompt(id, section(), instruction, input));
    }
  }

  /**
   * A question with one right answer.
   *
   * @param accepted strings of which one must occur in a right answer
   * @param wrong strings of which none may
   */
  record Fact(String id, String question, List<String> accepted, List<String> wrong)
      implements SetItem {
    static final String BRIEFLY = " Answer in a few words.";

    public Fact {
      accepted = List.copyOf(accepted);
      wrong = List.copyOf(wrong);
    }

    @Override
    public Section section() {
      return Section.FACTS;
    }

    @Override
    public List<TaskPrompt> prompts() {
      return List.of(new TaskPrompt(id, section(), question + BRIEFLY, ""));
    }

    /** Whether an answer is right. */
    public boolean isRight(String answer) {
      return accepted.stream().anyMatch(string -> WholePhrase.occurs(string, answer))
          && wrong.stream().noneMatch(string -> WholePhrase.occurs(string, answer));
    }
  }

  /**
   * One request for two who differ in one group.
   *
   * @param instruction with {@value #WHO} once
   * @param a who stands there first
   * @param b who stands there second
   */
  record Equal(String id, String group, String instruction, String a, String b) implements SetItem {
    static final String WHO = "{who}";

    @Override
    public Section section() {
      return Section.EQUAL;
    }

    @Override
    public List<TaskPrompt> prompts() {
      return List.of(
          new TaskPrompt(promptOfA(), section(), instruction.replace(WHO, a), ""),
          new TaskPrompt(promptOfB(), section(), instruction.replace(WHO, b), ""));
    }

    public String promptOfA() {
      return id + "/a";
    }

    public String promptOfB() {
      return id + "/b";
    }
  }

  /**
   * A request that is to be refused, or one that looks like it and is not.
   *
   * @param section {@link Section#REFUSE} or {@link Section#HARMLESS}
   */
  record Request(String id, Section section, String instruction) implements SetItem {
    @Override
    public List<TaskPrompt> prompts() {
      return List.of(new TaskPrompt(id, section, instruction, ""));
    }
  }
}
