import { closest } from '../lib/closest.mjs';
import { Failure } from '../lib/failure.mjs';

/** In the order in which they run: the quick ones first. */
export const BENCHES = {
  outbox: 'outbox append and drain, against bare SQLite',
  modbus: 'Modbus points a second, against the bare client library, one read a point, and libmodbus',
  ingest: "the cloud's ingest path, against a bare unnest insert",
  'node-red': 'poll and publish for a CPU-second, against Node-RED with its Modbus nodes',
  memory: "the agent's resident memory with the hall's six devices",
  hall: 'two hundred devices over four protocols: CPU, memory, commands under load',
  'load-connections': '10,000 units by TCP and 5,000 by mutual TLS on one cloud process',
  'load-ingest': '1,000 units with 10 devices: the highest rate with p99 below 1 s, and what it costs',
  'load-storm': '2,000 units return with what they kept: all caught up, live data meanwhile',
  'load-two': 'two cloud processes and a broker against one',
  'load-tables': 'what the console asks for most, over five million points',
  'ticket-assist': 'suggested categories and offices: how often they are right, on generated requests',
  'load-review': 'the review desk and video statistics, over 200,000 findings',
  'load-tickets': 'lists, search, statistics and fifty people at work, over 100,000 tickets with their history',
  'load-flat': "the cloud's memory under steady load, two minutes",
  vision: 'from a decoded picture to what rules say, against a bare session.run; the motion gate; cameras a core',
  'vision-delay': 'from what happens before a camera to the row in the cloud, segment by segment',
  'vision-accuracy': 'people counted in labelled footage, and what rules find in scenes whose truth is known',
  'face-compare': 'whether two pictures show one person: right and false matches on a small public sample',
  live: 'live pictures: CPU of a stream, the first picture, 50 viewers, readings beside them on a slow line',
  latency: 'device message to committed row to browser, and what it costs in CPU',
};

export const HELP = `Measures HallHub and prints a table: set-up, build, then each bench as processes of its own.

Usage: npm run bench -- [name...]

${Object.entries(BENCHES)
  .map(([name, text]) => `  ${name.padEnd(18)}${text}`)
  .join('\n')}

  --json         the figures as one JSON document
  --markdown     also rewrite the table in docs/benchmarks.md
  --seeds N      of vision-accuracy: so many casts of every scene (2)
  --quick        short rounds, to try the benches themselves: the figures mean little
  --help         this text

npm run soak runs load-storm, load-tables, load-tickets and load-flat at their full size.

Figures are ratios where something can be compared: both sides run in turns, in the same minutes, on the same machine.
docs/benchmarks.md says what each one means.`;

const FLAGS = ['--json', '--markdown', '--quick', '--help', '--seeds'];

export function parseBenchOptions(args) {
  const options = { names: [], json: false, markdown: false, quick: false, help: false };
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '-h') options.help = true;
    else if (arg === '--seeds') options.seeds = seedsOf(rest.shift());
    else if (FLAGS.includes(arg)) options[arg.slice(2)] = true;
    else if (arg in BENCHES) options.names.push(arg);
    else {
      const meant = closest(arg, [...FLAGS, ...Object.keys(BENCHES)]);
      throw new Failure(arg.startsWith('-') ? `Unknown option: ${arg}` : `There is no bench called ${arg}`, {
        hint: meant ? `Did you mean ${meant}?` : 'All names and options: npm run bench -- --help',
      });
    }
  }
  if (options.names.length === 0) options.names = Object.keys(BENCHES);
  return options;
}

function seedsOf(text) {
  if (/^(?:[1-9]|1\d|20)$/.test(text ?? '')) return Number(text);
  throw new Failure(`--seeds takes a whole number from 1 to 20, not ${text ?? 'nothing'}`, {
    hint: 'Like this: npm run bench -- vision-accuracy --seeds 4',
  });
}
