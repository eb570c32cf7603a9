import { Failure } from '../lib/failure.mjs';
import { openDataFolder } from './data-folder.mjs';
import { Hall } from './hall.mjs';
import { jsonView } from './view-json.mjs';
import { plainView } from './view-plain.mjs';
import { screenView } from './view-screen.mjs';

/** The view that fits: JSON when asked for, a live screen on a terminal, plain lines elsewhere. */
export function chooseView(options, { stdout = process.stdout, stderr = process.stderr, env = process.env } = {}) {
  if (options.json) return jsonView({ stdout });
  if (stdout.isTTY && !options.plain && env.TERM !== 'dumb' && !env.CI) return screenView({ stdout, env });
  return plainView({ stdout, stderr });
}

/**
 * Runs the hall until it is told to stop. Resolves with the exit code: 0 after a clean stop, 2 when the person must
 * change something, 1 when a part failed. `prepare` does set-up and build; `entries` may name other main files. `bringModels` runs beside the start.
 */
export async function launch({ options, root, view, prepare, bringModels, entries, timing, signals = process }) {
  const stop = stopRequest(signals);
  let folder;
  let hall;
  let exitCode = 0;
  try {
    folder = openDataFolder(options.data);
    hall = new Hall({ options, root, entries, timing, bringModels });
    for (const name of ['progress', 'note', 'down']) hall.on(name, (event) => view[name](event));
    hall.on('part', (event) => view.part(event, hall.summary()));
    await hall.choosePorts();
    await prepare?.({ progress: (step) => view.progress(step) });
    if (!stop.requested) await run({ hall, view, stop });
  } catch (error) {
    // Ctrl-C also reaches an installation or a build that is under way: its failure is the stop, not news.
    if (!stop.requested) {
      exitCode = error.exitCode ?? 1;
      view.failure(rememberPassword(error instanceof Failure ? error : unexpected(error), hall));
    }
  }
  view.stopping?.();
  const killed = hall ? (await stopHall(hall, stop)).killed : [];
  folder?.release();
  stop.dispose();
  if (folder && exitCode === 0) view.stopped({ killed, data: options.data });
  view.close();
  return exitCode;
}

async function run({ hall, view, stop }) {
  const starting = hall.start();
  starting.catch(() => {});
  const first = await Promise.race([starting, stop.promise]);
  if (stop.requested) return;
  view.ready(first);
  hall.on('status', () => view.status(hall.summary()));
  view.status(hall.summary());
  await stop.promise;
}

async function stopHall(hall, stop) {
  stop.onForce(() => hall.kill());
  return await hall.stop();
}

/**
 * Ctrl-C, SIGTERM, a closed terminal or a closed pipe ask for a stop. A second Ctrl-C forces it; npm repeats a signal
 * within milliseconds, which is the same wish and not a second one.
 */
function stopRequest(signals) {
  let resolve;
  let force;
  const request = { requested: false, at: 0, promise: new Promise((done) => (resolve = done)) };
  const onSignal = () => {
    if (!request.requested) {
      request.requested = true;
      request.at = Date.now();
      resolve();
    } else if (Date.now() - request.at > 700) {
      force?.();
    }
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of names) signals.on(name, onSignal);
  const onPipe = (error) => {
    if (error.code === 'EPIPE' || error.code === 'EIO') onSignal();
    else throw error;
  };
  process.stdout.on('error', onPipe);
  process.stderr.on('error', onPipe);
  request.onForce = (action) => {
    force = action;
  };
  request.dispose = () => {
    for (const name of names) signals.off(name, onSignal);
  };
  return request;
}

/** The one-time password is said once: a start that fails after making it must not swallow it. */
function rememberPassword(error, hall) {
  const user = hall?.firstUser;
  if (!user) return error;
  const said = `The first user was made: user ${user.userName}  one-time password ${user.oneTimePassword}`;
  error.hint = error.hint ? `${error.hint}\n${said}` : said;
  return error;
}

function unexpected(cause) {
  return new Failure(`The launcher failed: ${cause.message}`, {
    cause,
    exitCode: 1,
    code: 'launcher-failed',
    tail: String(cause.stack).split('\n').slice(1, 6),
  });
}
