// One row's story: what was asked, what came, what was made of it.
import { el, marked, number, words } from "./page.js";

const REASONS = {
  cut_by_length: "the answer was cut by its length",
  malformed: "the form could not be read",
  too_short: "too few words",
  too_long: "too many words",
  keyword: "a word that a text model cannot serve",
  write_a_program: "it begins with “Write a program”",
  punctuation_start: "it begins with punctuation",
  non_ascii_start: "it begins with a character beyond ASCII",
  similar: "too near to a text accepted before",
  same_as_input: "output and input are the same",
  empty_output: "the output is empty",
  ends_with_colon: "input or output ends with a colon",
  conflicting_outputs: "one input has different outputs",
  duplicate: "it is there already",
  over_limit: "beyond the most instances of an instruction",
  unclassified: "the question before got no answer",
  no_end_punctuation: "it ends without punctuation",
  repetitive: "it repeats itself",
  not_sent: "the round was closed before it was asked",
};

const STAGES = {
  generate: "Asked for new tasks",
  classify: "Asked whether it is a classification task",
  instances: "Asked for instances",
};

function section(title, ...children) {
  return el("section", {}, el("h2", {}, title), ...children);
}

function block(title, text, sought = "") {
  const body = words(text);
  if (sought) body.replaceChildren(...marked(text, sought));
  return el("div", { class: "block" }, el("h3", {}, title), body);
}

function badge(kind, reason) {
  if (reason) return el("span", { class: "badge bad" }, reason);
  return el("span", { class: kind === "kept" ? "badge good" : "badge" }, kind);
}

function place(row) {
  const [round, line, item, n] = row.key.split(".");
  if (round === "-1") return `seed task ${Number(line) + 1}`;
  return `round ${round}, row ${line}, item ${item}${row.table === "examples" || row.table === "instances" ? `, instance ${n}` : ""}`;
}

function texts(row, sought) {
  const blocks = [];
  if (row.instruction) blocks.push(block("Instruction", row.instruction, sought));
  if (row.input) blocks.push(block("Input", row.input, sought));
  if (row.output) blocks.push(block("Output", row.output, sought));
  const isElsewhere = [row.instruction, row.input, row.output].includes(row.raw);
  if (row.raw && !isElsewhere) blocks.push(block("As it was read from the answer", row.raw, sought));
  return el("section", {}, el("h2", {}, row.table.replace(/s$/, "")), ...blocks);
}

function head(row) {
  const why = row.reason ? REASONS[row.reason] : null;
  return el("p", { class: "head" }, badge(row.kind, row.reason), el("span", {}, why ? `${why} · ${place(row)}` : place(row)));
}

function pieces(list) {
  const text = list.map((piece) => piece.text).join("");
  const body = words("");
  body.lang = words(text).lang;
  body.append(...list.map((piece) => (piece.common ? el("mark", {}, piece.text) : piece.text)));
  return body;
}

function near(story, linkTo) {
  const other = story.near;
  if (!other) return null;
  const score = other.score ?? other.words?.score;
  const facts = [score === undefined ? "" : `ROUGE-L ${score.toFixed(3)}`, other.words ? `${other.words.common} tokens in common, in this order` : ""];
  return section(
    "Nearest accepted before",
    el("p", { class: "facts-line" }, facts.filter((fact) => fact).join(" · ")),
    other.words
      ? el(
          "div",
          { class: "pair" },
          el("div", { class: "block" }, el("h3", {}, "This text"), pieces(other.words.left)),
          el(
            "div",
            { class: "block" },
            el("h3", {}, "Its neighbour ", other.key ? linkTo("pool", other.key, "in the pool") : ""),
            pieces(other.words.right),
          ),
        )
      : el("p", {}, `${other.id}, which is not in the pool any more`),
  );
}

