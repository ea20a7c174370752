// Waiting on events with a deadline: no test sleeps, and none hangs.

/** How long a scenario waits for something that should happen at once; the environment can stretch it for slow machines. */
export const patience = Number(process.env.INTEROP_PATIENCE_MS ?? 20_000);

/** Settles as `promise` does, or rejects once `milliseconds` have passed, saying what was awaited. */
export function within(promise, what, milliseconds = patience) {
  let timer;
  const deadline = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${milliseconds} ms in vain for ${what}`)), milliseconds);
  });
  return Promise.race([promise, deadline]).finally(() => clearTimeout(timer));
}

/** A promise with its two ends in hand. */
export function deferred() {
  const ends = {};
  ends.promise = new Promise((resolve, reject) => Object.assign(ends, { resolve, reject }));
  return ends;
}

/** Resolves with the arguments of the emitter's next `event`. Call it before what triggers the event. */
export function next(emitter, event, milliseconds) {
  const { promise, resolve } = deferred();
  const listener = (...args) => resolve(args);
  emitter.once(event, listener);
  return within(promise, `event "${event}"`, milliseconds).finally(() => emitter.off(event, listener));
}

/** Resolves with the arguments of the emitter's next `count` events of that name, one array each. */
export function nextMany(emitter, event, count, milliseconds) {
  const { promise, resolve } = deferred();
  const seen = [];
  const listener = (...args) => {
    if (seen.push(args) === count) resolve(seen);
  };
  emitter.on(event, listener);
  return within(promise, `${count} events "${event}"`, milliseconds)
    .catch((error) => Promise.reject(new Error(`${error.message}; ${seen.length} came`)))
    .finally(() => emitter.off(event, listener));
}

/** Everything that an emitter reports under `event` from now on, as a growing list of argument arrays. */
export function record(emitter, event) {
  const seen = [];
  emitter.on(event, (...args) => seen.push(args));
  return seen;
}

/** Resolves when `condition()` holds, looked at on every turn of the event loop that `emitter`'s `event` causes. */
export async function until(emitter, event, condition, what) {
  if (condition()) return;
  const { promise, resolve } = deferred();
  const listener = () => condition() && resolve();
  emitter.on(event, listener);
  await within(promise, what).finally(() => emitter.off(event, listener));
}
