import { changesBetween } from './changes.mjs';

/** One JSON object a line: progress, note, part, down, ready, uplink, device, camera, finding, missing, status, error, stopped. */
export function jsonView({ stdout }) {
  const say = (value) => stdout.write(`${JSON.stringify({ at: new Date().toISOString(), ...value })}\n`);
  let last;
  return {
    progress: ({ part, step, text }) => say({ type: 'progress', part, step, text }),
    note: ({ level, part, text }) => say({ type: 'note', level, part, text }),
    part: ({ name, state }) => say({ type: 'part', name, state }),
    down: ({ name, exit, retryInMs, failure }) =>
      say({ type: 'down', name, exit, retryInMs, message: failure.message }),
    ready(summary) {
      say({ type: 'ready', ...summary });
      last = summary;
    },
    status(summary) {
      for (const { kind, text, ...rest } of changesBetween(last, summary)) say({ type: kind, ...rest });
      say({
        type: 'status',
        cloud: summary.cloud,
        uplink: summary.uplink,
        outbox: summary.outbox,
        devices: summary.devices,
        vision: summary.vision,
      });
      last = summary;
    },
    failure: ({ code, message, hint, tail }) => say({ type: 'error', code, message, hint, tail }),
    stopped: (result) => say({ type: 'stopped', ...result }),
    close() {},
  };
}