function verdicts(story) {
  if (story.verdicts.length === 0) return null;
  const body = el("tbody");
  for (const one of story.verdicts) {
    body.append(
      el(
        "tr",
        {},
        el("td", {}, one.name === one.kind ? one.kind : `${one.kind} ${one.name}`),
        el("td", {}, one.rater),
        el("td", {}, one.question),
        el("td", {}, one.verdict, one.score === undefined ? "" : ` (${one.score.toFixed(2)})`),
        el("td", {}, one.reason, one.neighbour ? ` ${one.neighbour}` : ""),
      ),
    );
  }
  const head = el("thead", {}, el("tr", {}, ...["judged", "by", "question", "verdict", "why"].map((name) => el("th", { scope: "col" }, name))));
  return section("Verdicts", el("div", { class: "block scroll", tabindex: "0", role: "region", "aria-label": "Verdicts" }, el("table", {}, head, body)));
}

function money(usd) {
  if (usd === undefined) return "price unknown";
  if (usd === 0) return "free";
  return `$${usd < 0.01 ? usd.toPrecision(3) : usd.toFixed(4)}`;
}

function cost(answer) {
  const facts = [money(answer.usd)];
  if (answer.promptTokens !== undefined) facts.push(`${number(answer.promptTokens)} tokens in`);
  if (answer.cachedTokens) facts.push(`${number(answer.cachedTokens)} of them cached`);
  if (answer.completionTokens !== undefined) facts.push(`${number(answer.completionTokens)} out`);
  if (answer.finishReason) facts.push(`ended by ${answer.finishReason}`);
  if (answer.latencyMs !== undefined) facts.push(`${(answer.latencyMs / 1000).toFixed(1)} s`);
  if (answer.model) facts.push(answer.model);
  return el("p", { class: "facts-line" }, facts.join(" · "));
}

function prompt(asked) {
  const parts = asked.prompt === undefined ? asked.messages : [{ role: "prompt", content: asked.prompt }];
  return el(
    "details",
    { class: "block" },
    el("summary", {}, "The very words that were sent"),
    ...parts.flatMap((part) => [el("h3", {}, part.role), words(part.content, "pre", { tabindex: "0" })]),
  );
}

function demonstrations(asked, story, linkTo) {
  if (asked.demonstrations.length === 0) return null;
  const list = el("ol");
  for (const id of asked.demonstrations) {
    const shown = story.shown.find((one) => one.id === id);
    const text = shown?.instruction || id;
    list.append(el("li", {}, shown?.key ? linkTo("pool", shown.key, text) : text));
  }
  return el("details", { class: "block" }, el("summary", {}, `${asked.demonstrations.length} tasks shown as examples`), list);
}

function asked(one, story, linkTo) {
  const answer = one.answer;
  return section(
    STAGES[one.stage] ?? one.stage,
    answer ? cost(answer) : el("p", { class: "dim" }, "no answer yet"),
    prompt(one),
    demonstrations(one, story, linkTo),
    answer?.text !== undefined
      ? el("div", { class: "block" }, el("h3", {}, "The answer, as it came"), words(answer.text, "pre", { tabindex: "0" }))
      : null,
    answer?.error ? el("p", { class: "alert" }, `${answer.outcome}: ${answer.error}`) : null,
  );
}

function kin(title, rows, linkTo) {
  if (rows.length === 0) return null;
  return section(
    title,
    ...rows.map((row) =>
      el(
        "div",
        { class: row.isThis ? "block here" : "block" },
        el("p", {}, badge(row.kind, row.reason), " ", row.isThis ? "this one" : linkTo(row.table, row.key, "open")),
        words([row.table === "instances" ? row.input : row.instruction || row.raw, row.output].filter((text) => text).join("\n→ ") || "(empty)"),
      ),
    ),
  );
}

/** The parts of a story, from the row back to what it came from. */
export function storyOf(story, sought, linkTo) {
  const row = story.row;
  const isOne = (rows) => rows.length === 1 && row.id.startsWith(rows[0].id);
  return [
    head(row),
    texts(row, sought),
    near(story, linkTo),
    verdicts(story),
    isOne(story.examples) ? null : kin("Examples made of it", story.examples, linkTo),
    isOne(story.instances) ? null : kin("Its instances", story.instances, linkTo),
    ...story.asked.map((one) => asked(one, story, linkTo)),
    kin("All that was read from the answer", story.parsed, linkTo),
    el("p", { class: "facts-line words" }, row.id),
  ].filter((part) => part !== null);
}
