// Looking through a run. What is shown follows from the address alone: every state can be kept and sent to a colleague.
import { act, by, el, isTyping, keysDialog, marked, number, read, Refused, words } from "./page.js";
import { storyOf } from "./story.js";

const NAMES = ["table", "q", "kind", "reason", "round", "verdict", "from", "before", "key", "open"];
const FILTERS = ["q", "kind", "reason", "round", "verdict"];
const FACETS = { kind: "kinds", reason: "reasons", round: "rounds", verdict: "verdicts" };
const TYPED_MILLIS = 200;

let tables = [];
let state = {};
let summary = null;
let rows = null;
let asking = null;
let typed = 0;

function fromAddress() {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? ""]));
}

function addressOf(wanted) {
  const query = new URLSearchParams();
  for (const name of NAMES) {
    if (wanted[name]) query.set(name, wanted[name]);
  }
  return query.size ? `/?${query}` : "/";
}

/** Goes to a state; what changes is told by the names that do. */
function go(changes, isStep = false) {
  state = { ...state, ...changes };
  if (isStep) history.replaceState(null, "", addressOf(state));
  else history.pushState(null, "", addressOf(state));
  return show();
}

function filter() {
  return Object.fromEntries(["table", ...FILTERS].map((name) => [name, state[name]]));
}

function fail(e) {
  if (e.name === "AbortError") return;
  if (!(e instanceof Refused)) throw e;
  by("status").textContent = e.message;
}

function showTables() {
  by("tables").replaceChildren(
    ...tables.map((table) =>
      el(
        "a",
        {
          href: addressOf({ table }),
          "aria-current": table === state.table ? "page" : null,
          onclick: (event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            openTable(table);
          },
        },
        table,
      ),
    ),
  );
}

function openTable(table) {
  const cleared = Object.fromEntries(NAMES.map((name) => [name, ""]));
  go({ ...cleared, table, q: state.q });
}

function showFilters() {
  const form = by("filters");
  if (document.activeElement !== form.elements.q) form.elements.q.value = state.q;
  for (const [name, values] of Object.entries(FACETS)) {
    const select = form.elements[name];
    const counts = summary[values];
    select.replaceChildren(
      el("option", { value: "" }, "any"),
      ...counts.map((one) => el("option", { value: one.value }, `${one.value} (${number(one.n)})`)),
    );
    if (state[name] && !counts.some((one) => one.value === state[name])) {
      select.append(el("option", { value: state[name] }, `${state[name]} (0)`));
    }
    select.value = state[name];
    select.parentElement.hidden = counts.length === 0 && !state[name];
  }
}

function badge(kind, reason) {
  if (reason) return el("span", { class: "badge bad" }, reason);
  return el("span", { class: kind === "kept" ? "badge good" : "badge" }, kind);
}

function place(key) {
  const [round, row, item, n] = key.split(".");
  if (round === "-1") return `seed ${Number(row) + 1}`;
  const instance = state.table === "examples" || state.table === "instances" ? ` · instance ${n}` : "";
  return `round ${round} · row ${row} · item ${item}${instance}`;
}

function rowOf(row) {
  const more = [row.input, row.output].filter((text) => text !== "").join(" → ");
  return el(
    "li",
    {},
    el(
      "a",
      {
        href: addressOf({ ...state, key: row.key, open: "1" }),
        "data-key": row.key,
        "aria-current": row.key === state.key ? "true" : null,
        onclick: (event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          go({ key: row.key, open: "1" });
        },
      },
      row.text === ""
        ? el("span", { class: "text dim" }, "(empty)")
        : words(row.text, "span", { class: "text" }),
      more === "" ? null : words(more, "span", { class: "more" }),
      el(
        "span",
        { class: "facts" },
        badge(row.kind, row.reason),
        row.score === undefined ? null : el("span", {}, `ROUGE-L ${row.score.toFixed(3)}`),
        el("span", {}, place(row.key)),
        row.verdicts.length ? el("span", {}, `${row.verdicts.length} verdicts`) : null,
      ),
    ),
  );
}

