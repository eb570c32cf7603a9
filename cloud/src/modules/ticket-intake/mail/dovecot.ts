import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { HasTeardown } from '../../../db/testing.js';

export const hasDovecot = existsSync('/usr/sbin/dovecot') && existsSync('/usr/lib/dovecot/imap');

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** For tests: a Dovecot of this test's own, on 127.0.0.1, with one user `desk` and the password `geheim`. */
export const startDovecot = async (t: HasTeardown, folder: string) => {
  const [plain, tls] = [await freePort(), await freePort()];
  for (const name of ['run', 'mail', 'mail/new', 'mail/cur', 'mail/tmp'])
    mkdirSync(join(folder, name), { recursive: true, mode: 0o755 });
  const openssl = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost',
  ];
  execFileSync('openssl', [...openssl, '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')], {
    stdio: 'ignore',
  });
  const { username } = userInfo();
  const mailUser = username === 'root' ? 'nobody' : username;
  const group = username === 'root' ? 'nogroup' : execFileSync('id', ['-gn']).toString().trim();
  if (username === 'root') execFileSync('chown', ['-R', `${mailUser}:${group}`, join(folder, 'mail')]);
  const [uid, gid] = [
    execFileSync('id', ['-u', mailUser]).toString().trim(),
    execFileSync('id', ['-g', mailUser]).toString().trim(),
  ];
  const login = username === 'root' ? '' : `default_login_user = ${username}\ndefault_internal_user = ${username}\n`;
  const chroot = username === 'root' ? '' : 'service imap-login {\n chroot =\n}\nservice anvil {\n chroot =\n}\n';
  writeFileSync(
    join(folder, 'dovecot.conf'),
    `base_dir = ${folder}/run
log_path = ${folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
disable_plaintext_auth = no
mail_location = maildir:${folder}/mail
first_valid_uid = 1
${login}passdb {
  driver = static
  args = password=geheim
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${folder}/mail
}
service imap-login {
  inet_listener imap {
    port = ${plain}
  }
  inet_listener imaps {
    port = ${tls}
    ssl = yes
  }
}
${chroot}service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
`,
  );
  const child = spawn('/usr/sbin/dovecot', ['-F', '-c', join(folder, 'dovecot.conf')], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  t.teardown(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  return { plain, tls, certificate: join(folder, 'cert.pem') };
};
