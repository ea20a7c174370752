// The comments of this page that the server has not confirmed yet. They outlive a lost connection and a reload of the page.
//
//   waiting ──► sending ──► (confirmed: gone from here)
//      ▲           ├──────► refused       the server said why; the writer edits or discards it
//      └───────────┴──────► unconfirmed   no answer in time: it may or may not have arrived
//
// Each comment carries an id of ours. After a reconnection the server's history comes first, and what it contains is confirmed
// without sending it again; should the same comment reach the server twice nevertheless, every page shows it once.

const answerWithin = 10_000; // milliseconds
const keptAtMost = 100;

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Outbox {
  #socket;
  #storageKey;
  #changed;
  #entries = []; // {comment, state, error}
  #open = false;

  /** `changed(entry)` is called for each step of a comment; its state is "confirmed" at the last one. */
  constructor(socket, page, changed) {
    this.#socket = socket;
    this.#storageKey = `comments waiting on ${page}`;
    this.#changed = changed;
  }

  /** Brings back what an earlier life of this page left unsent. */
  restore() {
    for (const comment of this.#load()) this.#enter(comment);
  }

  get isFull() {
    return this.#entries.length >= keptAtMost;
  }

  get waiting() {
    return this.#entries.filter((entry) => entry.state !== "refused").length;
  }

  add(author, text) {
    const entry = this.#enter({ id: newId(), author, text, at: new Date().toISOString() });
    if (this.#open) this.#send(entry);
  }

  /** The connection is up and `confirmed` are the ids that the server has: the rest is sent, in order. */
  open(confirmed) {
    this.#open = true;
    for (const entry of [...this.#entries]) {
      if (confirmed.has(entry.comment.id)) this.#confirm(entry);
      else if (entry.state === "waiting" || entry.state === "unconfirmed") this.#send(entry);
    }
  }

  close() {
    this.#open = false;
    for (const entry of this.#entries) if (entry.state === "sending") this.#move(entry, "waiting");
  }

  retry(entry) {
    if (this.#open) this.#send(entry);
    else this.#move(entry, "waiting");
  }

  discard(entry) {
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#save();
  }

  #enter(comment) {
    const entry = { comment, state: "waiting", error: "", attempt: 0 };
    this.#entries.push(entry);
    this.#save();
    this.#changed(entry);
    return entry;
  }

  #send(entry) {
    const attempt = ++entry.attempt;
    this.#move(entry, "sending");
    this.#socket.timeout(answerWithin).emit("comment", entry.comment, (failure, answer) => {
      if (attempt === entry.attempt) this.#answered(entry, failure, answer);
    });
  }

  #answered(entry, failure, answer) {
    if (entry.state === "confirmed" || !this.#entries.includes(entry)) return;
    if (failure) {
      this.#move(entry, this.#open ? "unconfirmed" : "waiting");
    } else if (answer?.error) {
      entry.error = String(answer.error);
      this.#move(entry, "refused");
    } else {
      this.#confirm(entry);
    }
  }

  #confirm(entry) {
    this.discard(entry);
    this.#move(entry, "confirmed");
  }

  #move(entry, state) {
    entry.state = state;
    this.#changed(entry);
  }

  #save() {
    try {
      sessionStorage.setItem(this.#storageKey, JSON.stringify(this.#entries.map((entry) => entry.comment)));
    } catch {
      // no storage (private mode, or full): the comments live as long as the page
    }
  }

  #load() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.#storageKey) ?? "[]");
      return kept.filter((comment) => typeof comment?.id === "string" && typeof comment.text === "string");
    } catch {
      return [];
    }
  }
}
