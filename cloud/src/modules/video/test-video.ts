import { encodeLiveRecord, type LiveRecord, readLiveMessage } from '@hallhub/shared/vision';
import pino from 'pino';
import { WebSocket } from 'ws';
import { listen } from '../../http/listen.js';
import { bringUpDevice, startTestLink } from '../streams/test-link.js';
import { noRelay } from './live-relay.js';
import { openVideo, type Video } from './open-video.js';

/** A cloud with a camera, browsers that look at it and a unit that sends: for tests. */
export const openTestVideo = async (t: Parameters<typeof startTestLink>[0]) => {
  let video: Video | undefined;
  const told: { topic: string; message: { deviceId?: string; form?: string; despiteMetered?: boolean } }[] = [];
  const cloud = await startTestLink(t, {
    routes: ({ db, clock, metrics }) => {
      video = openVideo({
        ...{ database: db, clock, metrics, relay: noRelay, log: pino({ level: 'silent' }) },
        ...{ secret: 'test-secret-of-32-characters-or-more', tell: (topic, message) => told.push({ topic, message }) },
      });
      return video.routes;
    },
  });
  const server = await listen(cloud.app, { host: '127.0.0.1', port: 0 });
  video!.sockets.attach(server.server);
  t.teardown(async () => {
    await video!.close();
    await server.close(0);
  });
  const { deviceId } = await bringUpDevice(cloud);
  const open = (path: string) => new WebSocket(`${server.url.replace('http', 'ws')}${path}`);
  /** What a browser shows of it: texts of records, in order, and how it ended. */
  const watch = (path: string) => {
    const socket = open(path);
    const seen: string[] = [];
    const waiting = new Set<() => void>();
    const changed = () => {
      for (const one of waiting) one();
    };
    let ended: number | undefined;
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isBinary) return;
      const record = readLiveMessage(data.subarray(1))!;
      const text = Buffer.from(record.payload).toString('utf8');
      seen.push(`${data[0]} ${record.kind}${record.kind === 'state' ? ` ${JSON.parse(text).state}` : ''}`);
      changed();
    });
    socket.on('close', (code) => {
      ended = code;
      changed();
    });
    socket.on('error', () => {});
    t.teardown(() => socket.terminate());
    const until = (is: () => boolean) =>
      new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`it was not so in time: ${seen.join(', ')}`)), 60_000);
        const look = () => {
          if (!is()) return;
          clearTimeout(late);
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
    return { socket, seen, until, ended: () => ended };
  };
  /** What the unit posts, record by record. */
  const feed = ({ unitId = cloud.unit.unitId, form = 'copy' } = {}) => {
    const pipe = new TransformStream<Uint8Array, Uint8Array>();
    const writer = pipe.writable.getWriter();
    writer.closed.catch(() => undefined);
    const request = new Request(`https://unit/unit/v1/live/${deviceId}?form=${form}`, { method: 'POST' });
    const unit = { unitId, address: '127.0.0.1', certificateSha256: '' };
    const answer = Promise.resolve(video!.gateway.handle(request, unit, pipe.readable));
    answer.catch(() => undefined);
    return { answer, write: (record: LiveRecord) => writer.write(encodeLiveRecord(record)), end: () => writer.close() };
  };
  const until = async (is: () => boolean, withinMs = 60_000) => {
    const end = performance.now() + withinMs;
    while (!is()) {
      if (performance.now() > end) throw new Error('it was not so in time');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return { cloud: { ...cloud, until }, deviceId, told, watch, feed, open, hub: () => video!.hub.figures };
};

export const bytes = (length: number) => new Uint8Array(length).fill(7);
