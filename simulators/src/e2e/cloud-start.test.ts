import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { freePort } from '../free-port.js';
import { failToStart, startPart } from './part-process.js';
import { testFolder } from './test-folder.js';

t.setTimeout(600_000);

const cloudMain = 'cloud/src/main.ts';

t.test('a port of the cloud is in use: fatal names it and the option, exit code 2, nothing is spoilt', async (t) => {
  const outer = testFolder(t);
  const data = join(outer, '云 数据');
  mkdirSync(data);
  const server = createServer();
  const taken = await freePort();
  await new Promise<void>((resolve) => server.listen(taken, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  for (const option of ['--port', '--mqtt-port', '--mqtts-port', '--unit-port'] as const) {
    const ports = { '--port': 0, '--mqtt-port': 0, '--mqtts-port': 0, '--unit-port': 0, [option]: taken };
    const args = ['--data', data, ...Object.entries(ports).flatMap(([name, port]) => [name, String(port)])];
    const { fatal, exitCode } = await failToStart(cloudMain, { args });
    t.match(
      fatal,
      { code: 'configuration', message: new RegExp(`\\b${taken}\\b.*in use|in use.*\\b${taken}\\b`) },
      option,
    );
    t.match(`${fatal?.message} ${fatal?.hint}`, new RegExp(`${option}\\b`), `${option} is the way out`);
    t.equal(exitCode, 2, option);
  }
  const cloud = await startPart(cloudMain, {
    args: ['--data', data, '--port', '0', '--mqtt-port', '0', '--mqtts-port', '0', '--unit-port', '0'],
  });
  t.teardown(() => cloud.stop());
  t.match(cloud.ready, { firstUser: { userName: 'admin' } }, 'the password of the first user was not lost meanwhile');
});

t.test('a data folder that cannot be made: fatal names it, exit code 2', async (t) => {
  for (const data of ['/sys/hallhub-cloud', '/proc/hallhub-cloud/deep']) {
    const { fatal, exitCode } = await failToStart(cloudMain, {
      args: ['--data', data, '--port', '0', '--mqtt-port', '0', '--mqtts-port', '0', '--unit-port', '0'],
    });
    t.match(fatal, { code: 'store_unwritable', message: data.split('/deep')[0], hint: /--data/ }, data);
    t.equal(exitCode, 2, data);
  }
});
