// The comment page: connects to the server that it came from, shows what arrives, sends what is written.
//
// Events, besides the protocol's own: `comment`, `thanks`, `history`, `typing`, `online`; README.md beside the server's sources
// says what each carries.

import { CommentList, describe, idOf } from "./comment_list.js";
import { Outbox } from "./outbox.js";

const historyWithin = 3000; // milliseconds until we stop waiting for a history that a server may not send
const typingShownFor = 4000;
const typingSaidEvery = 2000;
const typingNameLength = 60;

const page = new URLSearchParams(location.search).get("page") || "/";
const byId = (id) => document.getElementById(id);
const view = {
  announcer: byId("announcer"),
  banner: byId("banner"),
  bannerText: byId("banner-text"),
  empty: byId("empty"),
  form: byId("form"),
  hint: byId("hint"),
  name: byId("name"),
  newer: byId("newer"),
  online: byId("online"),
  onlineLabel: byId("online-label"),
  reconnect: byId("reconnect"),
  status: byId("status"),
  text: byId("text"),
  transport: byId("transport"),
  typing: byId("typing"),
};
const list = new CommentList(byId("comments"));

// ── the state of the connection ──────────────────────────────────────────────────────────────────────────────────────────────

function showStatus(state, words) {
  if (view.status.dataset.state === state && view.status.textContent === words) return;
  view.status.dataset.state = state;
  view.status.textContent = words;
}

function showBanner(text, kind, canReconnect = false) {
  view.banner.hidden = text === "";
  view.banner.dataset.kind = kind;
  view.bannerText.textContent = text;
  view.reconnect.hidden = !canReconnect;
}

function showTransport(name) {
  view.transport.textContent = name;
}

function showOnline(count) {
  const known = Number.isSafeInteger(count) && count >= 0;
  view.online.textContent = known ? String(count) : "–";
  view.onlineLabel.textContent = !known ? "here" : count === 1 ? "person here" : "people here";
}

// ── the list ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function isAtEnd() {
  return window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 120;
}

function goToEnd() {
  window.scrollTo({ top: document.documentElement.scrollHeight });
  view.newer.hidden = true;
}

/** Runs a change of the list; the page stays at its end if it was there, else it says that there is more below. */
function changeList(change, { follow = false, note = false } = {}) {
  const atEnd = isAtEnd();
  change();
  view.empty.hidden = list.size > 0;
  if (atEnd || follow) goToEnd();
  else if (note) view.newer.hidden = false;
}

function announce(words) {
  const line = document.createElement("p");
  line.textContent = words;
  view.announcer.append(line);
  while (view.announcer.children.length > 3) view.announcer.firstElementChild.remove();
}

function showComment(value) {
  changeList(() => {
    if (!list.add(value)) return;
    const { author, text } = describe(value);
    announce(`${author || "Anonymous"}: ${text.slice(0, 300)}`);
    typists.delete(author);
    showTypists();
  }, { note: true });
}

// ── who is typing ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const typists = new Map(); // name → timer that takes it off

function showTypists() {
  const names = [...typists.keys()].map((name) => name || "Somebody");
  if (names.length === 0) view.typing.textContent = "";
  else if (names.length <= 2) view.typing.textContent = `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} typing…`;
  else view.typing.textContent = `${names.length} people are typing…`;
}

function someoneTypes(name) {
  if (typeof name !== "string" || typists.size > 20) return;
  const shown = Array.from(name.trim()).slice(0, typingNameLength).join("");
  clearTimeout(typists.get(shown));
  typists.set(shown, setTimeout(() => {
    typists.delete(shown);
    showTypists();
  }, typingShownFor));
  showTypists();
}

function nobodyTypes() {
  for (const timer of typists.values()) clearTimeout(timer);
  typists.clear();
  showTypists();
}

// ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function showHint(words, kind) {
  view.hint.textContent = words;
  view.hint.dataset.kind = kind;
}

function sendForm(outbox) {
  const text = view.text.value.trim();
  view.text.setAttribute("aria-invalid", String(text === ""));
  if (text === "") {
    showHint("Write something first.", "bad");
  } else if (outbox.isFull) {
    showHint("Too many comments wait to be sent. They go out when the connection is back.", "bad");
  } else {
    outbox.add(view.name.value.trim(), text);
    view.text.value = "";
  }
  view.text.focus();
}

function editAgain(outbox, entry) {
  outbox.discard(entry);
  changeList(() => list.remove(entry.comment));
  view.text.value = view.text.value === "" ? entry.comment.text : `${entry.comment.text}\n${view.text.value}`;
  view.text.focus();
}

function throwAway(outbox, entry) {
  outbox.discard(entry);
  changeList(() => list.remove(entry.comment));
  view.text.focus();
}

