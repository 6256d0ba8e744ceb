// Judging: a name, then one text after the other. A verdict is on the server's disk before the next text is asked for.
import { act, by, el, isTyping, keysDialog, read, Refused, words } from "./page.js";

const RATER = "cria-rater";
let sheet = null;
let rater = null;
let item = null;
let given = {};
let here = 0;
let busy = false;

/** Letters or digits for the choices of the one question, or y and n for each of several. */
function keyOf(question, place) {
  const verdict = question.choices[place].verdict;
  return verdict.length === 1 ? verdict.toLowerCase() : String(place + 1);
}

function isYesNo(question) {
  return question.choices.length === 2;
}

function keys() {
  const question = sheet.questions[0];
  const choices = isYesNo(question)
    ? [
        [["y", "n"], "yes or no to the marked question; the last one saves"],
        [["1", "2", "3"], "mark a question"],
      ]
    : question.choices.map((choice, place) => [[keyOf(question, place)], `${choice.verdict}; saves`]);
  return [
    ...choices,
    [["u"], "take the last verdict back"],
    [["s"], "skip to the next that is not judged"],
    [["j", "k"], "next, previous, judged or not"],
    [["m"], "write a remark; Esc leaves it"],
    [["?"], "this list"],
  ];
}

function tell(message) {
  by("told").textContent = message;
}

function warn(message) {
  by("judged").querySelector(".alert")?.remove();
  by("judged").prepend(el("p", { class: "alert", role: "alert" }, message));
}

/** Does one thing at a time; a failure is shown, and what stood there stays. */
async function doing(work) {
  if (busy) return;
  busy = true;
  try {
    await work();
  } catch (e) {
    if (!(e instanceof Refused)) throw e;
    warn(e.message);
  } finally {
    busy = false;
  }
}

function showProgress(progress) {
  by("far").hidden = false;
  by("who").textContent = progress.rater;
  by("done").max = progress.of;
  by("done").value = progress.done;
  by("count").textContent = `${progress.done} of ${progress.of}`;
}

function card(title, text, isInput = false) {
  const isEmpty = text.trim() === "";
  return el(
    "section",
    { class: "card" },
    el("h2", {}, title),
    isEmpty ? el("p", { class: "words empty" }, isInput ? "no input" : "(empty)") : words(text),
  );
}

function answers() {
  if (item.answers.length === 1) {
    const title = sheet.questions.length > 1 ? "Output" : "Answer";
    return el("div", { class: "answers" }, card(title, item.answers[0]));
  }
  return el("div", { class: "answers two" }, card("Left", item.answers[0]), card("Right", item.answers[1]));
}

function button(question, place) {
  const choice = question.choices[place];
  const name = choice.verdict.length === 1 ? `${choice.verdict}: ${choice.words}` : choice.words;
  const key = isYesNo(question) ? choice.verdict[0] : keyOf(question, place);
  return el(
    "button",
    {
      type: "button",
      "aria-pressed": String(given[question.name] === choice.verdict),
      "data-verdict": choice.verdict,
      onclick: () => choose(question, choice.verdict),
    },
    el("span", {}, name),
    " ",
    el("kbd", { "aria-hidden": "true" }, key),
  );
}

function questionField(question, place) {
  const marked = sheet.questions.length > 1 && place === here;
  return el(
    "fieldset",
    { class: `question${isYesNo(question) ? " yes-no" : ""}${sheet.questions.length > 1 ? " one-of" : ""}${marked ? " here" : ""}` },
    el("legend", {}, question.words),
    el("p", { class: "help" }, question.help),
    el("div", { class: "choices" }, ...question.choices.map((_, at) => button(question, at))),
  );
}

function showQuestions() {
  const comment = by("comment")?.value ?? item.comment;
  const isJudged = Object.keys(item.verdicts).length > 0;
  const field = el("textarea", {
    id: "comment",
    rows: "1",
    "aria-label": "Remark, kept with the verdict",
    placeholder: "Remark",
  });
  field.value = comment;
  by("asked").replaceChildren(
    el(
      "div",
      {},
      ...sheet.questions.map(questionField),
      el(
        "div",
        { class: "under" },
        field,
        isJudged ? el("button", { type: "button", onclick: () => doing(save) }, "Save remark") : null,
        el("button", { type: "button", onclick: () => doing(undo), disabled: !item.progress.hasLast }, "Undo ", el("kbd", { "aria-hidden": "true" }, "u")),
        el("button", { type: "button", onclick: () => doing(skip) }, "Skip ", el("kbd", { "aria-hidden": "true" }, "s")),
      ),
    ),
  );
  by("asked").hidden = false;
}

function show(next) {
  item = next;
  given = { ...item.verdicts };
  here = Math.max(0, sheet.questions.findIndex((question) => !(question.name in given)));
  const isJudged = Object.keys(item.verdicts).length > 0;
  showProgress(item.progress);
  by("judged").replaceChildren(
    el("p", { class: "dim" }, `${item.n + 1} of ${sheet.of}${isJudged ? ", judged" : ""}`),
    card("Instruction", item.instruction),
    card("Input", item.input, true),
    answers(),
  );
  by("comment")?.remove();
  showQuestions();
  window.scrollTo(0, 0);
  const address = new URL(location.href);
  address.searchParams.set("n", String(item.n + 1));
  history.replaceState(null, "", address);
}

/** Reads a text. A server that was started anew on this address may have others than this page was loaded for. */
async function textAt(n) {
  const found = await read("/api/item", { rater, n });
  if (found.sheet !== sheet.mark) {
    throw new Refused(409, "Other texts are judged here now: load the page again.");
  }
  return found;
}

async function open(n) {
  show(await textAt(n));
}

