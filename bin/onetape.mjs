#!/usr/bin/env node
// Loads the built program. In a source checkout that was never built, builds it first.

import { existsSync } from "node:fs";
import module from "node:module";
import { setFlagsFromString } from "node:v8";

// A backtest has a file with nothing else in it: what is not there need not be found.
const entry = process.argv[2] === "backtest" ? "cli-backtest.js" : "cli.js";
const built = new URL(`../dist/${entry}`, import.meta.url);
const checkout = new URL("../scripts/commands.mjs", import.meta.url);
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `onetape: Node 20.19 or later is needed, this is Node ${process.versions.node}. Get a current one from https://nodejs.org.`,
  );
  process.exitCode = 1;
} else {
  // Most commands last a second or less: optimise only what stays hot, the compiler takes the cores that the work needs.
  setFlagsFromString("--interrupt-budget=400000");
  // Node 22.8 and later keep the compiled code between runs.
  module.enableCompileCache?.();
  await load();
}

async function load() {
  try {
    if (!existsSync(built) && existsSync(checkout)) {
      const { prepare } = await import(checkout.href);
      await prepare({ strict: false });
    }
  } catch (error) {
    console.error(error.expected === true ? `onetape: ${error.message}` : error);
    process.exitCode = 1;
    return;
  }
  if (existsSync(built)) {
    await import(built.href);
  } else {
    console.error(`onetape: ${built.pathname} does not exist: the installed package is incomplete. Install it again.`);
    process.exitCode = 1;
  }
}
