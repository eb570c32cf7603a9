import { openTerminal } from './output/terminal.js';
import { runCli } from './program.js';

const controller = new AbortController();
process.once('SIGINT', () => {
  controller.abort();
  // A second Ctrl-C, or an agent that does not answer the cancel, ends at once.
  process.once('SIGINT', () => process.exit(130));
  setTimeout(() => process.exit(130), 2000).unref();
});
// A closed pipe (hub logs | head) is an ordinary end.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await runCli(process.argv.slice(2), { terminal: openTerminal(), signal: controller.signal });
