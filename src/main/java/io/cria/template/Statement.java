package io.cria.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A node that writes, sets or decides. */
sealed interface Statement {
  /** What follows a statement: the next one, or the next or no round of the loop around. */
  enum Flow {
    NEXT,
    CONTINUE,
    BREAK
  }

  /** Carries the statement out, its cost counted. */
  default Flow execute(Frame frame, Output output) {
    Run run = frame.run();
    run.enter();
    Flow flow = act(frame, output);
    run.leave();
    return flow;
  }

  /** What the statement does; statements call each other by {@link #execute}, which counts. */
  Flow act(Frame frame, Output output);

  record Block(List<Statement> statements) implements Statement {
    @Override
    public Flow act(Frame frame, Output output) {
      for (Statement statement : statements) {
        Flow flow = statement.execute(frame, output);
        if (flow != Flow.NEXT) {
          return flow;
        }
      }
      return Flow.NEXT;
    }

    /** The text that the block writes, with variables of its own. */
    String text(Frame frame) {
      Output text = new Output();
      execute(frame.inner(), text);
      return text.toString();
    }
  }

  record Literal(String text) implements Statement {
    @Override
    public Flow act(Frame frame, Output output) {
      output.append(text);
      return Flow.NEXT;
    }
  }

  record Print(int line, Expression expression) implements Statement {
    @Override
    public Flow act(Frame frame, Output output) {
      frame.run().at(line);
      output.append(Text.of(expression.evaluate(frame)));
      return Flow.NEXT;
    }
  }

  record If(int line, List<Expression> conditions, List<Block> blocks, @Nullable Block otherwise)
      implements Statement {
    @Override
    public Flow act(Frame frame, Output output) {
      frame.run().at(line);
      for (int i = 0; i < conditions.size(); i++) {
        if (Values.truth(conditions.get(i).evaluate(frame))) {
          return blocks.get(i).execute(frame, output);
        }
      }
      return otherwise == null ? Flow.NEXT : otherwise.execute(frame, output);
    }
  }

  record For(
      int line,
      List<String> targets,
      Expression iterable,
      @Nullable Expression condition,
      Block body,
      @Nullable Block otherwise)
      implements Statement {
    @Override
    public Flow act(Frame frame, Output output) {
      frame.run().at(line);
      List<Object> elements = kept(frame, Values.elements(iterable.evaluate(frame)));
      if (elements.isEmpty()) {
        return otherwise == null ? Flow.NEXT : otherwise.execute(frame.inner(), output);
      }
      Loop loop = new Loop(elements);
      while (loop.next()) {
        Frame round = frame.inner();
        round.set("loop", loop);
        frame.run().at(line);
        assign(round, targets, loop.current());
        if (body.execute(round, output) == Flow.BREAK) {
          break;
        }
      }
      return Flow.NEXT;
    }

    private List<Object> kept(Frame frame, List<Object> elements) {
      if (condition == null) {
        return elements;
      }
      List<Object> kept = new ArrayList<>();
      for (Object element : elements) {
        Frame inner = frame.inner();
        assign(inner, targets, element);
        if (Values.truth(condition.evaluate(inner))) {
          kept.add(element);
        }
      }
      return kept;
    }
  }

  record Leave(Flow flow) implements Statement {
    @Override
    public Flow act(Frame frame, Output output) {
      return flow;
    }
  }

  record Set(int line, List<String> targets, Expression value) implements Statement {
    @Override
    public Flow act(Frame frame, Output output) {
      frame.run().at(line);
      assign(frame, targets, value.evaluate(frame));
      return Flow.NEXT;
    }
  }

  record SetAttribute(int line, String namespace, String attribute, Expression value)
      implements Statement {
    @Override
    public Flow act(Frame frame, Output output) {
      frame.run().at(line);
      if (!(frame.get(namespace) instanceof Namespace target)) {
        throw new Fault("'" + namespace + "' is no namespace, so no attribute of it can be set");
      }
      target.set(attribute, value.evaluate(frame));
      return Flow.NEXT;
    }
  }

  record With(int line, List<String> names, List<Expression> values, Block body)
      implements Statement {
    @Override
    public Flow act(Frame frame, Output output) {
      frame.run().at(line);
      Frame inner = frame.inner();
      for (int i = 0; i < names.size(); i++) {
        inner.set(names.get(i), values.get(i).evaluate(frame));
      }
      return body.execute(inner, output);
    }
  }

  record Define(Macro macro) implements Statement {
    @Override
    public Flow act(Frame frame, Output output) {
      frame.set(macro.name(), macro.bind(frame));
      return Flow.NEXT;
    }
  }

  /** Calls a macro that gets the block's body as {@code caller()}. */
  record CallBlock(int line, Macro body, Expression.Call call) implements Statement {
    @Override
    public Flow act(Frame frame, Output output) {
      frame.run().at(line);
      output.append(Text.of(call.value(frame, body.bind(frame))));
      return Flow.NEXT;
    }
  }

  /** Writes its body, and marks the range of it as generated by the model. */
  record Generation(Block body) implements Statement {
    @Override
    public Flow act(Frame frame, Output output) {
      int start = output.length();
      body.execute(frame.inner(), output);
      frame.run().mark(start, output.length());
      return Flow.NEXT;
    }
  }

  private static void assign(Frame frame, List<String> targets, Object value) {
    if (targets.size() == 1) {
      frame.set(targets.get(0), value);
      return;
    }
    List<Object> elements = Values.elements(value);
    if (elements.size() != targets.size()) {
      throw new Fault(
          elements.size() + " values cannot be given to " + targets.size() + " variables");
    }
    for (int i = 0; i < targets.size(); i++) {
      frame.set(targets.get(i), elements.get(i));
    }
  }
}
