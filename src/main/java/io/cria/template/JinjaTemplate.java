package io.cria.template;

import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A parsed template: Jinja text that makes one text of the variables it is given.
 *
 * <pre>{@code
 * JinjaTemplate template = JinjaTemplate.parse("{% for m in messages %}{{ m.content }}{% endfor %}");
 * String text = template.render(Map.of("messages", List.of(Map.of("content", "Hi")))).text();
 * }</pre>
 */
public final class JinjaTemplate {
  private final Statement.Block body;
  private final boolean marksGenerated;
  private final Clock clock;

  private JinjaTemplate(Parser.Parsed parsed, Clock clock) {
    this.body = parsed.body();
    this.marksGenerated = parsed.marksGenerated();
    this.clock = clock;
  }

  /**
   * Parses a template, whose {@code strftime_now} tells the time of this machine.
   *
   * @throws TemplateException if it is no template, or uses a tag, filter or test that is not known
   */
  public static JinjaTemplate parse(String text) {
    return parse(text, Clock.system(ZoneId.systemDefault()));
  }

  /** As {@link #parse(String)}, with the clock that {@code strftime_now} reads. */
  public static JinjaTemplate parse(String text, Clock clock) {
    return new JinjaTemplate(Parser.parse(text), clock);
  }

  /** Whether the template has a {@code generation} block, on which way ever it stands. */
  boolean marksGenerated() {
    return marksGenerated;
  }

  /**
   * Renders a conversation. The variables are strings, booleans, whole numbers, doubles, null
   * (which is Python's None), and maps and collections of these; none is changed. Threads may share
   * a template.
   *
   * @throws TemplateException if the template refuses the conversation with {@code
   *     raise_exception}, does with values what they do not allow, or goes beyond a limit
   * @throws IllegalArgumentException if a variable is of another type
   */
  public Rendered render(Map<String, ? extends @Nullable Object> variables) {
    Run run = new Run(LocalDateTime.now(clock));
    Output output = new Output();
    try {
      Frame globals = Frame.outermost(run);
      Globals.put(globals);
      Frame frame = globals.inner();
      variables.forEach((name, value) -> frame.set(name, Values.of(value)));
      body.execute(frame, output);
    } catch (Fault fault) {
      throw new TemplateException(run.line(), fault);
    }
    return new Rendered(output.toString(), run.generated());
  }
}
