// The list of comments: what a comment looks like, and which ones are shown.
//
// A comment is whatever some client sent: nothing of it is trusted, and none of it ever becomes markup.

const shownAtMost = 500;
const fresh = 1600; // milliseconds, as long as the animation in style.css

/** What a comment shows: `{author, text, at, raw}`; `raw` marks JSON text that stands for a value we have no better view of. */
export function describe(value) {
  if (typeof value === "string") return { author: "", text: value, at: null, raw: false };
  if (isObject(value) && typeof value.text === "string") {
    const author = typeof value.author === "string" ? value.author.trim() : "";
    return { author, text: value.text, at: toDate(value.at), raw: false };
  }
  return { author: "", text: toJson(value), at: null, raw: true };
}

/** The identity of a comment that was sent from this page (or one like it), else null. */
export function idOf(value) {
  return isObject(value) && typeof value.id === "string" && value.id.length > 0 ? value.id : null;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !(value instanceof ArrayBuffer);
}

function toDate(value) {
  if (typeof value !== "string" && typeof value !== "number") return null;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? null : date;
}

function toJson(value) {
  const bytes = (found) => `(binary, ${found.byteLength} bytes)`;
  const text = JSON.stringify(value, (_, member) => (member instanceof ArrayBuffer ? bytes(member) : member), 2);
  return text === undefined ? "(nothing)" : text;
}

/** Equal values have equal keys. */
function keyOf(value) {
  const id = idOf(value);
  return id === null ? `value ${toJson(value)}` : `id ${id}`;
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function initials(author) {
  const words = author.split(/\s+/).filter(Boolean);
  return words.slice(0, 2).map((word) => Array.from(word)[0]).join("") || "?";
}

function hue(author) {
  let sum = 0;
  for (const character of author) sum = (sum * 31 + character.codePointAt(0)) % 360;
  return sum;
}

function formatTime(date) {
  const today = date.toDateString() === new Date().toDateString();
  const clock = { hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(undefined, today ? clock : { day: "numeric", month: "short", ...clock }).format(date);
}

function timeElement(date) {
  const made = element("time", "");
  if (date === null) {
    made.hidden = true;
    return made;
  }
  made.dateTime = date.toISOString();
  made.title = date.toLocaleString();
  made.textContent = formatTime(date);
  return made;
}

function commentElement(value) {
  const shown = describe(value);
  const author = shown.author || "Anonymous";
  const item = element("li", "comment");
  const avatar = element("span", shown.author ? "avatar" : "avatar nobody", initials(shown.author));
  avatar.setAttribute("aria-hidden", "true");
  avatar.style.setProperty("--hue", hue(author));
  const byline = element("p", "byline");
  const name = element("span", "author", author);
  name.dir = "auto";
  byline.append(name, timeElement(shown.at));
  const text = element("p", shown.raw ? "text raw" : "text", shown.text);
  text.dir = "auto";
  const body = element("div", "body");
  body.append(byline, text);
  item.append(avatar, body);
  return item;
}

export class CommentList {
  #list;
  #entries = []; // {key, item, pending}, in the order of the page: first what the server has, then what it hasn't yet
  #sinceConnect = []; // those entries that are newer than the history that this connection is going to bring

  constructor(list) {
    this.#list = list;
  }

  get size() {
    return this.#entries.length;
  }

  /** A connection begins; its history comes later, maybe after the first new comments. */
  connected() {
    this.#sinceConnect = [];
  }

  /** Adds a comment that somebody else wrote. Does nothing if a comment with this id is there. */
  add(value) {
    const key = keyOf(value);
    if (idOf(value) !== null && this.#find(key)) return false;
    const entry = { key, item: commentElement(value), pending: false };
    this.#entries.splice(this.#firstPending(), 0, entry);
    this.#sinceConnect.push(entry);
    this.#place();
    this.#flash(entry.item);
    return true;
  }

  /** Adds a comment of this page's own; `settle` or `remove` ends that. */
  addPending(value) {
    const key = keyOf(value);
    if (this.#find(key)) return;
    this.#entries.push({ key, item: commentElement(value), pending: true });
    this.#place();
  }

  /** Shows where an own comment is on its way: `state` for the style, `note` in words, `actions` as [{label, run}]. */
  mark(value, state, note, actions = []) {
    const entry = this.#find(keyOf(value));
    if (!entry) return;
    entry.item.dataset.delivery = state;
    entry.item.querySelector(".delivery")?.remove();
    const line = element("p", "delivery", note);
    for (const { label, run } of actions) {
      const button = element("button", "", label);
      button.type = "button";
      button.addEventListener("click", run);
      line.append(button);
    }
    entry.item.querySelector(".body").append(line);
  }

  /** The server has this comment now. */
  settle(value) {
    const entry = this.#find(keyOf(value));
    if (!entry) return;
    entry.item.querySelector(".delivery")?.remove();
    delete entry.item.dataset.delivery;
    entry.pending = false;
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    this.#entries.splice(this.#firstPending(), 0, entry);
    this.#sinceConnect.push(entry);
    this.#place();
  }

  remove(value) {
    const entry = this.#find(keyOf(value));
    if (!entry) return;
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    this.#place();
  }

  /**
   * Takes the last comments as the server has them, oldest first. What is shown already stays where it is in the page; older
   * comments stay only if they join up with the first of these (or if there are none), so that no gap goes unseen.
   */
  replace(history) {
    const known = new Map(this.#entries.map((entry) => [entry.key, entry]));
    const taken = new Set();
    for (const value of history) {
      const key = keyOf(value);
      const there = known.get(key);
      if (idOf(value) !== null && taken.has(there)) continue; // sent twice because its first answer got lost
      const entry = there && !taken.has(there) ? there : { key, item: commentElement(value) };
      known.set(key, entry);
      taken.add(Object.assign(entry, { pending: false }));
    }
    const [first] = taken;
    const rest = this.#entries.filter((entry) => !taken.has(entry));
    const joint = first ? Math.max(0, this.#entries.indexOf(first)) : this.#entries.length;
    const older = this.#entries.slice(0, joint).filter((entry) => rest.includes(entry) && !entry.pending);
    const newer = this.#sinceConnect.filter((entry) => rest.includes(entry) && !older.includes(entry));
    this.#entries = [...older, ...taken, ...newer, ...rest.filter((entry) => entry.pending)];
    this.#sinceConnect = [];
    this.#place();
  }

  #find(key) {
    return this.#entries.find((entry) => entry.key === key);
  }

  #firstPending() {
    const index = this.#entries.findIndex((entry) => entry.pending);
    return index < 0 ? this.#entries.length : index;
  }

  #flash(item) {
    item.classList.add("fresh");
    setTimeout(() => item.classList.remove("fresh"), fresh);
  }

  /** Brings the page in line with #entries and touches only what differs, so that focus and selection survive. */
  #place() {
    const surplus = this.#entries.filter((entry) => !entry.pending).length - shownAtMost;
    if (surplus > 0) this.#entries.splice(0, surplus);
    const wanted = new Set(this.#entries.map((entry) => entry.item));
    for (const item of [...this.#list.children]) if (!wanted.has(item)) item.remove();
    this.#entries.forEach(({ item }, index) => {
      const there = this.#list.children[index];
      if (there !== item) this.#list.insertBefore(item, there ?? null);
    });
  }
}
