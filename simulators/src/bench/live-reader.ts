import type { ApiClient } from '../e2e/api-client.js';

export interface LiveValue {
  readonly deviceId: string;
  readonly property: string;
  readonly value: unknown;
}

export interface LiveOptions {
  /** As in the query: `devices`, `events`. */
  readonly topics: string;
  readonly signal: AbortSignal;
}

/** Reads `/api/v1/live` as a browser does and hands on each message's type and data. Resolves once the stream says hello. */
export const readLive = async (
  api: ApiClient,
  { topics, signal }: LiveOptions,
  onMessage: (type: string, data: unknown) => void,
): Promise<{ ended: Promise<string> }> => {
  const response = await fetch(`${api.origin}/api/v1/live?topics=${topics}`, {
    headers: { cookie: api.cookie, accept: 'text/event-stream' },
    signal,
  });
  if (!response.ok || !response.body) throw new Error(`the live stream answered ${response.status}`);
  let greeted: () => void = () => {};
  const hello = new Promise<void>((resolve) => {
    greeted = resolve;
  });
  const ended = take(response.body, (name, text) => {
    if (name === 'hello') greeted();
    else onMessage(name, (JSON.parse(text) as { data: unknown }).data);
  }).then(
    () => 'the stream was closed',
    (error: unknown) => String(error),
  );
  await Promise.race([hello, ended]);
  return { ended };
};

/** Every value of every device. */
export const readLiveValues = (
  api: ApiClient,
  onValue: (value: LiveValue) => void,
  signal: AbortSignal,
): Promise<{ ended: Promise<string> }> =>
  readLive(api, { topics: 'devices', signal }, (type, data) => {
    if (type !== 'device.values') return;
    const { deviceId, values } = data as { deviceId: string; values: LiveValue[] };
    for (const { property, value } of values) onValue({ deviceId, property, value });
  });

const take = async (body: ReadableStream<Uint8Array>, onMessage: (name: string, data: string) => void) => {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const messages = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = messages.pop() ?? '';
    for (const message of messages) {
      const name = /^event: (.*)$/m.exec(message)?.[1];
      const data = /^data: (.*)$/m.exec(message)?.[1];
      if (name !== undefined && data !== undefined) onMessage(name, data);
    }
  }
};
