/** Keeps secrets out of what is exported: those that the environment holds, wherever they turn up, and whatever looks like one. */

const REDACTED = "[redacted]";

/** Names of variables and fields whose values are nobody's business. */
const SECRET_NAME =
  /(dsn|passw|passphrase|secret|token|credential|api_?key|app_?key|private_?key|access_?key|authorization|headers|cookie)/i;

/** Shorter values stand in too many harmless words; they are found where they are named. */
const SHORTEST = 4;

/** Replaces every secret in a text. */
export type Scrub = (text: string) => string;

/** @param environment whose variables hold secrets, by their names. */
export function scrubber(environment: NodeJS.ProcessEnv): Scrub {
  const secrets = Object.entries(environment)
    .flatMap(([name, value = ""]) => [...(SECRET_NAME.test(name) ? [value, ...partsOf(value)] : []), ...passwordsIn(value)])
    .filter((secret) => secret.length >= SHORTEST)
    // A whole connection string goes before the password in it.
    .sort((a, b) => b.length - a.length);
  return (text) => patterned(secrets.reduce((left, secret) => left.replaceAll(secret, REDACTED), text));
}

/** Whether the value of this field is a secret whatever it says. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** `name=value` pairs, as headers of collectors and connection strings have them. */
function partsOf(value: string): readonly string[] {
  return value
    .split(/[,;&\s]/)
    .flatMap((pair) => (pair.includes("=") ? [pair.slice(pair.indexOf("=") + 1)] : []))
    .flatMap((part) => [part, decoded(part), part.replace(/^(Bearer|Basic)\s+/i, ""), decoded(part).replace(/^(Bearer|Basic)\s+/i, "")]);
}

/** Passwords of URLs, as written and as meant. */
function passwordsIn(value: string): readonly string[] {
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:([^/\s@]+)@/i.exec(value)?.[1];
  return password === undefined ? [] : [password, decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function patterned(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s@]*@/gi, `$1${REDACTED}@`)
    .replace(/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/g, `$1 ${REDACTED}`)
    .replace(
      /\b([\w-]*(?:password|passwd|secret|token|api[_-]?key|app[_-]?key|authorization)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&]+)/gi,
      `$1${REDACTED}`,
    );
}
