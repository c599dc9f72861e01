/** A failure that is not a bug: its message is shown without a stack. */
export class ExpectedError extends Error {
  expected = true;
}

export function say(text) {
  process.stderr.write(`onetape: ${text}\n`);
}
