import { toHubError } from '@hallhub/shared';
import { hallParts, type RunningPart } from './hall-parts.js';
import { helpText, parseOptions } from './options.js';
import { seededRandom } from './random.js';

const say = (message: Record<string, unknown>): void => {
  if (process.send) process.send(message);
  else if (message.type === 'ready') console.log(JSON.stringify(message));
  else console.error(JSON.stringify(message));
};

const running: RunningPart[] = [];
let stopping: Promise<void> | undefined;

/** Last started, first stopped; a part that fails to stop does not keep the others. */
const stop = (): Promise<void> => {
  stopping ??= (async () => {
    for (const part of running.reverse()) {
      try {
        await part[Symbol.asyncDispose]();
      } catch (error) {
        say({ type: 'progress', step: part.device.name, text: `did not stop cleanly: ${toHubError(error).message}` });
      }
    }
    process.exit(process.exitCode ?? 0);
  })();
  return stopping;
};

process.on('SIGINT', () => void stop());
process.on('SIGTERM', () => void stop());
process.on('disconnect', () => void stop());
process.on('message', (message: { type?: string }) => void (message.type === 'stop' && stop()));

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(helpText);
    process.exit(0);
  }
  const random = options.seed === undefined ? Math.random : seededRandom(options.seed);
  for (const name of options.only) {
    say({ type: 'progress', step: name, text: `starting ${name}` });
    running.push(await hallParts[name]({ dataDir: options.dataDir, edgeMqtt: options.edgeMqtt, random }));
  }
  say({
    type: 'ready',
    devices: running.map((part) => part.device),
    missing: running.flatMap((part) =>
      (part.missing ?? []).map((m) => ({ what: m.missing, why: m.why, install: m.install })),
    ),
  });
} catch (error) {
  const { code, message, hint } = toHubError(error);
  say({ type: 'fatal', code, message, hint });
  process.exitCode = code === 'configuration' ? 2 : 1;
  await stop();
}
