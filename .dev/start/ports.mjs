import net from 'node:net';
import { Failure } from '../lib/failure.mjs';

/** Resolves undefined when the port can be listened on, else the error code (EADDRINUSE, EACCES). */
export function probePort(port, host = '127.0.0.1') {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error) => resolve(error.code ?? 'EUNKNOWN'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** The port asked for, or a Failure that names the option which changes it. */
export async function requirePort({ port, option, what }) {
  const code = await probePort(port);
  if (code === undefined) return port;
  if (code === 'EACCES') {
    throw new Failure(`Port ${port} for ${what} needs more rights than this user has.`, {
      code: 'port-refused',
      hint: `Choose a port from 1024 up: npm start -- ${option} ${port < 1024 ? 8000 + (port % 1000) : port + 1}`,
    });
  }
  const free = await nextFreePort({ from: port + 1, taken: [] });
  throw new Failure(`Port ${port} for ${what} is in use by another program.`, {
    code: 'port-in-use',
    hint: `Choose another one: npm start -- ${option} ${free}\nWho uses it: ss -ltnp 'sport = :${port}'`,
  });
}

/** The first port from `from` on that can be listened on and is not promised to somebody else. */
export async function nextFreePort({ from, taken, tries = 200 }) {
  for (let port = from; port < from + tries && port <= 65_535; port++) {
    if (!taken.includes(port) && (await probePort(port)) === undefined) return port;
  }
  throw new Failure(`No free port from ${from} to ${Math.min(from + tries - 1, 65_535)}.`, { code: 'port-in-use' });
}

/**
 * Decides every port before anything starts. The console's port, and one that was named on the command line, must be
 * free; the brokers' default ports give way to the next free ones.
 */
export async function choosePorts(options) {
  const taken = [];
  const ports = {};
  if (options.parts.cloud) {
    ports.console = await requirePort({ port: options.port, option: '--port', what: 'the console' });
    taken.push(ports.console);
    ports.mqtt = await choose(
      options.fixedPorts.mqtt,
      { port: options.mqttPort, option: '--mqtt-port', what: "the cloud's MQTT broker" },
      taken,
    );
    taken.push(ports.mqtt);
    ports.mqtts = await choose(
      options.fixedPorts.mqtts,
      { port: options.mqttsPort, option: '--mqtts-port', what: "the cloud's MQTT broker for certificates" },
      taken,
    );
    taken.push(ports.mqtts);
    ports.unit = await choose(
      options.fixedPorts.unit,
      { port: options.unitPort, option: '--unit-port', what: "the cloud's gateway for units" },
      taken,
    );
    taken.push(ports.unit);
  }
  if (options.parts.edge || options.parts.simulators) {
    ports.edge = options.parts.edge
      ? await choose(
          options.fixedPorts.edge,
          { port: options.edgePort, option: '--edge-port', what: "the unit's MQTT broker" },
          taken,
        )
      : options.edgePort;
  }
  return ports;
}

async function choose(fixed, { port, option, what }, taken) {
  return fixed ? await requirePort({ port, option, what }) : await nextFreePort({ from: port, taken });
}
