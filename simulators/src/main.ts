import { toHubError } from '@hallhub/shared';
import { openSimulators, type Simulators } from './open-simulators.js';
import { helpText, parseOptions } from './options.js';

const say = (message: Record<string, unknown>): void => {
  if (process.send) process.send(message);
  else if (message.type === 'ready') console.log(JSON.stringify(message));
  else console.error(JSON.stringify(message));
};

let running: Simulators | undefined;
let stopping: Promise<void> | undefined;

const stop = (): Promise<void> => {
  stopping ??= (async () => {
    try {
      await running?.[Symbol.asyncDispose]();
    } catch (error) {
      say({ type: 'progress', step: 'stop', text: `did not stop cleanly: ${toHubError(error).message}` });
    }
    process.exit(process.exitCode ?? 0);
  })();
  return stopping;
};

/** Somebody pulls a plug, or lets a device fail, while the hall runs. */
const setFault = (name: string | undefined, fault: string | undefined): void => {
  const plug = running?.plugs.get(name ?? '');
  const known = plug?.kinds.find((kind) => kind === fault);
  if (known) plug?.set(known);
  say({ type: 'fault', name, fault: known, ok: known !== undefined });
};

process.on('SIGINT', () => void stop());
process.on('SIGTERM', () => void stop());
process.on('disconnect', () => void stop());
process.on('message', (message: { type?: string; name?: string; fault?: string }) => {
  if (message.type === 'stop') void stop();
  if (message.type === 'fault') setFault(message.name, message.fault);
});

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(helpText);
    process.exit(0);
  }
  running = await openSimulators(options, {
    say: (step, text) => say({ type: 'progress', step, text }),
    onFilming: (camera) => say({ type: 'filming', ...camera }),
  });
  say({
    type: 'ready',
    devices: running.parts.map((part) => part.device),
    missing: missingOf(running),
  });
} catch (error) {
  const { code, message, hint } = toHubError(error);
  say({ type: 'fatal', code, message, hint });
  process.exitCode = code === 'configuration' ? 2 : 1;
  await stop();
}

/** Each thing once, however many devices miss it. */
function missingOf({ parts }: Simulators): { what: string; why: string; install: string }[] {
  const all = parts.flatMap((part) => part.missing ?? []);
  return [
    ...new Map(all.map((one) => [one.missing, { what: one.missing, why: one.why, install: one.install }])).values(),
  ];
}
