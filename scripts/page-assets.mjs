import { svelteFiles } from "./svelte-files.mjs";

/** The module by which a page's own script and style sheet are imported as texts. */
export const PAGE_ASSETS = "onetape:page-assets";

/** Bundles and minifies what a page carries with it: the islands and the style sheet. */
export async function buildPageAssets(root) {
  const { build } = await import("esbuild");
  const common = {
    absWorkingDir: root,
    bundle: true,
    minify: true,
    write: false,
    legalComments: "none",
    logLevel: "warning",
    metafile: true,
  };
  const [script, style] = await Promise.all([
    build({
      ...common,
      entryPoints: ["web/islands/main.ts"],
      format: "iife",
      platform: "browser",
      target: "es2022",
      conditions: ["browser", "production"],
      define: { "process.env.NODE_ENV": '"production"' },
      plugins: [svelteFiles(root, "client")],
      tsconfig: "web/tsconfig.json",
    }),
    // Newer than esbuild's table of what to lower: the page asks for browsers of 2024.
    build({ ...common, entryPoints: ["web/theme/page.css"], target: "chrome123" }),
  ]);
  return {
    script: script.outputFiles[0].text.trim().replaceAll("</script", "<\\/script"),
    style: style.outputFiles[0].text.trim(),
    inputs: Object.keys(script.metafile.inputs),
  };
}

/** The assets as the source of a module. */
export function pageAssetsModule({ script, style }) {
  return `export const script = ${JSON.stringify(script)};\nexport const style = ${JSON.stringify(style)};\n`;
}

/** Lets esbuild resolve the assets' module; they are built on first use. */
export function pageAssets(root, onInputs) {
  return {
    name: "page-assets",
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${PAGE_ASSETS}$`) }, () => ({ path: PAGE_ASSETS, namespace: "page-assets" }));
      build.onLoad({ filter: /.*/, namespace: "page-assets" }, async () => {
        const assets = await buildPageAssets(root);
        onInputs(assets.inputs);
        return { contents: pageAssetsModule(assets), loader: "js", resolveDir: root };
      });
    },
  };
}
