import path from 'node:path';
import { closest } from '../lib/closest.mjs';
import { Failure } from '../lib/failure.mjs';

export const PARTS = ['cloud', 'simulators', 'edge'];
export const SIMULATORS = [
  'queue-machine',
  'evaluator',
  'energy-meter',
  'led-display',
  'id-card-reader',
  'camera',
  'street-camera',
];

const FLAGS = ['json', 'plain', 'help', 'no-cloud', 'no-edge', 'no-simulators', 'no-vision'];
/** The simulated cameras whose pictures have something in them. */
const FILMING = ['camera', 'street-camera'];
const VALUES = [
  'port',
  'data',
  'mqtt-port',
  'mqtts-port',
  'unit-port',
  'edge-port',
  'only',
  'devices',
  'hall',
  'profile',
  'count',
  'faults',
  'seed',
];
const HALLS = ['small', 'full'];

export const HELP = `HallHub: a whole hall on this machine - cloud, one edge unit and simulated devices.

Usage: npm start -- [options]

  --port N            port of the console and the API (8080)
  --data DIR          where everything is kept (./data)
  --only PARTS        run only these parts: cloud, edge, simulators (comma-separated)
  --no-cloud          leave the cloud out: the hall works alone
  --no-edge           leave the edge unit out
  --no-simulators     leave the simulated devices out
  --no-vision         do not let the unit look at the cameras' pictures: no models are
                      fetched (145 MB, once) and no cameras set up
  --devices NAMES     simulate only these devices (comma-separated):
                      ${SIMULATORS.slice(0, 3).join(', ')},
                      ${SIMULATORS.slice(3).join(', ')}
  --hall SIZE         small (seven devices, the default) or full (a device of every
                      profile, over all protocols, more than sixty)
  --profile IDS       simulate devices of these profiles instead: vendor/model,...
  --count N           so many of each profile (1)
  --faults LIST       let devices fail from the start: NAME=FAULT,... FAULT is silent,
                      slow, late, corrupt, truncate, exception, unplug or flap;
                      a camera of the small hall also frozen, black, covered, moved,
                      blurred, resized, damaged, lossy, choppy, stalled, restarted,
                      no-stream or password-changed
  --seed N            seed of the simulated devices' behaviour (1)
  --mqtt-port N       port of the cloud's MQTT broker (18830, or the next free one)
  --mqtts-port N      the same for units with a certificate (18831, or the next free)
  --unit-port N       port of the cloud's gateway for units (18443, or the next free)
  --edge-port N       port of the unit's MQTT broker (1883, or the next free one)
  --plain             plain lines, also on a terminal
  --json              one JSON object a line on standard output (npm -s start -- --json)
  --help              this text

Environment: DATABASE_URL (your own PostgreSQL), HALLHUB_MQTT_URL (your own MQTT broker),
HALLHUB_MODELS_FROM (the models' package as a file, where there is no network).
Ctrl-C stops everything; the next start resumes with the data kept.`;

/** Reads the command line of `npm start`; throws Failure (exit code 2) that names the wrong option and the likely one. */
export function parseOptions(args, { cwd = process.cwd(), root = cwd } = {}) {
  const given = readArguments(args);
  const options = {
    help: given.has('help'),
    json: given.has('json'),
    plain: given.has('plain'),
    port: readPort(given, 'port', 8080),
    mqttPort: readPort(given, 'mqtt-port', 18830),
    mqttsPort: readPort(given, 'mqtts-port', 18831),
    unitPort: readPort(given, 'unit-port', 18443),
    edgePort: readPort(given, 'edge-port', 1883),
    fixedPorts: {
      mqtt: given.has('mqtt-port'),
      mqtts: given.has('mqtts-port'),
      unit: given.has('unit-port'),
      edge: given.has('edge-port'),
    },
    data: given.has('data') ? path.resolve(cwd, given.get('data')) : path.join(root, 'data'),
    devices: readList(given, 'devices', SIMULATORS) ?? SIMULATORS,
    hall: readHall(given),
    profiles: readProfiles(given),
    count: readCount(given),
    faults: given.get('faults'),
    seed: readSeed(given),
    parts: readParts(given),
  };
  options.vision = wantsVision(options, given);
  if (options.parts.cloud && options.parts.edge && options.mqttPort === options.edgePort) {
    throw wrong('--mqtt-port and --edge-port are the same port.');
  }
  if (options.port === options.mqttPort || options.port === options.edgePort) {
    throw wrong('--port is the same port as --mqtt-port or --edge-port.');
  }
  if (options.parts.cloud) refuseTwins(options, given);
  return options;
}

/** Whether the start fetches models and sets cameras up: where all that belongs to it runs, and there is something to see. */
function wantsVision({ parts, hall, devices }, given) {
  if (given.has('no-vision') || !parts.cloud || !parts.simulators || !parts.edge) return false;
  return hall === 'small' && FILMING.some((name) => devices.includes(name));
}

