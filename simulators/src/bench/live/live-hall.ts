import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { TestHall } from '../../e2e/test-hall.js';
import { waitUntil } from '../../e2e/wait-until.js';
import { openSlowLine, type SlowLine } from '../../faults/slow-line.js';
import { openStreamServer, type StreamServer } from '../../peers/camera/rtsp-stream.js';
import { liveClip } from './clip-1080p.js';

const cache = fileURLToPath(new URL('../../../../node_modules/.cache/hallhub-footage', import.meta.url));

/** Edge and cloud with one 1080p camera, and the unit's way up led over a line that can be made slow. */
export interface LiveHall extends AsyncDisposable {
  readonly hall: TestHall;
  readonly deviceId: string;
  readonly line: SlowLine;
  /** Of the unit's child that holds the cameras. */
  childPid(): Promise<number>;
  /** Starts the unit anew with this in the `link` section of edge.yaml. */
  restart(link: object): Promise<void>;
}

interface VisionStatus {
  readonly process: { readonly pid: number };
  readonly cameras: readonly { readonly state: string }[];
}

export const openLiveHall = async (progress: (text: string) => void): Promise<LiveHall> => {
  progress('footage: 1080p at 25 pictures a second');
  const opened: AsyncDisposable[] = [];
  const use = <T extends AsyncDisposable>(one: T): T => {
    opened.push(one);
    return one;
  };
  const end = async () => {
    for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
  };
  try {
    return { ...(await openWithin(progress, use)), [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
};

const openWithin = async (
  progress: (text: string) => void,
  use: <T extends AsyncDisposable>(one: T) => T,
): Promise<Omit<LiveHall, typeof Symbol.asyncDispose>> => {
  const clip = await liveClip(cache);
  const server = use(await streams());
  const served = (file: string) => ({ file, fps: clip.fps, startedAtMs: Date.now() });
  const url = await server.mount({ path: 'main', clip: served(clip.main) });
  const subUrl = await server.mount({ path: 'sub', clip: served(clip.sub) });
  progress('cloud and unit');
  const hall = use(
    await TestHall.open({ built: true, edge: { vision: { cameras: [{ id: 'hall', name: 'hall', url, subUrl }] } } }),
  );
  const { api } = hall;
  const file = (name: string) => join(hall.dir, 'edge', name);
  const line = use(
    await openSlowLine({ targets: [hall.uplink.port, Number(new URL(hall.gateway).port)], queueBytes: 64_000 }),
  );
  const deviceId = await waitUntil(
    'the camera in the cloud',
    async () => (await api.all<{ deviceId: string }>('/vision/cameras'))[0]?.deviceId,
    { withinMs: 180_000 },
  );
  const view = { id: crypto.randomUUID(), name: 'all', rules: [] };
  const document = { purpose: 'bench', analysisFps: 1, recordHours: 0, views: [view] };
  const put = await api.request('PUT', `/api/v1/vision/cameras/${deviceId}`, document, { 'if-match': '"0"' });
  if (put.status !== 200) throw new Error(`the camera was not set up: ${JSON.stringify(put.body)}`);
  const status = async (): Promise<VisionStatus> => JSON.parse((await hall.hub('vision', 'status', '--json')).out);
  let seen: unknown;
  const isWatched = async () => {
    try {
      const now = await status();
      seen = now;
      return /watching|no_model/.test(now.cameras[0]?.state ?? '');
    } catch (error) {
      seen = error;
      return false;
    }
  };
  const credential = JSON.parse(readFileSync(file('unit.json'), 'utf8'));
  credential.cloud.mqtt = `mqtts://127.0.0.1:${line.ports[0]}`;
  credential.cloud.gateway = `https://127.0.0.1:${line.ports[1]}`;
  const restart = async (link: object): Promise<void> => {
    await hall.edge.stop();
    writeFileSync(file('unit.json'), JSON.stringify(credential), { mode: 0o600 });
    writeFileSync(file('edge.yaml'), stringify({ ...parse(readFileSync(file('edge.yaml'), 'utf8')), link }));
    await hall.startEdge({ built: true });
    await waitUntil('the unit to watch', isWatched, { withinMs: 180_000, everyMs: 500, seen: () => seen });
  };
  await restart({});
  return { hall, deviceId, line, restart, childPid: async () => (await status()).process.pid };
};

const streams = async (): Promise<StreamServer> => {
  const server = await openStreamServer();
  if ('missing' in server) throw new Error(`${server.missing}: ${server.why} ${server.install}`);
  return server;
};
