import type { ApiClient } from '../e2e/api-client.js';

export interface LiveValue {
  readonly deviceId: string;
  readonly property: string;
  readonly value: unknown;
}

/** Reads `/api/v1/live` as a browser does and hands on every value of every device. Resolves once the stream says hello. */
export const readLive = async (
  api: ApiClient,
  onValue: (value: LiveValue) => void,
  signal: AbortSignal,
): Promise<{ ended: Promise<string> }> => {
  const response = await fetch(`${api.origin}/api/v1/live?topics=devices`, {
    headers: { cookie: api.cookie, accept: 'text/event-stream' },
    signal,
  });
  if (!response.ok || !response.body) throw new Error(`the live stream answered ${response.status}`);
  let greeted: () => void = () => {};
  const hello = new Promise<void>((resolve) => {
    greeted = resolve;
  });
  const ended = take(response.body, (name, data) => {
    if (name === 'hello') greeted();
    if (name !== 'device.values') return;
    const { deviceId, values } = (JSON.parse(data) as { data: { deviceId: string; values: LiveValue[] } }).data;
    for (const { property, value } of values) onValue({ deviceId, property, value });
  }).then(
    () => 'the stream was closed',
    (error: unknown) => String(error),
  );
  await Promise.race([hello, ended]);
  return { ended };
};

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
