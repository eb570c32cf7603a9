import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@hallhub/shared';
import { parseEnrolmentCode } from '@hallhub/shared/wire';
import t from 'tap';
import { loadCredential } from '../config/index.js';
import { silentLogger } from '../ports/index.js';
import { Store } from '../store/index.js';
import { TestGateway, testUnitId } from './__fixtures__/test-gateway.js';
import { enrolUnit } from './enrol-unit.js';
import { IdentityFiles } from './identity-files.js';
import { restoreSnapshot } from './snapshot/restore-snapshot.js';

const kills = 8;
const otherUnitId = '01900000-0000-7000-8000-00000000000b';
t.setTimeout(180_000);

/** Tests run from the source and compiled, and so does what they start. */
const isSource = import.meta.url.endsWith('.ts');
const loader = isSource ? ['--import=tsx', '--conditions=hallhub-source'] : [];
const child = fileURLToPath(new URL(`./__fixtures__/change-for-ever.${isSource ? 'ts' : 'js'}`, import.meta.url));

/** What an enrolment brings, from a gateway of its own. */
const unit = async (unitId: string, root: string) => {
  const gateway = await TestGateway.open();
  const own = gateway.ca.issue;
  gateway.certificateFor = (publicKey) => own({ name: unitId, publicKey, use: 'client' });
  const dataDir = path.join(root, unitId);
  mkdirSync(dataDir);
  const files = new IdentityFiles(dataDir);
  const code = parseEnrolmentCode(gateway.code);
  if (!code) throw new Error('no code');
  await enrolUnit({ files, code, gateway: gateway.url, software: 'test', clock: systemClock });
  await gateway[Symbol.asyncDispose]();
  const state = files.read();
  const credential = loadCredential(path.join(dataDir, 'unit.json'));
  if (state.state !== 'ready' || !credential) throw new Error('not enrolled');
  const { tls, certificates, trust } = state.identity;
  return {
    ...{ key: tls.key, certificate: certificates.join(''), trust, replacement: true },
    unit: { ...credential, unitId },
    snapshot: {
      ...{ v: 1, madeAt: 1, software: 'test' },
      files: { 'edge.yaml': `version: 1\nname: "${unitId}"\n` },
      tables: { device: [], meta: [{ key: 'join_policy', value: unitId }] },
    },
  };
};

t.test(
  'killed at any step of enrolment, renewal and restoring, it is one unit or the other, whole',
  {
    timeout: 290_000,
  },
  async (t) => {
    const root = mkdtempSync(path.join(os.tmpdir(), 'hub-kill-identity-'));
    t.teardown(() => rmSync(root, { recursive: true, force: true }));
    const steps = [await unit(testUnitId, root), await unit(otherUnitId, root)];
    const stepsFile = path.join(root, 'steps.json');
    writeFileSync(stepsFile, JSON.stringify(steps));
    const dataDir = path.join(root, 'data');
    mkdirSync(dataDir);
    const seen = new Set<string>();
    for (let kill = 0; kill < kills; kill++) {
      const running = spawn(process.execPath, [...loader, child, dataDir, stepsFile]);
      let said = '';
      running.stderr.on('data', (chunk) => {
        said += chunk;
      });
      await Promise.race([once(running.stdout, 'data'), once(running, 'close')]);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
      running.kill('SIGKILL');
      if (running.exitCode === null && running.signalCode === null) await once(running, 'close');
      t.equal(said, '', 'nothing but the kill ended it');

      const files = new IdentityFiles(dataDir);
      const state = files.read();
      if (state.state !== 'ready') return t.fail(`kill ${kill}: ${JSON.stringify(state)}`);
      const { unitId } = state.identity;
      seen.add(unitId);
      t.equal(
        loadCredential(path.join(dataDir, 'unit.json'))?.unitId,
        unitId,
        'credential and certificate are of one unit',
      );
      t.equal(statSync(path.join(dataDir, 'identity/key.pem')).mode & 0o777, 0o600);
      // As the next start does: what the unit before knew is taken over, where it had been fetched.
      if (files.replacement?.fetched) {
        const report = restoreSnapshot({
          files,
          configFile: path.join(dataDir, 'edge.yaml'),
          keepConfig: false,
          now: 1,
        });
        t.equal(report.failure, undefined);
        const store = new Store({ dataDir, clock: systemClock, logger: silentLogger });
        const policy = store.hub.commit.db.prepare("SELECT value FROM meta WHERE key = 'join_policy'").pluck().get();
        store.close();
        t.match(
          readFileSync(path.join(dataDir, 'edge.yaml'), 'utf8'),
          String(policy),
          'files and tables are of one snapshot',
        );
      }
    }
    t.ok(seen.size > 0);
  },
);