function markSought() {
  if (!state.q) return;
  for (const element of by("rows").querySelectorAll(".text, .more")) {
    element.replaceChildren(...marked(element.textContent, state.q));
  }
}

function showRows() {
  by("rows").replaceChildren(...rows.rows.map(rowOf));
  by("rows").hidden = rows.rows.length === 0;
  by("rows").setAttribute("aria-busy", "false");
  markSought();
  by("first").disabled = by("previous").disabled = rows.isFirst;
  by("last").disabled = by("next").disabled = rows.isLast;
}

async function showCount(signal) {
  const isAll = FILTERS.every((name) => !state[name]);
  const of = `of ${number(summary.rows)} ${state.table}`;
  if (isAll) {
    by("status").textContent = `${number(summary.rows)} ${state.table}, read ${new Date(summary.at).toLocaleTimeString()}`;
    return;
  }
  by("status").textContent = `… ${of}`;
  const { count } = await read("/api/count", filter(), signal);
  by("status").textContent = count === 0 ? `none ${of}` : `${number(count)} ${of}`;
}

/** Shows the state: its rows where they are others, its story where it is another. */
async function show() {
  const wanted = addressOf({ ...state, key: "", open: "" });
  document.body.classList.toggle("open", state.open !== "" && state.key !== "");
  try {
    if (wanted !== show.rows) {
      by("rows").setAttribute("aria-busy", "true");
      asking?.abort();
      asking = new AbortController();
      const signal = asking.signal;
      const waiting = setTimeout(() => {
        by("status").textContent = `reading ${state.table} …`;
      }, 300);
      try {
        showTables();
        summary = await read("/api/table", { table: state.table }, signal);
        showFilters();
        const page = state.before === "last" ? { last: "1" } : { from: state.from, before: state.before };
        rows = await read("/api/rows", { ...filter(), ...page }, signal);
      } finally {
        clearTimeout(waiting);
      }
      show.rows = wanted;
      showRows();
      by("list").scrollTop = 0;
      showCount(signal).catch(fail);
    }
    markCurrent();
    await showStory();
  } catch (e) {
    fail(e);
  }
}

function markCurrent() {
  for (const link of by("rows").querySelectorAll("a")) {
    if (link.dataset.key === state.key) {
      link.setAttribute("aria-current", "true");
      link.scrollIntoView({ block: "nearest" });
    } else {
      link.removeAttribute("aria-current");
    }
  }
}

async function showStory() {
  const wanted = `${state.table} ${state.key} ${state.q}`;
  if (wanted === showStory.shown) return;
  showStory.asked?.abort();
  showStory.shown = wanted;
  if (state.key === "") {
    by("story").replaceChildren(
      el("p", { class: "dim" }, "Choose a row, or go through them with ", el("kbd", {}, "j"), " and ", el("kbd", {}, "k"), "."),
    );
    return;
  }
  const asked = new AbortController();
  showStory.asked = asked;
  try {
    const story = await read("/api/story", { table: state.table, key: state.key }, asked.signal);
    by("story").replaceChildren(
      el("div", { class: "top" }, el("button", { type: "button", onclick: () => close() }, "‹ Rows")),
      ...storyOf(story, state.q, linkTo),
    );
    by("story").scrollTop = 0;
  } catch (e) {
    if (e.name === "AbortError") return;
    showStory.shown = "";
    if (!(e instanceof Refused)) throw e;
    by("story").replaceChildren(el("p", { class: "alert" }, e.message));
  }
}

/** A link to a row of another table. */
function linkTo(table, key, text) {
  const there = { table, key, from: key, open: "1" };
  return el(
    "a",
    {
      href: addressOf(there),
      onclick: (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        go({ ...Object.fromEntries(NAMES.map((name) => [name, ""])), ...there });
      },
    },
    text,
  );
}

