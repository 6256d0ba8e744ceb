// Chatting: the password and the terms where they are due, then a conversation that stands in this page alone.
import { act, by, el, language, read, Refused, stream } from "./page.js";

let terms = null;
let messages = [];
let asking = null;

function only(shown) {
  for (const id of ["sheet", "talk", "ask"]) by(id).hidden = !shown.includes(id);
  by("tools").hidden = !shown.includes("talk");
}

function status(text, isBad = false) {
  by("status").textContent = text;
  by("status").classList.toggle("bad", isBad);
}

function sheet(title, ...rest) {
  const heading = el("h2", { tabindex: "-1" }, title);
  by("sheet").replaceChildren(heading, ...rest);
  only(["sheet"]);
  return heading;
}

/** Does something a button asks for; a refusal is shown under it. */
async function doing(place, work) {
  place.querySelector(".alert")?.remove();
  try {
    await work();
  } catch (e) {
    if (!(e instanceof Refused)) throw e;
    place.append(el("p", { class: "alert", role: "alert" }, e.message));
  }
}

function askPassword() {
  const field = el("input", { id: "password", type: "password", autocomplete: "current-password", required: true });
  const enter = async (event) => {
    event.preventDefault();
    await doing(by("sheet"), async () => {
      await act("/api/enter-by-password", { password: field.value });
      await begin();
    });
    if (field.isConnected) field.select();
  };
  sheet(
    "Password",
    el("p", {}, "Whoever runs this page gave you a password."),
    el(
      "form",
      { onsubmit: enter },
      el("label", { for: "password" }, "Password", field),
      el("button", { class: "main" }, "Enter"),
    ),
  );
  field.focus();
}

function paragraphs() {
  const list = el("dl", { class: "paragraphs" });
  terms.paragraphs.forEach((each, place) => {
    const isWeighty = terms.nonCommercial && place === 0;
    list.append(
      el(
        "div",
        { class: isWeighty ? "weighty" : null },
        el("dt", {}, each.title),
        el("dd", { lang: language(each.text) }, each.text),
      ),
    );
  });
  return list;
}

function askAgreement() {
  const accept = () =>
    doing(by("sheet"), async () => {
      await act("/api/accept");
      terms.accepted = true;
      await begin();
    });
  sheet(
    `Before you chat with ${terms.model}`,
    paragraphs(),
    el("button", { type: "button", class: "main", id: "accept", onclick: accept }, "I agree"),
  ).focus();
}

function showTerms() {
  by("shown").setAttribute("aria-labelledby", "shown-title");
  by("shown").replaceChildren(
    el("h2", { id: "shown-title", tabindex: "-1", autofocus: true }, "Terms"),
    paragraphs(),
    el("form", { method: "dialog" }, el("button", { class: "main" }, "Close")),
  );
  by("shown").showModal();
}

/** What was said by one side; its text grows. */
class Said {
  constructor(isVisitor) {
    this.text = "";
    this.isCode = false;
    this.block = null;
    this.gap = "";
    this.place = el("div");
    by("talk").querySelector(".empty")?.remove();
    this.element = el(
      "section",
      { class: `said ${isVisitor ? "visitor" : "model"}` },
      el("h2", {}, isVisitor ? "You" : terms.model),
      this.place,
    );
    by("talk").append(this.element);
  }

  /** Adds a sentence; lines between fences are shown as code. */
  add(sentence) {
    this.text += sentence;
    if (sentence.trimStart().startsWith("```")) {
      this.isCode = !this.isCode;
      this.block = null;
      this.gap = "";
      return;
    }
    if (sentence.trim() === "") {
      // shown once something follows it
      if (this.block !== null) this.gap += sentence;
      return;
    }
    if (this.block === null) {
      // code that is wider than the page is scrolled, by keys too
      this.block = this.isCode ? el("pre", { tabindex: "0", "aria-label": "Code" }) : el("div", { class: "words", dir: "auto" });
      this.place.append(this.block);
    }
    if (!this.isCode && this.block.lang === "") this.block.lang = language(sentence) ?? "";
    this.block.append(this.gap + sentence);
    this.gap = "";
  }

  /** Adds what is no part of it. */
  note(name, text) {
    this.element.append(el("p", { class: name }, text));
  }
}

function follow() {
  const page = document.scrollingElement;
  page.scrollTop = page.scrollHeight;
}

