import net from 'node:net';

export interface RtspRefuser extends AsyncDisposable {
  readonly url: string;
  /** First lines and authorizations of what was asked. */
  readonly asked: readonly string[];
}

/** A stream server that answers nothing but a refusal, or nothing at all; enough to see what is asked of it, and how often. */
export const openRtspRefuser = async (
  answer: (method: string, authorization: string | undefined) => string | undefined,
): Promise<RtspRefuser> => {
  const asked: string[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => undefined));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const request = text.slice(0, end);
        text = text.slice(end + 4);
        const header = (name: string) => new RegExp(`^${name}: *(.*)$`, 'im').exec(request)?.[1]?.trim();
        const method = request.split(' ')[0] ?? '';
        const authorization = header('authorization');
        asked.push(`${method} ${authorization ?? ''}`.trim());
        const reply = answer(method, authorization);
        if (reply !== undefined) socket.write(`RTSP/1.0 ${reply}\r\nCSeq: ${header('cseq') ?? 0}\r\n\r\n`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `rtsp://127.0.0.1:${(server.address() as net.AddressInfo).port}/stream`,
    asked,
    [Symbol.asyncDispose]: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
};