function close() {
  go({ open: "" }, true);
  by("rows").querySelector("a[aria-current]")?.focus();
}

function turn(way) {
  if (!rows || rows.rows.length === 0) return go({ from: "", before: "" });
  if (way === "first") return go({ from: "", before: "", key: "" });
  if (way === "last") return go({ from: "", before: "last", key: "" });
  if (way === "next" && !rows.isLast) return after();
  if (way === "previous" && !rows.isFirst) return go({ from: "", before: rows.rows[0].key, key: "" });
  return null;
}

/** The page behind this one begins at the next row there is: the address names it by its own place. */
async function after() {
  const key = rows.rows[rows.rows.length - 1].key;
  const next = await read("/api/rows", { ...filter(), after: key, most: 1 });
  if (next.rows.length) await go({ from: next.rows[0].key, before: "", key: "" });
}

async function step(way) {
  if (!rows || rows.rows.length === 0) return;
  const at = rows.rows.findIndex((row) => row.key === state.key);
  const to = at < 0 ? (way > 0 ? 0 : rows.rows.length - 1) : at + way;
  if (to >= 0 && to < rows.rows.length) {
    await go({ key: rows.rows[to].key }, true);
  } else if (way > 0 && !rows.isLast) {
    await after();
    await go({ key: rows.rows[0].key }, true);
  } else if (way < 0 && !rows.isFirst) {
    await turn("previous");
    await go({ key: rows.rows[rows.rows.length - 1].key }, true);
  }
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || by("keys").open) return;
  if (isTyping(event)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const key = event.key;
  if (key === "j" || key === "ArrowDown") step(1).catch(fail);
  else if (key === "k" || key === "ArrowUp") step(-1).catch(fail);
  else if (key === "n") turn("next")?.catch(fail);
  else if (key === "p") turn("previous")?.catch(fail);
  else if (key === "/") by("filters").elements.q.select();
  else if (key === "?") by("keys").showModal();
  else if (key === "Escape") close();
  else if (key === "Enter" && state.key && event.target === document.body) {
    go({ open: "1" });
    by("story").focus();
  } else if (key >= "1" && key <= String(tables.length)) openTable(tables[Number(key) - 1]);
  else return;
  event.preventDefault();
}

/** As the form has it now, from the first row on. */
function filterAnew() {
  const elements = by("filters").elements;
  const values = Object.fromEntries(FILTERS.map((name) => [name, elements[name].value]));
  go({ from: "", before: "", key: "", open: "", ...values });
}

async function anew() {
  by("status").textContent = "reading anew …";
  await act("/api/anew");
  show.rows = showStory.shown = "";
  await show();
}

async function begin() {
  const told = await read("/api/tables");
  tables = told.tables;
  by("title").textContent = told.title;
  document.title = `cria view ${told.title}`;
  keysDialog(by("keys"), [
    [["j", "k"], "next, previous row"],
    [["Enter"], "open the row"],
    [["Esc"], "back to the rows; leave the search"],
    [["/"], "search"],
    [["n", "p"], "next, previous page"],
    [["1", "–", String(tables.length)], tables.join(", ")],
    [["?"], "this list"],
  ]);
  const form = by("filters");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    clearTimeout(typed);
    typed = setTimeout(filterAnew, event.target.name === "q" ? TYPED_MILLIS : 0);
  });
  for (const way of ["first", "previous", "next", "last"]) {
    by(way).addEventListener("click", () => turn(way)?.catch(fail));
  }
  by("help").addEventListener("click", () => by("keys").showModal());
  by("anew").addEventListener("click", () => anew().catch(fail));
  document.addEventListener("keydown", onKey);
  window.addEventListener("popstate", () => {
    state = fromAddress();
    state.table ||= tables[0];
    show();
  });
  state = fromAddress();
  state.table ||= tables[0];
  await show();
}

begin().catch(fail);
