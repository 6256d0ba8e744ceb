// What the pages share: asking the server, making elements, keys. Texts reach the page as text and never as HTML.

let token = null;

/** A refusal or a failure, in words for people; `told` is what the server said beside them. */
export class Refused extends Error {
  constructor(status, words, told = {}) {
    super(words);
    this.status = status;
    this.told = told;
  }
}

async function answering(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (e) {
    if (e.name === "AbortError") throw e;
    throw new Refused(0, "The server does not answer. Whoever started it can start it again; nothing that was kept is lost.");
  }
  if (!response.ok) {
    // what stands between the page and the server, a proxy say, has no words for people
    const body = await response.json().catch(() => ({}));
    throw new Refused(response.status, body.error ?? `The server cannot be reached now (${response.status}).`, body);
  }
  return response;
}

async function answered(path, options) {
  return (await answering(path, options)).json();
}

/** Reads from a path; query values that are empty are left out. */
export function read(path, query = {}, signal = undefined) {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== "" && value !== null && value !== undefined) {
      words.set(name, value);
    }
  }
  return answered(words.size ? `${path}?${words}` : path, { signal });
}

async function posted(path, body, signal, hear) {
  for (let tries = 0; ; tries++) {
    if (token === null) {
      token = (await read("/api/token")).token;
    }
    try {
      return await hear(path, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Cria-Token": token },
        body: JSON.stringify(body),
        signal,
      });
    } catch (e) {
      if (e.status !== 403 || tries > 0) {
        throw e;
      }
      token = null;
    }
  }
}

/** Has the server do something. A server that was started anew has another token, which is asked for once. */
export function act(path, body = {}) {
  return posted(path, body, undefined, answered);
}

/** Has the server do something, and hears of it line by line. */
export function stream(path, body, hear, signal) {
  return posted(path, body, signal, async (where, options) => {
    const response = await answering(where, options);
    const lines = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let open = "";
    for (;;) {
      let piece;
      try {
        piece = await lines.read();
      } catch (e) {
        if (e.name === "AbortError") throw e;
        throw new Refused(0, "The answer broke off: the server is gone, or the network.");
      }
      if (piece.done) return;
      const all = (open + piece.value).split("\n");
      open = all.pop();
      for (const line of all) hear(JSON.parse(line));
    }
  });
}

/** An element with attributes and children; a child that is a string becomes text. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) {
      element.addEventListener(key.slice(2), value);
    } else if (value === true) {
      element.setAttribute(key, "");
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(key, value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** The element with an id of the page's own HTML. */
export function by(id) {
  return document.getElementById(id);
}

/** The language to take a text's fonts from, as far as its script tells. */
export function language(text) {
  if (/[\uac00-\ud7af\u1100-\u11ff]/.test(text)) return "ko";
  if (/[\u3040-\u30ff]/.test(text)) return "ja";
  if (/[\u4e00-\u9fff]/.test(text)) return "zh";
  return null;
}

/** A text as it is, line breaks and all. */
export function words(text, name = "p", attributes = {}) {
  return el(name, { class: "words", lang: language(text), dir: "auto", ...attributes }, text);
}

/** Pieces of a text with what is looked for marked. */
export function marked(text, sought) {
  if (!sought) return [text];
  const lower = text.toLowerCase();
  const needle = sought.toLowerCase();
  if (lower.length !== text.length || needle.length !== sought.length) return [text];
  const pieces = [];
  let told = 0;
  for (let at = lower.indexOf(needle); at >= 0; at = lower.indexOf(needle, told)) {
    if (at > told) pieces.push(text.slice(told, at));
    told = at + needle.length;
    pieces.push(el("mark", {}, text.slice(at, told)));
  }
  if (told < text.length) pieces.push(text.slice(told));
  return pieces;
}

/** Numbers as English has them. */
export function number(value) {
  return value.toLocaleString("en-US");
}

/** Whether keys are being typed into something. */
export function isTyping(event) {
  const target = event.target;
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    target.isContentEditable
  );
}

/** The dialog that tells the keys. */
export function keysDialog(dialog, keys) {
  const list = el("dl");
  for (const [names, does] of keys) {
    const term = el("dt");
    for (const name of names) term.append(el("kbd", {}, name), " ");
    list.append(term, el("dd", {}, does));
  }
  dialog.replaceChildren(
    el("h2", { id: "keys-title" }, "Keys"),
    list,
    el("form", { method: "dialog" }, el("button", { class: "main" }, "Close")),
  );
  dialog.setAttribute("aria-labelledby", "keys-title");
}