function showDelivery(outbox, entry) {
  const { comment, state } = entry;
  const edit = { label: "Edit", run: () => editAgain(outbox, entry) };
  const discard = { label: "Discard", run: () => throwAway(outbox, entry) };
  const again = { label: "Try again", run: () => outbox.retry(entry) };
  changeList(() => {
    list.addPending(comment);
    if (state === "confirmed") list.settle(comment);
    if (state === "sending") list.mark(comment, state, "Sending…");
    if (state === "waiting") list.mark(comment, state, "Not sent yet. It goes out as soon as the connection is back.", [discard]);
    if (state === "unconfirmed") list.mark(comment, state, "No answer from the server yet.", [again, discard]);
    if (state === "refused") list.mark(comment, state, `Not accepted: ${entry.error}`, [edit, discard]);
  }, { follow: entry.attempt <= 1 && state !== "confirmed" });
  if (state === "refused") announce(`Your comment was not accepted: ${entry.error}`);
}

function rememberName() {
  const key = "name of the commenter";
  try {
    view.name.value = localStorage.getItem(key) ?? "";
    view.name.addEventListener("change", () => localStorage.setItem(key, view.name.value));
  } catch {
    // no storage: the name is typed again next time
  }
}

function wireForm(socket, outbox) {
  let lastSaid = 0;
  view.form.addEventListener("submit", (event) => {
    event.preventDefault();
    lastSaid = 0;
    sendForm(outbox);
  });
  view.text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    view.form.requestSubmit();
  });
  view.text.addEventListener("input", () => {
    view.text.removeAttribute("aria-invalid");
    showKeys();
    const now = Date.now();
    if (!socket.connected || view.text.value === "" || now - lastSaid < typingSaidEvery) return;
    lastSaid = now;
    socket.volatile.emit("typing", Array.from(view.name.value.trim()).slice(0, typingNameLength).join(""));
  });
  view.newer.addEventListener("click", () => {
    goToEnd();
    view.text.focus();
  });
  window.addEventListener("scroll", () => {
    if (isAtEnd()) view.newer.hidden = true;
  }, { passive: true });
}

function showKeys() {
  if (view.hint.dataset.kind === "keys") return;
  const key = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : "Ctrl";
  const kbd = (name) => Object.assign(document.createElement("kbd"), { textContent: name });
  view.hint.replaceChildren(kbd(key), " ", kbd("Enter"), " sends");
  view.hint.dataset.kind = "keys";
}

// ── the connection ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function wireTransport(socket) {
  const engine = socket.io.engine;
  showTransport(engine.transport.name);
  engine.on("upgrade", (transport) => {
    if (engine === socket.io.engine) showTransport(transport.name);
  });
}

function wireConnection(socket, outbox) {
  let historyTimer;
  // Before the namespace answers: an upgrade can be through by then.
  socket.io.on("open", () => wireTransport(socket));
  socket.on("connect", () => {
    showStatus("connected", "Connected");
    showBanner("", "");
    list.connected();
    historyTimer = setTimeout(() => outbox.open(new Set()), historyWithin);
  });
  socket.on("history", (comments) => {
    if (!Array.isArray(comments)) return;
    clearTimeout(historyTimer);
    changeList(() => list.replace(comments), { follow: list.size === 0 });
    outbox.open(new Set(comments.map(idOf)));
  });
  socket.on("disconnect", (reason) => {
    clearTimeout(historyTimer);
    outbox.close();
    showTransport("");
    showOnline(null);
    nobodyTypes();
    if (socket.active) reconnecting("The connection is lost");
    else stopped(`The server ended the connection (${reason}).`);
  });
  socket.on("connect_error", (error) => {
    if (socket.active) reconnecting("The server cannot be reached");
    else stopped(`The server did not let this page in: ${error.message}`);
  });
  view.reconnect.addEventListener("click", () => {
    reconnecting("Connecting");
    socket.connect();
    view.text.focus();
  });

  function reconnecting(why) {
    showStatus("reconnecting", "Reconnecting…");
    showBanner(`${why}. Trying again; what you write meanwhile is kept.`, "warn");
  }

  function stopped(why) {
    showStatus("disconnected", "Disconnected");
    showBanner(why, "bad", true);
  }
}

async function start() {
  byId("page").textContent = page;
  document.title = page === "/" ? "Comments" : `Comments on ${page}`;
  rememberName();
  showKeys();
  view.empty.hidden = true;

  const { io } = await import("/socket.io/socket.io.esm.min.js");
  const socket = io({ query: { page }, autoConnect: false });
  const outbox = new Outbox(socket, page, (entry) => showDelivery(outbox, entry));
  wireForm(socket, outbox);
  wireConnection(socket, outbox);
  socket.on("comment", showComment);
  socket.on("typing", someoneTypes);
  socket.on("online", showOnline);
  socket.on("thanks", (words) => showHint(typeof words === "string" ? words : "Thank you.", "good"));
  outbox.restore();
  socket.connect();
}

start().catch((error) => {
  showStatus("disconnected", "Disconnected");
  showBanner(`The Socket.IO client did not load (${error.message}). Reload the page to try again.`, "bad");
});
