import type { Socket } from 'node:net';
import mqttPacket from 'mqtt-packet';

/** Resolves when the broker has answered with such a packet. */
export const answered = (socket: Socket, cmd: mqttPacket.PacketCmd): Promise<void> =>
  new Promise((resolve) => {
    const parser = mqttPacket.parser();
    parser.on('packet', (packet) => packet.cmd === cmd && resolve());
    socket.on('data', (chunk) => parser.parse(chunk));
  });
