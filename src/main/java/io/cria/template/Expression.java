package io.cria.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A node that has a value. */
sealed interface Expression {
  /** The value, its cost counted. */
  default Object evaluate(Frame frame) {
    Run run = frame.run();
    run.enter();
    Object value = value(frame);
    run.made(value);
    run.leave();
    return value;
  }

  /** The value; nodes ask each other by {@link #evaluate}, which counts. */
  Object value(Frame frame);

  record Literal(Object constant) implements Expression {
    @Override
    public Object value(Frame frame) {
      return constant;
    }
  }

  record Name(String name) implements Expression {
    @Override
    public Object value(Frame frame) {
      return frame.get(name);
    }
  }

  record ListOf(List<Expression> elements) implements Expression {
    @Override
    public Object value(Frame frame) {
      return all(elements, frame);
    }
  }

  record TupleOf(List<Expression> elements) implements Expression {
    @Override
    public Object value(Frame frame) {
      return new Tuple(all(elements, frame));
    }
  }

  record DictOf(List<Expression> keys, List<Expression> values) implements Expression {
    @Override
    public Object value(Frame frame) {
      Map<Object, Object> dict = new LinkedHashMap<>();
      for (int i = 0; i < keys.size(); i++) {
        Dicts.put(dict, keys.get(i).evaluate(frame), values.get(i).evaluate(frame));
      }
      return dict;
    }
  }

  record Attribute(Expression owner, String name) implements Expression {
    @Override
    public Object value(Frame frame) {
      return Access.attribute(owner.evaluate(frame), name);
    }
  }

  record Item(Expression owner, Expression key) implements Expression {
    @Override
    public Object value(Frame frame) {
      return Access.item(owner.evaluate(frame), key.evaluate(frame));
    }
  }

  record Slice(
      Expression owner,
      @Nullable Expression from,
      @Nullable Expression to,
      @Nullable Expression step)
      implements Expression {
    @Override
    public Object value(Frame frame) {
      return Access.slice(
          owner.evaluate(frame), bound(from, frame), bound(to, frame), bound(step, frame));
    }

    private static @Nullable Integer bound(@Nullable Expression bound, Frame frame) {
      if (bound == null) {
        return null;
      }
      Object value = bound.evaluate(frame);
      return value == None.NONE ? null : Numbers.index(value);
    }
  }

  /** The arguments of a call; those in {@code spread} places stand for their elements. */
  record Given(List<Expression> positional, List<Boolean> spread, Map<String, Expression> named) {
    static final Given NOTHING = new Given(List.of(), List.of(), Map.of());

    Arguments evaluate(Frame frame) {
      List<Object> values = new ArrayList<>();
      for (int i = 0; i < positional.size(); i++) {
        Object value = positional.get(i).evaluate(frame);
        if (spread.get(i)) {
          values.addAll(Values.elements(value));
        } else {
          values.add(value);
        }
      }
      Map<String, Object> byName = new LinkedHashMap<>();
      named.forEach((name, expression) -> byName.put(name, expression.evaluate(frame)));
      return new Arguments(values, byName);
    }
  }

  record Call(int line, Expression function, Given arguments) implements Expression {
    @Override
    public Object value(Frame frame) {
      return call(frame, arguments.evaluate(frame));
    }

    /** The call of a call block, whose body is handed over as {@code caller}. */
    Object value(Frame frame, Callable caller) {
      Arguments given = arguments.evaluate(frame);
      Map<String, Object> named = new LinkedHashMap<>(given.named());
      named.put("caller", caller);
      return call(frame, new Arguments(given.positional(), named));
    }

    private Object call(Frame frame, Arguments given) {
      Object target = function.evaluate(frame);
      frame.run().at(line);
      if (target instanceof Callable callable) {
        return callable.call(frame.run(), given);
      }
      if (target instanceof Undefined undefined) {
        throw undefined.fault();
      }
      throw new Fault(Values.typeName(target) + " cannot be called");
    }
  }

  record Filtered(int line, Expression operand, String name, Filter filter, Given arguments)
      implements Expression {
    @Override
    public Object value(Frame frame) {
      Object input = operand.evaluate(frame);
      Arguments given = arguments.evaluate(frame);
      frame.run().at(line);
      return filter.apply(frame.run(), input, given);
    }
  }

  record Tested(int line, Expression operand, String name, ValueTest test, Given arguments)
      implements Expression {
    @Override
    public Object value(Frame frame) {
      Object input = operand.evaluate(frame);
      Arguments given = arguments.evaluate(frame);
      frame.run().at(line);
      return test.holds(input, given);
    }
  }

  record Not(Expression operand) implements Expression {
    @Override
    public Object value(Frame frame) {
      return !Values.truth(operand.evaluate(frame));
    }
  }

  record And(Expression left, Expression right) implements Expression {
    @Override
    public Object value(Frame frame) {
      Object value = left.evaluate(frame);
      return Values.truth(value) ? right.evaluate(frame) : value;
    }
  }

  record Or(Expression left, Expression right) implements Expression {
    @Override
    public Object value(Frame frame) {
      Object value = left.evaluate(frame);
      return Values.truth(value) ? value : right.evaluate(frame);
    }
  }

  record Conditional(Expression condition, Expression then, @Nullable Expression otherwise)
      implements Expression {
    @Override
    public Object value(Frame frame) {
      if (Values.truth(condition.evaluate(frame))) {
        return then.evaluate(frame);
      }
      return otherwise != null
          ? otherwise.evaluate(frame)
          : new Undefined("the inline if was false and has no else");
    }
  }

  /** {@code a < b <= c}: each pair in turn, up to the first that does not hold. */
  record Comparison(Expression first, List<Comparator> comparators, List<Expression> others)
      implements Expression {
    @Override
    public Object value(Frame frame) {
      Object left = first.evaluate(frame);
      for (int i = 0; i < others.size(); i++) {
        Object right = others.get(i).evaluate(frame);
        if (!comparators.get(i).holds(left, right)) {
          return false;
        }
        left = right;
      }
      return true;
    }
  }

  record Arithmetic(Operator operator, Expression left, Expression right) implements Expression {
    @Override
    public Object value(Frame frame) {
      return operator.apply(left.evaluate(frame), right.evaluate(frame));
    }
  }

  record Signed(boolean negative, Expression operand) implements Expression {
    @Override
    public Object value(Frame frame) {
      return Numbers.signed(negative, operand.evaluate(frame));
    }
  }

  record Concatenation(List<Expression> parts) implements Expression {
    @Override
    public Object value(Frame frame) {
      Output text = new Output();
      for (Expression part : parts) {
        text.append(Text.of(part.evaluate(frame)));
      }
      return text.toString();
    }
  }

  /** The text that a block writes: of {@code set} and {@code filter} blocks. */
  record BlockText(Statement.Block block) implements Expression {
    @Override
    public Object value(Frame frame) {
      return block.text(frame);
    }
  }

  private static List<Object> all(List<Expression> expressions, Frame frame) {
    List<Object> values = new ArrayList<>(expressions.size());
    for (Expression expression : expressions) {
      values.add(expression.evaluate(frame));
    }
    return values;
  }
}
