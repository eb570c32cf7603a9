import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { HasTeardown } from '../../../db/testing.js';

export interface Got {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver of others: answers what the test says. */
export const receiver = async (
  t: HasTeardown,
  answer: (got: Got) => { status: number; body?: string; headers?: Record<string, string> },
) => {
  const got: Got[] = [];
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const one = { headers: request.headers, body: Buffer.concat(parts).toString() };
      got.push(one);
      const { status, body = '', headers = {} } = answer(one);
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
};

/** The SMTP server of nodemailer’s house: of others, in this process, and it says what the test wants at each command; `onTaken`: it has a mail, and did not say so yet. */
export const mailServer = async (
  t: HasTeardown,
  refuse: (to: string) => { code: number; text: string } | undefined = () => undefined,
  onTaken: () => void = () => {},
) => {
  const mails: { to: string; raw: string }[] = [];
  const server = new SMTPServer({
    ...{ authOptional: false, disabledCommands: ['STARTTLS'], allowInsecureAuth: true, logger: false },
    onAuth: ({ username, password }, _session, done) =>
      username === 'hall' && password === 'mail-password'
        ? done(null, { user: 'hall' })
        : done(Object.assign(new Error('wrong password'), { responseCode: 535 })),
    onRcptTo: ({ address }, _session, done) => {
      const refused = refuse(address);
      done(refused ? Object.assign(new Error(refused.text), { responseCode: refused.code }) : null);
    },
    onData: (stream, session, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        mails.push({ to: session.envelope.rcptTo[0]?.address ?? '', raw: Buffer.concat(parts).toString() });
        onTaken();
        done(null, 'queued as 4711');
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = server.server.address() as AddressInfo;
  const config = {
    host: '127.0.0.1',
    port,
    tls: 'none',
    user: 'hall',
    from: 'hub@example.org',
    fromName: '演示营业厅',
  };
  return { mails, config };
};

/** Quoted-printable, as far as these mails use it. */
export const decoded = (raw: string): string =>
  decodeURIComponent(
    raw
      .replace(/=\r?\n/g, '')
      .replace(/%/g, '%25')
      .replace(/=([0-9A-F]{2})/g, '%$1'),
  );
