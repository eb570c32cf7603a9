import { childOf, idOf, type MapPiece, type Origin, type Piece } from './piece.js';

export interface TemplateUse {
  template: string;
  only?: readonly string[] | undefined;
  except?: readonly string[] | undefined;
}

export interface Taken {
  /** `thing`, `alarms` and `simulation`, as a profile has them. */
  piece: MapPiece;
  /** `property voltage`, `event doorOpened`, …: what was taken. */
  names: string[];
  /** Names in `only` or `except` that the template does not have. */
  unknown: string[];
}

const kinds = [
  ['properties', 'property'],
  ['events', 'event'],
  ['commands', 'command'],
] as const;

/** The part of a template that a profile uses. Alarms whose property or event stays behind fall away. */
export function takeFromTemplate(template: MapPiece, use: TemplateUse): Taken {
  const thing = childOf(template, 'thing');
  const has = new Set<string>();
  const names: string[] = [];
  const entries = new Map<string, Piece>();
  const left = { property: new Set<string>(), event: new Set<string>(), command: new Set<string>() };
  for (const [key, word] of kinds) {
    const list = childOf(thing, key);
    const items = itemsOf(list).filter((item) => {
      const id = idOf(item) ?? '';
      has.add(id);
      const taken = use.only ? use.only.includes(id) : !use.except?.includes(id);
      if (taken) names.push(`${word} ${id}`);
      else left[word].add(id);
      return taken;
    });
    if (list && items.length > 0) entries.set(key, { origin: list.origin, kind: 'list', items });
  }
  const map = (origin: Origin, of: ReadonlyMap<string, Piece>): MapPiece => ({ origin, kind: 'map', entries: of });
  const whole = new Map<string, Piece>([['thing', map(thing?.origin ?? template.origin, entries)]]);
  const alarms = childOf(template, 'alarms');
  const kept = itemsOf(alarms).filter((alarm) => !watches(alarm, left.property, left.event));
  if (alarms && kept.length > 0) whole.set('alarms', { origin: alarms.origin, kind: 'list', items: kept });
  const simulation = childOf(template, 'simulation');
  if (simulation) whole.set('simulation', simulated(simulation, left.property, left.event));
  const unknown = [...(use.only ?? []), ...(use.except ?? [])].filter((id) => !has.has(id));
  return { piece: map(template.origin, whole), names, unknown };
}

function watches(alarm: Piece, properties: ReadonlySet<string>, events: ReadonlySet<string>): boolean {
  const names = (key: string, ids: ReadonlySet<string>) => {
    const piece = childOf(alarm, key);
    return piece?.kind === 'scalar' && ids.has(String(piece.value));
  };
  return names('property', properties) || names('event', events) || names('clearBy', events);
}

function simulated(simulation: Piece, properties: ReadonlySet<string>, events: ReadonlySet<string>): Piece {
  if (simulation.kind !== 'map') return simulation;
  const kept = [...simulation.entries].map(([key, part]): [string, Piece] => {
    const gone = key === 'values' ? properties : events;
    if (part.kind !== 'map') return [key, part];
    return [key, { ...part, entries: new Map([...part.entries].filter(([id]) => !gone.has(id))) }];
  });
  return { ...simulation, entries: new Map(kept) };
}

function itemsOf(list: Piece | undefined): readonly Piece[] {
  return list?.kind === 'list' ? list.items : [];
}
