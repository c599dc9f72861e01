import { buildPageAssets, PAGE_ASSETS, pageAssetsModule } from "./page-assets.mjs";
import { compileSvelte } from "./svelte-files.mjs";

/** Lets tests import components and the page's assets as the build makes them. */
export function pagesForVitest(root) {
  return {
    name: "pages",
    enforce: "pre",
    resolveId: (id) => (id === PAGE_ASSETS ? `\0${PAGE_ASSETS}` : null),
    async load(id) {
      if (id === `\0${PAGE_ASSETS}`) return pageAssetsModule(await buildPageAssets(root));
      if (!id.endsWith(".svelte")) return null;
      return (await compileSvelte(root, id, "server")).code;
    },
  };
}
