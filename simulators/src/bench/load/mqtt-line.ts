import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface LineOptions {
  readonly host: string;
  readonly port: number;
  /** One of this machine's own, so that ports do not run out. */
  readonly localAddress?: string | undefined;
  readonly clientId: string;
  readonly userName: string;
  /** A secret over plain TCP, or a certificate over TLS. */
  readonly password?: string | undefined;
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca: string } | undefined;
  readonly filter: string;
  readonly timeoutMs?: number;
  readonly onMessage: (topic: string, payload: Buffer) => void;
  readonly onClose: () => void;
}

const keepAliveS = 300;
const publishQos1 = 0x32;

const withLength = (first: number, parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  for (let left = body.length; ; ) {
    const byte = left & 0x7f;
    left >>= 7;
    length.push(left > 0 ? byte | 0x80 : byte);
    if (left === 0) break;
  }
  return Buffer.concat([Buffer.from([first, ...length]), body]);
};

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};

/**
 * As much of an MQTT 3.1.1 client as a unit needs, for generators that stand for thousands of units: a clean session, one
 * subscription, QoS 1 both ways, no sending again (only the cloud's answers acknowledge).
 */
export class MqttLine {
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  #id = 0;
  readonly #options: LineOptions;
  #opened: { resolve: () => void; reject: (error: Error) => void } | undefined;

  private constructor(options: LineOptions) {
    this.#options = options;
    const { host, port, localAddress, tls } = options;
    const at = { host, port, ...(localAddress ? { localAddress } : {}) };
    this.#socket = tls ? connectTls({ ...at, ...tls, servername: '' }) : connectTcp(at);
    this.#socket.setNoDelay(true);
  }

  /** Resolves once the subscription is granted. Errors: whatever ended the connection before. */
  static open(options: LineOptions): Promise<MqttLine> {
    const line = new MqttLine(options);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => line.#fail(new Error('no CONNACK in time')), options.timeoutMs ?? 20_000);
      line.#opened = {
        resolve: () => {
          clearTimeout(late);
          line.#opened = undefined;
          resolve(line);
        },
        reject: (error) => {
          clearTimeout(late);
          line.#opened = undefined;
          reject(error);
        },
      };
      line.#listen();
    });
  }

  publish(topic: string, payload: Uint8Array | string): void {
    this.#id = (this.#id % 65_535) + 1;
    const id = Buffer.from([this.#id >> 8, this.#id & 0xff]);
    this.#socket.write(withLength(publishQos1, [text(topic), id, Buffer.from(payload as Uint8Array)]));
  }

  /** Without a goodbye. */
  cut(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    const { clientId, userName, password, tls } = this.#options;
    const socket = this.#socket;
    socket.on(tls ? 'secureConnect' : 'connect', () => {
      const flags = 0x82 | (password === undefined ? 0 : 0x40);
      const head = Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, flags, keepAliveS >> 8, keepAliveS & 0xff]);
      const login = password === undefined ? [text(userName)] : [text(userName), text(password)];
      socket.write(withLength(0x10, [head, text(clientId), ...login]));
    });
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => {
      if (this.#opened) this.#fail(new Error('the connection was closed'));
      else this.#options.onClose();
    });
  }

  #fail(error: Error): void {
    this.#opened?.reject(error);
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (;;) {
      const packet = firstPacket(data);
      if (!packet) break;
      data = data.subarray(packet.end);
      this.#packet(packet.first, packet.body);
    }
    this.#rest = data;
  }

  #packet(first: number, body: Buffer): void {
    const type = first >> 4;
    if (type === 2) {
      if (body[1] !== 0) this.#fail(new Error(`CONNACK ${body[1]}`));
      else this.#socket.write(withLength(0x82, [Buffer.from([0, 1]), text(this.#options.filter), Buffer.from([1])]));
    } else if (type === 9) {
      if ((body[2] ?? 0x80) > 2) this.#fail(new Error('the subscription was refused'));
      else this.#opened?.resolve();
    } else if (type === 3) {
      const length = body.readUInt16BE(0);
      const topic = body.toString('utf8', 2, 2 + length);
      const qos = (first >> 1) & 3;
      if (qos > 0) this.#socket.write(Buffer.from([0x40, 2, body[2 + length] ?? 0, body[3 + length] ?? 0]));
      this.#options.onMessage(topic, body.subarray(2 + length + (qos > 0 ? 2 : 0)));
    }
  }
}

const firstPacket = (data: Buffer): { first: number; body: Buffer; end: number } | undefined => {
  let [length, shift, at] = [0, 0, 1];
  for (;;) {
    const byte = data[at++];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) << shift;
    shift += 7;
    if ((byte & 0x80) === 0) break;
  }
  const end = at + length;
  return data.length < end ? undefined : { first: data[0] as number, body: data.subarray(at, end), end };
};
