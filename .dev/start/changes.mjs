import { plain } from './text.mjs';

/** Tells what changed between two summaries, a sentence each: the uplink's state, a device's presence, a device gone, what cameras see. */
export function changesBetween(before, after) {
  const changes = [];
  if (after.uplink && before?.uplink?.state !== after.uplink.state) {
    const reason = after.uplink.reason ? ` (${plain(after.uplink.reason)})` : '';
    changes.push({
      kind: 'uplink',
      state: after.uplink.state,
      text: `uplink ${after.uplink.state}${reason}`,
      reason: after.uplink.reason,
    });
  }
  const known = new Map((before?.devices ?? []).map((device) => [device.id, device]));
  for (const device of after.devices) {
    const old = known.get(device.id);
    known.delete(device.id);
    if (old && presenceOf(old) === presenceOf(device) && old.state === device.state) continue;
    const { id, name, state } = device;
    const presence = presenceOf(device);
    const words = [plain(labelOf(name) || id), presence, state && state !== 'active' ? plain(state) : ''].filter(
      Boolean,
    );
    changes.push({ kind: 'device', id, name, state, presence, text: words.join('  ') });
  }
  for (const device of known.values()) {
    changes.push({
      kind: 'device',
      id: device.id,
      name: device.name,
      presence: 'gone',
      text: `${plain(labelOf(device.name) || device.id)}  gone`,
    });
  }
  return [...changes, ...newlyMissing(before, after), ...cameraChanges(before, after)];
}

/** What was found missing only after the start; before that the start itself tells it. */
function newlyMissing(before, after) {
  if (!before) return [];
  const known = new Set((before.missing ?? []).map(({ what }) => what));
  return (after.missing ?? [])
    .filter(({ what }) => !known.has(what))
    .map((missing) => ({ kind: 'missing', ...missing, text: missingText(missing) }));
}

/** How a camera is watched, where that is another way than before, and what was found meanwhile. */
function cameraChanges(before, after) {
  const known = new Map((before?.vision?.cameras ?? []).map((camera) => [camera.id, camera]));
  return (after.vision?.cameras ?? []).flatMap(({ id, name, state, reason, last }) => {
    const old = known.get(id);
    const said = plain(name);
    const why = reason ? ` (${plain(reason)})` : '';
    const changes = [];
    if (old?.state !== state)
      changes.push({ kind: 'camera', id, name, state, reason, text: `${said}  ${state.replaceAll('_', ' ')}${why}` });
    if (old && last && old.last?.startedAt !== last.startedAt)
      changes.push({ kind: 'finding', id, name, ...last, text: `${said}  found: ${plain(last.rule)}` });
    return changes;
  });
}

/** A device's presence as a word, whether it comes as a word or with its reason. */
export function presenceOf(device) {
  const { presence } = device;
  return typeof presence === 'object' && presence !== null ? (presence.state ?? 'unknown') : (presence ?? 'unknown');
}

/** A label in one language: Chinese first. */
export function labelOf(label) {
  return typeof label === 'object' && label !== null ? (label.zh ?? label.en ?? '') : (label ?? '');
}

/** What is missing on the machine, as one sentence with the command that helps. */
export function missingText({ what, why, install }) {
  return [
    `${plain(what)} is missing`,
    why ? `: ${plain(why)}` : '',
    install ? `. Install it: ${plain(install)}` : '',
  ].join('');
}

/** The line that ends a start. */
export function readyLine(summary) {
  const words = ['HallHub ready'];
  if (summary.console) words.push(`console ${summary.console}`);
  else if (summary.edge) words.push(`unit ${summary.edge.mqtt}`);
  if (summary.oneTimePassword) words.push(`user ${summary.user}`, `one-time password ${summary.oneTimePassword}`);
  return words.join('  ');
}
