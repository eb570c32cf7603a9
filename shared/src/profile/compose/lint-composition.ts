import type { Report } from '../lint-labels.js';
import { lintLabels } from '../lint-labels.js';
import type { Corpus, CorpusEntry } from '../load-corpus.js';
import { canonicalJson } from '../profile-hash.js';
import { issueAt, type ProfileIssue } from '../profile-issue.js';
import type { Profile, ProfileId } from '../profile-schema.js';
import { findSimulationIssues } from '../simulation-references.js';
import { findUnused } from '../unused.js';
import { firmwareSets } from './firmware-sets.js';
import { resolveForFirmware } from './resolve-firmware.js';

/** Templates that nobody uses, lie in the wrong file, or lack labels. */
export function lintTemplates(corpus: Corpus): ProfileIssue[] {
  const used = new Set(corpus.entries.flatMap(({ uses }) => uses));
  return corpus.templates.flatMap(({ path, template, locate }) => {
    const issues: ProfileIssue[] = [];
    const report: Report = (at, rule, message, severity) => issues.push(issueAt(locate(at), rule, message, severity));
    if (!`/${path}`.endsWith(`/templates/${template.template}.yaml`)) {
      report(['template'], 'place', `the file should be named templates/${template.template}.yaml`);
    }
    if (!used.has(template.template)) report(['template'], 'unused', 'no profile uses this template', 'warning');
    lintLabels(template, report);
    for (const { path: at, message } of findSimulationIssues(template)) report(at, 'simulation', message);
    return issues;
  });
}

/** Unused parts, variants, hints for the simulator, and models that are the same in all but their names. */
export function lintComposition(entry: CorpusEntry, corpus: Corpus, report: Report): void {
  const { profile } = entry;
  lintVariants(profile, report);
  for (const { path, message } of unusedEverywhere(profile)) report(path, 'unused', message);
  for (const { path, message } of findSimulationIssues(profile)) report(path, 'simulation', message);
  const twin = corpus.entries.find((other) => other.id < entry.id && essence(other) === essence(entry));
  if (twin && !isRelated(entry, twin, corpus)) {
    report(['model'], 'twin', `${twin.id} is the same in all but its names: let one extend the other`);
  }
}

/** Ranges that no version lies in, and overlapping variants that set the same thing to different values. */
function lintVariants(profile: Profile, report: Report): void {
  const variants = profile.variants ?? [];
  const sets = firmwareSets(variants.map(({ firmware }) => firmware));
  variants.forEach((variant, index) => {
    const path = ['variants', index, 'firmware'];
    if (!sets.some(({ fits }) => fits.includes(index))) {
      report(path, 'variant', `no firmware is in ${variant.firmware}`);
    }
    const rival = variants.findIndex(
      (other, at) =>
        at > index &&
        sets.some(({ fits }) => fits.includes(index) && fits.includes(at)) &&
        clash({ ...variant, firmware: undefined }, { ...other, firmware: undefined }),
    );
    const other = variants[rival];
    if (other) {
      const message = `${variant.firmware} and ${other.firmware} overlap and set the same part differently`;
      report(path, 'variant', message, 'warning');
    }
  });
}

/** True where two patches give one scalar two values. */
function clash(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return false;
  if (Array.isArray(a) && Array.isArray(b) && [...a, ...b].every((item) => idOf(item) !== undefined)) {
    return a.some((item) => b.some((other) => idOf(item) === idOf(other) && clash(item, other)));
  }
  const maps = [a, b].every((one) => one !== null && typeof one === 'object' && !Array.isArray(one));
  if (!maps) return canonicalJson(a) !== canonicalJson(b);
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return Object.keys(left).some((key) => Object.hasOwn(right, key) && clash(left[key], right[key]));
}

function idOf(item: unknown): unknown {
  return item !== null && typeof item === 'object' && 'id' in item ? item.id : undefined;
}

/** What is unused whatever the firmware: a part that one variant uses is there for it. */
function unusedEverywhere(profile: Profile) {
  const [first = [], ...rest] = firmwareSets((profile.variants ?? []).map(({ firmware }) => firmware)).map(
    ({ firmware }) => findUnused(resolveForFirmware(profile, firmware).profile),
  );
  return first.filter((issue) => rest.every((other) => other.some(({ message }) => message === issue.message)));
}

/** The base that a profile repeats in all but names and match; undefined for a model of its own. */
export function instanceOf(entry: CorpusEntry, corpus: Corpus): ProfileId | undefined {
  const base = corpus.entries.find(({ id }) => id === entry.extends);
  return base && essence(base) === essence(entry) ? base.id : undefined;
}

/** How many models a corpus has, and how many more are but instances of them under other names. */
export function countModels(corpus: Corpus): { models: number; instances: number } {
  const instances = corpus.entries.filter((entry) => instanceOf(entry, corpus) !== undefined).length;
  return { models: corpus.entries.length - instances, instances };
}

const essences = new WeakMap<Profile, string>();

/** A profile without its names, its history, how it is recognised and how it is simulated. */
function essence({ profile }: CorpusEntry): string {
  const known = essences.get(profile);
  if (known !== undefined) return known;
  const { thing, bindings, alarms, derived, firmware, variants } = profile;
  const text = canonicalJson(withoutLabels({ thing, bindings, alarms, derived, firmware, variants }));
  essences.set(profile, text);
  return text;
}

function withoutLabels(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLabels);
  if (value === null || typeof value !== 'object') return value;
  const names = ['label', 'description', 'advice', 'confirm', 'note'];
  const kept = Object.entries(value).filter(([key]) => !names.includes(key));
  return Object.fromEntries(kept.map(([key, one]) => [key, withoutLabels(one)]));
}

/** True where one starts from the other, or both from the same. */
function isRelated(a: CorpusEntry, b: CorpusEntry, corpus: Corpus): boolean {
  const line = (entry: CorpusEntry | undefined): ProfileId[] =>
    entry ? [entry.id, ...line(corpus.entries.find(({ id }) => id === entry.extends))] : [];
  const ancestors = line(a);
  return line(b).some((id) => ancestors.includes(id));
}
