// The one door of a source checkout: installs, builds and runs, each only when needed. Plain Node, no dependency.
// This file stays readable to old Node versions, so that they get the message below and not a syntax error.

import { requireNode } from "./node-version.mjs";

if (requireNode(process.versions.node)) {
  import("./commands.mjs")
    .then((commands) => commands.run(process.argv.slice(2)))
    .catch((error) => {
      console.error(error.expected === true ? `onetape: ${error.message}` : error);
      process.exitCode = 1;
    });
} else {
  process.exitCode = 1;
}
