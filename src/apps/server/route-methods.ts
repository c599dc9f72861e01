/** Which methods a path takes, so that a wrong one is told from a path that is not there. */
export class RouteMethods {
  readonly #routes: { readonly steps: readonly string[]; readonly methods: Set<string> }[] = [];

  /** @param pattern a route's path with `:name` for what varies */
  add(pattern: string, methods: readonly string[]): void {
    const steps = pattern.split("/");
    const known = this.#routes.find((route) => route.steps.join("/") === pattern);
    if (known === undefined) this.#routes.push({ steps, methods: new Set(methods) });
    else for (const method of methods) known.methods.add(method);
  }

  /** Methods of the routes that a path fits, in order; none where there is no such path. */
  of(url: string): readonly string[] {
    const given = (url.split("?", 1)[0] ?? "").split("/");
    const fits = this.#routes.filter(
      ({ steps }) =>
        steps.length === given.length && steps.every((step, n) => (step.startsWith(":") ? given[n] !== "" : step === given[n])),
    );
    return [...new Set(fits.flatMap(({ methods }) => [...methods]))].sort();
  }
}
