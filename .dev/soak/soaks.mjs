/** Long runs by name: an entry of simulators/src/bench, the options it takes, and its row for docs/benchmarks.md. */
export const SOAKS = {
  drill: {
    text: 'units under every fault at once, and then the books of both ends',
    entry: 'drill',
    options: '--units 300 --for 30m --seed N --every 3s --units-per-process 25',
    row: (result) => {
      const { figures: f, books } = result;
      const mega = (bytes) => `${Math.round(bytes / 1_048_576)} MB`;
      const faults = Object.entries(result.faults)
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([name, count]) => `${count} ${name}`);
      const proven = result.unproven.length === 0 && result.badBooks.length === 0;
      return {
        ok: proven,
        what: `drill: ${result.units} units, ${Math.round(result.faultMs / 1000)} s of faults, seed ${result.seed}`,
        figure: proven ? 'proven' : 'not proven',
        detail: [
          `produced ${n(f.produced)} = committed ${n(f.stored)} + aside ${n(f.aside)} + given up for room ${n(f.thinned)}; lost ${n(f.lost)}, twice ${n(f.twice)}`,
          `of ${n(books.acknowledged)} rows promised to devices ${n(books.missing)} missing and ${n(books.double)} twice in the cloud's tables, ${n(books.quarantined)} in quarantine (from the future, by a wrong clock)`,
          `longest delay ${f.delayMaxMs === null ? 'unknown' : `${Math.round(f.delayMaxMs / 1000)} s`}, caught up after ${Math.round(result.catchUpMs / 1000)} s`,
          faults.join(', '),
          `cloud processes that ended by themselves: ${result.cloudEnds.starting} while starting, ${result.cloudEnds.running} later`,
          `resident at most: cloud ${result.rss.cloudBytes.map(mega).join(' and ')}, all units ${mega(result.rss.unitsBytes)}`,
          ...result.notPossible.map((one) => `not done: ${one}`),
        ].join('; '),
      };
    },
  },
  exchange: {
    text: 'tickets to and from another platform under every fault, and then the books of both ends',
    entry: 'exchange',
    options: '--tickets 1000 (each way) --seed N --kill-every 12 (seconds) --calm (no faults)',
    row: (result) => {
      const counts = (of) =>
        Object.entries(of)
          .sort(([a], [b]) => a.localeCompare(b))
          .map(([name, count]) => `${n(count)} ${name}`)
          .join(', ') || 'none';
      const { lost, twice, differences, underWay, each, exchanged, files } = result;
      const ok =
        lost + twice + differences.length + underWay === 0 && result.comparison === 'equal' && exchanged === 2 * each;
      return {
        ok,
        what: `exchange: ${n(each)} tickets each way, seed ${result.seed}`,
        figure: ok ? 'both ends agree' : 'they do not agree',
        detail: [
          `${n(exchanged)} exchanged (${counts(result.endStates)}) in ${(result.seconds / 60).toFixed(1)} min`,
          `acts accepted: ${n(result.fromHub)} of the hub, ${n(result.fromPlatform)} of the platform, ${result.perSecond.toFixed(1)} a second`,
          `attachments: ${n(files.sent)} sent, ${n(files.received)} received, ${n(files.leftOut)} left out with their reason`,
          `had already: ${n(result.repeated)}; refused by the hub: ${counts(result.refusedHere)}; by the platform: ${counts(result.refusedThere)}`,
          `lost ${n(lost)}, twice ${n(twice)}, differences ${n(differences.length)}, on the way ${n(underWay)}; the hub’s own comparison: ${result.comparison}`,
          `faults: ${counts(result.faults)}`,
        ].join('; '),
      };
    },
  },
  tables: {
    text: 'what the console asks for most, over a hundred million points',
    entry: 'load-tables',
    options: '--full   (without it: five million points)',
    row: (result) => rowOfFigures('tables', result),
  },
  tickets: {
    text: 'lists, search, statistics and fifty people at work, over a million tickets with their history',
    entry: 'load-tickets',
    options:
      '--full   (without it: 100,000)   --keep FOLDER   makes the tables there, or takes those of an earlier run',
    row: (result) => rowOfFigures('tickets', result),
  },
  flat: {
    text: "the cloud's memory over an hour of steady load",
    entry: 'load-flat',
    options: '--full   (without it: two minutes)',
    row: (result) => rowOfFigures('flat', result),
  },
  storm: {
    text: '2,000 units return with 200 batches each',
    entry: 'load-storm',
    options: '--full   (without it: ten batches each)',
    row: (result) => rowOfFigures('storm', result),
  },
};

const isMet = ({ aim, value }) => value !== null && ('atLeast' in aim ? value >= aim.atLeast : value <= aim.atMost);

/** The figures of a bench, as a row. */
const rowOfFigures = (name, { figures }) => {
  const ok = figures.every((figure) => !figure.aim || isMet(figure));
  const told = figures.map(
    ({ what, value, unit, shown, detail }) => `${what}: ${shown ?? `${value} ${unit}`} (${detail})`,
  );
  return { ok, what: name, figure: ok ? 'aims met' : 'missed', detail: told.join('; ') };
};

const n = (count) => count.toLocaleString('en-US');
