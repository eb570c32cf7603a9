import type { ValueShape } from '../thing/value-shape.js';
import { instanceOf, lintComposition, lintTemplates } from './compose/lint-composition.js';
import { globsOverlap, globWeight } from './glob.js';
import { lintLabels, type Report } from './lint-labels.js';
import { type Corpus, type CorpusEntry, type CorpusFile, loadCorpus } from './load-corpus.js';
import { canonicalJson } from './profile-hash.js';
import { type ProfileIssue, withoutRepeats } from './profile-issue.js';
import type { Profile } from './profile-schema.js';
import { runVectors } from './run-vectors.js';

/** Checks a whole corpus: each file, then the files against one another, then the vectors. No issue: all is well. */
export function lintProfiles(files: readonly CorpusFile[]): ProfileIssue[] {
  return lintCorpus(loadCorpus(files), files);
}

/**
 * The same for a corpus that has been loaded from these files. With `only` no more than these paths are checked; the
 * others are there to be used and compared.
 */
export function lintCorpus(
  corpus: Corpus,
  files: readonly CorpusFile[],
  only: ReadonlySet<string> = new Set(files.map(({ path }) => path)),
): ProfileIssue[] {
  const issues = [...corpus.issues, ...lintTemplates(corpus)];
  for (const entry of corpus.entries.filter(({ path }) => only.has(path))) {
    const report: Report = (path, rule, message, severity = 'error') =>
      issues.push({
        ...entry.locate(path),
        severity,
        rule,
        message,
      });
    lintPlace(entry, files.find(({ path }) => path === entry.path)?.text ?? '', report);
    lintModel(entry.profile, report);
    lintComposition(entry, corpus, report);
    lintOverlaps(entry, corpus, { report, only });
    lintVectors(entry, corpus, report);
  }
  return withoutRepeats(issues.filter(({ file }) => only.has(file))).sort((a, b) =>
    a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1,
  );
}

function lintPlace(entry: CorpusEntry, text: string, report: Report): void {
  const { vendor, model } = entry.profile;
  if (!`/${entry.path}`.endsWith(`/${vendor}/${model}.yaml`)) {
    report(['model'], 'place', `the file should be named ${vendor}/${model}.yaml`);
  }
  if (!/^# yaml-language-server: \$schema=\S*profile\.schema\.json/.test(text)) {
    report(
      [],
      'editor-schema',
      'the first line should be "# yaml-language-server: $schema=../profile.schema.json"',
      'warning',
    );
  }
}

function lintModel(profile: Profile, report: Report): void {
  lintLabels(profile, report);
  const { properties, events, commands } = profile.thing;
  properties.forEach((property, index) => {
    const path = ['thing', 'properties', index];
    lintShape(property, path, report);
    if (property.access !== 'r') lintSettable(property, path, report);
  });
  for (const [index, event] of events.entries()) {
    for (const [at, field] of event.fields.entries())
      lintShape(field, ['thing', 'events', index, 'fields', at], report);
  }
  for (const [index, command] of commands.entries()) {
    for (const [at, field] of command.input.entries()) {
      lintShape(field, ['thing', 'commands', index, 'input', at], report);
      lintSettable(field, ['thing', 'commands', index, 'input', at], report);
    }
    for (const [at, field] of command.output.entries()) {
      lintShape(field, ['thing', 'commands', index, 'output', at], report);
    }
  }
  if (properties.length > 0 && !properties.some(({ role }) => role === 'primary')) {
    report(
      ['thing', 'properties'],
      'primary',
      'no property has the role primary, so the device page has no headline',
      'warning',
    );
  }
  profile.alarms.forEach((alarm, index) => {
    if (alarm.kind === 'threshold' && alarm.equals === undefined && alarm.hysteresis === 0) {
      report(['alarms', index], 'hysteresis', `${alarm.id} has no hysteresis and will flutter at its limit`);
    }
  });
  if (!profile.alarms.some(({ kind }) => kind === 'offline'))
    report([], 'offline-alarm', 'there is no offline alarm', 'warning');
}

