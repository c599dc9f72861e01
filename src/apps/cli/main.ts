/** Entry of the program: runs the command line of this process and ends with its exit code. */
import { reportCrash, runCli } from "./run-cli.js";

// A reader that goes away (`onetape events RUN | head`) ends the program quietly.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}

// Ends here even where a library keeps a handle open; everything was written before.
process.exit(await runCli(process.argv.slice(2)).catch(reportCrash));
