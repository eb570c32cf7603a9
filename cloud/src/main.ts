import { isHubError } from '@hallhub/shared';
import pino, { type Logger } from 'pino';
import { type Cloud, startCloud } from './app.js';
import { type ParentProcess, parentProcess, stopSignal } from './config/parent-process.js';
import { type CloudConfig, readConfig, usage } from './config/read-config.js';

/** The contract is ten seconds; what has not ended by then is cut. */
const stopMs = 9_000;
const exitConfiguration = 2;
const exitCrash = 1;

const makeLog = (level: string): Logger =>
  pino(
    {
      level,
      base: { part: 'cloud' },
      redact: {
        paths: ['password', 'secret', 'token', 'cookie', '*.password', '*.secret', '*.token', '*.cookie'],
        censor: '[hidden]',
      },
    },
    pino.destination({ fd: 2, sync: true }),
  );

const run = async (config: CloudConfig, parent: ParentProcess, stop: AbortSignal): Promise<void> => {
  const log = makeLog(config.logLevel);
  const cloud = await startCloud({ config, log, progress: parent.progress, signal: stop });
  const { firstUser } = cloud.foundation;
  parent.ready({ http: cloud.http, mqtt: null, ...(firstUser ? { firstUser } : {}) });
  log.info({ http: cloud.http }, 'ready');
  if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
  log.info('stopping');
  await closeInTime(cloud);
};

const closeInTime = async (cloud: Cloud): Promise<void> => {
  const cut = setTimeout(() => process.exit(exitCrash), stopMs);
  await cloud.close();
  clearTimeout(cut);
};

const main = async (): Promise<number> => {
  const parent = parentProcess();
  const stop = stopSignal();
  // A bug: the state of this process is unknown, so it ends loudly and is started clean again.
  const crash = (error: unknown) => {
    parent.fatal(error);
    process.exit(exitCrash);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  try {
    const config = readConfig(process.argv.slice(2), process.env);
    if (config.help) {
      process.stdout.write(usage);
      return 0;
    }
    await run(config, parent, stop);
    return 0;
  } catch (error) {
    if (stop.aborted) return 0;
    parent.fatal(error);
    return isHubError(error) && error.code !== 'bug' ? exitConfiguration : exitCrash;
  }
};

process.exit(await main());
