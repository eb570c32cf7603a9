import { duration } from '../lib/progress-lines.mjs';
import { cut, plain } from './text.mjs';

const MOST = 4;
const QUIET = ['watching', 'starting', 'disabled'];

/** A row for each camera that is set up: how it is watched, how many people are seen now, what was found last. Those that fail first, four at most. */
export function cameraRows({ vision }, { paint, now }) {
  const cameras = [...(vision?.cameras ?? [])].sort((a, b) => rank(a) - rank(b));
  const rows = cameras
    .slice(0, MOST)
    .map(({ name, state, reason, people, last }) => [
      cut(plain(name), 28),
      { text: state.replaceAll('_', ' '), paint: stateColour(state, paint) },
      state === 'watching' ? `${people} ${people === 1 ? 'person' : 'people'}` : plain(reason ?? ''),
      last ? { text: `${plain(last.rule)}, ${duration(Math.max(0, now - last.startedAt))} ago`, paint: paint.dim } : '',
    ]);
  const left = cameras.length - rows.length;
  return left > 0 ? [...rows, [{ text: `+${left} more cameras`, paint: paint.dim }]] : rows;
}

const rank = ({ state }) => (QUIET.includes(state) ? 1 : 0);

function stateColour(state, paint) {
  if (state === 'watching') return paint.none;
  return QUIET.includes(state) ? paint.dim : paint.amber;
}
