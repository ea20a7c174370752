// A scenario is written once and run against every target, each with a server process of its own.
import { after, before, describe } from "node:test";

import { targets } from "./servers.mjs";

/**
 * Registers the tests of `body(host)` for each target against one `conformance-server` of that profile. `host.url` and
 * `host.report()` are those of the running server, `host.target` launches further ones; use them inside tests only.
 */
export function scenario(title, profile, body, options = {}) {
  for (const target of targets) {
    describe(`${title} [${target.name}]`, options, () => {
      let server;
      before(async () => {
        server = await target.conformance(profile);
      });
      after(() => server?.discard());
      body({
        target,
        get url() {
          return server.url;
        },
        get port() {
          return server.port;
        },
        report: (members) => server.report(members),
      });
    });
  }
}

/** Registers the tests of `body(target)` for each target; they launch what they need. */
export function scenarioPerTarget(title, body, options = {}) {
  for (const target of targets) describe(`${title} [${target.name}]`, options, () => body(target));
}
