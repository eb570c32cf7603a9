import net from 'node:net';
import type { HubError } from '@hallhub/shared';
import { lineSchema } from '@hallhub/shared/profile';
import t, { type Test } from 'tap';
import type { ByteLink, LinkOpener } from './byte-link.js';
import { memoryLinkOpener } from './memory-link.js';
import { serialLinkOpener } from './serial-link.js';
import { tcpLinkOpener } from './tcp-link.js';
import { noPtys, openPtyPair } from './test-pty-pair.js';

const forever = () => new AbortController().signal;
const line = lineSchema.parse({ baudRate: 9600 });

interface Ends {
  opener: LinkOpener;
  /** The other end of the last link opened: echoes, and can vanish. */
  vanish(): Promise<void>;
}

const tcpEnds = async (t: Test): Promise<Ends> => {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('data', (bytes) => socket.write(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    opener: tcpLinkOpener({ host: '127.0.0.1', port: (server.address() as net.AddressInfo).port }),
    vanish: async () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
  };
};

const memoryEnds = async (): Promise<Ends> => {
  let other: ByteLink | undefined;
  return {
    opener: memoryLinkOpener((peer) => {
      other = peer;
      peer.listen({ data: (bytes) => peer.write(bytes), closed: () => undefined });
    }),
    vanish: async () => {
      await other?.close();
    },
  };
};

const ptyEnds = async (t: Test): Promise<Ends> => {
  const pair = await openPtyPair();
  const far = await serialLinkOpener(pair.far, line).open(forever());
  far.listen({ data: (bytes) => far.write(bytes), closed: () => undefined });
  t.teardown(async () => {
    await far.close();
    await pair.remove();
  });
  return { opener: serialLinkOpener(pair.near, line), vanish: () => pair.unplug() };
};

for (const [name, make] of [
  ['tcp', tcpEnds],
  ['memory', memoryEnds],
  ['serial', ptyEnds],
] as const) {
  const skip = name === 'serial' ? noPtys() : undefined;
  t.test(`${name}: the contract of a link`, skip ? { skip } : {}, async (t) => {
    const { opener, vanish } = await make(t);
    const link = await opener.open(forever());
    t.ok(link.isOpen);
    let received = Buffer.alloc(0);
    let heard: (() => void) | undefined;
    const reasons: (HubError | undefined)[] = [];
    let ended: (() => void) | undefined;
    const closed = new Promise<void>((resolve) => {
      ended = resolve;
    });
    link.write(Buffer.from('early '));
    link.listen({
      data: (bytes) => {
        received = Buffer.concat([received, bytes]);
        if (received.includes('over')) heard?.();
      },
      closed: (reason) => {
        reasons.push(reason);
        ended?.();
      },
    });
    link.write(Buffer.from('and over'));
    await new Promise<void>((resolve) => {
      heard = resolve;
    });
    t.equal(received.toString(), 'early and over');
    await vanish();
    await closed;
    t.match(reasons, [{ code: 'link_lost' }], 'told once, with a reason');
    t.notOk(link.isOpen);
    t.throws(() => link.write(Buffer.from('x')), { code: 'link_lost' });
    await link.close();
    await link.close();
    t.equal(reasons.length, 1);
  });

  t.test(
    `${name}: closing from this side has no reason; an aborted opening throws the signal's`,
    skip ? { skip } : {},
    async (t) => {
      const { opener } = await make(t);
      const link = await opener.open(forever());
      const reasons: unknown[] = [];
      link.listen({ data: () => undefined, closed: (reason) => reasons.push(reason) });
      await link.close();
      t.same(reasons, [undefined]);
      const abort = new AbortController();
      abort.abort(new Error('no more'));
      await t.rejects(opener.open(abort.signal), { message: 'no more' });
    },
  );
}

t.test('tcp: the other side’s FIN ends the link at once', async (t) => {
  const server = net.createServer((socket) => socket.on('error', () => undefined).end('bye'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  const link = await tcpLinkOpener({ host: '127.0.0.1', port }).open(forever());
  const reason = await new Promise<HubError | undefined>((resolve) =>
    link.listen({ data: () => undefined, closed: resolve }),
  );
  t.match(reason, { code: 'link_lost', message: /closed by the other side/ });
  t.throws(() => link.write(Buffer.from('x')), { code: 'link_lost' });
});

t.test('tcp: who is not there is refused with a hint', async (t) => {
  await t.rejects(tcpLinkOpener({ host: '127.0.0.1', port: 1 }).open(forever()), {
    code: 'link_refused',
    hint: /nothing listens/,
  });
});

t.test('serial: missing, forbidden and busy ports are told apart', { skip: noPtys() ?? false }, async (t) => {
  await t.rejects(serialLinkOpener('/dev/no-such-port', line).open(forever()), {
    code: 'link_refused',
    context: { errno: 'ENOENT' },
  });
  const pair = await openPtyPair();
  t.teardown(() => pair.remove());
  const first = await serialLinkOpener(pair.near, line).open(forever());
  await t.rejects(serialLinkOpener(pair.near, line).open(forever()), {
    code: 'link_refused',
    context: { errno: 'EBUSY' },
  });
  await first.close();
  const again = await serialLinkOpener(pair.near, line).open(forever());
  t.ok(again.isOpen, 'free after closing');
  await again.close();
});