function lintShape(shape: ValueShape, path: PropertyKey[], report: Report): void {
  if (shape.type === 'number' && shape.unit === undefined)
    report(path, 'unit', `${shape.id} is a number without a unit ('1' where it has none)`);
}

function lintSettable(shape: ValueShape, path: PropertyKey[], report: Report): void {
  const numeric = shape.type === 'number' || shape.type === 'integer';
  if (numeric && !shape.range) report(path, 'settable-range', `${shape.id} can be set and has no range`);
  if (shape.type === 'string' && shape.maxLength === undefined && shape.pattern === undefined) {
    report(path, 'settable-length', `${shape.id} can be set and has no maxLength`);
  }
}

/** Two models that would answer to the same identity. Where one is plainly more exact the matcher can choose. */
function lintOverlaps(
  entry: CorpusEntry,
  corpus: Corpus,
  { report, only }: { report: Report; only: ReadonlySet<string> },
): void {
  for (const other of corpus.entries) {
    // Said once, at the first of the two; where that one is not checked, at the other.
    if (other.id === entry.id || (other.id < entry.id && only.has(other.path))) continue;
    for (const [index, rule] of entry.profile.match.mqtt.entries()) {
      const clash = other.profile.match.mqtt.some(
        (one) =>
          globsOverlap(rule.vendor, one.vendor) &&
          globsOverlap(rule.model, one.model) &&
          rule.firmware === one.firmware &&
          weight(rule.vendor, rule.model) === weight(one.vendor, one.model),
      );
      if (clash) report(['match', 'mqtt', index], 'overlap', `${other.id} fits the same devices equally well`);
    }
    for (const [index, rule] of entry.profile.match.onvif.entries()) {
      const clash = other.profile.match.onvif.some(
        (one) =>
          globsOverlap(rule.manufacturer, one.manufacturer) &&
          globsOverlap(rule.model, one.model) &&
          rule.firmware === one.firmware &&
          weight(rule.manufacturer, rule.model) === weight(one.manufacturer, one.model),
      );
      if (clash) report(['match', 'onvif', index], 'overlap', `${other.id} fits the same cameras equally well`);
    }
    for (const protocol of ['modbus', 'serial'] as const) {
      for (const [index, rule] of entry.profile.match[protocol].entries()) {
        const twin = other.profile.match[protocol].some((one) => canonicalJson(one) === canonicalJson(rule));
        if (twin) report(['match', protocol, index], 'overlap', `${other.id} is identified by the same answers`);
      }
    }
  }
}

function weight(vendor: string, model: string): number {
  return 10 * globWeight(model) + globWeight(vendor);
}

function lintVectors(entry: CorpusEntry, corpus: Corpus, report: Report): void {
  const vectors = corpus.vectors.find(({ file }) => file.profile === entry.id);
  if (!vectors) {
    // Of a file that cannot be read its own faults are told.
    if (corpus.issues.some(({ file }) => file.endsWith(`vectors/${entry.id}.json`))) return;
    // The vectors of the model it is an instance of say it all.
    if (instanceOf(entry, corpus) === undefined) report([], 'vectors', `there is no vectors/${entry.id}.json`);
    return;
  }
  const result = runVectors(entry.profile, vectors.file);
  for (const failure of result.failures) {
    const detail =
      failure.expected === undefined
        ? failure.message
        : `expected ${shorten(failure.expected)}, got ${shorten(failure.actual)}`;
    report([], 'vectors', `vector "${failure.name}" fails: ${detail}`);
  }
  for (const one of result.untested) report([], 'untested', `no vector touches the ${one}`, 'warning');
}

function shorten(value: unknown): string {
  const text = canonicalJson(value);
  return text.length > 400 ? `${text.slice(0, 397)}...` : text;
}
