import { readFileSync } from 'node:fs';
import { HubError, isHubError, systemClock } from '@hallhub/shared';
import pino, { type Logger } from 'pino';
import { type Cloud, startCloud, version } from './app.js';
import { backupNow, checkBackup, openOrAttach, restoreBackup } from './backup/command.js';
import { type ParentProcess, parentProcess, stopSignal } from './config/parent-process.js';
import { type BackupTask, type CloudConfig, readConfig, usage } from './config/read-config.js';
import { asDatabaseAway } from './db/database-away.js';
import { migrate } from './db/index.js';
import { demoCameraSchema } from './demo/demo-cameras.js';
import { ensureFoundation, openTenant } from './modules/access/verbs/ensure-foundation.js';
import { verifyAuditFile } from './modules/audit/verify-file.js';
import { ensureShippedKinds } from './modules/ticket-kinds/ship-kinds.js';

/** The contract is ten seconds; what has not ended by then is cut. */
const stopMs = 9_000;
const exitConfiguration = 2;
const exitCrash = 1;

/** What helps to find the fault; never the whole object, which may drag a connection or a request behind it. */
const describeForLog = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  const { code, context, hint } = error as { code?: unknown; context?: unknown; hint?: unknown };
  return {
    type: error.name,
    message: error.message,
    code,
    context,
    hint,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: describeForLog(error.cause) }),
  };
};

const makeLog = (level: string): Logger =>
  pino(
    {
      level,
      base: { part: 'cloud' },
      serializers: { err: describeForLog },
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
  const { http, mqtt, mqtts, gateway, firstUser, demoUnit } = cloud;
  parent.ready({ http, mqtt, mqtts, gateway, ...(firstUser ? { firstUser } : {}), ...(demoUnit ? { demoUnit } : {}) });
  log.info({ http, mqtt, mqtts, gateway }, 'ready');
  parent.onMessage(({ type, ...said }) => {
    const camera = demoCameraSchema.safeParse(said);
    if (type === 'filming' && camera.success) cloud.demoCameras?.filming(camera.data);
  });
  if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
  log.info('stopping');
  await closeInTime(cloud);
};

const closeInTime = async (cloud: Cloud): Promise<void> => {
  const cut = setTimeout(() => process.exit(exitCrash), stopMs);
  await cloud.close();
  clearTimeout(cut);
};

/** One task instead of serving; its words go to standard output. */
const runBackupTask = async (config: CloudConfig, task: BackupTask, signal: AbortSignal): Promise<void> => {
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const { dataDir, databaseUrl, backup: settings, secret } = config;
  const options = {
    dataDir,
    databaseUrl,
    settings,
    secret,
    version,
    log: makeLog(config.logLevel),
    signal,
    say,
  };
  if (task.kind === 'now') await backupNow(options);
  else if (task.kind === 'check') await checkBackup(options, task.file);
  else await restoreBackup(options, task);
};

/** Another organisation; also beside a running cloud. Its owner's one-time password is printed this once. */
const makeTenant = async (
  config: CloudConfig,
  input: NonNullable<CloudConfig['newTenant']>,
  signal: AbortSignal,
): Promise<void> => {
  const { dataDir, databaseUrl } = config;
  const db = await openOrAttach({ dataDir, databaseUrl, log: makeLog(config.logLevel), signal });
  try {
    await migrate(db, { logger: makeLog(config.logLevel) });
    // The first organisation belongs to the installation itself, also where this comes before its first start.
    await ensureFoundation(db, { tenantName: '我的机构' });
    const { code, owner } = await openTenant(db, input);
    await ensureShippedKinds(db, { clock: systemClock });
    process.stdout.write(
      `${input.name} (${code})\n  user name          ${owner.userName}\n  one-time password  ${owner.oneTimePassword}\n  sign in at         /sign-in?org=${code}\n`,
    );
  } finally {
    await db.close();
  }
};

/** Needs neither database nor data folder: an auditor runs it on a machine of their own. */
const checkAuditFile = ({ file, caFile }: { file: string; caFile: string | null }): number => {
  try {
    const verdict = verifyAuditFile(file, caFile === null ? undefined : readFileSync(caFile, 'utf8'));
    process.stdout.write(`${verdict.ok ? 'OK' : 'BROKEN'}  ${verdict.text}\n`);
    return verdict.ok ? 0 : exitCrash;
  } catch (cause) {
    throw new HubError(
      'configuration',
      `Cannot check ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
        hint: 'Give the file as exported by Admin, Audit; --audit-ca wants a certificate in PEM.',
      },
    );
  }
};

const main = async (): Promise<number> => {
  const parent = parentProcess();
  const stop = stopSignal();
  // A bug: the state of this process is unknown, so it ends loudly and is started clean again.
  const crash = (error: unknown) => {
    parent.fatal(error);
    makeLog('error').fatal({ err: error }, 'this process ends: a bug');
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
    if (config.verifyAudit) return checkAuditFile(config.verifyAudit);
    if (config.newTenant) await makeTenant(config, config.newTenant, stop);
    else if (config.backupTask) await runBackupTask(config, config.backupTask, stop);
    else await run(config, parent, stop);
    return 0;
  } catch (error) {
    if (stop.aborted) return 0;
    // A database that went away meanwhile is no bug of ours, whichever statement noticed it first.
    const known = asDatabaseAway(error);
    parent.fatal(known);
    if (isHubError(known) && known.code !== 'bug') return exitConfiguration;
    makeLog('error').error({ err: error }, 'the start failed');
    return exitCrash;
  }
};

process.exit(await main());
