/** What the build makes of files that are no TypeScript. */
declare module "*.svelte" {
  import type { Component } from "svelte";

  const component: Component<Record<string, unknown>>;
  export default component;
}

declare module "onetape:page-assets" {
  /** Script of the islands and style sheet, minified, as they stand in a page. */
  export const script: string;
  export const style: string;
}
