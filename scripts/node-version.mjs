// Keep this file readable to old Node versions: no syntax newer than ES2018.

const oldest = [20, 19];

/** Says whether this Node can run Onetape, and prints why when it cannot. */
export function requireNode(version) {
  const parts = version.split(".").map(Number);
  if (parts[0] > oldest[0] || (parts[0] === oldest[0] && parts[1] >= oldest[1])) return true;
  console.error(
    "onetape: Node " +
      oldest.join(".") +
      " or later is needed, this is Node " +
      version +
      ". Get a current one from https://nodejs.org and run the command again.",
  );
  return false;
}