/** Ports that were named give way to none: two of them cannot be one. */
function refuseTwins({ port, mqttPort, mqttsPort, unitPort, edgePort, parts }, given) {
  const ports = { '--port': port, '--mqtt-port': mqttPort, '--mqtts-port': mqttsPort, '--unit-port': unitPort };
  if (parts.edge) ports['--edge-port'] = edgePort;
  const names = Object.keys(ports).filter((name) => name === '--port' || given.has(name.slice(2)));
  for (const [index, name] of names.entries()) {
    const twin = names.slice(index + 1).find((other) => ports[other] === ports[name]);
    if (twin) throw wrong(`${name} and ${twin} are the same port.`);
  }
}

function readArguments(args) {
  const given = new Map();
  for (let index = 0; index < args.length; index++) {
    const arg = args[index];
    if (arg === '-h') {
      given.set('help', true);
      continue;
    }
    const match = /^--([a-z][a-z-]*)(?:=(.*))?$/s.exec(arg);
    const name = match?.[1];
    if (name && FLAGS.includes(name)) {
      if (match[2] !== undefined) throw wrong(`--${name} takes no value.`);
      given.set(name, true);
    } else if (name && VALUES.includes(name)) {
      const value = match[2] ?? args[++index];
      if (value === undefined || value === '' || (match[2] === undefined && value.startsWith('--'))) {
        throw wrong(`--${name} needs a value.`);
      }
      given.set(name, value);
    } else {
      throw unknown(arg);
    }
  }
  return given;
}

function unknown(arg) {
  if (!arg.startsWith('-')) return wrong(`Unexpected argument: ${arg}`);
  const word = arg.replace(/^-+/, '').split('=')[0];
  const meant = closest(word, [...FLAGS, ...VALUES]);
  return wrong(`Unknown option: ${arg}`, meant ? `Did you mean --${meant}?` : '');
}

function readPort(given, name, fallback) {
  const text = given.get(name);
  if (text === undefined) return fallback;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535)
    throw wrong(`--${name} must be a port from 1 to 65535, not "${text}".`);
  return port;
}

function readSeed(given) {
  const text = given.get('seed') ?? '1';
  if (!/^\d{1,9}$/.test(text)) throw wrong(`--seed must be a whole number, not "${text}".`);
  return Number(text);
}

/** Which hall is simulated; undefined where single profiles are. */
function readHall(given) {
  const chosen = ['hall', 'profile', 'devices'].filter((name) => given.has(name));
  if (chosen.length > 1 && given.get('hall') !== 'small') {
    throw wrong(`--${chosen[0]} and --${chosen[1]} exclude each other.`);
  }
  const hall = given.get('hall') ?? 'small';
  if (!HALLS.includes(hall)) {
    const meant = closest(hall, HALLS);
    throw wrong(`--hall knows no "${hall}".`, meant ? `Did you mean ${meant}?` : `It knows: ${HALLS.join(', ')}`);
  }
  return given.has('profile') ? undefined : hall;
}

function readProfiles(given) {
  const text = given.get('profile');
  if (text === undefined) return undefined;
  const ids = text.split(',').map((id) => id.trim());
  for (const id of ids) {
    if (!/^[a-z0-9-]+\/[a-z0-9-]+$/.test(id)) throw wrong(`--profile wants vendor/model, not "${id}".`);
  }
  return [...new Set(ids)];
}

function readCount(given) {
  const text = given.get('count');
  if (text === undefined) return undefined;
  if (!given.has('profile')) throw wrong('--count belongs to --profile.');
  if (!/^[1-9]\d{0,2}$/.test(text)) throw wrong(`--count must be a whole number from 1 to 999, not "${text}".`);
  return Number(text);
}

function readList(given, name, known) {
  const text = given.get(name);
  if (text === undefined) return undefined;
  const items = text.split(',').map((item) => item.trim());
  for (const item of items) {
    if (known.includes(item)) continue;
    const meant = closest(item, known);
    throw wrong(`--${name} knows no "${item}".`, meant ? `Did you mean ${meant}?` : `It knows: ${known.join(', ')}`);
  }
  return [...new Set(items)];
}

function readParts(given) {
  const only = readList(given, 'only', PARTS);
  const parts = Object.fromEntries(
    PARTS.map((part) => [part, (only ? only.includes(part) : true) && !given.has(`no-${part}`)]),
  );
  if (!PARTS.some((part) => parts[part])) throw wrong('Nothing is left to run: all parts are switched off.');
  return parts;
}

function wrong(message, hint = '') {
  const more = 'All options: npm start -- --help';
  return new Failure(message, { code: 'wrong-option', hint: hint ? `${hint}\n${more}` : more });
}