function isAtEnd() {
  const page = document.scrollingElement;
  return page.scrollHeight - page.scrollTop - page.clientHeight < 80;
}

function busy(is) {
  by("send").hidden = is;
  by("stop").hidden = !is;
  by("anew").disabled = is || messages.length === 0;
}

/** Hears one answer to its end. */
class Hearing {
  constructor() {
    this.said = null;
    this.isOver = false;
    this.isHeld = false;
  }

  hear(event) {
    const atEnd = isAtEnd();
    if (event.error !== undefined) throw new Refused(0, event.error);
    if (event.kind === "waiting") status(`Waiting: ${event.ahead} before you.`);
    if (event.kind === "writing") status("Writing …");
    if (event.kind === "sentence") this.model().add(event.text);
    if (event.kind === "blocked") {
      this.isHeld = this.said === null;
      this.model().note("held", event.text);
    }
    if (event.kind === "end" && event.text !== undefined) this.model().note("ended", event.text);
    this.isOver ||= event.kind === "blocked" || event.kind === "end";
    if (atEnd) follow();
  }

  model() {
    this.said ??= new Said(false);
    return this.said;
  }
}

async function send() {
  const text = by("message").value.trim();
  if (text === "" || asking !== null) return;
  if (text.length > terms.mostCharacters) {
    status(`The message has ${text.length} characters, ${terms.mostCharacters} may be sent: shorten it.`, true);
    return;
  }
  asking = new AbortController();
  by("message").value = "";
  const mine = new Said(true);
  mine.block = el("div", { class: "words", dir: "auto", lang: language(text) });
  mine.block.append(text);
  mine.place.append(mine.block);
  busy(true);
  status("Sending …");
  follow();
  const hearing = new Hearing();
  let trouble = null;
  try {
    const said = [...messages, { role: "user", content: text }];
    await stream("/api/chat", { messages: said }, (event) => hearing.hear(event), asking.signal);
    if (!hearing.isOver) trouble = "The answer broke off: ask again.";
  } catch (e) {
    if (e.name === "AbortError") {
      hearing.said?.note("ended", "You stopped it here.");
    } else if (e instanceof Refused) {
      trouble = e.message;
      if (e.status === 401 || e.status === 403) terms = null;
    } else {
      throw e;
    }
  } finally {
    asking = null;
  }
  const answer = hearing.said?.text.trim() ?? "";
  if (answer !== "") {
    messages.push({ role: "user", content: text }, { role: "assistant", content: answer });
  } else if (!hearing.isHeld) {
    // nothing came: the message is yours again
    mine.element.remove();
    by("message").value = text;
  }
  status(trouble ?? "", trouble !== null);
  busy(false);
  if (terms === null) await begin();
  by("message").focus();
}

function anew() {
  messages = [];
  by("talk").replaceChildren(
    el(
      "div",
      { class: "empty" },
      el("p", {}, `Chat with ${terms.model}`),
      el("p", { class: "dim" }, "It may be wrong: check what matters."),
    ),
  );
  status("");
  busy(false);
  by("message").focus();
}

/** Shows what is due: the password, the terms, or the conversation. */
async function begin() {
  try {
    terms = await read("/api/terms");
  } catch (e) {
    if (!(e instanceof Refused)) throw e;
    if (e.status === 401) {
      askPassword();
    } else {
      sheet("Not to be had", el("p", { class: "alert", role: "alert" }, e.message));
    }
    return;
  }
  by("model").textContent = terms.model;
  document.title = `cria demo: ${terms.model}`;
  by("note").textContent = terms.nonCommercial ? "For non-commercial use only." : "";
  if (!terms.accepted) {
    askAgreement();
    return;
  }
  only(["talk", "ask"]);
  if (messages.length === 0 && by("talk").childElementCount === 0) anew();
  by("message").focus();
}

by("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
by("message").addEventListener("keydown", (event) => {
  // Enter that ends a syllable of Korean is the input method's
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send();
  }
});
by("message").addEventListener("input", () => {
  const left = terms.mostCharacters - by("message").value.length;
  by("left").textContent = left < 500 ? `${left} characters left.` : "";
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") asking?.abort();
});
by("stop").addEventListener("click", () => asking?.abort());
by("anew").addEventListener("click", anew);
by("terms").addEventListener("click", showTerms);
begin();