function end(progress) {
  item = null;
  by("asked").hidden = true;
  showProgress(progress);
  const command = sheet.afterwards;
  by("judged").replaceChildren(
    el(
      "div",
      { class: "lone" },
      el("h2", { tabindex: "-1", id: "end" }, `All ${progress.of} are judged. Thank you.`),
      command
        ? el("p", {}, "Every verdict is kept. What all raters said is summed up by")
        : el("p", {}, "Every verdict is kept. What all raters said is summed up by the command that opened this page, given once more without ", el("code", { class: "in" }, "--page"), "."),
      command ? el("code", {}, command) : null,
      el("p", { class: "dim" }, "This page can be closed; its command is ended by ", el("kbd", {}, "Ctrl"), " ", el("kbd", {}, "C"), "."),
      el(
        "p",
        { class: "under" },
        el("button", { type: "button", onclick: () => doing(() => open(0)) }, "Look at them again"),
        el("button", { type: "button", onclick: () => doing(undo) }, "Undo ", el("kbd", { "aria-hidden": "true" }, "u")),
      ),
    ),
  );
  by("end").focus();
}

/** To the next that is not judged, or the end. */
async function goOn(progress) {
  if (progress.next === undefined) {
    end(progress);
  } else {
    await open(progress.next);
  }
}

async function save() {
  const comment = by("comment").value;
  const progress = await act("/api/verdict", {
    sheet: sheet.mark,
    rater,
    n: item.n,
    before: item.verdicts,
    verdicts: given,
    comment,
  });
  tell(`Kept. ${progress.done} of ${progress.of} are judged.`);
  await goOn(progress);
}

function choose(question, verdict) {
  if (busy || item === null) return;
  given[question.name] = verdict;
  const open = sheet.questions.findIndex((one) => !(one.name in given));
  if (open < 0) {
    doing(save);
    showQuestions();
  } else {
    here = open;
    showQuestions();
    by("asked").querySelectorAll("fieldset")[here].querySelector("button").focus();
  }
}

async function undo() {
  show({ ...(await act("/api/undo", { sheet: sheet.mark, rater })), verdicts: {} });
  tell("The last verdict is taken back.");
}

async function skip() {
  const after = await textAt((item.n + 1) % sheet.of);
  await goOn(after.progress);
}

async function step(way) {
  const n = item.n + way;
  if (n >= 0 && n < sheet.of) await open(n);
}

async function enter(name, sure) {
  const progress = await act("/api/enter", { name, goOn: sure });
  rater = progress.rater;
  sessionStorage.setItem(RATER, rater);
  const wanted = Number(new URL(location.href).searchParams.get("n"));
  if (sure && wanted >= 1 && wanted <= sheet.of) {
    await open(wanted - 1);
  } else {
    await goOn(progress);
  }
}

/** Asks for the name, once; `taken` says that `other` has judged under it. */
function askName(name = "", taken = "", other = "") {
  by("far").hidden = true;
  by("asked").hidden = true;
  const field = el("input", { id: "name", name: "name", maxlength: "60", required: true, autocomplete: "off", value: name });
  const form = el(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        doing(() => tryName(field.value));
      },
    },
    el("label", {}, "Your name", field),
    el("button", { class: taken ? "" : "main" }, taken ? "Take this name" : "Begin"),
  );
  by("judged").replaceChildren(
    el(
      "div",
      { class: "lone" },
      el("h2", {}, "Who judges?"),
      el("p", {}, `${sheet.of} to judge. Your verdicts are kept under your name, in a file of your own.`),
      taken
        ? el(
            "p",
            { class: "alert", role: "alert" },
            `${taken}. If that was you, go on; else take another name.`,
          )
        : null,
      taken
        ? el("button", { type: "button", class: "main", onclick: () => doing(() => enter(other, true)) }, `Go on as ${other}`)
        : null,
      form,
    ),
  );
  field.focus();
}

async function tryName(name) {
  try {
    await enter(name, false);
  } catch (e) {
    if (e.told?.rater === undefined) throw e;
    askName(name, e.message, e.told.rater);
  }
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || by("keys").open) return;
  if (event.key === "Escape" && isTyping(event)) {
    event.target.blur();
    return;
  }
  if (isTyping(event)) return;
  const key = event.key.toLowerCase();
  if (key === "?") {
    by("keys").showModal();
  } else if (key === "u" && rater !== null) {
    doing(undo);
  } else if (item !== null && isDone(key)) {
    event.preventDefault();
  }
}

/** A key on an item; false where it means nothing. */
function isDone(key) {
  const question = sheet.questions[here];
  if (isYesNo(question)) {
    const choice = question.choices.find((one) => one.verdict[0] === key);
    if (choice) {
      choose(question, choice.verdict);
      return true;
    }
    if (key >= "1" && key <= String(sheet.questions.length)) {
      here = Number(key) - 1;
      showQuestions();
      return true;
    }
  } else {
    const place = question.choices.findIndex((_, at) => keyOf(question, at) === key);
    if (place >= 0) {
      choose(question, question.choices[place].verdict);
      return true;
    }
  }
  if (key === "s") doing(skip);
  else if (key === "j") doing(() => step(1));
  else if (key === "k") doing(() => step(-1));
  else if (key === "m") by("comment").focus();
  else return false;
  return true;
}

async function begin() {
  sheet = await read("/api/sheet");
  by("title").textContent = sheet.title;
  document.title = `cria: ${sheet.title}`;
  keysDialog(by("keys"), keys());
  by("help").addEventListener("click", () => by("keys").showModal());
  document.addEventListener("keydown", onKey);
  const known = sheet.rater ?? sessionStorage.getItem(RATER);
  if (known === null) {
    askName();
  } else {
    await enter(known, true);
  }
}

doing(begin);
