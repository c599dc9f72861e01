import { spawn } from "node:child_process";

/** The program that opens a file as the desktop would. */
const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

/** Opens a file in the user's browser. @returns why it could not be opened, or null. Never waits for the browser to end. */
export function openPage(path: string): Promise<string | null> {
  const [program, ...args] = openers[process.platform] ?? ["xdg-open"];
  return new Promise((resolve) => {
    const child = spawn(program, [...args, path], { stdio: "ignore", detached: true });
    child.on("error", (error) => resolve(error.message));
    child.on("spawn", () => {
      child.unref();
      resolve(null);
    });
  });
}
